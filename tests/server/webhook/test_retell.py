"""Retell's webhooks through the whole server: signed by Retell's own SDK, translated to events, once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from retell.lib.webhook_auth import symmetric

from tests.served import Served
from tests.server.webhook.ghl import PEM, contact, deliver, post
from tests.server.webhook.translated import events, settled
from tests.vendors.retell.calls import DOCUMENTED, analyzed, placed

KEY = "key_with_the_webhook_badge"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {"JORGE_RETELL_API_KEY": KEY, "JORGE_LOCATION": "home", "JORGE_GHL_PUBLIC_KEY": PEM}
    with Served(tmp_path_factory.mktemp("retell"), **environment) as server:
        yield server


def ring(office: Served, webhook: dict[str, Any], key: str = KEY) -> requests.Response:
    """Send a webhook as Retell does."""
    body = json.dumps(webhook)
    return post(office, body.encode(), "/webhooks/retell", X_Retell_Signature=symmetric["sign"](body, key))


def at(location: str, webhook: dict[str, Any], call: str, **metadata: Any) -> dict[str, Any]:
    all_metadata = {"location_id": location, "contact_id": "seller-1", **metadata}
    return {**webhook, "call": {**webhook["call"], "call_id": f"{location[-80:]}-{call}", "metadata": all_metadata}}


def test_a_call_is_told_from_its_start_to_its_analysis(office: Served, location: str) -> None:
    for webhook in (placed("call_started"), placed(), analyzed(call_summary="Sells in May.")):
        assert ring(office, at(location, webhook, "1")).json() == {"duplicate": False}
    translated = events(office, location, 6)
    assert {event["source"] for event in translated} == {"retell"}
    kinds = [event["data"].get("kind") for event in translated if event["type"] == "conversation_event"]
    assert kinds == ["call_started", "call_ended", "call_analyzed"]
    (step,) = [event["data"] for event in translated if event["type"] == "lead_bot_sequence_update"]
    assert (step["sequence_day"], step["action_type"], step["success"]) == (7, "call_completed", True)


def test_a_retry_is_answered_with_200_and_nothing_happens_twice(office: Served, location: str) -> None:
    webhook = at(location, placed("call_started"), "1")
    assert [ring(office, webhook).json()["duplicate"] for _ in range(3)] == [False, True, True]
    events(office, location, 2)


def test_a_contact_that_the_crm_knows_is_found_by_its_number(office: Served, location: str) -> None:
    deliver(office, contact(location, id="ann", phone="(213) 777-1235"))
    settled(office, location)
    ring(office, at(location, placed(), "1", contact_id=None))
    translated = events(office, location, 4)
    assert {event["subject"] for event in translated} == {"ann"}


@pytest.mark.parametrize(
    "then",
    [{"type": "ContactDelete"}, {"type": "ContactUpdate", "phone": "(213) 777-9999"}],
    ids=["deleted", "changed"],
)
def test_a_number_that_is_nobodys_any_more_finds_nobody(office: Served, location: str, then: dict[str, str]) -> None:
    deliver(office, contact(location, id="ann", phone="(213) 777-1235"))
    settled(office, location)
    deliver(office, {"locationId": location, "id": "ann", **then})
    settled(office, location)
    ring(office, at(location, placed(), "1", contact_id=None))
    told = [event["subject"] for event in events(office, location, 6) if event["source"] == "retell"]
    assert set(told) == {"phone:+12137771235"}


@pytest.mark.parametrize("then", [{"type": "ContactDelete"}, {"type": "ContactUpdate", "phone": "(213) 777-9999"}])
def test_a_number_that_two_share_finds_the_other_once_one_is_gone(
    office: Served, location: str, then: dict[str, str]
) -> None:
    for name in ("ann", "bob"):
        deliver(office, contact(location, id=name, phone="(213) 777-1235"))
        settled(office, location)
    ring(office, at(location, placed(), "1", contact_id=None))
    settled(office, location)
    deliver(office, {"locationId": location, "id": "bob", **then})
    settled(office, location)
    ring(office, at(location, placed(), "2", contact_id=None))
    told = [event["subject"] for event in events(office, location, 9) if event["source"] == "retell"]
    assert told == ["bob"] * 3 + ["ann"] * 3


def test_a_number_without_its_country_code_is_of_the_contacts_country(office: Served, location: str) -> None:
    deliver(office, contact(location, id="liz", phone="020 7946 0959", country="GB"))
    settled(office, location)
    webhook = at(location, placed(), "gb", contact_id=None)
    webhook["call"] |= {"direction": "outbound", "to_number": "+442079460959"}
    ring(office, webhook)
    assert {event["subject"] for event in events(office, location, 4)} == {"liz"}


def test_a_call_that_names_no_location_is_ours(office: Served) -> None:
    assert ring(office, DOCUMENTED).status_code == 200
    conversation = events(office, "home", 3)[-1]
    assert conversation["subject"] == "phone:+12137771234"


def test_an_unsigned_or_wrongly_signed_call_is_refused(office: Served) -> None:
    assert post(office, json.dumps(DOCUMENTED).encode(), "/webhooks/retell").status_code == 401
    assert ring(office, DOCUMENTED, "another-key").status_code == 401
    signature = symmetric["sign"](json.dumps(DOCUMENTED), KEY)
    reserialized = json.dumps(DOCUMENTED, indent=1).encode()
    assert post(office, reserialized, "/webhooks/retell", X_Retell_Signature=signature).status_code == 401
    old = symmetric["sign"]("{}", KEY, 1_700_000_000_000)
    assert post(office, b"{}", "/webhooks/retell", X_Retell_Signature=old).status_code == 401


def test_a_call_without_an_id_is_kept_and_seen_to_be_wrong(office: Served, location: str) -> None:
    webhook = at(location, placed(), "1")
    del webhook["call"]["call_id"]
    assert ring(office, webhook).status_code == 200
    (row,) = settled(office, location)
    assert (row["state"], row["error"]) == ("failed", "call.call_id is missing: every call has one")


def test_other_webhooks_are_kept_and_counted(office: Served, location: str) -> None:
    assert ring(office, at(location, placed("transcript_updated"), "1")).status_code == 200
    (row,) = settled(office, location)
    assert (row["type"], row["state"]) == ("transcript_updated", "ignored")


def test_without_its_key_it_is_off_and_says_what_to_set(served: Served) -> None:
    answer = ring(served, DOCUMENTED)
    assert answer.status_code == 403
    assert "JORGE_RETELL_API_KEY" in answer.json()["error"]["detail"]
