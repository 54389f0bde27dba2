"""Retell's webhooks as the inbox sees them."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from retell.lib.webhook_auth import symmetric
from retell.types import AgentResponse as PhoneCallAgent
from retell.types import ChatAgentResponse as ChatAgent

from jorge_data.errors import Forbidden, Invalid, Unauthenticated
from jorge_data.vendors import HOLDERS, Vendor, VendorEntity
from jorge_data.vendors.retell import Retell
from jorge_data.vendors.retell.translation import CALLS, IGNORED, TRANSFERS
from tests.vendors.retell.calls import DOCUMENTED, placed

KEY, NOW = "test-api-key", datetime(2024, 5, 2, 0, 10, tzinfo=UTC)
RETELL: Vendor = Retell(KEY)


def opened(body: Any) -> Any:
    return RETELL.open(body, json.dumps(body).encode(), NOW)


def ignored(body: dict[str, Any]) -> str:
    """Return why a webhook is ignored."""
    translation = RETELL.translate(body, {}, NOW)
    assert translation is not None
    assert not translation.events
    return str(translation.ignored)


def test_what_the_sdk_signed_is_let_in() -> None:
    body = json.dumps(DOCUMENTED)
    signature = symmetric["sign"](body, KEY, round(NOW.timestamp() * 1000))
    RETELL.verify({"x-retell-signature": signature}, body.encode(), NOW)


@pytest.mark.parametrize(
    ("headers", "word"), [({}, "is missing"), ({"x-retell-signature": "v=1,d=2"}, "does not fit"), ({"x-r": "1"}, "is")]
)
def test_an_unsigned_body_is_kept_out(headers: dict[str, str], word: str) -> None:
    with pytest.raises(Unauthenticated, match=word):
        RETELL.verify(headers, b"{}", NOW)


def test_without_a_key_it_is_off_and_says_what_to_set() -> None:
    signature = symmetric["sign"]("{}", "", round(NOW.timestamp() * 1000))
    with pytest.raises(Forbidden, match="JORGE_RETELL_API_KEY"):
        Retell("").verify({"x-retell-signature": signature}, b"{}", NOW)


def test_a_webhook_of_a_call_has_one_key_however_it_is_written() -> None:
    assert opened(placed()).key == opened(placed(transcript="more")).key
    assert opened(placed()).key != opened(placed("call_started")).key


def test_transcripts_repeat_by_design() -> None:
    first, second = placed("transcript_updated"), placed("transcript_updated", transcript="more")
    assert opened(first).key != opened(second).key
    assert ignored(first) == "a transcript that is still growing: the call's end and its analysis are told"


@pytest.mark.parametrize(
    ("event", "word"),
    [
        ("transfer_started", "has begun"),
        ("transfer_ended", "a person had the call"),
        ("chat_started", "a chat"),
        ("chat_ended", "a chat"),
        ("chat_analyzed", "a chat"),
        ("call_paused", "not known here"),
    ],
)
def test_what_means_nothing_is_ignored_with_its_reason(event: str, word: str) -> None:
    assert word in ignored(placed(event))
    assert word in ignored({"event": event, "chat": {"chat_id": "1"}})


@pytest.mark.parametrize("call", [PhoneCallAgent, ChatAgent])
def test_each_webhook_that_the_sdk_knows_is_translated_or_ignored_by_its_name(call: Any) -> None:
    (names,) = (get_args(choice) for choice in get_args(call.model_fields["webhook_events"].annotation)[:1])
    known = {name for literal in names for name in get_args(literal)}
    assert known >= {"transcript_updated"}
    assert known <= {*CALLS, *TRANSFERS, *IGNORED}


@pytest.mark.parametrize(("named", "location"), [("office-1", "office-1"), ("no such/place", None), (5, None)])
def test_the_location_is_the_one_that_the_metadata_names_or_ours(named: object, location: str | None) -> None:
    assert opened(placed(metadata={"location_id": named})).location == location


@pytest.mark.parametrize("body", [[], "x", None, {}, {"event": 5}, {"event": ["call_ended"]}])
def test_a_body_of_another_shape_is_refused(body: object) -> None:
    with pytest.raises(Invalid, match=r"the body is .*: allowed is"):
        opened(body)


@pytest.mark.parametrize("name", ["a\0b", "x" * 129, "\ud800"])
def test_a_name_that_no_database_keeps_whole_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match=r"^event is .*: allowed is text of 1–128 characters, none of them NUL$"):
        opened(placed(name))
    with pytest.raises(Invalid, match=r"^call\.call_id is "):
        opened(placed(call_id=name))
    assert opened(placed(call_id="x" * 128)).type == "call_ended"


def test_a_contact_that_is_not_named_is_looked_up_by_its_number() -> None:
    body = placed(metadata={})
    entity = VendorEntity("phone", "+12137771235")
    assert RETELL.concerns(body) == [entity, VendorEntity(HOLDERS, entity.id)]
    assert RETELL.concerns(placed()) == []
    translation = RETELL.translate(body, {entity: {"contact_id": "seller-9"}}, NOW)
    assert translation is not None
    assert {event["data"]["contact_id"] for event in translation.events} == {"seller-9"}
