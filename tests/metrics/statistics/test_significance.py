"""Significance: each test against its definition, titles over draws of no difference, and over real differences."""

import math
from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pytest

from jorge_data.metrics.statistics import chart_headlines, significance
from jorge_data.metrics.statistics.calibration import reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.drift import drift
from jorge_data.metrics.statistics.funnel import Funnel, FunnelStage
from jorge_data.metrics.statistics.period import change
from jorge_data.metrics.statistics.velocity import velocity
from tests.metrics.statistics.frames import frame

PLAIN = ""
"""The plain title, so that a finding is whatever is not empty."""

Draw = Callable[[np.random.Generator], str]


def found(draw: Draw, draws: int) -> float:
    """Return the share of draws, from one fixed seed, whose title claims a finding."""
    random = np.random.default_rng(12)
    return sum(draw(random) != PLAIN for _ in range(draws)) / draws


def within_chance(draws: int) -> float:
    """Return the level and three standard errors of a share of so many draws."""
    return significance.LEVEL + 3 * math.sqrt(significance.LEVEL * (1 - significance.LEVEL) / draws)


def test_the_binomial_is_the_sum_of_its_terms() -> None:
    for n, chance in ((1, 0.5), (20, 0.1), (50, 0.95)):
        terms = [math.comb(n, x) * chance**x * (1 - chance) ** (n - x) for x in range(n + 1)]
        for part in range(n + 1):
            assert significance.binomial(part, n, chance) == pytest.approx(sum(terms[part:]))
    assert significance.away_from(9, 10, 0.5) == pytest.approx(22 / 1024)


def test_fisher_counts_the_ways_to_fall_into_the_group() -> None:
    ways = [sum(each < 4 for each in chosen) for chosen in combinations(range(10), 5)]
    for part in range(5):
        assert significance.fisher(part, 5, 4, 10) == pytest.approx(sum(n >= part for n in ways) / len(ways))


def test_the_highest_of_several_shares_is_corrected_for_their_number() -> None:
    two = significance.highest_share("a", {"a": (15, 50), "b": (15, 150)})
    four = significance.highest_share("a", {"a": (15, 50), **dict.fromkeys("bcd", (5, 50))})
    assert four == pytest.approx(2 * two)


def test_a_sum_of_equal_parts_is_as_improbable_as_their_count() -> None:
    in_sum = significance.most_in_sum({"a": [7] * 18, "b": [7] * 6, "c": [7] * 2})
    assert in_sum == pytest.approx(significance.most([18, 6, 2]), abs=0.01)


def test_means_are_permuted() -> None:
    now, before = [3.0, 4.0, 7.0], [1.0, 2.0, 2.0, 3.0]
    pooled = [*now, *before]
    apart = [
        abs(sum(pooled[i] for i in ways) / 3 - (sum(pooled) - sum(pooled[i] for i in ways)) / 4)
        for ways in combinations(range(7), 3)
    ]
    exact = sum(each >= apart[0] - 1e-9 for each in apart) / len(apart)
    bins = [[(value, 1) for value in values] for values in (now, before)]
    assert significance.means_differ(*bins) == pytest.approx(exact, abs=0.02)


def test_the_log_rank_statistic_is_that_of_a_sum_done_by_hand() -> None:
    # At 1 one of two and two ends, at 2 one of one and two: 0.5 + 1/3 expected in the first, one ended there (at 2).
    by_chance = significance.lasts_longer([(2, 1)], [(3, 1)], [(1, 1)], [(4, 1)])
    expected, variance = 2 / 4 + 2 / 3, 0.25 + 2 / 9
    assert by_chance == pytest.approx(math.erfc((expected - 1) / math.sqrt(2 * variance)))


SIZES = {
    "4x50": [50] * 4,
    "90x50": [50] * 90,
    "5x90": [90] * 5,
    "13x25": [25] * 13,
    "two": [30, 200],
    "unequal": [20, 20, 500, 40, 300],
}


