from datetime import timedelta
from typing import Any

import pytest

from jorge_data.metrics import view
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation, since

STALLED: dict[str, Any] = {"stall_detected": True, "current_question": 1}


def test_a_hot_seller_waits_since_becoming_hot_until_an_agent_speaks(location: LiveLocation) -> None:
    location.qualify(at=NOON - 6 * MINUTE, seller_temperature="hot")
    location.qualify(at=NOON - MINUTE, seller_temperature="hot")
    location.converse(at=NOON - MINUTE, author="bot", direction="outbound")
    (need,) = location.needs()
    assert (need["item"], since(need)) == ("hot:dana", NOON - 6 * MINUTE)
    assert need["title"] == [("b", "dana"), ("t", " is hot and no one has called")]
    location.converse(at=NOON, author="agent", direction="outbound")
    assert location.open() == []


@pytest.mark.parametrize(("ago", "news"), [(14 * MINUTE, True), (15 * MINUTE, False), (46 * DAY, False)])
def test_what_began_long_ago_is_no_news_though_it_is_told_now(
    location: LiveLocation, ago: timedelta, news: bool
) -> None:
    location.bot("jorge-seller", "error", at=NOON - ago)
    assert [need["news"] for need in location.needs()] == [news]


def test_a_seller_who_cools_down_needs_nobody(location: LiveLocation) -> None:
    location.qualify(at=NOON - MINUTE, seller_temperature="hot")
    location.qualify(at=NOON, seller_temperature="warm")
    assert location.open() == []


def test_an_agent_who_spoke_before_the_seller_was_hot_does_not_count(location: LiveLocation) -> None:
    location.converse(at=NOON - HOUR, author="agent", direction="outbound")
    location.qualify(at=NOON, seller_temperature="hot")
    assert location.open() == ["hot:dana"]


def test_an_agents_message_counts_although_the_hot_answer_comes_late(location: LiveLocation) -> None:
    location.converse(at=NOON, author="agent", direction="outbound")
    location.qualify(at=NOON - MINUTE, seller_temperature="hot")
    assert location.open() == []


def test_a_stall_is_open_until_progress_or_an_agents_message(location: LiveLocation) -> None:
    location.qualify("luis", NOON - 9 * MINUTE, stall_type="thinking", **STALLED)
    location.qualify("dana", NOON - 8 * MINUTE, **STALLED)
    location.qualify("ann", NOON - 7 * MINUTE, **STALLED)
    assert location.open() == ["stall:luis", "stall:dana", "stall:ann"]
    assert location.needs()[0]["title"][1] == ("t", " stalled on Q2")
    location.qualify("luis", NOON)
    location.converse(contact="dana", author="agent", direction="outbound")
    assert location.open() == ["stall:ann"]


def test_a_stall_on_the_next_question_asks_again(location: LiveLocation) -> None:
    location.qualify(at=NOON - HOUR, **STALLED)
    location.converse(at=NOON - MINUTE, author="agent", direction="outbound")
    location.qualify(at=NOON, stall_detected=True, current_question=2)
    assert location.open() == ["stall:dana"]


def test_a_stall_in_a_conversation_counts_until_later_progress(location: LiveLocation) -> None:
    location.converse("stall_detected", at=NOON - MINUTE)
    assert location.open() == ["stall:dana"]
    location.qualify(at=NOON)
    assert location.open() == []


def test_a_failed_send_is_open_until_one_succeeds(location: LiveLocation) -> None:
    location.step(at=NOON - HOUR, success=False, failure_reason="number is blocked")
    location.step(at=NOON - MINUTE, success=False, action_type="email_sent", sequence_day=7, failure_reason="bounced")
    (need,) = location.needs()
    assert (need["item"], since(need), need["detail"]) == ("send:priya", NOON - HOUR, "bounced")
    assert need["title"] == [("b", "Day 7 email failed"), ("t", " for priya")]
    location.step(at=NOON, success=True)
    assert location.open() == []


def test_a_failed_call_is_open_until_one_succeeds(location: LiveLocation) -> None:
    location.step(at=NOON - HOUR, action_type="call_completed", success=False, failure_reason="no answer")
    location.step(at=NOON - HOUR, action_type="sms_sent", success=True)
    assert location.open() == ["call:priya"]
    location.step(at=NOON, action_type="call_completed", success=True)
    assert location.open() == []


def test_a_call_without_an_outcome_is_open_ten_minutes_after_its_end(location: LiveLocation) -> None:
    location.converse("call_ended", at=NOON)
    assert location.open(NOON + 9 * MINUTE) == []
    assert location.open(NOON + 10 * MINUTE) == ["call:dana"]
    location.converse("call_analyzed", at=NOON + 11 * MINUTE)
    assert location.open(NOON + 12 * MINUTE) == []


