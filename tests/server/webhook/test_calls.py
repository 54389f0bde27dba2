"""Calls through the whole server: bodies of Retell's own models, signed by its SDK, to what a person sees."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from retell import Retell
from retell.lib.webhook_auth import symmetric
from retell.types import PhoneCallResponse, WebCallResponse

from tests.served import Served
from tests.server.webhook.ghl import post
from tests.server.webhook.translated import settled

KEY = "key_with_the_webhook_badge"
NUMBERS = {"from_number": "+15125550100", "to_number": "+15125550122", "direction": "outbound"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("calls"), JORGE_RETELL_API_KEY=KEY) as server:
        yield server


def phone_call(location: str, contact: str, **fields: Any) -> PhoneCallResponse:
    """Return a call that ended a moment ago, as the SDK reads it from Retell's API: the `call` of a webhook."""
    now = round(time.time() * 1000)
    usual: dict[str, Any] = {
        "agent_id": "agent-1",
        "agent_version": 1,
        "call_id": f"call-{contact}-{location}"[-120:],
        "call_status": "ended",
        "call_type": "phone_call",
        "metadata": {"location_id": location, "contact_id": contact},
        "start_timestamp": now - 90_000,
        "end_timestamp": now - 1_000,
        "duration_ms": 89_000,
    }
    return PhoneCallResponse.model_validate(usual | NUMBERS | fields)


def send(office: Served, event: str, call: PhoneCallResponse | WebCallResponse, **beside: Any) -> None:
    """Send a webhook as Retell does, signed and checked by its SDK."""
    body = json.dumps({"event": event, "call": call.model_dump(mode="json", exclude_none=True), **beside})
    signature = symmetric["sign"](body, KEY)
    assert Retell(api_key=KEY).verify(body, KEY, signature)  # type: ignore[no-untyped-call]
    answer: requests.Response = post(office, body.encode(), "/webhooks/retell", X_Retell_Signature=signature)
    assert answer.status_code == 200, answer.text


def told(office: Served, location: str) -> list[dict[str, Any]]:
    """Return a location's events once nothing waits."""
    assert {row["state"] for row in settled(office, location)} <= {"translated", "ignored"}
    events: list[dict[str, Any]] = office.get("/events", location=location, after="oldest", limit=500)["events"]
    return events


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["data"].get("kind", event["type"]) for event in events if event["type"] != "bot_status_update"]


