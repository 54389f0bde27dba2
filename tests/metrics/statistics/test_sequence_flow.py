"""Sequences: promises and whether they were done in time, and how contacts moved between the days."""

from datetime import date

from jorge_data.metrics.statistics.due_steps import by_day, promises
from jorge_data.metrics.statistics.sequence_flow import Link, flow
from tests.metrics.statistics.frames import frame, november

TODAY = date(2026, 11, 3)


PROMISES = frame(
    "t state value",
    ("2026-11-01T00:00:00-05:00", "done", 3),
    ("2026-11-01T00:00:00-05:00", "late", 1),
    ("2026-11-02T00:00:00-06:00", "open", 2),
    ("2026-11-03T00:00:00-06:00", "open", 4),
    ("2026-11-03T00:00:00-06:00", "done", 1),
)


def test_what_is_open_is_overdue_once_its_day_is_over() -> None:
    table = by_day(PROMISES, november(1, 4), TODAY)
    assert table["overdue"].tolist() == [0, 2, 0, 0]
    assert table["open"].tolist() == [0, 0, 4, 0]
    assert table["due"].tolist() == [4, 2, 5, 0]


def test_promises_kept_are_of_those_that_are_settled() -> None:
    result = promises(by_day(PROMISES, november(1, 4), TODAY))
    assert (result.due, result.done, result.late, result.open, result.overdue) == (11, 4, 1, 4, 2)
    assert result.kept == 4 / 7


def test_as_long_as_nothing_is_settled_nothing_is_said_of_keeping() -> None:
    assert promises(by_day(PROMISES.iloc[:0], november(1, 2), TODAY)).kept is None


def test_nodes_stand_in_the_order_of_the_days_and_outcomes() -> None:
    result = flow(
        frame(
            "from to value",
            ("day 30", "finished", 2),
            ("day 3", "day 7", 9),
            ("day 7", "opted_out", 1),
            ("day 7", "day 30", 2),
            ("day 7", "appointment", 6),
        )
    )
    assert result.nodes == ("day 3", "day 7", "day 30", "appointment", "finished", "opted_out")
    assert result.links == (Link(0, 1, 9), Link(1, 2, 2), Link(1, 3, 6), Link(1, 5, 1), Link(2, 4, 2))


def test_without_contacts_nothing_flows() -> None:
    assert flow(frame("from to value")) == ((), ())
