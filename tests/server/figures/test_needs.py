from datetime import datetime, timedelta
from typing import Any

import pytest

from jorge_data.metrics.colleagues import Colleague
from jorge_data.metrics.wall.view import Need
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation, since

STALLED: dict[str, Any] = {"stall_detected": True, "current_question": 1}


STOP: dict[str, Any] = {"direction": "inbound", "author": "contact", "channel": "sms", "body": "Stop"}
BY_BOT: dict[str, Any] = {"direction": "outbound", "author": "bot", "channel": "sms", "body": "Still selling, Ann?"}


def title(need: Need) -> str:
    return f"{need['name']} {need['says']}"


def test_who_is_texted_by_a_bot_after_stop_is_listed_with_both_events(followed: FollowedLocation) -> None:
    followed.publish("contact_update", NOON - HOUR, contact_id="dana", changed={}, name="Ann")
    followed.converse(at=NOON - HOUR, **STOP)
    followed.converse(at=NOON - HOUR + MINUTE, author="agent", direction="outbound", channel="sms")
    assert followed.open() == []
    followed.converse(at=NOON - 20 * MINUTE, **BY_BOT)
    (need,) = followed.needs()
    assert (need["item"], need["contact"], since(need), need["tone"]) == (
        "optout:dana",
        "dana",
        NOON - 20 * MINUTE,
        "bad",
    )
    assert title(need) == "Ann was texted 40 m after STOP"
    assert need["events"] == [
        {"seq": 2, "at_ms": ms(NOON - HOUR), "text": "opted out of SMS · STOP"},
        {"seq": 4, "at_ms": ms(NOON - 20 * MINUTE), "text": "text sent · “Still selling, Ann?”"},
    ]
    assert (need["detail"], need["news"]) == ("", False)


def test_neither_an_agents_word_nor_time_closes_it_but_a_person_and_opting_in_do(followed: FollowedLocation) -> None:
    followed.converse(at=NOON - 2 * HOUR, **STOP)
    followed.converse(at=NOON - HOUR, **BY_BOT)
    followed.converse(at=NOON - HOUR + MINUTE, author="agent", direction="outbound", channel="sms")
    assert followed.open(NOON + 90 * DAY) == ["optout:dana"]
    followed.act("optout:dana", "acknowledged", NOON - 30 * MINUTE)
    assert followed.open() == []
    followed.converse(at=NOON - 10 * MINUTE, **BY_BOT)
    (need,) = followed.needs()
    assert (since(need), need["news"]) == (NOON - 10 * MINUTE, True)
    assert (title(need), need["detail"]) == (
        "dana was texted 1 h 50 m after STOP",
        "2 times since; below is the newest",
    )
    followed.converse(at=NOON, **STOP | {"body": "START"})
    assert followed.open() == []


@pytest.mark.parametrize(
    ("out", "sent", "later", "words", "events"),
    [
        (
            {"channel": "call", "summary": "asked not to be called"},
            ("call_started", {"channel": "call"}),
            3 * DAY,
            "dana was called 3 d after opting out of calls",
            ("opted out of calls · asked not to be called", "call made"),
        ),
        (
            {"summary": "do not disturb"},
            ("message", {"channel": "email", "body": None}),
            DAY,
            "dana was e-mailed 1 d after opting out of everything",
            ("opted out of everything · do not disturb", "e-mail sent"),
        ),
        (
            {"channel": "chat"},
            ("message", {"channel": "chat", "body": "Hi"}),
            MINUTE / 2,
            "dana was messaged 30 s after opting out of chat",
            ("opted out of chat", "message sent · “Hi”"),
        ),
    ],
)
def test_each_channel_has_its_words(
    followed: FollowedLocation,
    out: dict[str, Any],
    sent: tuple[str, dict[str, Any]],
    later: timedelta,
    words: str,
    events: tuple[str, str],
) -> None:
    followed.converse("opted_out", at=NOON - later, **out)
    followed.converse(sent[0], at=NOON, direction="outbound", author="bot", **sent[1])
    (need,) = followed.needs()
    assert (title(need), tuple(event["text"] for event in need["events"])) == (words, events)


def test_a_step_of_the_sequence_is_told_by_its_day(followed: FollowedLocation) -> None:
    followed.converse("opted_out", "priya", NOON - HOUR, channel="sms")
    followed.step(at=NOON, sequence_day=30)
    (need,) = followed.needs()
    assert need["events"][1]["text"] == "text sent · day 30 of the sequence"


