from jorge_data.metrics.statistics.counter import overlapping
from tests.metrics.entities.memory_store import fold_each
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


def test_what_begins_before_the_end_less_what_is_over_at_the_start_overlaps() -> None:
    assert overlapping(begun=12, over=5) == 7
    assert overlapping(begun=12, over=None) == 12
    assert overlapping(begun=None, over=None) is None