def open_items(office: Served, location: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = office.get("/api/dashboard/metrics", location=location)["needs"]["items"]
    return items


def test_a_transfer_is_a_handoff_beside_the_step_and_a_hot_seller_waits_no_more(office: Served, location: str) -> None:
    hot = {
        "contact_id": "ann",
        "current_question": 3,
        "questions_answered": 4,
        "seller_temperature": "hot",
        "confrontational_effectiveness": 80,
        "stall_detected": False,
        "next_step": "call",
    }
    answer = office.post(
        {"type": "jorge_qualification_progress", "source": "seller", "locationid": location, "data": hot},
        office.bearer("publisher"),
    )
    assert answer.status_code == 200
    assert [item["item"] for item in open_items(office, location)] == ["hot:ann"]
    talking = phone_call(location, "ann", call_status="ongoing", end_timestamp=None, duration_ms=None)
    ended = phone_call(
        location,
        "ann",
        disconnection_reason="call_transfer",
        transfer_destination="+15125550177",
        call_analysis={"call_summary": "Wants to list in May.", "user_sentiment": "Positive", "in_voicemail": False},
    )
    destination = {"transfer_destination": {"number": "+15125550177"}}
    send(office, "call_started", talking)
    send(office, "transfer_started", talking, **destination)
    send(office, "transfer_bridged", talking, **destination)
    send(office, "call_ended", ended)
    send(office, "call_analyzed", ended)
    send(office, "transfer_ended", talking)
    events = told(office, location)
    assert kinds(events)[1:] == ["call_started", "handoff", "lead_bot_sequence_update", "call_ended", "call_analyzed"]
    (handoff,) = [event["data"] for event in events if event["data"].get("kind") == "handoff"]
    assert (handoff["author"], handoff["summary"]) == ("agent", "transferred to +15125550177")
    assert open_items(office, location) == []
    states = {row["type"]: (row["state"], row["error"] is None) for row in settled(office, location)}
    assert states["transfer_started"] == states["transfer_ended"] == ("ignored", False)


ENDS: list[tuple[str, list[str], bool | None]] = [
    ("user_requested_dnc", ["opted_out"], True),
    ("user_requested_callback", ["task"], True),
    ("call_take_over", ["handoff"], True),
    ("transfer_bridged", ["handoff"], True),
    ("manual_stopped", [], True),
    ("inactivity", [], True),
    ("credit_exhausted", [], False),
    ("budget_reached", [], False),
    ("network_blocked", [], False),
    ("ivr_reached", [], False),
    ("voicemail_reached", [], False),
]


@pytest.mark.parametrize(("reason", "besides", "success"), ENDS, ids=[end[0] for end in ENDS])
def test_each_end_of_a_call_is_heard(
    office: Served, location: str, reason: str, besides: list[str], success: bool
) -> None:
    send(office, "call_ended", phone_call(location, "ann", disconnection_reason=reason))
    events = told(office, location)
    assert kinds(events) == ["lead_bot_sequence_update", "call_ended", *besides]
    step = events[0]["data"]
    assert (step["success"], step.get("failure_reason")) == (success, None if success else reason)


def test_an_end_that_the_sdk_does_not_know_is_shown_and_counts_as_nothing(office: Served, location: str) -> None:
    call = phone_call(location, "ann").model_copy(update={"disconnection_reason": "moon_phase"})
    send(office, "call_ended", call)
    events = told(office, location)
    assert kinds(events) == ["call_ended"]
    assert events[-1]["data"]["summary"] == "unknown reason: moon_phase"
    assert office.get("/api/dashboard/metrics", location=location)["sequences"]["success_rate_24h"] is None


def test_who_asked_to_be_called_back_waits_for_a_person_until_one_takes_a_call_over(
    office: Served, location: str
) -> None:
    send(office, "call_ended", phone_call(location, "ann", disconnection_reason="user_requested_callback"))
    told(office, location)
    (item,) = open_items(office, location)
    assert (item["item"], item["name"], item["says"]) == ("callback:ann", "ann", "asked to be called back")
    taken = phone_call(location, "ann", call_id=f"second-{location}"[-100:], disconnection_reason="call_take_over")
    send(office, "call_ended", taken)
    told(office, location)
    assert open_items(office, location) == []


def test_an_account_without_credit_is_an_error_of_the_lead_bot_until_a_call_begins(
    office: Served, location: str
) -> None:
    send(office, "call_ended", phone_call(location, "ann", disconnection_reason="credit_exhausted"))
    told(office, location)
    failed = {item["item"]: item["detail"] for item in open_items(office, location)}
    words = "the account's credit is used up"
    assert failed == {"bot:lead-bot": f"{words} (credit_exhausted)", "call:ann": words}
    begun = phone_call(location, "bob", call_status="ongoing", start_timestamp=round(time.time() * 1000))
    send(office, "call_started", begun)
    told(office, location)
    assert [item["item"] for item in open_items(office, location)] == ["call:ann"]


@pytest.mark.parametrize("metadata", [{}, {"contact_id": "ann", "sequence_day": 7}])
def test_a_web_call_is_nobodys_step(office: Served, location: str, metadata: dict[str, Any]) -> None:
    call = WebCallResponse(
        access_token="token",
        agent_id="agent-1",
        agent_version=1,
        call_id=f"web-{location}"[-120:],
        call_status="ended",
        call_type="web_call",
        disconnection_reason="user_hangup",
        metadata={"location_id": location, **metadata},
    )
    send(office, "call_ended", call)
    assert kinds(told(office, location)) == ["call_ended"]
    assert office.get("/api/dashboard/metrics", location=location)["sequences"]["success_rate_24h"] is None
