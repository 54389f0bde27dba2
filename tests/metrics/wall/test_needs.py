from datetime import timedelta
from typing import Any

import pytest

from jorge_data.metrics import view
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office, since

STALLED: dict[str, Any] = {"stall_detected": True, "current_question": 1}


def test_a_hot_seller_waits_since_becoming_hot_until_an_agent_speaks(office: Office) -> None:
    office.qualify(at=NOON - 6 * MINUTE, seller_temperature="hot")
    office.qualify(at=NOON - MINUTE, seller_temperature="hot")
    office.converse(at=NOON - MINUTE, author="bot", direction="outbound")
    (need,) = office.needs()
    assert (need["item"], since(need)) == ("hot:dana", NOON - 6 * MINUTE)
    assert need["title"] == [("b", "dana"), ("t", " is hot and no one has called")]
    office.converse(at=NOON, author="agent", direction="outbound")
    assert office.open() == []


@pytest.mark.parametrize(("ago", "news"), [(14 * MINUTE, True), (15 * MINUTE, False), (46 * DAY, False)])
def test_what_began_long_ago_is_no_news_though_it_is_told_now(office: Office, ago: timedelta, news: bool) -> None:
    office.bot("jorge-seller", "error", at=NOON - ago)
    assert [need["news"] for need in office.needs()] == [news]


def test_a_seller_who_cools_down_needs_nobody(office: Office) -> None:
    office.qualify(at=NOON - MINUTE, seller_temperature="hot")
    office.qualify(at=NOON, seller_temperature="warm")
    assert office.open() == []


def test_an_agent_who_spoke_before_the_seller_was_hot_does_not_count(office: Office) -> None:
    office.converse(at=NOON - HOUR, author="agent", direction="outbound")
    office.qualify(at=NOON, seller_temperature="hot")
    assert office.open() == ["hot:dana"]


def test_an_agents_message_counts_although_the_hot_answer_comes_late(office: Office) -> None:
    office.converse(at=NOON, author="agent", direction="outbound")
    office.qualify(at=NOON - MINUTE, seller_temperature="hot")
    assert office.open() == []


def test_a_stall_is_open_until_progress_or_an_agents_message(office: Office) -> None:
    office.qualify("luis", NOON - 9 * MINUTE, stall_type="thinking", **STALLED)
    office.qualify("dana", NOON - 8 * MINUTE, **STALLED)
    office.qualify("ann", NOON - 7 * MINUTE, **STALLED)
    assert office.open() == ["stall:luis", "stall:dana", "stall:ann"]
    assert office.needs()[0]["title"][1] == ("t", " stalled on Q2")
    office.qualify("luis", NOON)
    office.converse(contact="dana", author="agent", direction="outbound")
    assert office.open() == ["stall:ann"]


def test_a_stall_on_the_next_question_asks_again(office: Office) -> None:
    office.qualify(at=NOON - HOUR, **STALLED)
    office.converse(at=NOON - MINUTE, author="agent", direction="outbound")
    office.qualify(at=NOON, stall_detected=True, current_question=2)
    assert office.open() == ["stall:dana"]


def test_a_stall_in_a_conversation_counts_until_later_progress(office: Office) -> None:
    office.converse("stall_detected", at=NOON - MINUTE)
    assert office.open() == ["stall:dana"]
    office.qualify(at=NOON)
    assert office.open() == []


def test_a_failed_send_is_open_until_one_succeeds(office: Office) -> None:
    office.step(at=NOON - HOUR, success=False, failure_reason="number is blocked")
    office.step(at=NOON - MINUTE, success=False, action_type="email_sent", sequence_day=7, failure_reason="bounced")
    (need,) = office.needs()
    assert (need["item"], since(need), need["detail"]) == ("send:priya", NOON - HOUR, "bounced")
    assert need["title"] == [("b", "Day 7 email failed"), ("t", " for priya")]
    office.step(at=NOON, success=True)
    assert office.open() == []


def test_a_failed_call_is_open_until_one_succeeds(office: Office) -> None:
    office.step(at=NOON - HOUR, action_type="call_completed", success=False, failure_reason="no answer")
    office.step(at=NOON - HOUR, action_type="sms_sent", success=True)
    assert office.open() == ["call:priya"]
    office.step(at=NOON, action_type="call_completed", success=True)
    assert office.open() == []


def test_a_call_without_an_outcome_is_open_ten_minutes_after_its_end(office: Office) -> None:
    office.converse("call_ended", at=NOON)
    assert office.open(NOON + 9 * MINUTE) == []
    assert office.open(NOON + 10 * MINUTE) == ["call:dana"]
    office.converse("call_analyzed", at=NOON + 11 * MINUTE)
    assert office.open(NOON + 12 * MINUTE) == []


