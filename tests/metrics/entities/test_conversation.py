from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities.conversation import Conversation
from jorge_data.metrics.statistics.counter import active
from tests.metrics.entities.memory_store import MemoryStore, fold_each
from tests.metrics.live_location import HOUR, MINUTE, NOON, LiveLocation


def test_a_conversation_has_two_edges_whatever_comes_between_or_late(location: LiveLocation) -> None:
    location.converse(at=NOON + HOUR)
    location.converse(at=NOON + 2 * HOUR)
    assert fold_each(location.events).values("conversation_edge") == [(60, "first"), (120, "last")]
    location.converse(at=NOON + 90 * MINUTE)
    location.converse(at=NOON)
    assert fold_each(location.events).values("conversation_edge") == [(0, "first"), (120, "last")]


def test_a_conversation_of_one_event_begins_and_ends_with_it(location: LiveLocation) -> None:
    location.converse(at=NOON)
    assert fold_each(location.events).values("conversation_edge") == [(0, "first"), (0, "last")]


def test_who_opts_out_ends_a_conversation_then_whatever_is_said_after_it(location: LiveLocation) -> None:
    location.converse(at=NOON)
    location.converse("opted_out", at=NOON + 2 * HOUR)
    location.converse(at=NOON + 3 * HOUR)
    location.converse("opted_out", at=NOON + HOUR)
    assert fold_each(location.events).values("conversation_edge") == [(0, "first"), (60, "opted_out")]


def test_a_bot_takes_part_from_its_first_word_or_cost_on(location: LiveLocation) -> None:
    edges = [(0, "first"), (180, "last")]
    location.converse(at=NOON, author="contact")
    location.converse(at=NOON + 3 * HOUR, author="agent")
    assert fold_each(location.events).values("conversation_edge") == edges
    location.converse(at=NOON + 2 * HOUR, author="bot")
    assert fold_each(location.events).values("conversation_edge") == [edges[0], (120, "bot"), edges[1]]
    location.converse("call_analyzed", at=NOON + HOUR, cost_usd="0.12")
    assert fold_each(location.events).values("conversation_edge") == [edges[0], (60, "bot"), edges[1]]


def test_a_conversation_is_over_once_each_of_its_channels_is_opted_out_of(location: LiveLocation) -> None:
    location.converse(at=NOON, channel="sms")
    location.converse(at=NOON + MINUTE, channel="email")
    location.converse("opted_out", at=NOON + HOUR, channel="email")
    assert fold_each(location.events).values("conversation_edge") == [(0, "first"), (60, "last")]
    location.converse("opted_out", at=NOON + 2 * HOUR, channel="sms")
    location.converse("opted_out", at=NOON + 3 * HOUR)
    assert fold_each(location.events).values("conversation_edge") == [(0, "first"), (120, "opted_out")]


def test_who_writes_stop_ends_a_conversation_and_who_opts_in_goes_on_with_it(location: LiveLocation) -> None:
    location.converse(at=NOON, channel="sms")
    location.converse(at=NOON + HOUR, channel="sms", direction="inbound", author="contact", body="Stop!")
    assert fold_each(location.events).values("conversation_edge") == [(0, "first"), (60, "opted_out")]
    location.converse("opted_in", at=NOON + 3 * HOUR, channel="sms")
    location.converse(at=NOON + 2 * HOUR, channel="sms")
    for events in (location.events, location.events[::-1]):
        assert fold_each(events).values("conversation_edge") == [(0, "first"), (180, "last")]


def test_a_state_from_before_channels_were_kept_is_read(location: LiveLocation) -> None:
    first, last, gone = (micros(NOON + hours * HOUR) for hours in range(3))
    for at in (None, gone):
        conversation = Conversation.load(orjson.dumps((first, last, at)))
        assert (conversation.first, conversation.last, conversation.opted_out) == (first, last, at)
        assert Conversation.load(conversation.dump()) == conversation


def test_what_begins_before_the_end_less_what_is_over_at_the_start_is_active() -> None:
    assert active(begun=12, opted_out=None, over=5) == 7
    assert active(begun=12, opted_out=3, over=5) == 4
    assert active(begun=12, opted_out=None, over=None) == 12
    assert active(begun=None, opted_out=None, over=None) is None


_spoken = st.tuples(
    st.integers(0, 30), st.sampled_from(["a", "b", "c"]), st.sampled_from(["message", "message", "opted_out"])
)


