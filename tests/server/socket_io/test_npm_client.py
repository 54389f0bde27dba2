"""A front end's own `socket.io-client`, from npm, gets each kind by its name, once, in order, no more than it may."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jorge_data.events import KINDS
from tests.events.examples import FULL
from tests.npm_clients import needs_node
from tests.served import Served, bot_status
from tests.server.clients import publish
from tests.server.socket_io.npm_client import NpmClient

pytestmark = needs_node

COMES_BACK = ("transport close", "transport error")
"""Why a client is disconnected that comes back by itself; the second is one that was between two polls."""

TRANSPORTS = {"default": None, "polling": ["polling"], "websocket": ["websocket"]}


@pytest.fixture(params=TRANSPORTS)
def transports(request: pytest.FixtureRequest) -> list[str] | None:
    return TRANSPORTS[request.param]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A server that may be killed."""
    with Served(tmp_path) as server:
        yield server


def every_kind(location: str) -> list[dict[str, Any]]:
    return [{"source": "bots", "type": kind, "locationid": location, "data": FULL[kind]} for kind in KINDS]


def test_each_kind_comes_by_its_name_with_its_fields_as_the_guide_reads_them(
    served: Served, location: str, transports: list[str] | None
) -> None:
    with NpmClient(served.url, transports, location=location, token=served.token("agent")) as client:
        client.until("subscribed")
        assert served.post(every_kind(location)).status_code == 200
        client.until(list(KINDS)[-1])
    events = [line for line in client.said if "seq" in line.payload]
    assert [line.name for line in events] == list(KINDS)
    stored = served.get("/events", location=location, after="oldest")["events"]
    for line, event in zip(events, stored, strict=True):
        assert line.payload == {**event["data"], **event}


@pytest.mark.parametrize(("asked", "transport"), [("polling", "polling"), ("websocket", "websocket")])
def test_a_client_gets_the_transport_that_it_wants(served: Served, location: str, asked: str, transport: str) -> None:
    with NpmClient(served.url, [asked], location=location, token=served.token("agent")) as client:
        assert client.until("connect") == {"transport": transport}


def test_by_default_a_client_polls_and_then_has_a_websocket(served: Served, location: str) -> None:
    with NpmClient(
        served.url.replace("http", "ws"), location=location, token=served.token("agent")
    ) as client:  # as the guide's setting has it
        assert client.until("upgrade") == {"transport": "websocket"}


def test_a_client_resumes_where_it_was_after_the_server_was_killed(own: Served, transports: list[str] | None) -> None:
    with NpmClient(own.url, transports, token=own.token("agent")) as client:
        client.until("subscribed")
        publish(own, "default", 40)
        client.until("bot_status_update", lambda event: event["seq"] == 40)
        own.kill()
        client.until("disconnect")
        own.start()
        publish(own, "default", 500)  # some of these before it is back
        client.until("subscribed", lambda answer: answer["recovered"])
        publish(own, "default", 40)
        client.until("bot_status_update", lambda event: event["seq"] == 580)
    assert client.served() == list(range(1, 581))


def test_a_client_is_sent_away_to_come_back_where_the_server_restarts(
    own: Served, transports: list[str] | None
) -> None:
    with NpmClient(own.url, transports, token=own.token("agent")) as client:
        client.until("subscribed")
        publish(own, "default", 3)
        client.until("bot_status_update", lambda event: event["seq"] == 3)
        own.stop()
        assert client.until("disconnect")["reason"] in COMES_BACK
        own.start()
        publish(own, "default", 3)
        client.until("bot_status_update", lambda event: event["seq"] == 6)
    assert client.served() == [1, 2, 3, 4, 5, 6]
    assert "incident" not in own.log
    assert "Traceback" not in own.log


def test_a_client_that_was_stopped_for_a_while_misses_nothing(
    served: Served, location: str, transports: list[str] | None
) -> None:
    with NpmClient(served.url, transports, location=location, token=served.token("agent")) as client:
        client.until("subscribed")
        os.kill(client.process.pid, signal.SIGSTOP)
        for _ in range(6):
            publish(served, location, 500)
        os.kill(client.process.pid, signal.SIGCONT)
        client.until("bot_status_update", lambda event: event["seq"] == 3_000)
    assert client.served() == list(range(1, 3_001))


def test_a_position_is_resumed_from(served: Served, location: str, transports: list[str] | None) -> None:
    epoch = publish(served, location, 5)[0]["epoch"]
    with NpmClient(
        served.url, transports, location=location, epoch=epoch, seq=2, token=served.token("agent")
    ) as client:
        answer = client.until("subscribed")
        client.until("bot_status_update", lambda event: event["seq"] == 5)
    assert (answer["epoch"], answer["recovered"], answer["oldest"], answer["top"]) == (epoch, True, 1, 5)
    assert client.served() == [3, 4, 5]


@pytest.mark.parametrize(("epoch", "seq"), [("another", 2), ("", 0), ("own", 99)], ids=["stale", "no log", "ahead"])
def test_a_position_that_cannot_be_honoured_begins_at_the_snapshot(
    served: Served, location: str, epoch: str, seq: int
) -> None:
    own_epoch = publish(served, location, 5)[0]["epoch"]
    with NpmClient(
        served.url,
        location=location,
        epoch=own_epoch if epoch == "own" else epoch,
        seq=seq,
        token=served.token("agent"),
    ) as client:
        answer = client.until("subscribed")
        if epoch:
            assert (answer["recovered"], answer["epoch"], answer["top"]) == (False, own_epoch, 5)
            assert answer["snapshot"]["position"]["seq"] == 5
        else:  # what was taken before the first event is before the oldest
            assert answer["recovered"]
        publish(served, location)
        client.until("bot_status_update", lambda event: event["seq"] == 6)
    assert client.served() == ([6] if epoch else [1, 2, 3, 4, 5, 6])


