"""How soon deals are won: from who was at the same stage for as long, the open and the lost ones counted right."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from jorge_data.events.timestamps import DAY
from jorge_data.metrics.statistics.closing_times import FEWEST_WON, ClosingTimes, StageEntry
from jorge_data.metrics.statistics.survival import incidence, kaplan_meier

NOW = 1000 * DAY


def entries(*ways: tuple[float, float | None, bool], at: float = 0) -> Iterator[StageEntry]:
    """Yield entries of offer by their stay, their time to the close and whether it was won, in days."""
    for stay, time, won in ways:
        entered = round(at * DAY)
        closed = None if time is None else entered + round(time * DAY)
        yield StageEntry("offer", entered, entered + round(stay * DAY), closed, won)


def share(closing: ClosingTimes, days: float, age: float = 0, probability: float = 1.0) -> float:
    found = closing.won_within(round(days * DAY), "offer", round(age * DAY), probability)
    assert found is not None
    return found.share


def test_of_deals_that_were_all_won_it_is_the_share_that_was_won_by_then() -> None:
    closing = ClosingTimes(entries(*[(day, day, True) for day in range(1, 11)]), NOW)
    assert [share(closing, days) for days in (0.5, 1, 4.5, 10, 99)] == pytest.approx([0, 0.1, 0.4, 1, 1])


def test_lost_deals_do_not_make_the_won_ones_later() -> None:
    ways = [(day, day, True) for day in range(1, 11)] + [(day + 0.5, day + 0.5, False) for day in range(1, 11)]
    assert share(ClosingTimes(entries(*ways), NOW), 4.5) == pytest.approx(0.4)


def test_an_old_deal_is_compared_with_those_that_were_as_old_at_its_stage() -> None:
    gone_on = [(1, 31.0, True)] * 20
    stayed = [(30, 60.0, True)] * 10
    closing = ClosingTimes(entries(*gone_on, *stayed), NOW)
    assert share(closing, 5, age=29) == 0
    assert share(closing, 31, age=29) == 1


def test_a_deal_older_than_all_is_compared_with_the_oldest() -> None:
    closing = ClosingTimes(entries(*[(day, 10.0 * day, True) for day in range(1, 11)]), NOW)
    assert share(closing, 73, age=500) == pytest.approx(share(closing, 72.5, age=7.5)) == 1 / FEWEST_WON


def test_a_deal_older_than_all_that_stayed_alike_is_compared_with_these() -> None:
    closing = ClosingTimes(entries(*[(1, 5.0, True)] * 3, *[(10, 30.0, True)] * 9), NOW)
    assert [share(closing, days, age=500) for days in (28, 29)] == [0, 1]


def test_what_is_open_where_the_curve_ends_is_won_later_by_its_probability() -> None:
    ways: list[tuple[float, float | None, bool]] = [(5, 5.0, True)] * 5 + [(990, None, False)] * 5
    closing = ClosingTimes(entries(*ways, at=0), NOW)
    assert share(closing, 30, probability=0.6) == pytest.approx(0.5 / (0.5 + 0.6 * 0.5))


def test_of_fewer_wins_nothing_is_said() -> None:
    lost = [(2, 2.0, False)] * 50
    few = ClosingTimes(entries(*[(1, 1.0, True)] * (FEWEST_WON - 1), *lost), NOW)
    assert few.won_within(DAY, "offer", 0, 0.5) is None
    assert few.won_within(DAY, "elsewhere", 0, 0.5) is None
    assert ClosingTimes(entries(*[(1, 1.0, True)] * FEWEST_WON, *lost), NOW).won_within(DAY, "offer", 0, 0.5)


def test_a_close_that_is_dated_before_the_stage_was_entered_took_no_time() -> None:
    assert share(ClosingTimes(entries(*[(-3, -3.0, True)] * 5), NOW), 0) == 1


def test_the_error_is_that_of_a_share_of_so_many_wins_and_one_that_may_be_late() -> None:
    closing = ClosingTimes(entries(*[(day, day, True) for day in range(1, 11)]), NOW)
    for days, in_time in ((5.5, 5.5), (99, 10 + 99 / 104.5), (1 / 24, 1 / 133)):
        found = closing.won_within(round(days * DAY), "offer", 0, 1.0)
        assert found is not None
        middle = in_time / 11
        assert found.error == pytest.approx((middle * (1 - middle) / 10) ** 0.5)


@pytest.mark.parametrize("seed", range(20))
def test_one_way_of_ending_counts_what_both_leave_open(seed: int) -> None:
    rng = Random(seed)
    ends = [rng.choice(("won", "lost", "")) for _ in range(rng.randint(1, 40))]
    ended, won = np.array([end != "" for end in ends]), np.array([end == "won" for end in ends])
    curve, open_ = incidence(ended, won)
    still, total = Fraction(1), Fraction(0)
    for position, end in enumerate(ends):
        at_risk = len(ends) - position
        total += still * (end == "won") / at_risk
        still *= 1 - Fraction(end != "", at_risk)
        assert curve[position] == pytest.approx(float(total))
    done = [(n, 1) for n, end in enumerate(ends) if end]
    km = kaplan_meier(done, [(n, 1) for n, end in enumerate(ends) if not end])
    assert open_ == pytest.approx(float(still)) == pytest.approx(km.steps[-1].share if km.steps else 1.0)
