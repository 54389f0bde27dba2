from jorge_data.metrics.statistics.overlap import overlapping
from tests.metrics.entities.ledger import fold_each
from tests.metrics.wall.live_office import HOUR, MINUTE, NOON, Office


def test_a_conversation_has_two_edges_whatever_comes_between_or_late(office: Office) -> None:
    office.converse(at=NOON + HOUR)
    office.converse(at=NOON + 2 * HOUR)
    assert fold_each(office.events).told("conversation_edge") == [(60, "first"), (120, "last")]
    office.converse(at=NOON + 90 * MINUTE)
    office.converse(at=NOON)
    assert fold_each(office.events).told("conversation_edge") == [(0, "first"), (120, "last")]


def test_a_conversation_of_one_event_begins_and_ends_with_it(office: Office) -> None:
    office.converse(at=NOON)
    assert fold_each(office.events).told("conversation_edge") == [(0, "first"), (0, "last")]


def test_what_begins_before_the_end_less_what_is_over_at_the_start_overlaps() -> None:
    assert overlapping(begun=12, over=5) == 7
    assert overlapping(begun=12, over=None) == 12
    assert overlapping(begun=None, over=None) is None