def test_a_viewer_gets_its_two_kinds_without_what_names_a_contact(
    guarded: Served, location: str, transports: list[str] | None
) -> None:
    first = {**bot_status(1, locationid=location), "subject": "maria"}
    with NpmClient(guarded.url, transports, location=location, token=guarded.token("viewer")) as client:
        assert client.until("subscribed")["snapshot"]["needs"] is None
        assert guarded.post([first, *every_kind(location), bot_status(2, locationid=location)]).status_code == 200
        client.until("bot_status_update", lambda event: event["seq"] == len(KINDS) + 2)
    events = [line for line in client.said if "seq" in line.payload]
    assert {line.name for line in events} == {"bot_status_update", "system_health_update"}
    assert {line.payload["subject"] for line in events} == {None}
    assert not any(name in line.payload for line in events for name in ("current_step", "contact_id", "error_message"))


def test_kinds_and_figures_are_asked_for_as_on_a_websocket(served: Served, location: str) -> None:
    kinds = ["conversation_event"]
    with NpmClient(served.url, location=location, types=kinds, figures=True, token=served.token("agent")) as client:
        assert "qualification" in client.until("figures")["set"]
        assert served.post(every_kind(location)).status_code == 200
        client.until("conversation_event")
        client.until("figures")
    assert {line.name for line in client.said if "seq" in line.payload} == set(kinds)


def test_a_revoked_token_ends_the_connection_for_good(
    guarded: Served, location: str, transports: list[str] | None
) -> None:
    made = guarded.session.post(
        f"{guarded.url}/api/tokens", json={"role": "agent", "subject": "ann"}, headers=guarded.bearer()
    ).json()
    with NpmClient(guarded.url, transports, location=location, token=made["token"]) as client:
        client.until("subscribed")
        guarded.session.delete(f"{guarded.url}/api/tokens/{made['jti']}", headers=guarded.bearer()).raise_for_status()
        closing = client.until("closing")
        assert (closing["code"], closing["detail"]) == (4501, "the token was revoked")
        assert client.until("disconnect") == {"reason": "io server disconnect"}
        client.tell(reconnect=True)
        refused = client.until("connect_error")
        assert (refused["message"], refused["data"]["code"]) == (
            "the token was revoked: ask for a new one",
            "unauthenticated",
        )


def test_an_expired_token_ends_the_connection_which_comes_back_with_what_it_has(
    guarded: Served, location: str, transports: list[str] | None
) -> None:
    with NpmClient(guarded.url, transports, location=location, token=guarded.token(ttl_s=3)) as client:
        client.until("subscribed")
        assert client.until("closing")["code"] == 4401
        client.until("disconnect")
        assert client.until("connect_error")["data"]["code"] == "token_expired"


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no token": ({"token": None}, "unauthenticated", "a token is required: send it as `auth: {token: …}`"),
    "a token that is none": ({"token": "x"}, "unauthenticated", "the token is not valid"),
    "a token that is no text": ({"token": 7}, "invalid", "token is 7: allowed is text"),
    "another location": ({"location": "elsewhere"}, "forbidden", "bound to the location 'home', not to 'elsewhere'"),
    "a location that is no text": ({"location": 7}, "invalid", "location is 7: allowed is text"),
    "an epoch alone": ({"epoch": "e"}, "invalid", "epoch is 'e' and seq is None: allowed are text and an integer"),
    "a position that is no number": ({"epoch": "e", "seq": "1"}, "invalid", "seq is '1': allowed are"),
    "an unknown kind": ({"types": ["nonsense"]}, "invalid", "types has ['nonsense']: allowed are *"),
    "a kind that it may not see": ({"types": ["contact_update"]}, "forbidden", "may not see 'contact_update'"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_who_may_not_come_in_is_told_why_and_what_is_allowed(guarded: Served, name: str) -> None:
    fields, code, detail = REFUSALS[name]
    auth = {"token": guarded.token("viewer", "home"), "location": "home"} | fields
    with NpmClient(guarded.url, **{key: value for key, value in auth.items() if value is not None}) as client:
        refused = client.until("connect_error")
    assert refused["data"]["code"] == code
    assert detail in refused["message"]
    assert refused["data"]["detail"] == refused["message"]
    assert not client.served()


def test_a_namespace_is_refused_by_its_name(served: Served) -> None:
    with NpmClient(f"{served.url}/bots") as client:
        assert client.until("connect_error")["message"] == "the namespace is '/bots': allowed is /"


def test_an_event_of_the_clients_own_is_refused_by_its_name_and_the_connection_lives_on(
    served: Served, location: str, transports: list[str] | None
) -> None:
    with NpmClient(served.url, transports, location=location, token=served.token("agent")) as client:
        client.until("subscribed")
        client.tell(emit=["jorge_qualification_progress", {"contact_id": "mallory"}])
        detail = client.until("error")["detail"]
        assert detail == (
            "'jorge_qualification_progress' is no event that is taken: allowed is none; "
            "events are published by POST /events"
        )
        assert client.until("acknowledged") == {"error": {"code": "invalid", "detail": detail}}
        publish(served, location)
        assert client.until("bot_status_update")["seq"] == 1