def test_a_contact_that_was_deleted_needs_nobody(followed: FollowedLocation) -> None:
    followed.converse(at=NOON - HOUR, **STOP)
    followed.converse(at=NOON, **BY_BOT)
    followed.publish("contact_update", NOON, contact_id="dana", changed={}, deleted=True)
    assert followed.open() == []


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def test_a_hot_seller_waits_since_becoming_hot_until_an_agent_speaks(followed: FollowedLocation) -> None:
    followed.qualify(at=NOON - 6 * MINUTE, seller_temperature="hot")
    followed.qualify(at=NOON - MINUTE, seller_temperature="hot")
    followed.converse(at=NOON - MINUTE, author="bot", direction="outbound")
    (need,) = followed.needs()
    assert (need["item"], since(need)) == ("hot:dana", NOON - 6 * MINUTE)
    assert (title(need), need["temperature"]) == ("dana and no one has called", "hot")
    followed.converse(at=NOON, author="agent", direction="outbound")
    assert followed.open() == []


@pytest.mark.parametrize(("ago", "news"), [(14 * MINUTE, True), (15 * MINUTE, False), (46 * DAY, False)])
def test_what_began_long_ago_is_no_news_though_it_is_told_now(
    followed: FollowedLocation, ago: timedelta, news: bool
) -> None:
    followed.bot("jorge-seller", "error", at=NOON - ago)
    assert [need["news"] for need in followed.needs()] == [news]


def test_a_seller_who_cools_down_needs_nobody(followed: FollowedLocation) -> None:
    followed.qualify(at=NOON - MINUTE, seller_temperature="hot")
    followed.qualify(at=NOON, seller_temperature="warm")
    assert followed.open() == []


def test_an_agent_who_spoke_before_the_seller_was_hot_does_not_count(followed: FollowedLocation) -> None:
    followed.converse(at=NOON - HOUR, author="agent", direction="outbound")
    followed.qualify(at=NOON, seller_temperature="hot")
    assert followed.open() == ["hot:dana"]


def test_an_agents_message_counts_although_the_hot_answer_comes_late(followed: FollowedLocation) -> None:
    followed.converse(at=NOON, author="agent", direction="outbound")
    followed.qualify(at=NOON - MINUTE, seller_temperature="hot")
    assert followed.open() == []


def test_a_stall_is_open_until_progress_or_an_agents_message(followed: FollowedLocation) -> None:
    followed.qualify("luis", NOON - 9 * MINUTE, stall_type="thinking", **STALLED)
    followed.qualify("dana", NOON - 8 * MINUTE, **STALLED)
    followed.qualify("ann", NOON - 7 * MINUTE, **STALLED)
    assert followed.open() == ["stall:ann", "stall:dana", "stall:luis"]
    assert title(followed.needs()[2]) == "luis is stuck on the timeline question"
    assert followed.needs()[2]["detail"] == "wants to think · ask condition"
    followed.qualify("luis", NOON)
    followed.converse(contact="dana", author="agent", direction="outbound")
    assert followed.open() == ["stall:ann"]


def test_a_stall_on_the_next_question_asks_again(followed: FollowedLocation) -> None:
    followed.qualify(at=NOON - HOUR, **STALLED)
    followed.converse(at=NOON - MINUTE, author="agent", direction="outbound")
    followed.qualify(at=NOON, stall_detected=True, current_question=2)
    assert followed.open() == ["stall:dana"]


def test_a_stall_in_a_conversation_counts_until_later_progress(followed: FollowedLocation) -> None:
    followed.converse("stall_detected", at=NOON - MINUTE)
    assert followed.open() == ["stall:dana"]
    followed.qualify(at=NOON)
    assert followed.open() == []


def test_who_asked_to_be_called_back_needs_a_person_until_one_calls_or_acknowledges(followed: FollowedLocation) -> None:
    followed.publish("contact_update", contact_id="dana", changed={}, name="Ann", at=NOON - HOUR)
    followed.converse("task", at=NOON - 9 * MINUTE, author="contact", summary="asked to be called back")
    followed.converse("task", "luis", at=NOON - 8 * MINUTE, author="contact", body="after 5, at work until then")
    luis, ann = followed.needs()
    assert (ann["item"], since(ann), ann["tone"], ann["detail"]) == ("callback:dana", NOON - 9 * MINUTE, "hot", "")
    assert title(ann) == "Ann asked to be called back"
    assert luis["detail"] == "after 5, at work until then"
    followed.act("callback:luis", "acknowledged", NOON)
    followed.converse("handoff", at=NOON, author="agent")
    assert followed.open() == []
    followed.converse("task", "luis", at=NOON + MINUTE, author="contact")
    assert followed.open() == ["callback:luis"]


