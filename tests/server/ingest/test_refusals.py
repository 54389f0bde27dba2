"""Refusals: stored with their reason and payload, bounded, and shown to those who may see contacts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jorge_data.errors import EventRefused, Fault
from jorge_data.server.auth.claims import Claims
from jorge_data.server.ingest.refusals import MOST_LOCATIONS, MOST_REFUSALS, PAYLOAD_BYTES, Refusals, truncated
from tests.served import Served, bot_status

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
BOT = Claims("seller-bot", "publisher")
REFUSED = EventRefused([Fault("/type", "'rumour'", "allowed: …")])


def refuse(refusals: Refusals, *numbers: int, location: str = "office", claims: Claims = BOT) -> None:
    for number in numbers:
        refusals.add({"locationid": location, "n": number}, REFUSED, claims, NOON)


def refusals_of(served: Served, location: str, **query: Any) -> Any:
    return served.get("/api/refusals", location=location, **query)


def bad(location: str, **data: Any) -> dict[str, Any]:
    return bot_status(locationid=location, data={"bot_type": "jorge-seller", "status": "asleep", **data})


def test_a_refused_event_is_told_with_its_publisher_its_faults_and_its_payload(served: Served, location: str) -> None:
    served.post([bot_status(locationid=location), bad(location)])
    answer = refusals_of(served, location)
    assert (answer["total"], answer["dropped"], len(answer["refusals"])) == (1, 0, 1)
    refusal = answer["refusals"][0]
    assert refusal["publisher"] == "test-admin"
    assert [fault["pointer"] for fault in refusal["faults"]] == ["/data/status"]
    assert refusal["reason"].startswith("/data/status is 'asleep'")
    assert '"status": "asleep"' in refusal["payload"]
    assert not refusal["cut"]


def test_the_newest_come_first_and_no_more_than_asked_for(served: Served, location: str) -> None:
    served.post([bad(location, current_step=f"step-{number}") for number in range(5)])
    steps = [refusal["payload"] for refusal in refusals_of(served, location, limit=2)["refusals"]]
    assert ["step-4" in steps[0], "step-3" in steps[1], len(steps)] == [True, True, 2]


def test_what_is_no_json_is_told_as_it_came(guarded: Served) -> None:
    headers = guarded.bearer("publisher", "unreadable")
    guarded.session.post(f"{guarded.url}/events", data=b'{"type": ', headers=headers, timeout=10)
    refusal = refusals_of(guarded, "unreadable")["refusals"][0]
    assert refusal["payload"] == '{"type": '
    assert "the body is not JSON" in refusal["reason"]


@pytest.mark.parametrize("role", ["viewer", "publisher"])
def test_who_may_not_see_contacts_may_not_see_what_was_refused(guarded: Served, role: Any) -> None:
    answer = guarded.session.get(f"{guarded.url}/api/refusals", headers=guarded.bearer(role), timeout=10)
    assert answer.status_code == 403


def test_a_location_that_is_removed_takes_its_refusals_along(served: Served, location: str) -> None:
    served.post([bot_status(locationid=location), bad(location)])
    url = f"{served.url}/api/locations/{location}"
    assert served.session.delete(url, headers=served.bearer(), timeout=10).status_code == 204
    assert refusals_of(served, location)["total"] == 0


def test_a_bound_publisher_is_refused_in_its_own_location_whatever_it_names() -> None:
    refusals = Refusals(NOON)
    refuse(refusals, 1, location="elsewhere", claims=Claims("bot", "publisher", "office"))
    assert refusals.counts("elsewhere") == (0, 0)
    assert refusals.counts("office") == (1, 0)


@pytest.mark.parametrize(
    "sent",
    [
        {"locationid": "a b"},
        {"locationid": None},
        [{"locationid": "office"}, {"locationid": "elsewhere"}],
        [{"locationid": "office"}, {}],
        [{"locationid": "office"}, 5],
        [],
        b"{",
        5,
    ],
)
def test_what_names_no_sound_single_location_is_in_none_and_goes_with_any(sent: Any) -> None:
    refusals = Refusals(NOON)
    refuse(refusals, 1, location="default")
    refusals.add(sent, REFUSED, BOT, NOON)
    refuse(refusals, 2, location="default")
    assert (refusals.counts("default"), refusals.counts("office")) == ((2, 0), (0, 0))
    assert (refusals.counts("default", unplaced=True), len(refusals.newest("default", 2, unplaced=True))) == ((3, 0), 2)
    refusals.drop("office")
    assert refusals.counts("default", unplaced=True) == (2, 0)


@pytest.mark.parametrize(
    ("sent", "location"), [({}, "default"), ([{}, {}], "default"), ([{"locationid": "office"}] * 501, "office")]
)
def test_a_publish_that_is_for_one_location_is_refused_there(sent: Any, location: str) -> None:
    refusals = Refusals(NOON)
    refusals.add(sent, REFUSED, BOT, NOON)
    assert refusals.counts(location) == (1, 0)


def test_a_token_of_the_default_location_is_served_no_other_offices_payloads(served: Served, location: str) -> None:
    named = bad(location, current_step="asks Maria")
    for publish in ([named] * 501, bad("a b", current_step="asks Maria"), [named, "Maria"] * 251):
        assert served.post(publish, served.bearer("publisher")).status_code in (413, 422)

    def payloads(bound: str | None, of: str) -> str:
        headers = served.bearer("agent", bound)
        return served.session.get(f"{served.url}/api/refusals?location={of}", headers=headers, timeout=10).text

    assert "Maria" not in payloads("default", "default")
    assert payloads(None, "default").count('"at"') >= 2
    assert payloads(location, location).count('"at"') == 1
    url = f"{served.url}/api/locations/{location}"
    assert served.session.delete(url, headers=served.bearer(), timeout=10).status_code == 204
    assert "Maria" not in payloads(None, "default") + payloads(None, location)


def test_of_too_many_the_oldest_give_way_and_are_counted() -> None:
    refusals = Refusals(NOON)
    refuse(refusals, *range(MOST_REFUSALS + 3))
    assert refusals.counts("office") == (MOST_REFUSALS + 3, 3)
    newest = refusals.newest("office", 1000)
    assert (len(newest), newest[-1].payload) == (MOST_REFUSALS, '{"locationid": "office", "n": 3}')


def test_of_too_many_locations_the_one_quiet_for_longest_is_forgotten() -> None:
    refusals = Refusals(NOON)
    for number in range(MOST_LOCATIONS):
        refuse(refusals, 1, location=f"office-{number}")
    refuse(refusals, 2, location="office-0")
    refuse(refusals, 1, location="one-more")
    assert refusals.counts("office-1") == (0, 0)
    assert refusals.counts("office-0") == (2, 0)


@pytest.mark.parametrize(
    ("sent", "payload", "cut"),
    [
        ({"x": float("nan")}, '{"x": NaN}', False),
        ({"x": "\ud800"}, '{"x": "\\ud800"}', False),
        ({"x": "ä" * PAYLOAD_BYTES}, '{"x": "' + "ä" * ((PAYLOAD_BYTES - 7) // 2) + "�", True),
        (b"\xff", "�", False),
    ],
)
def test_a_payload_is_kept_as_it_was_sent_as_far_as_it_is_kept(sent: Any, payload: str, cut: bool) -> None:
    assert truncated(sent) == (payload, cut)


def test_a_payload_nested_without_end_is_kept_as_far_as_it_can_be_followed() -> None:
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    payload, _ = truncated(nested)
    assert payload.startswith("[[[[")