def test_a_bot_in_error_needs_a_person_until_it_says_otherwise(office: Office) -> None:
    office.bot("jorge-seller", "error", NOON - MINUTE, error_message="timeout")
    (need,) = office.needs()
    assert (need["item"], need["detail"], need["contact"]) == ("bot:jorge-seller", "timeout", None)
    office.bot("jorge-seller", "active", NOON)
    assert office.open() == []


def test_a_working_bot_falls_silent_by_the_clock(office: Office) -> None:
    office.bot("jorge-seller", "processing", NOON)
    office.bot("lead-bot", "idle", NOON)
    assert office.open(NOON + 15 * MINUTE) == []
    (need,) = office.needs(NOON + 16 * MINUTE)
    assert (need["item"], since(need)) == ("bot:jorge-seller", NOON + 15 * MINUTE)


def test_the_most_urgent_is_first_and_the_older_within_its_class(office: Office) -> None:
    office.step("send", NOON - 9 * HOUR, success=False)
    office.qualify("stall", NOON - 8 * HOUR, **STALLED)
    office.step("call", NOON - 7 * HOUR, action_type="call_completed", success=False)
    office.bot("jorge-seller", "error", NOON - 2 * MINUTE)
    office.qualify("new", NOON - MINUTE, seller_temperature="hot")
    office.qualify("old", NOON - 2 * MINUTE, seller_temperature="hot")
    office.report("redis", "down")
    office.report("ghl", "degraded")
    assert office.open() == [
        "component:redis",
        "hot:old",
        "hot:new",
        "bot:jorge-seller",
        "component:ghl",
        "call:call",
        "stall:stall",
        "send:send",
    ]


def test_twenty_are_shown_and_all_are_counted(office: Office) -> None:
    for number in range(30):
        office.qualify(f"contact-{number}", seller_temperature="hot")
    shown = view(office.state, NOON, "default")
    assert (shown["needs"]["count"], len(shown["needs"]["items"]), shown["bar"]["alerts"]) == (30, 20, 30)


def test_what_is_acknowledged_stays_away_until_it_happens_again(office: Office) -> None:
    office.step(at=NOON - HOUR, success=False)
    office.act("send:priya", "acknowledged", NOON - 30 * MINUTE)
    assert office.open() == []
    office.step(at=NOON - MINUTE, success=False)
    (need,) = office.needs()
    assert since(need) == NOON - MINUTE


def test_what_is_snoozed_comes_back_after_an_hour_or_when_told(office: Office) -> None:
    office.report("redis", "down", NOON)
    office.report("ghl", "down", NOON)
    office.act("component:redis", "snoozed", NOON)
    office.act("component:ghl", "snoozed", NOON, until=(NOON + 2 * HOUR).isoformat())
    assert office.open(NOON + HOUR - MINUTE) == []
    assert office.open(NOON + HOUR) == ["component:redis"]
    assert office.open(NOON + 2 * HOUR) == ["component:ghl", "component:redis"]


def test_what_is_assigned_stays_with_its_owner(office: Office) -> None:
    office.qualify(seller_temperature="hot", at=NOON - HOUR)
    office.act("hot:dana", "assigned", NOON - MINUTE)
    assert office.needs()[0]["mine"] == "jorge"
    office.qualify(seller_temperature="cold", at=NOON)
    office.qualify(seller_temperature="hot", at=NOON + MINUTE)
    assert office.needs(NOON + MINUTE)[0]["mine"] is None


@pytest.mark.parametrize("action", ["acknowledged", "snoozed"])
def test_reopening_brings_back(office: Office, action: str) -> None:
    office.bot("lead-bot", "error", NOON - MINUTE)
    office.act("bot:lead-bot", action, NOON - MINUTE)
    assert office.open() == []
    office.act("bot:lead-bot", "reopened", NOON)
    assert office.open() == ["bot:lead-bot"]


def test_a_late_act_does_not_undo_a_newer_one(office: Office) -> None:
    office.bot("lead-bot", "error", NOON - HOUR)
    office.act("bot:lead-bot", "acknowledged", NOON)
    office.act("bot:lead-bot", "reopened", NOON - MINUTE)
    assert office.open() == []


def test_a_silence_that_was_acknowledged_asks_again_when_it_comes_again(office: Office) -> None:
    office.bot("lead-bot", "active", NOON)
    office.act("bot:lead-bot", "acknowledged", NOON + 20 * MINUTE)
    assert office.open(NOON + DAY) == []
    office.step(at=NOON + HOUR)
    assert office.open(NOON + 2 * HOUR) == ["bot:lead-bot"]
