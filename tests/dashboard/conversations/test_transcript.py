"""A conversation as turns: who said what, what happened between, and that text stays text."""

from datetime import timedelta
from typing import Any

from jorge_data.dashboard.conversations.transcript import TranscriptEvent, TranscriptMessage, changes, turns
from jorge_data.events import Event
from tests.dashboard.fake_feeds import NOON, event


def message(seq: int, **data: Any) -> Event:
    return happened(seq, "message", **{"body": f"message-{seq}", **data})


def happened(seq: int, what: str, **data: Any) -> Event:
    fields = {"conversation_id": "v", "contact_id": "c", "kind": what, **data}
    return event(seq)._replace(data=fields)


def test_messages_are_told_by_whoever_said_them_oldest_first() -> None:
    shown = turns(
        [message(3, author="agent"), message(1, direction="inbound"), message(2, author="bot", channel="sms")]
    )
    assert [(turn.side, turn.body, turn.detail) for turn in shown if isinstance(turn, TranscriptMessage)] == [
        ("contact", "message-1", ""),
        ("bot", "message-2", "SMS"),
        ("agent", "message-3", ""),
    ]


def test_every_character_of_a_message_is_kept() -> None:
    hostile = "<b>\n# **x**\u202e" + "W" * 3900
    turn = turns([message(1, body=hostile)])[0]
    assert isinstance(turn, TranscriptMessage)
    assert turn.body == hostile


def test_a_message_says_who_of_us_sent_it_and_whether_it_arrived() -> None:
    sent = {"author": "agent", "agent_name": "Sam Roe", "direction": "outbound", "channel": "sms"}
    (turn,) = turns([message(1, **sent, delivery="bounced")])
    assert isinstance(turn, TranscriptMessage)
    assert (turn.side, turn.detail) == ("agent", "SMS · Sam Roe · bounced")


def test_stalls_handoffs_and_calls_stand_where_they_happened() -> None:
    events = [
        message(1),
        happened(2, "stall_detected", stall_type="thinking"),
        happened(3, "handoff"),
        happened(4, "call_ended", duration_seconds=312.0),
        happened(5, "call_analyzed", sentiment="positive", summary="wants 440"),
        message(6),
    ]
    assert [(turn.mark, turn.text) for turn in turns(events) if isinstance(turn, TranscriptEvent)] == [
        ("stall", "in the conversation · wants to think"),
        ("hand-off", "to a person"),
        ("call", "ended · 5 m 12 s"),
        ("call", "analyzed · positive · wants 440"),
    ]


def test_tasks_notes_and_why_a_call_ended_stand_where_they_happened() -> None:
    events = [
        happened(1, "call_ended", summary="unknown reason: xyz"),
        happened(2, "task", author="contact", summary="asked to be called back"),
        happened(3, "task", author="agent", body="send the offer"),
        happened(4, "note", summary="a transfer was cancelled"),
        happened(5, "handoff", author="agent", summary="transferred to +1"),
    ]
    assert [(turn.mark, turn.text) for turn in turns(events) if isinstance(turn, TranscriptEvent)] == [
        ("call", "ended · unknown reason: xyz"),
        ("task", "asked to be called back"),
        ("task", "send the offer"),
        ("note", "a transfer was cancelled"),
        ("hand-off", "to a person · transferred to +1"),
    ]


def test_an_opting_out_and_what_a_bot_sent_after_it_are_both_marked() -> None:
    events = [
        message(1, direction="inbound", author="contact", channel="sms", body="STOP"),
        happened(2, "opted_out", channel="sms", summary="STOP"),
        message(3, direction="outbound", author="bot", channel="sms", body="Still selling?"),
        happened(4, "opted_in"),
        message(5, direction="outbound", author="bot", channel="sms"),
    ]
    events = [each._replace(time=NOON + timedelta(minutes=20 * each.seq)) for each in events]
    marks = [(turn.mark, turn.text) for turn in turns(events[:3]) if isinstance(turn, TranscriptEvent)]
    assert marks == [
        ("opt-out", "a bot wrote or called after this"),
        ("opt-out", "opted out of SMS · STOP"),
        ("after opt-out", "was texted 40 m after STOP"),
    ]
    marks = [(turn.mark, turn.text) for turn in turns(events) if isinstance(turn, TranscriptEvent)]
    assert marks == [("opt-out", "opted out of SMS · STOP"), ("opt-in", "opted in again to everything")]


def test_scores_are_told_with_the_stall_that_they_name() -> None:
    scored = event(
        1,
        kind="jorge_qualification_progress",
        contact_id="c",
        current_question=1,
        questions_answered=1,
        seller_temperature="warm",
        confrontational_effectiveness=61.0,
        stall_detected=True,
        stall_type="thinking",
        next_step="",
        frs_score=44.0,
    )
    assert [(turn.mark, turn.text) for turn in turns([scored]) if isinstance(turn, TranscriptEvent)] == [
        ("score", "1 of 4 answered · ● warm · effectiveness 61 · able to act 44 of 100"),
        ("stall", "on question 2 · wants to think"),
    ]


def test_events_of_one_moment_keep_the_order_of_the_log() -> None:
    same = [message(seq)._replace(time=NOON + timedelta(seconds=1)) for seq in (2, 1, 3)]
    assert [turn.body for turn in turns(same) if isinstance(turn, TranscriptMessage)] == [
        "message-1",
        "message-2",
        "message-3",
    ]


def test_every_field_and_tag_that_changed_is_a_row() -> None:
    update = event(
        1,
        kind="contact_update",
        contact_id="c",
        changed={
            "firstName": {"from": None, "to": "<b>Eve</b>"},
            "score": {"from": 1, "to": {"a": 2}},
            "phone": {"from": None, "to": "+15125550127"},
        },
        tags_added=["hot"],
        tags_removed=["cold"],
    )
    assert [(row["field"], row["from"], row["to"]) for row in changes([update])] == [
        ("firstName", "(none)", "<b>Eve</b>"),
        ("score", "1", '{"a": 2}'),
        ("phone", "(none)", "(512) 555-0127"),
        ("tags", "− cold", "+ hot"),
    ]


def test_what_a_message_and_a_call_cost_stands_beside_them() -> None:
    told = {"cost_usd": "0.001300", "tokens_in": 1812, "tokens_out": 96, "script_version": "4.2"}
    (said,) = turns([message(1, author="bot", channel="sms", **told)])
    assert isinstance(said, TranscriptMessage)
    assert said.detail == "SMS · $0.0013"
    (called,) = turns([happened(2, "call_ended", duration_seconds=60.0, cost_usd=0.07)])
    assert isinstance(called, TranscriptEvent)
    assert called.text == "ended · 1 m · $0.07"
