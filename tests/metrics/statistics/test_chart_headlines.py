"""Titles: what each rule finds, and the plain name where it finds nothing."""

from datetime import date

import pytest

from jorge_data.metrics.formatting import Unit
from jorge_data.metrics.names import label_words
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.calibration import reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.drift import drift
from jorge_data.metrics.statistics.due_steps import Promises
from jorge_data.metrics.statistics.forecast import Forecast, backtest
from jorge_data.metrics.statistics.funnel import funnel
from jorge_data.metrics.statistics.period import change
from jorge_data.metrics.statistics.survival import kaplan_meier
from jorge_data.metrics.statistics.uptime import Uptime
from jorge_data.metrics.statistics.velocity import StageTime, velocity
from tests.metrics.statistics.frames import frame

PLAIN = "The plain name"


def test_the_leak_of_a_funnel_is_named_where_it_is_beyond_chance() -> None:
    lost = funnel(frame("reached hot value", ("1", "no", 12), ("4", "no", 1), ("4", "yes", 8)))
    assert (
        chart_headlines.leak(lost, PLAIN)
        == "Most sellers stop or still wait between Question 1 and Question 2: 12 of 21"
    )
    even = funnel(frame("reached hot value", ("1", "no", 12), ("2", "no", 8), ("4", "yes", 8)))
    assert chart_headlines.leak(even, PLAIN) == PLAIN
    assert chart_headlines.leak(funnel(frame("reached hot value", ("1", "no", 12), ("4", "yes", 7))), PLAIN) == PLAIN
    assert chart_headlines.leak(funnel(frame("reached hot value", ("4", "yes", 30))), PLAIN) == PLAIN
    assert chart_headlines.leak(None, PLAIN) == PLAIN


def test_a_stock_is_told_from_first_to_last_where_more_moved_one_way() -> None:
    assert chart_headlines.moved("Rated hot", 53, 40, 7, PLAIN) == "Rated hot rose from 53 to 86"
    assert chart_headlines.moved("Rated hot", 1200, 0, 1182, PLAIN) == "Rated hot fell from 1,200 to 18"
    assert chart_headlines.moved("Rated hot", 53, 133, 100, PLAIN) == "Rated hot rose from 53 to 86"
    assert chart_headlines.moved("Rated hot", 53, 300, 267, PLAIN) == PLAIN
    assert chart_headlines.moved("Rated hot", 18, 0, 0, PLAIN) == PLAIN


def test_a_change_of_a_tenth_is_a_finding_where_it_is_beyond_chance() -> None:
    def says(now: tuple[int, int], before: tuple[int, int]) -> str:
        bins = [[(1.0, part), (0.0, n - part)] for part, n in (now, before)]
        shares = change(now[0] / now[1], before[0] / before[1])
        return chart_headlines.compared("Success rate", shares, bins[0], bins[1], PLAIN)

    assert says((560, 1000), (500, 1000)) == "Success rate rose by 12 % against the period before"
    assert says((56, 100), (50, 100)) == PLAIN
    assert says((5400, 10_000), (5000, 10_000)) == PLAIN, "less than a tenth"
    assert chart_headlines.compared("Calls", None, [(1.0, 50)], [], PLAIN) == PLAIN


def test_a_target_is_met_or_not() -> None:
    assert chart_headlines.at_most("p95", 51.2, 42, Unit.MS, PLAIN) == "p95 51 ms: over 42 ms"
    assert chart_headlines.at_most("p95", 42, 42, Unit.MS, PLAIN) == "p95 42 ms: within 42 ms"
    assert chart_headlines.at_most("p95", 42.3, 42, Unit.MS, PLAIN) == "p95 42.3 ms: over 42 ms"
    assert chart_headlines.at_most("p95", None, 42, Unit.MS, PLAIN) == PLAIN
    assert (
        chart_headlines.at_least("Within 42 ms", 0.97, 0.95, Unit.SHARE, PLAIN) == "Within 42 ms 97 %: at or above 95 %"
    )
    assert chart_headlines.at_least("Within 42 ms", None, 0.95, Unit.SHARE, PLAIN) == PLAIN


def test_what_stands_out_does_so_beyond_chance() -> None:
    clear = {"Q1": (5, 100), "Q2": (6, 100), "Q3": (22, 100)}
    says = "Question 3 has the highest share of sellers who stall: 22 %, the others together 6 %"
    assert chart_headlines.stands_out("of sellers who stall", clear, PLAIN) == says
    for parts in (
        {"Q1": (5, 100), "Q2": (8, 100)},
        {"Q1": (0, 100), "Q2": (8, 10)},
        {"Q1": (5, 100), "Q2": (0, 0)},
        {"Q1": (60, 100), "Q2": (60, 100), "Q3": (2, 100)},
        {"": (60, 100), "Q3": (2, 100)},
    ):
        assert chart_headlines.stands_out("of sellers who stall", parts, PLAIN) == PLAIN