@settings(deadline=None)
@given(st.lists(_spoken, min_size=1, max_size=12), st.tuples(st.integers(0, 30), st.integers(1, 10)))
def test_active_are_those_that_overlap_a_span_and_did_not_opt_out_by_its_end(
    spoken: list[tuple[int, str, str]], span: tuple[int, int]
) -> None:
    location = LiveLocation()
    for minutes, conversation, kind in spoken:
        location.converse(kind, at=_minute(minutes), conversation_id=conversation)
    start, end = _minute(span[0]), _minute(sum(span))
    edges = [(fact.dims[0], fact.at) for fact in fold_each(location.events).facts("conversation_edge")]

    def count(edge: str, before: datetime) -> int | None:
        return sum(name == edge and at < micros(before) for name, at in edges) or None

    found = active(count("first", end), count("opted_out", end), count("last", start))
    by_conversation: dict[str, list[tuple[int, str]]] = {}
    for minutes, conversation, kind in spoken:
        by_conversation.setdefault(conversation, []).append((minutes, kind))
    expected = sum(
        min(said)[0] < sum(span)
        and max(said)[0] >= span[0]
        and not any(kind == "opted_out" and minutes < sum(span) for minutes, kind in said)
        for said in by_conversation.values()
    )
    assert (found or 0) == expected


def test_it_is_stored_as_it_was(location: LiveLocation) -> None:
    location.converse("opted_out", at=NOON)
    location.converse(at=NOON + HOUR)
    assert MemoryStore().fold(location.events).states == fold_each(location.events).states


def _minute(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_a_bot_that_is_the_first_to_answer_answers_after_so_long(location: LiveLocation) -> None:
    inbound = {"author": "contact", "direction": "inbound", "body": "hello"}
    location.converse(at=NOON - MINUTE, author="bot", direction="outbound")
    location.converse(at=NOON + 3 * MINUTE, author="bot", direction="outbound")
    location.converse(at=NOON + 2 * MINUTE, **inbound)
    assert fold_each(location.events).values("bot_answer") == [(2, "test", 60_000_000)]
    location.converse(at=NOON, **inbound)
    assert fold_each(location.events).values("bot_answer") == [(0, "test", 180_000_000)]
    location.converse(at=NOON + MINUTE, author="bot", direction="outbound", delivery="failed")
    assert fold_each(location.events).values("bot_answer") == [(0, "test", 180_000_000)], "what failed answers nothing"
    location.converse(at=NOON + MINUTE, author="agent", direction="outbound")
    assert fold_each(location.events).values("bot_answer") == [], "a person was the first"


def test_a_conversation_that_no_bot_answers_has_no_answer_of_a_bot(location: LiveLocation) -> None:
    location.converse(at=NOON, author="bot", direction="outbound")
    assert fold_each(location.events).values("bot_answer") == []
    location.converse(at=NOON + MINUTE, author="contact", direction="inbound", body="STOP", channel="sms")
    location.converse(at=NOON + 2 * MINUTE, author="bot", direction="outbound")
    assert fold_each(location.events).values("bot_answer") == [], "nobody must answer STOP"


@pytest.mark.parametrize("latest", [0, 5])
def test_a_bots_message_that_did_not_arrive_answers_nothing_and_one_told_again_is_one(
    location: LiveLocation, latest: int
) -> None:
    location.converse(at=NOON, author="contact", direction="inbound", body="hello")
    told = {"author": "bot", "direction": "outbound", "message_id": "m1"}
    for number in range(30):
        location.converse(at=NOON + MINUTE, delivery="sent", **told)
        location.converse(at=NOON + number * MINUTE, message_id="theirs", delivery="delivered")
    location.converse(at=NOON + 4 * MINUTE, author="bot", direction="outbound", message_id="m2")
    answered = [(0, "test", 60_000_000)]
    assert fold_each(location.events).values("bot_answer") == answered
    location.converse(at=NOON + latest * MINUTE, message_id="m1", delivery="failed")
    assert fold_each(location.events).values("bot_answer") == [(0, "test", 240_000_000)]
    location.converse(at=NOON + 6 * MINUTE, message_id="m1", delivery="delivered")
    assert fold_each(location.events).values("bot_answer") != [(0, "test", 240_000_000)], "it arrived after all"
    assert fold_each(location.events).states == MemoryStore().fold(location.events[::-1]).states


def test_the_first_answer_is_looked_for_among_the_first_messages(location: LiveLocation) -> None:
    for number in range(40):
        location.converse(at=NOON + number * MINUTE, author="contact", direction="inbound", body="hello")
    location.converse(at=NOON + HOUR, author="bot", direction="outbound")
    store = fold_each(location.events)
    assert store.values("bot_answer") == []
    assert len(Conversation.load(store.states["conversation", "talk-dana"]).beginning) == 20
