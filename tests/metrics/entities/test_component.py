import random

from jorge_data.metrics.entities import SCALE
from tests.metrics.entities.ledger import Ledger, fold_each, fold_office
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office

M = 60 * SCALE


def test_a_state_lasts_until_the_next_report_and_the_newest_has_no_duration_yet(office: Office) -> None:
    office.report("redis", "healthy")
    assert fold_office(office).told("component_time") == []
    office.report("redis", "down", NOON + MINUTE)
    office.report("redis", "healthy", NOON + 5 * MINUTE)
    assert fold_each(office.events).told("component_time") == [
        (0, "redis", "healthy", M),
        (1, "redis", "down", 4 * M),
    ]


def test_a_report_speaks_for_at_most_fifteen_minutes(office: Office) -> None:
    for at in (NOON, NOON + 40 * MINUTE, NOON + 2 * DAY):
        office.report("redis", "healthy", at)
    assert fold_each(office.events).told("component_time") == [
        (0, "redis", "healthy", 15 * M),
        (40, "redis", "healthy", 15 * M),
    ]


def test_a_late_report_splits_the_time_of_the_one_before_it(office: Office) -> None:
    for minutes in (0, 10, 4):
        office.report("redis", "down" if minutes == 4 else "healthy", NOON + minutes * MINUTE)
    ledger = fold_each(office.events)
    assert ledger.told("component_time") == [(0, "redis", "healthy", 4 * M), (4, "redis", "down", 6 * M)]
    assert ledger.count("component_time") == 2


def test_neighbours_are_found_across_the_hour(office: Office) -> None:
    office.report("redis", "healthy", NOON - MINUTE)
    office.report("redis", "healthy", NOON + 3 * MINUTE)
    office.report("redis", "down", NOON + MINUTE)
    assert [time[0::3] for time in fold_each(office.events).told("component_time")] == [(-1, 2 * M), (1, 2 * M)]


def test_history_that_is_brought_in_later_counts_as_if_it_had_come_in_order(office: Office) -> None:
    for minutes in range(0, 600, 7):
        office.report("redis", "degraded" if minutes % 3 else "healthy", NOON + minutes * MINUTE - DAY)
    office.report("redis", "healthy", NOON + 5 * HOUR)
    newest_first = fold_each(reversed(office.events))
    assert newest_first.cells == fold_office(office).cells
    assert newest_first.states == fold_office(office).states


def test_each_component_has_its_own_time(office: Office) -> None:
    events = []
    for minutes in range(30):
        office.report("redis", "healthy", NOON + 2 * minutes * MINUTE)
        office.report("ghl", "down", NOON + (2 * minutes + 1) * MINUTE)
    events = office.events[:]
    random.Random(7).shuffle(events)
    ledger = Ledger().fold(events[:20]).fold(events[20:])
    sums = {
        key.dims: cell.sum for key, cell in ledger.cells.items() if key[:3] == ("component_time", "duration_s", "day")
    }
    assert sums == {("redis", "healthy"): 58 * M, ("ghl", "down"): 58 * M}