@pytest.mark.parametrize("chance", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_7a_no_share_stands_out_where_there_is_no_difference(sizes: list[int], chance: float) -> None:
    def draw(random: np.random.Generator) -> str:
        parts = random.binomial(sizes, chance).tolist()
        listed = {str(at): pair for at, pair in enumerate(zip(parts, sizes, strict=True))}
        return chart_headlines.stands_out("of it", listed, PLAIN)

    assert found(draw, 10_000 if sizes == SIZES["4x50"] else 1000) <= 0.05


@pytest.mark.parametrize(("kinds", "n"), list(product((2, 3, 4, 12), (20, 54, 381, 5000))))
def test_nothing_leads_where_all_are_as_frequent(kinds: int, n: int) -> None:
    def draw(random: np.random.Generator) -> str:
        counted = random.multinomial(n, [1 / kinds] * kinds).tolist()
        return chart_headlines.leads("it", {str(at): count for at, count in enumerate(counted)}, PLAIN)

    assert found(draw, 2000) <= within_chance(2000)


@pytest.mark.parametrize("lost", [[30] * 5, [30, 30, 2, 2, 2], [8] * 3])
def test_no_leak_is_found_where_each_stage_loses_as_many(lost: list[int]) -> None:
    def draw(random: np.random.Generator) -> str:
        n = sum(lost) + 40
        counted = random.multinomial(n, [*(each / n for each in lost), 40 / n])
        left = n - np.cumsum([0, *counted[:-1]])
        stages = [FunnelStage(str(at), int(each), each / n, ()) for at, each in enumerate(left)]
        return chart_headlines.leak(Funnel(tuple(stages), 0), PLAIN)

    assert found(draw, 2000) <= within_chance(2000)


@pytest.mark.parametrize("rate", [2, 8, 60, 400])
def test_no_stock_moves_where_as_many_come_as_go(rate: int) -> None:
    def draw(random: np.random.Generator) -> str:
        into, out_of = random.poisson(rate, 2).tolist()
        return chart_headlines.moved("Rated hot", 500, into, out_of, PLAIN)

    assert found(draw, 2000) <= within_chance(2000)


@pytest.mark.parametrize(("n", "m", "chance"), [(50, 50, 0.3), (200, 40, 0.8), (25, 25, 0.1)])
def test_no_share_changes_where_both_periods_are_alike(n: int, m: int, chance: float) -> None:
    def draw(random: np.random.Generator) -> str:
        now, before = int(random.binomial(n, chance)), int(random.binomial(m, chance))
        bins = [[(1.0, part), (0.0, size - part)] for part, size in ((now, n), (before, m))]
        return chart_headlines.compared("It", change(now / n, before / m), bins[0], bins[1], PLAIN)

    assert found(draw, 2000) <= within_chance(2000)


def test_no_mean_changes_where_both_periods_are_alike() -> None:
    def draw(random: np.random.Generator) -> str:
        now, before = (random.integers(0, 101, size) for size in (40, 25))
        bins = [[(float(value), 1) for value in values] for values in (now, before)]
        return chart_headlines.compared("It", change(now.mean(), before.mean()), bins[0], bins[1], PLAIN)

    assert found(draw, 300) <= within_chance(300)


@pytest.mark.parametrize("sizes", [[50] * 4, [25] * 5, [20, 200, 200, 40, 30], [20, 500]])
@pytest.mark.parametrize("watched", [0.7, 4.0])
def test_no_stage_is_slowest_where_all_last_alike(sizes: list[int], watched: float) -> None:
    def draw(random: np.random.Generator) -> str:
        return slowest(random, dict.fromkeys(map(str, range(len(sizes))), 1.0), sizes, watched)

    assert found(draw, 300) <= within_chance(300)


def slowest(random: np.random.Generator, means: dict[str, float], sizes: list[int], watched: float) -> str:
    """Return the title of stays of these exponential means, each watched for so long on the mean."""
    done: dict[str, list[tuple[float, int]]] = {}
    under_way: dict[str, list[tuple[float, int]]] = {}
    for (stage, mean), n in zip(means.items(), sizes, strict=True):
        ends, ages = random.exponential(mean, n), random.exponential(watched, n)
        done[stage] = [(float(end), 1) for end, age in zip(ends, ages, strict=True) if end <= age]
        under_way[stage] = [(float(age), 1) for end, age in zip(ends, ages, strict=True) if end > age]
    return chart_headlines.slowest(velocity(done, under_way), PLAIN)


BINS = {
    "20 bins 381/381": ([1 / 20] * 20, 381, 381),
    "2 bins": ([0.5, 0.5], 60, 60),
    "unequal sizes": ([1 / 20] * 20, 1500, 200),
    "sparse bins": ([0.9, *[0.1 / 19] * 19], 200, 200),
    "few": ([1 / 20] * 20, 60, 50),
}


@pytest.mark.parametrize(("shares", "n", "m"), BINS.values(), ids=BINS)
def test_7b_nothing_drifts_where_both_periods_are_alike(shares: list[float], n: int, m: int) -> None:
    def draw(random: np.random.Generator) -> str:
        sides = [
            dict(zip(map(str, range(20)), random.multinomial(size, shares).tolist(), strict=False)) for size in (n, m)
        ]
        title = chart_headlines.drifted("It", drift(*sides), PLAIN)
        return PLAIN if "is stable" in title else title

    assert found(draw, 300) <= within_chance(300)


@pytest.mark.parametrize(("n", "target"), [(20, 0.95), (50, 0.9), (73, 0.95), (600, 0.95)])
def test_accuracy_is_neither_above_nor_below_where_it_is_the_target(n: int, target: float) -> None:
    def draw(random: np.random.Generator) -> str:
        right = int(random.binomial(n, target))
        cells = frame("predicted actual value", ("a", "a", right), ("a", "b", n - right))
        title = chart_headlines.accuracy(confusion(cells), target, PLAIN)
        return PLAIN if "cannot tell" in title else title

    assert found(draw, 2000) <= 0.05


@pytest.mark.parametrize("n", [20, 60, 600])
def test_confidence_promises_neither_too_much_nor_too_little_where_it_is_right(n: int) -> None:
    def draw(random: np.random.Generator) -> str:
        stated = random.choice([0.7, 0.9], n)
        hit = random.random(n) < stated
        rows = [
            (f"{bin_:.2f}", word, bin_ * k, k)
            for bin_ in (0.7, 0.9)
            for word, of in (("yes", hit), ("no", ~hit))
            if (k := int((of & (stated == bin_)).sum()))
        ]
        title = chart_headlines.calibrated(reliability(frame("bin right value n", *rows)), PLAIN)
        return PLAIN if "keeps its promise" in title else title

    assert found(draw, 1000) <= 0.05


def test_confidence_that_misses_by_a_twentieth_seldom_keeps_its_promise() -> None:
    def draw(random: np.random.Generator) -> str:
        right = int(random.binomial(300, 0.85))
        rows = ("0.90", "yes", 0.9 * right, right), ("0.90", "no", 0.9 * (300 - right), 300 - right)
        title = chart_headlines.calibrated(reliability(frame("bin right value n", *rows)), PLAIN)
        return title if "keeps its promise" in title else PLAIN

    assert found(draw, 300) <= within_chance(300)


def test_no_sum_leads_where_deals_fall_to_any_stage() -> None:
    def draw(random: np.random.Generator) -> str:
        values, at = random.lognormal(9, 0.8, 40), random.integers(0, 2, 40)
        by_stage = {name: values[at == stage].astype(int).tolist() for stage, name in enumerate("ab")}
        return chart_headlines.leads_in_sum("it", by_stage, PLAIN)

    assert found(draw, 300) <= within_chance(300)


def test_real_differences_are_found() -> None:
    """The power at sizes seen: the least difference of each kind that is found in four of five draws, or more."""

    def stall(random: np.random.Generator) -> str:
        parts = {name: (int(random.binomial(50, p)), 50) for name, p in zip("abcd", (0.1, 0.1, 0.1, 0.4), strict=True)}
        return chart_headlines.stands_out("of it", parts, PLAIN)

    def lead(random: np.random.Generator) -> str:
        return chart_headlines.leads(
            "it", dict(zip("abc", random.multinomial(100, [0.6, 0.3, 0.1]).tolist(), strict=True)), PLAIN
        )

    def grow(random: np.random.Generator) -> str:
        return chart_headlines.moved("It", 53, int(random.poisson(60)), int(random.poisson(30)), PLAIN)

    def rise(random: np.random.Generator) -> str:
        now, before = int(random.binomial(200, 0.6)), int(random.binomial(200, 0.45))
        bins = [[(1.0, part), (0.0, 200 - part)] for part in (now, before)]
        return chart_headlines.compared("It", change(now, before), bins[0], bins[1], PLAIN)

    def wait(random: np.random.Generator) -> str:
        return slowest(random, {"a": 1.0, "b": 1.0, "c": 1.0, "d": 2.0}, [50] * 4, 4.0)

    def shift(random: np.random.Generator) -> str:
        tilted = np.linspace(0.4, 1.6, 20) / 20
        sides = [random.multinomial(381, shares).tolist() for shares in ([1 / 20] * 20, tilted)]
        title = chart_headlines.drifted(
            "It", drift(*({str(at): n for at, n in enumerate(side)} for side in sides)), PLAIN
        )
        return PLAIN if "is stable" in title else title

    power = {draw.__name__: found(draw, 200) for draw in (stall, lead, grow, rise, wait, shift)}
    assert all(share >= 0.8 for share in power.values()), list(power.items())
