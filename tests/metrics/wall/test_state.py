import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events import Event
from jorge_data.metrics import LiveState, Targets, dashboard, view
from jorge_data.metrics.wall.state import VERSION
from tests.metrics.live_location import DAY, HOUR, NOON, LiveLocation, make

contacts = st.sampled_from(["dana", "luis", "priya"])
flags = st.booleans()
dates = st.sampled_from([None, "2026-11-22", "2026-11-23", "2026-11-27", "2026-11-23T22:00:00Z"])


def of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


DATA: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "jorge_qualification_progress": of(
        contact_id=contacts,
        current_question=st.integers(0, 3),
        questions_answered=st.integers(0, 4),
        seller_temperature=st.sampled_from(["hot", "warm", "cold"]),
        confrontational_effectiveness=st.floats(0, 100),
        stall_detected=flags,
        next_step=st.just("ask"),
    ),
    "lead_bot_sequence_update": of(
        contact_id=contacts,
        sequence_day=st.sampled_from([3, 7, 14, 30]),
        action_type=st.sampled_from(["sms_sent", "email_sent", "call_scheduled", "call_completed"]),
        success=flags,
        next_action_date=dates,
    ),
    "intent_analysis_complete": of(
        processing_time_ms=st.floats(0, 200),
        confidence_score=st.floats(0, 1),
        intent_category=st.sampled_from(["buyer", "seller"]),
        urgency_level=st.just("active"),
        ml_features_triggered=st.just(["price"]),
    ),
    "bot_status_update": of(
        bot_type=st.sampled_from(["jorge-seller", "lead-bot", "night-bot"]),
        status=st.sampled_from(["active", "idle", "processing", "completed", "error"]),
        contact_id=contacts,
        processing_time_ms=st.floats(0, 900),
    ),
    "conversation_event": of(
        conversation_id=contacts,
        contact_id=contacts,
        kind=st.sampled_from(["message", "stall_detected", "call_ended", "call_analyzed", "opted_out"]),
        direction=st.sampled_from(["inbound", "outbound"]),
        author=st.sampled_from([None, "contact", "bot", "agent"]),
    ),
    "system_health_update": of(
        component=st.sampled_from(["redis", "ghl"]),
        status=st.sampled_from(["healthy", "degraded", "down", "recovering"]),
        response_time_ms=st.floats(0, 900),
    ),
    "commission_update": of(
        deal_id=st.sampled_from(["elm", "oak"]),
        deal_value=st.floats(0, 1e6),
        status=st.sampled_from(["open", "won", "lost", "abandoned"]),
        closed_at=dates,
    ),
    "contact_update": of(contact_id=contacts, changed=st.just({}), name=st.sampled_from(["A", "B"])),
    "attention_update": of(
        item=st.sampled_from(["hot:dana", "stall:luis", "bot:lead-bot", "component:redis"]),
        action=st.sampled_from(["acknowledged", "snoozed", "assigned", "reopened"]),
        by=st.just("jorge"),
    ),
    "intent_feedback": of(
        analysis_id=st.sampled_from([f"e{seq}" for seq in range(1, 9)]),
        actual_category=st.sampled_from(["buyer", "seller"]),
    ),
}

drawn_kind = st.sampled_from(list(DATA)).flatmap(lambda kind: st.tuples(st.just(kind), DATA[kind]))
ages = st.one_of(st.integers(0, 7200), st.integers(0, 40 * 86_400))


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    drawn = draw(st.lists(st.tuples(drawn_kind, ages), max_size=40))
    return [make(kind, NOON - timedelta(seconds=age), seq, **data) for seq, ((kind, data), age) in enumerate(drawn, 1)]


def replayed(state: LiveState, events: list[Event]) -> LiveState:
    for event in events:
        state.apply(event)
    return state


def through_json(state: LiveState) -> LiveState:
    return LiveState.load(json.loads(state.encode()), state.targets)


@settings(max_examples=80, deadline=None)
@given(logs(), st.integers(0, 40))
def test_a_checkpoint_and_the_rest_are_the_same_as_straight_through(events: list[Event], at: int) -> None:
    straight = replayed(LiveState(Targets()), events)
    first = replayed(LiveState(Targets()), events[:at])
    view(first, NOON, "default")
    resumed = replayed(through_json(first), events[at:])
    assert resumed.dump() == straight.dump()
    for now in (NOON, NOON + HOUR, NOON + DAY):
        assert dashboard(resumed, now) == dashboard(straight, now)
        assert view(resumed, now, "default", 3600) == view(straight, now, "default", 3600)


@settings(max_examples=80, deadline=None)
@given(logs())
def test_everybody_who_may_ask_for_a_person_is_looked_at(events: list[Event]) -> None:
    state = replayed(LiveState(Targets()), events)
    for each_state in (state, through_json(state)):
        sellers, touches = each_state.qualification.sellers, each_state.attention.touches
        assert each_state.qualification.candidates == {
            contact for contact, seller in sellers.items() if seller.needs_attention
        }
        assert each_state.attention.candidates == {
            contact for contact, touch in touches.items() if touch.needs_attention
        }
        for attempts in (each_state.attention.sends, each_state.attention.calls):
            assert attempts.failing == {contact for contact, each in attempts.by_contact.items() if each.failing}


@settings(max_examples=60, deadline=None)
@given(logs())
def test_looking_between_events_changes_nothing(events: list[Event]) -> None:
    looked, straight = LiveState(Targets()), replayed(LiveState(Targets()), events)
    for event in events:
        looked.apply(event)
        view(looked, event.time, "default", 900)
    assert view(looked, NOON, "default") == view(straight, NOON, "default")
    assert looked.dump() == straight.dump()


def test_an_event_at_or_before_the_position_is_ignored(location: LiveLocation) -> None:
    location.qualify()
    location.qualify()
    before = location.state.dump()
    replayed(location.state, location.events)
    assert location.state.dump() == before


def test_another_epoch_is_taken_whatever_its_seq(location: LiveLocation) -> None:
    location.qualify()
    location.state.apply(location.events[0]._replace(epoch="two"))
    assert str(location.state.cursor) == "two:1"


def test_a_checkpoint_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match=f"checkpoint version 0; allowed: {VERSION}"):
        LiveState.load({"version": 0}, Targets())
