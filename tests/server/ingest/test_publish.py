"""Publishing over HTTP: each event is answered for, and every refusal has the one shape."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jorge_data.errors import EventNotStored, StoreError
from jorge_data.events import Candidate
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.rate_limit import Buckets
from jorge_data.server.ingest.begun_locations import BegunLocations
from jorge_data.server.ingest.publish import Ingest, publish_events
from jorge_data.server.ingest.refusals import Refusals
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import AppendResult, AuditedAction, SQLiteStore
from tests.served import Served, bot_status
from tests.server.clients import publish, seqs

BAD: dict[str, Any] = {
    "source": "tests",
    "type": "bot_status_update",
    "data": {"bot_type": "jorge-seller", "status": "asleep"},
}


def test_a_publish_is_answered_with_where_each_event_stands(served: Served, location: str) -> None:
    results = publish(served, location, 3)
    assert seqs(results) == [1, 2, 3]
    assert {result["epoch"] for result in results} == {served.get("/events", location=location)["epoch"]}
    assert not any(result["duplicate"] for result in results)


def test_the_same_event_again_is_answered_with_its_first_position(served: Served, location: str) -> None:
    event = bot_status(locationid=location)
    first = served.post(event).json()["results"][0]
    again = served.post([bot_status(locationid=location), event, event]).json()["results"]
    assert [(r["seq"], r["duplicate"]) for r in again] == [(2, False), (1, True), (1, True)]
    assert first == {**again[1], "duplicate": False}
    assert served.get("/events", location=location)["top"] == 2


def test_the_good_events_of_a_publish_are_kept_and_the_bad_are_named(served: Served, location: str) -> None:
    answer = served.post([bot_status(locationid=location), BAD, bot_status(locationid=location)])
    assert answer.status_code == 207
    good, bad, other = answer.json()["results"]
    assert (good["seq"], other["seq"]) == (1, 2)
    assert bad["error"]["code"] == "invalid_event"
    assert [fault["pointer"] for fault in bad["error"]["faults"]] == ["/data/status"]


def test_where_all_are_bad_each_pointer_names_its_event(served: Served) -> None:
    answer = served.post([BAD, {**BAD, "type": "rumour"}])
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["error"]["faults"]] == ["/0/data/status", "/1/type"]


@pytest.mark.parametrize(
    ("content_type", "count"), [("application/cloudevents+json", 1), ("application/cloudevents-batch+json", 2)]
)
def test_cloud_events_are_taken_as_they_are(served: Served, location: str, content_type: str, count: int) -> None:
    events = [
        bot_status(locationid=location, specversion="1.0", datacontenttype="application/json") for _ in range(count)
    ]
    headers = {**served.bearer("publisher"), "Content-Type": content_type}
    body = json.dumps(events if count > 1 else events[0])
    answer = served.session.post(f"{served.url}/events", data=body, headers=headers, timeout=10)
    assert answer.status_code == 200
    assert seqs(answer.json()["results"]) == list(range(1, count + 1))


REFUSALS: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 422, "invalid"),
    ("no event", b"[]", 422, "invalid"),
    ("no JSON", b"{", 422, "invalid"),
    ("no UTF-8", b'"\xff"', 422, "invalid"),
    ("too deep", b"[" * 200_000, 422, "invalid"),
    ("too many", json.dumps([bot_status()] * 501).encode(), 413, "too_large"),
    ("too long", b" " * ((1 << 20) + 1), 413, "too_large"),
    ("no object", b"[7]", 422, "invalid_event"),
    ("lone surrogate as id", json.dumps({**BAD, "id": "\ud800"}).encode(), 422, "invalid_event"),
    (
        "NaN",
        json.dumps({**BAD, "data": {**BAD["data"], "status": "idle", "x": float("nan")}}).encode(),
        422,
        "invalid_event",
    ),
    ("unknown location", json.dumps(bot_status(locationid="a b")).encode(), 422, "invalid_event"),
]


@pytest.mark.parametrize(("body", "status", "code"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_a_bad_publish_is_refused_in_the_one_shape(served: Served, body: bytes, status: int, code: str) -> None:
    answer = served.session.post(f"{served.url}/events", data=body, headers=served.bearer("publisher"), timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["detail"]


def test_a_long_publish_is_refused_while_it_comes(served: Served) -> None:
    parts = (b" " * (1 << 16) for _ in range(20))
    answer = served.session.post(f"{served.url}/events", data=parts, headers=served.bearer("publisher"), timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (lambda served: {}, 401, "unauthenticated"),
        (lambda served: {"Authorization": "Bearer rubbish"}, 401, "unauthenticated"),
        (lambda served: served.bearer("viewer"), 403, "forbidden"),
    ],
)
def test_who_may_not_publish_is_told(served: Served, headers: Any, status: int, code: str) -> None:
    answer = served.session.post(f"{served.url}/events", json=bot_status(), headers=headers(served), timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_an_expired_token_is_told_from_a_bad_one(served: Served) -> None:
    answer = served.post(bot_status(), served.bearer(ttl_s=-60))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_expired")


def test_more_than_the_rate_is_put_off(guarded: Served, location: str) -> None:
    events = [bot_status(locationid=location) for _ in range(60)]
    token = guarded.bearer("publisher")
    answers = [guarded.post(events, token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert answers[1].json()["error"]["code"] == "too_many"
    assert int(answers[1].headers["Retry-After"]) >= 1


def test_a_hundred_thousand_faults_are_answered_briefly(served: Served, location: str) -> None:
    bad = bot_status(locationid=location) | {
        "type": "intent_analysis_complete",
        "data": {"ml_features_triggered": [1] * 9000},
    }
    huge = bad | {"data": {"ml_features_triggered": [1] * 300_000}}
    for event, reason in ((bad, "more faults"), (huge, "one event may have 65536 bytes")):
        answer = served.post([event, bot_status(locationid=location)])
        assert answer.status_code == 207
        assert reason in answer.text
        assert len(answer.content) < 10_000


def test_a_bound_token_publishes_to_its_location_alone(served: Served, location: str) -> None:
    bound = served.bearer("publisher", location)
    unnamed, other = bot_status(), bot_status(locationid="elsewhere")
    assert served.post(unnamed, bound).json()["results"][0]["seq"] == 1
    assert served.get("/events", location=location)["top"] == 1
    refused = served.post([other], bound)
    assert refused.status_code == 422
    assert "bound to the location" in refused.json()["error"]["faults"][0]["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/events", 405)])
def test_what_is_not_there_is_refused_alike(served: Served, method: str, path: str, status: int) -> None:
    answer = served.session.request(method, served.url + path, headers=served.bearer(), timeout=10)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "detail"}


def test_that_a_contact_was_erased_is_the_event_servers_own_to_say(served: Served, location: str) -> None:
    told = {"contact_id": "c-77", "changed": {}, "erased": True}
    forged = {"type": "contact_update", "source": "tests", "locationid": location, "data": told}
    unsaid = {**forged, "data": {**told, "erased": False}}
    as_ours = {**unsaid, "source": "command-center", "id": "erasure-1-1"}
    answer = served.post([forged, as_ours, unsaid])
    *refused, kept = answer.json()["results"]
    assert [(fault["pointer"], fault["value"]) for each in refused for fault in each["error"]["faults"]] == [
        ("/data/erased", "true"),
        ("/source", "'command-center'"),
    ]
    assert (answer.status_code, kept["seq"]) == (207, 1)


def test_events_that_stand_together_are_refused_together(served: Served, location: str) -> None:
    def send(together: str, *events: dict[str, Any]) -> Any:
        url = f"{served.url}/events?together={together}"
        return served.session.post(url, json=events, headers=served.bearer("publisher"), timeout=20)

    good = bot_status(locationid=location)
    answer = send("true", good, BAD)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["error"]["faults"]] == ["/0", "/1/data/status"]
    assert served.get("/events", location=location)["top"] == 0
    assert send("true", good, bot_status(locationid=location)).status_code == 200
    assert send("false", good, BAD).status_code == 207
    answer = send("perhaps", good)
    assert (answer.status_code, answer.json()["error"]["detail"]) == (
        422,
        "together is 'perhaps': allowed are true and false",
    )


class PartlyFailing(SQLiteStore):
    """A store that fails for two locations, each with an error of its own."""

    def append(
        self, location: str, candidates: Sequence[Candidate], acts: Sequence[AuditedAction | None] = ()
    ) -> Future[list[AppendResult]]:
        if location != "well":
            raise StoreError(f"no room for {location}")
        return super().append(location, candidates, acts)


@pytest.mark.anyio
async def test_each_location_that_fails_beside_others_has_its_own_fault(tmp_path: Path) -> None:
    events = [bot_status(locationid=location) for location in ("a", "well", "b")]
    with closing(PartlyFailing(tmp_path / "events.db")) as store:
        rates = Buckets(50, "events", time.monotonic)
        ingest = Ingest(
            store, rates, Telemetry(), 0.06, Refusals(datetime.now(UTC)), BegunLocations(9, lambda _: False)
        )
        first, well, second = await publish_events(events, Claims("bot", "publisher"), ingest)
    assert isinstance(well, AppendResult)
    details = [fault.detail for each in (first, second) if isinstance(each, EventNotStored) for fault in each.faults]
    assert details == ["try again: no room for a", "try again: no room for b"]
