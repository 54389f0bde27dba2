import random

from jorge_data.metrics.entities import SCALE, Rules
from tests.metrics.entities.memory_store import MemoryStore, fold_at_once, fold_each
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation

M = 60 * SCALE


def test_a_state_lasts_until_the_next_report_and_the_newest_has_no_duration_yet(location: LiveLocation) -> None:
    location.report("redis", "healthy")
    assert fold_at_once(location).values("component_time") == []
    location.report("redis", "down", NOON + MINUTE)
    location.report("redis", "healthy", NOON + 5 * MINUTE)
    assert fold_each(location.events).values("component_time") == [
        (0, "redis", "healthy", M),
        (1, "redis", "down", 4 * M),
    ]


def test_a_report_speaks_for_at_most_fifteen_minutes(location: LiveLocation) -> None:
    for at in (NOON, NOON + 40 * MINUTE, NOON + 2 * DAY):
        location.report("redis", "healthy", at)
    assert fold_each(location.events).values("component_time") == [
        (0, "redis", "healthy", 15 * M),
        (40, "redis", "healthy", 15 * M),
    ]


def test_what_said_down_is_down_until_the_next_report(location: LiveLocation) -> None:
    location.report("redis", "down")
    location.report("redis", "healthy", NOON + 40 * MINUTE)
    rows = [(0, "redis", "down", 15 * M), (15, "redis", "down", 15 * M), (30, "redis", "down", 10 * M)]
    assert fold_each(location.events).values("component_time") == rows
    rules = Rules(down_until_reported=False)
    assert fold_at_once(location, rules).values("component_time") == rows[:1]


def test_a_late_report_ends_an_outage_of_days(location: LiveLocation) -> None:
    location.report("redis", "down", NOON - 3 * DAY)
    location.report("redis", "healthy", NOON)
    location.report("redis", "down", NOON - 2 * DAY)
    location.report("redis", "healthy", NOON - DAY)
    location.report("redis", "healthy", NOON - 5 * DAY)
    late = fold_each(location.events)
    in_order = MemoryStore().fold(sorted(location.events, key=lambda event: event.time))
    assert late.cells == in_order.cells == fold_at_once(location).cells
    assert late.states == in_order.states
    assert sum(row[3] for row in late.values("component_time") if row[2] == "down") == 2 * 24 * 60 * M


def test_the_newest_report_is_one_fact_that_says_when(location: LiveLocation) -> None:
    location.report("redis", "down", NOON + MINUTE)
    location.report("redis", "healthy")
    at = round((NOON + MINUTE).timestamp()) * SCALE
    assert fold_each(location.events).values("component_newest") == [(1, "redis", "down", at)]


def test_a_late_report_splits_the_time_of_the_one_before_it(location: LiveLocation) -> None:
    for minutes in (0, 10, 4):
        location.report("redis", "down" if minutes == 4 else "healthy", NOON + minutes * MINUTE)
    store = fold_each(location.events)
    assert store.values("component_time") == [(0, "redis", "healthy", 4 * M), (4, "redis", "down", 6 * M)]
    assert store.count("component_time") == 2


def test_neighbours_are_found_across_the_hour(location: LiveLocation) -> None:
    location.report("redis", "healthy", NOON - MINUTE)
    location.report("redis", "healthy", NOON + 3 * MINUTE)
    location.report("redis", "down", NOON + MINUTE)
    assert [time[0::3] for time in fold_each(location.events).values("component_time")] == [(-1, 2 * M), (1, 2 * M)]


def test_history_that_is_brought_in_later_counts_as_if_it_had_come_in_order(location: LiveLocation) -> None:
    for minutes in range(0, 600, 7):
        location.report("redis", "degraded" if minutes % 3 else "healthy", NOON + minutes * MINUTE - DAY)
    location.report("redis", "healthy", NOON + 5 * HOUR)
    newest_first = fold_each(reversed(location.events))
    assert newest_first.cells == fold_at_once(location).cells
    assert newest_first.states == fold_at_once(location).states


def test_each_component_has_its_own_time(location: LiveLocation) -> None:
    events = []
    for minutes in range(30):
        location.report("redis", "healthy", NOON + 2 * minutes * MINUTE)
        location.report("ghl", "down", NOON + (2 * minutes + 1) * MINUTE)
    events = location.events[:]
    random.Random(7).shuffle(events)
    store = MemoryStore().fold(events[:20]).fold(events[20:])
    sums = {
        key.dims: cell.sum for key, cell in store.cells.items() if key[:3] == ("component_time", "duration_s", "day")
    }
    assert sums == {("redis", "healthy"): 58 * M, ("ghl", "down"): 58 * M}