def test_a_failed_call_says_why_in_words_where_the_step_does(followed: FollowedLocation) -> None:
    failed: dict[str, Any] = {"action_type": "call_completed", "success": False}
    followed.step(failure_reason="dial_no_answer", failure_detail="no answer", **failed)
    assert followed.needs()[0]["detail"] == "no answer"


def test_a_failed_send_is_open_until_one_succeeds(followed: FollowedLocation) -> None:
    followed.step(at=NOON - HOUR, success=False, failure_reason="number is blocked")
    followed.step(at=NOON - MINUTE, success=False, action_type="email_sent", sequence_day=7, failure_reason="bounced")
    (need,) = followed.needs()
    assert (need["item"], since(need), need["detail"]) == ("send:priya", NOON - HOUR, "bounced")
    assert title(need) == "priya did not get our day 7 e-mail"
    followed.step(at=NOON, success=True)
    assert followed.open() == []


def test_a_failed_call_is_open_until_one_succeeds(followed: FollowedLocation) -> None:
    followed.step(at=NOON - HOUR, action_type="call_completed", success=False, failure_reason="no answer")
    followed.step(at=NOON - HOUR, action_type="sms_sent", success=True)
    assert followed.open() == ["call:priya"]
    followed.step(at=NOON, action_type="call_completed", success=True)
    assert followed.open() == []


def test_a_call_without_an_outcome_is_open_ten_minutes_after_its_end(followed: FollowedLocation) -> None:
    followed.converse("call_ended", at=NOON)
    assert followed.open(NOON + 9 * MINUTE) == []
    assert followed.open(NOON + 10 * MINUTE) == ["call:dana"]
    followed.converse("call_analyzed", at=NOON + 11 * MINUTE)
    assert followed.open(NOON + 12 * MINUTE) == []


def test_a_bot_in_error_needs_a_person_until_it_says_otherwise(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "error", NOON - MINUTE, error_message="timeout")
    (need,) = followed.needs()
    assert (need["item"], need["detail"], need["contact"]) == ("bot:jorge-seller", "timeout", None)
    followed.bot("jorge-seller", "active", NOON)
    assert followed.open() == []


def test_a_working_bot_falls_silent_by_the_clock(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "processing", NOON)
    followed.bot("lead-bot", "idle", NOON)
    assert followed.open(NOON + 15 * MINUTE) == []
    (need,) = followed.needs(NOON + 16 * MINUTE)
    assert (need["item"], since(need)) == ("bot:jorge-seller", NOON + 15 * MINUTE)


def test_what_waiting_costs_most_is_first_and_the_freshest_within_it(followed: FollowedLocation) -> None:
    followed.step("send", NOON - 9 * HOUR, success=False)
    followed.converse("task", "ann", at=NOON, author="contact")
    followed.converse(contact="noor", at=NOON - 31 * DAY, direction="inbound", channel="sms", body="who is this?")
    followed.qualify("stall", NOON - 8 * HOUR, **STALLED)
    followed.step("call", NOON - 7 * HOUR, action_type="call_completed", success=False)
    followed.step("late", NOON - 9 * DAY, next_action_date="2026-11-20T12:00:00-06:00")
    followed.bot("jorge-seller", "error", NOON - 2 * MINUTE)
    followed.qualify("new", NOON - MINUTE, seller_temperature="hot")
    followed.qualify("old", NOON - 2 * MINUTE, seller_temperature="hot", estimated_value=412_500.0)
    followed.report("redis", "down")
    followed.converse(contact="stop", at=NOON - 9 * MINUTE, **STOP)
    followed.converse(contact="stop", at=NOON, **BY_BOT)
    shown = followed.view(NOON)["needs"]
    assert [(group["key"], group["title"], group["says"], group["count"]) for group in shown["groups"]] == [
        ("sale", "A sale may be lost", "$412,500 of homes; each minute lowers the chance", 3),
        ("rule", "A rule was broken", "a text after “STOP” can cost $500 to $1,500", 1),
        ("answer", "Someone waits for an answer", "1 wrote to us", 2),
        ("promise", "We promised, and are late", "the oldest since 20 Nov", 3),
        ("machine", "A machine needs help", "", 2),
    ]
    assert [need["item"] for need in shown["items"]] == [
        "callback:ann",
        "hot:new",
        "hot:old",
        "optout:stop",
        "stall:stall",
        "reply:noor",
        "call:call",
        "send:send",
        "overdue:late",
        "component:redis",
        "bot:jorge-seller",
    ]