def test_7c_the_highest_share_is_not_called_the_most() -> None:
    weeks = {"Week of 4 Nov": (14, 30), "Week of 11 Nov": (30, 200)}
    says = "Week of 4 Nov has the highest share with an appointment: 47 %, the others together 15 %"
    assert chart_headlines.stands_out("with an appointment", weeks, PLAIN) == says
    weeks["Week of 4 Nov"] = 9, 30
    assert chart_headlines.stands_out("with an appointment", weeks, PLAIN) == PLAIN, "0.041 for each of two"


def test_the_leader_is_named_where_it_is_half_of_all_and_beyond_chance() -> None:
    says = "Seller is the most frequent: 80 % of all analyses"
    assert chart_headlines.leads("all analyses", {"seller": 16, "buyer": 4}, PLAIN) == says
    for counted in (
        {"seller": 12, "buyer": 8},
        {"seller": 9, "buyer": 8, "curious": 7},
        {"seller": 45, "buyer": 5, "curious": 50},
        {"seller": 9},
        {"seller": 40},
        {},
    ):
        assert chart_headlines.leads("all analyses", counted, PLAIN) == PLAIN


def test_without_a_subject_there_is_no_title() -> None:
    assert chart_headlines.leads("stalls", {"": 14, "thinking": 1}, PLAIN) == PLAIN
    assert chart_headlines.leads("stalls", {"thinking": 19, "": 1}, PLAIN).startswith("Thinking is the most frequent")
    assert chart_headlines.slowest([stay("", 10, 40), stay("Q1", 1, 40)], PLAIN) == PLAIN


def test_the_greatest_sum_is_named_where_its_values_would_seldom_fall_so() -> None:
    many = {"Offer": [9000] * 30, "Showing": [9000] * 10}
    says = "Offer is the largest: 75 % of the commission in pipeline"
    assert chart_headlines.leads_in_sum("the commission in pipeline", many, PLAIN) == says
    one = {"Offer": [300_000, *[9000] * 10], "Showing": [9000] * 10}
    assert chart_headlines.leads_in_sum("the commission in pipeline", one, PLAIN) == PLAIN, "one deal, in one of two"
    assert chart_headlines.leads_in_sum("the commission in pipeline", {}, PLAIN) == PLAIN


def stay(stage: str, days: float, n: int, open_: int = 0) -> StageTime:
    """Return n stays of one to two times so many days, and so many that last for thrice as long already."""
    ended = [[days * 86_400.0 * (1 + i / n), 1] for i in range(n)]
    return velocity({stage: ended}, {stage: [(3 * days * 86_400.0, open_)] if open_ else []})[0]


def test_the_slowest_stage_is_that_of_the_longest_median_beyond_chance() -> None:
    offer, showing = stay("offer", 12, 40), stay("showing", 2, 40)
    says = "Offer takes longest: half are through in 18 d"
    assert chart_headlines.slowest([showing, offer], PLAIN) == says
    assert chart_headlines.slowest([stay("offer", 2.1, 40), showing], PLAIN) == PLAIN
    assert chart_headlines.slowest([stay("offer", 12, 10), showing], PLAIN) == PLAIN, "too few stays"
    assert chart_headlines.slowest([offer, showing._replace(median=None)], PLAIN) == PLAIN
    assert chart_headlines.slowest([offer, showing, stay("closing", 1, 10, 30)], PLAIN) == PLAIN, "half are still there"


@pytest.mark.parametrize(
    ("right", "confidence", "says"),
    [
        (60, 0.9, "Confidence promises 30 points too much"),
        (98, 0.8, "Confidence promises 18 points too little"),
        (89, 0.9, PLAIN),
        (85, 0.905, PLAIN),
    ],
)
def test_confidence_is_held_against_what_was_right(right: int, confidence: float, says: str) -> None:
    wrong = 100 - right
    labels = frame(
        "bin right value n", ("0.90", "yes", right * confidence, right), ("0.90", "no", wrong * confidence, wrong)
    )
    assert chart_headlines.calibrated(reliability(labels), PLAIN) == says


def test_confidence_keeps_its_promise_where_labels_enough_say_so() -> None:
    labels = frame("bin right value n", ("0.90", "yes", 534 * 0.9, 534), ("0.90", "no", 66 * 0.9, 66))
    says = "Confidence keeps its promise: off by 1 %"
    assert chart_headlines.calibrated(reliability(labels), PLAIN) == says


def test_a_few_labels_say_nothing_of_confidence() -> None:
    assert (
        chart_headlines.calibrated(reliability(frame("bin right value n", ("0.90", "no", 0.9 * 19, 19))), PLAIN)
        == PLAIN
    )
    assert chart_headlines.calibrated([], PLAIN) == PLAIN


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        (990, 10, "Accuracy 99 % is above 95 %"),
        (800, 200, "Accuracy 80 % is below 95 %"),
        (469, 31, "Accuracy 93.8 %: 500 labels cannot tell it from 95 %"),
        (47, 3, "Accuracy 94 %: 50 labels cannot tell it from 95 %"),
        (0, 0, PLAIN),
    ],
)
def test_accuracy_is_above_or_below_only_beyond_chance(right: int, wrong: int, says: str) -> None:
    labels = frame("predicted actual value", ("seller", "seller", right), ("seller", "buyer", wrong))
    assert chart_headlines.accuracy(confusion(labels), 0.95, PLAIN) == says