def test_a_bot_in_error_needs_a_person_until_it_says_otherwise(location: LiveLocation) -> None:
    location.bot("jorge-seller", "error", NOON - MINUTE, error_message="timeout")
    (need,) = location.needs()
    assert (need["item"], need["detail"], need["contact"]) == ("bot:jorge-seller", "timeout", None)
    location.bot("jorge-seller", "active", NOON)
    assert location.open() == []


def test_a_working_bot_falls_silent_by_the_clock(location: LiveLocation) -> None:
    location.bot("jorge-seller", "processing", NOON)
    location.bot("lead-bot", "idle", NOON)
    assert location.open(NOON + 15 * MINUTE) == []
    (need,) = location.needs(NOON + 16 * MINUTE)
    assert (need["item"], since(need)) == ("bot:jorge-seller", NOON + 15 * MINUTE)


def test_the_most_urgent_is_first_and_the_older_within_its_class(location: LiveLocation) -> None:
    location.step("send", NOON - 9 * HOUR, success=False)
    location.qualify("stall", NOON - 8 * HOUR, **STALLED)
    location.step("call", NOON - 7 * HOUR, action_type="call_completed", success=False)
    location.bot("jorge-seller", "error", NOON - 2 * MINUTE)
    location.qualify("new", NOON - MINUTE, seller_temperature="hot")
    location.qualify("old", NOON - 2 * MINUTE, seller_temperature="hot")
    location.report("redis", "down")
    location.report("ghl", "degraded")
    assert location.open() == [
        "component:redis",
        "hot:old",
        "hot:new",
        "bot:jorge-seller",
        "component:ghl",
        "call:call",
        "stall:stall",
        "send:send",
    ]


def test_twenty_are_shown_and_all_are_counted(location: LiveLocation) -> None:
    for number in range(30):
        location.qualify(f"contact-{number}", seller_temperature="hot")
    shown = view(location.state, NOON, "default")
    assert (shown["needs"]["count"], len(shown["needs"]["items"]), shown["bar"]["alerts"]) == (30, 20, 30)


def test_what_is_acknowledged_stays_away_until_it_happens_again(location: LiveLocation) -> None:
    location.step(at=NOON - HOUR, success=False)
    location.act("send:priya", "acknowledged", NOON - 30 * MINUTE)
    assert location.open() == []
    location.step(at=NOON - MINUTE, success=False)
    (need,) = location.needs()
    assert since(need) == NOON - MINUTE


def test_what_is_snoozed_comes_back_after_an_hour_or_when_told(location: LiveLocation) -> None:
    location.report("redis", "down", NOON)
    location.report("ghl", "down", NOON)
    location.act("component:redis", "snoozed", NOON)
    location.act("component:ghl", "snoozed", NOON, until=(NOON + 2 * HOUR).isoformat())
    assert location.open(NOON + HOUR - MINUTE) == []
    assert location.open(NOON + HOUR) == ["component:redis"]
    assert location.open(NOON + 2 * HOUR) == ["component:ghl", "component:redis"]


def test_what_is_assigned_stays_with_its_owner(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot", at=NOON - HOUR)
    location.act("hot:dana", "assigned", NOON - MINUTE)
    assert location.needs()[0]["mine"] == "jorge"
    location.qualify(seller_temperature="cold", at=NOON)
    location.qualify(seller_temperature="hot", at=NOON + MINUTE)
    assert location.needs(NOON + MINUTE)[0]["mine"] is None


@pytest.mark.parametrize("action", ["acknowledged", "snoozed"])
def test_reopening_brings_back(location: LiveLocation, action: str) -> None:
    location.bot("lead-bot", "error", NOON - MINUTE)
    location.act("bot:lead-bot", action, NOON - MINUTE)
    assert location.open() == []
    location.act("bot:lead-bot", "reopened", NOON)
    assert location.open() == ["bot:lead-bot"]


def test_a_late_act_does_not_undo_a_newer_one(location: LiveLocation) -> None:
    location.bot("lead-bot", "error", NOON - HOUR)
    location.act("bot:lead-bot", "acknowledged", NOON)
    location.act("bot:lead-bot", "reopened", NOON - MINUTE)
    assert location.open() == []


def test_a_silence_that_was_acknowledged_asks_again_when_it_comes_again(location: LiveLocation) -> None:
    location.bot("lead-bot", "active", NOON)
    location.act("bot:lead-bot", "acknowledged", NOON + 20 * MINUTE)
    assert location.open(NOON + DAY) == []
    location.step(at=NOON + HOUR)
    assert location.open(NOON + 2 * HOUR) == ["bot:lead-bot"]