def test_whoever_waits_is_listed_however_long_ago_it_began_and_until_somebody_deals_with_it(
    followed: FollowedLocation,
) -> None:
    long_ago = NOON - 400 * DAY
    followed.qualify("hot", long_ago, seller_temperature="hot")
    followed.converse("task", "callback", long_ago, author="contact")
    followed.converse(contact="optout", at=long_ago - DAY, **STOP)
    followed.converse(contact="optout", at=long_ago, **BY_BOT)
    followed.converse(contact="reply", at=long_ago, direction="inbound", channel="sms", body="who is this?")
    followed.qualify("stall", long_ago, **STALLED)
    followed.step("overdue", long_ago - DAY, next_action_date=long_ago.isoformat())
    followed.step("call", long_ago, action_type="call_completed", success=False)
    followed.step("send", long_ago, success=False)
    reasons = ("hot", "callback", "optout", "reply", "stall", "overdue", "call", "send")
    everybody = {f"{reason}:{reason}" for reason in reasons}
    assert set(followed.open()) == everybody
    assert followed.view()["needs"]["count"] == len(everybody)
    for item in everybody:
        followed.act(item, "snoozed", NOON - HOUR, until=(NOON + DAY).isoformat())
    assert followed.open() == []
    assert set(followed.open(NOON + 300 * DAY)) == everybody
    for item in everybody:
        followed.act(item, "acknowledged", NOON + 300 * DAY)
    assert followed.open(NOON + 301 * DAY) == []


def test_a_hundred_are_told_in_turn_of_their_groups_and_all_are_counted(followed: FollowedLocation) -> None:
    for number in range(120):
        followed.qualify(f"hot-{number}", NOON - number * MINUTE, seller_temperature="hot")
    for number in range(30):
        followed.step(f"sent-{number}", NOON - number * MINUTE, success=False)
    followed.act("hot:hot-60", "assigned", NOON)
    shown = followed.view(NOON)
    needs = shown["needs"]
    assert (needs["count"], needs["nobodys"], needs["by_owner"], shown["bar"]["alerts"]) == (
        150,
        149,
        {"jorge": 1},
        150,
    )
    items = [need["item"] for need in needs["items"]]
    assert (len(items), needs["unlisted"]) == (101, 49)
    assert sum(item.startswith("send:") for item in items) == 30
    assert "hot:hot-60" in items  # neither among the newest nor the oldest, but somebody has taken it
    assert {"hot:hot-0", "hot:hot-119"} <= set(items)  # who waits longest as well


def test_what_is_acknowledged_stays_away_until_it_happens_again(followed: FollowedLocation) -> None:
    followed.step(at=NOON - HOUR, success=False)
    followed.act("send:priya", "acknowledged", NOON - 30 * MINUTE)
    assert followed.open() == []
    followed.step(at=NOON - MINUTE, success=False)
    (need,) = followed.needs()
    assert since(need) == NOON - MINUTE


def test_what_is_snoozed_comes_back_after_an_hour_or_when_told(followed: FollowedLocation) -> None:
    followed.report("redis", "down", NOON)
    followed.report("ghl", "down", NOON)
    followed.act("component:redis", "snoozed", NOON)
    followed.act("component:ghl", "snoozed", NOON, until=(NOON + 2 * HOUR).isoformat())
    assert followed.open(NOON + HOUR - MINUTE) == []
    assert followed.open(NOON + HOUR) == ["component:redis"]
    assert followed.open(NOON + 2 * HOUR) == ["component:ghl", "component:redis"]
    assert [need["next_ms"] for need in followed.needs(NOON + 2 * HOUR)] == [ms(NOON + 2 * HOUR), ms(NOON + HOUR)]


def test_what_is_assigned_stays_with_its_owner(followed: FollowedLocation) -> None:
    followed.qualify(seller_temperature="hot", at=NOON - HOUR)
    followed.act("hot:dana", "assigned", NOON - MINUTE)
    assert followed.needs()[0]["owner"] == {"id": "jorge", "name": "jorge", "initials": "JO"}
    followed.qualify(seller_temperature="cold", at=NOON)
    followed.qualify(seller_temperature="hot", at=NOON + MINUTE)
    assert followed.needs(NOON + MINUTE)[0]["owner"] is None


