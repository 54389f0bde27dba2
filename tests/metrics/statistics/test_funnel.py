"""Sellers: the funnel through the questions, and the stock of temperatures."""

from jorge_data.metrics.statistics.funnel import funnel
from jorge_data.metrics.statistics.temperature_stock import into_and_out_of, opening, stock
from tests.metrics.statistics.frames import frame, november

COHORT = frame(
    "reached hot value",
    ("0", "no", 10),
    ("1", "no", 20),
    ("2", "yes", 5),
    ("3", "no", 25),
    ("4", "no", 10),
    ("4", "yes", 30),
)


def test_a_stage_counts_all_who_reached_it_or_more() -> None:
    result = funnel(COHORT)
    assert result is not None
    assert [(stage.name, stage.n) for stage in result.stages] == [
        ("started", 100),
        ("Q1", 90),
        ("Q2", 70),
        ("Q3", 65),
        ("Q4", 40),
        ("hot", 30),
    ]


def test_shares_are_of_the_start() -> None:
    result = funnel(COHORT)
    assert result is not None
    assert [stage.of_start for stage in result.stages[:3]] == [1, 0.9, 0.7]


def test_a_stage_names_the_values_that_lead_to_its_contacts() -> None:
    result = funnel(COHORT)
    assert result is not None
    assert (result.stages[3].reached, result.stages[3].hot) == (("3", "4"), ("yes", "no"))
    assert (result.stages[5].reached, result.stages[5].hot) == (("4",), ("yes",))


def test_who_was_hot_before_all_four_is_counted_too() -> None:
    result = funnel(COHORT)
    assert result is not None
    assert (result.hot, result.stages[-1].n) == (35, 30)


def test_the_leak_is_where_most_are_lost() -> None:
    result = funnel(frame("reached hot value", ("0", "no", 10), ("1", "no", 40), ("3", "no", 20), ("4", "yes", 30)))
    assert result is not None
    leak = result.leak()
    assert leak is not None
    assert [stage.name for stage in leak] == ["Q1", "Q2"]


def test_where_chance_may_have_lost_as_many_elsewhere_there_is_no_leak() -> None:
    result = funnel(COHORT)
    assert result is not None
    assert result.leak() is None, "25 between Q3 and Q4, 20 between Q1 and Q2"


def test_without_sellers_there_is_no_funnel() -> None:
    assert funnel(frame("reached hot value")) is None


BEFORE = frame("from to value", ("", "cold", 5), ("cold", "warm", 2))
MOVES = frame(
    "t from to value",
    ("2026-11-02T00:00:00-06:00", "", "warm", 1),
    ("2026-11-02T00:00:00-06:00", "warm", "hot", 2),
    ("2026-11-03T00:00:00-06:00", "hot", "cold", 1),
)


def test_the_stock_is_what_all_moves_up_to_then_leave() -> None:
    by_day = stock(opening(BEFORE), MOVES, november(1, 3)).pivot_table(index="t", columns="temperature", values="value")
    assert by_day["hot"].tolist() == [0, 0, 2, 1]
    assert by_day["warm"].tolist() == [2, 2, 1, 1]
    assert by_day["cold"].tolist() == [3, 3, 3, 4]


def test_the_stock_begins_with_the_day_before_so_that_it_shows_the_change_of_the_period() -> None:
    hot = opening(frame("from to value", ("", "hot", 53)))
    moves = frame(
        "t from to value",
        ("2026-11-01T00:00:00-05:00", "", "hot", 5),
        ("2026-11-01T00:00:00-05:00", "hot", "cold", 2),
        ("2026-11-02T00:00:00-06:00", "warm", "hot", 30),
    )
    by_day = stock(hot, moves, november(1, 2))
    shown = by_day[by_day["temperature"] == "hot"]
    assert [(t.day, n) for t, n in zip(shown["t"], shown["value"], strict=True)] == [(31, 53), (1, 56), (2, 86)]
    assert into_and_out_of(moves, "hot") == (35, 2)


def test_a_day_without_moves_keeps_its_stock() -> None:
    quiet = stock(opening(BEFORE), MOVES.iloc[:0], november(1, 2))
    assert quiet["value"].tolist() == [0, 2, 3] * 3


def test_before_the_first_seller_there_is_no_stock() -> None:
    assert stock(opening(BEFORE.iloc[:0]), MOVES.iloc[:0], november(1, 2)).empty