def test_drift_is_told_by_its_mark() -> None:
    before = {"a": 500, "b": 500}
    assert chart_headlines.drifted("Confidence", drift(before, before), PLAIN) == "Confidence is as before"
    assert chart_headlines.drifted("Confidence", drift(before, {"a": 300, "b": 700}), PLAIN) == "Confidence has shifted"
    assert chart_headlines.drifted("Confidence", drift(before, {"a": 2, "b": 3}), PLAIN) == PLAIN
    assert chart_headlines.drifted("Confidence", None, PLAIN) == PLAIN


def test_components_are_held_against_the_target_by_known_time() -> None:
    redis, retell = Uptime("redis", 98.1, 1.9, 0), Uptime("retell", 100, 0, 0)
    assert chart_headlines.below([redis, retell], 0.995, PLAIN) == "1 of 2 parts below 99.5 %; least Redis: 98.1 %"
    assert chart_headlines.below([retell], 0.995, PLAIN) == "Every part was up 99.5 % of the known time or more"
    assert chart_headlines.below([Uptime("redis", 0, 0, 5)], 0.995, PLAIN) == PLAIN


def test_a_short_restart_is_told_as_what_it_is_and_not_as_a_target_missed() -> None:
    month = 30 * 86_400
    server, screen = Uptime("event_server", 1_000, 20, month - 1_020), Uptime("dashboard", 900, 12, month - 912)
    assert chart_headlines.below([server], 0.995, PLAIN) == (
        f"{label_words('event_server')} was down for 20 s; 99.5 % allows 3 h 36 m"
    )
    assert chart_headlines.below([server, screen], 0.995, PLAIN) == (
        f"2 of 2 parts were down, {label_words('event_server')} longest, for 20 s; 99.5 % allows 3 h 36 m"
    )
    outage = Uptime("redis", month - 20_000, 20_000, 0)
    shown = chart_headlines.below([server, screen, outage], 0.995, PLAIN)
    assert shown == "1 of 3 parts below 99.5 %; least Redis: 99.2 %"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (5_000_00, ": the target of $5,000 is reached, $6,000 is won"),
        (10_000_00, " is $4,000 short of $10,000, and reaches it in nine of ten trials"),
        (25_000_00, " is $19,000 short of $25,000; half of the trials end at $20,000 or more"),
        (40_000_00, " is $34,000 short of $40,000, out of reach in nine of ten trials"),
    ],
)
def test_a_target_lies_below_within_or_above_the_range(target: int, says: str) -> None:
    result = Forecast(date(2026, 11, 30), 6_000_00, 20_000_00, 10_000_00, 20_000_00, 30_000_00, 0.8, 9, 0, 0)
    assert chart_headlines.against_target("May", result, target, PLAIN) == f"May{says}"
    assert chart_headlines.against_target("May", None, target, PLAIN) == PLAIN


def test_overdue_steps_are_counted_of_those_due() -> None:
    assert (
        chart_headlines.overdue(Promises(40, 20, 3, 5, 12), PLAIN)
        == "Of 40 steps promised for the period, 12 are overdue"
    )
    assert (
        chart_headlines.overdue(Promises(40, 35, 0, 5, 0), PLAIN)
        == "Of 40 steps promised for the period, none is overdue"
    )
    assert chart_headlines.overdue(Promises(0, 0, 0, 0, 0), PLAIN) == PLAIN


def test_when_half_was_done_is_told_else_which_share_was_done_by_the_last() -> None:
    assert (
        chart_headlines.half_done("of them left", kaplan_meier([(60, 15)], [(90, 5)]), PLAIN)
        == "Half of them left within 1 m"
    )
    assert (
        chart_headlines.half_done("of them left", kaplan_meier([(60, 5)], [(90, 15)]), PLAIN)
        == "An estimated 25 % of them left within 1 m"
    )
    assert chart_headlines.half_done("of them left", kaplan_meier([(60, 5)]), PLAIN) == PLAIN
    assert chart_headlines.half_done("of them left", kaplan_meier([], [(90, 20)]), PLAIN) == PLAIN


@pytest.mark.parametrize(
    ("held", "months", "nominal", "says"),
    [
        (20, 24, 0.8, "20 of 24 past months came within their range, as promised"),
        (9, 24, 0.8, "Only 9 of 24 past months came within their range: the ranges are too narrow"),
        (24, 24, 1.0, "Too few deals to judge the forecasts: 24 of 24 past months came within their range"),
        (3, 3, 0.8, "Too few months to judge the forecasts: 3 of 3 past months came within their range"),
    ],
)
def test_past_ranges_are_judged_where_there_is_enough_to_judge_them_by(
    held: int, months: int, nominal: float, says: str
) -> None:
    made = Forecast(date(2026, 11, 30), 0, 0, 100, 200, 300, nominal, 1, 0, 0)
    past = [(made, 150)] * held + [(made, 400)] * (months - held)
    assert chart_headlines.well_covered(backtest(past), PLAIN) == says
    assert chart_headlines.well_covered(backtest([]), PLAIN) == PLAIN