def test_what_the_crm_gave_to_an_agent_and_what_he_took_by_his_login_are_one_persons(
    followed: FollowedLocation,
) -> None:
    followed.people = Colleague("ann", "Ann Lee", "agt7"), Colleague("jorge", "Jorge Salas")
    for contact, owner in (("dana", "agt7"), ("luis", None), ("kim", None)):
        followed.publish("contact_update", NOON - HOUR, contact_id=contact, changed={}, assigned_to=owner)
        followed.qualify(contact, NOON - HOUR, seller_temperature="hot")
    followed.publish("attention_update", NOON - MINUTE, item="hot:luis", action="assigned", by="ann")
    followed.act("hot:kim", "assigned", NOON - MINUTE)
    needs = followed.view()["needs"]
    ann, jorge = {"id": "agt7", "name": "Ann Lee", "initials": "AL"}, {"id": "jorge", "name": "Jorge Salas"}
    owners = {need["item"]: need["owner"] for need in needs["items"]}
    assert (owners["hot:dana"], owners["hot:luis"], owners["hot:kim"]) == (ann, ann, {**jorge, "initials": "JS"})
    assert (needs["by_owner"], needs["nobodys"]) == ({"agt7": 2, "jorge": 1}, 0)
    followed.publish("attention_update", NOON, item="hot:dana", action="acknowledged", by="ann")
    assert [done["by"] for done in followed.view(NOON + MINUTE)["needs"]["done"]["items"]] == [ann]


def test_who_is_no_user_is_called_as_events_tell(followed: FollowedLocation) -> None:
    followed.qualify("dana", NOON - HOUR, seller_temperature="hot")
    told = {"author": "agent", "direction": "outbound", "agent_id": "amara", "agent_name": "Amara Obi"}
    followed.converse(contact="kim", at=NOON - HOUR, **told)
    followed.converse(contact="kim", at=NOON - 2 * HOUR, **{**told, "agent_name": "A. Obi"})
    followed.publish("attention_update", NOON, item="hot:dana", action="acknowledged", by="amara")
    (done,) = followed.view(NOON + MINUTE)["needs"]["done"]["items"]
    assert done["by"] == {"id": "amara", "name": "Amara Obi", "initials": "AO"}


@pytest.mark.parametrize("action", ["acknowledged", "snoozed"])
def test_reopening_brings_back(followed: FollowedLocation, action: str) -> None:
    followed.bot("lead-bot", "error", NOON - MINUTE)
    followed.act("bot:lead-bot", action, NOON - MINUTE)
    assert followed.open() == []
    followed.act("bot:lead-bot", "reopened", NOON)
    assert followed.open() == ["bot:lead-bot"]


def test_a_late_act_does_not_undo_a_newer_one(followed: FollowedLocation) -> None:
    followed.bot("lead-bot", "error", NOON - HOUR)
    followed.act("bot:lead-bot", "acknowledged", NOON)
    followed.act("bot:lead-bot", "reopened", NOON - MINUTE)
    assert followed.open() == []


def test_a_silence_that_was_acknowledged_asks_again_when_it_comes_again(followed: FollowedLocation) -> None:
    followed.bot("lead-bot", "active", NOON)
    followed.act("bot:lead-bot", "acknowledged", NOON + 20 * MINUTE)
    assert followed.open(NOON + DAY) == []
    followed.step(at=NOON + HOUR)
    assert followed.open(NOON + 2 * HOUR) == ["bot:lead-bot"]


def test_degraded_is_no_longer_listed_once_it_is_unknown_and_down_is(
    followed: FollowedLocation,
) -> None:
    followed.report("redis", "degraded", NOON - 15 * MINUTE)
    followed.report("crm", "down", NOON - 15 * MINUTE)
    assert followed.open(NOON) == ["component:crm", "component:redis"]
    assert followed.open(NOON + MINUTE) == ["component:crm"]


def test_damage_of_the_store_is_listed_until_someone_is_done_with_it(followed: FollowedLocation) -> None:
    followed.report("event-store", "degraded", NOON - 2 * DAY)
    assert followed.open(NOON) == ["component:event-store"]
    followed.act("component:event-store", "acknowledged", NOON)
    assert followed.open(NOON) == []
