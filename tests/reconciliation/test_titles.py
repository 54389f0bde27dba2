"""Titles: what each chart claims, recounted from the events, and tested by exact fractions or by shuffling."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import comb, erfc, isclose, sqrt
from typing import Any, TypeVar

import numpy as np
import pytest

from jorge_data.dashboard.lead_sequences.data import ACTIONS, ENDS
from jorge_data.dashboard.revenue import charts as shown_charts
from jorge_data.dashboard.revenue import data as shown_deals
from jorge_data.dashboard.revenue.deal_forecasts import last_year
from jorge_data.dashboard.ui.navigation import ENTRIES
from jorge_data.metrics.formatting import Unit, duration, money, percent, write
from jorge_data.metrics.names import label_words
from tests.reconciliation import deals
from tests.reconciliation import test_lead_sequences as sequences
from tests.reconciliation import test_ml_confidence as ml
from tests.reconciliation import test_properties as properties
from tests.reconciliation import test_response as response
from tests.reconciliation import test_revenue as revenue
from tests.reconciliation import test_seller_qualification as sellers
from tests.reconciliation import test_system as system
from tests.reconciliation.agreement import SKETCHED
from tests.reconciliation.conftest import NOVEMBER, THREE_MONTHS
from tests.reconciliation.dashboard import Dashboard, Days, Page
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import median, nearest_rank, psi, split_censored, survival
from tests.reconciliation.raw_events import RawEvents

LEVEL = Fraction(4, 100)
SHUFFLES = 4000
UNSURE = 0.012
"""Two simulations of one probability agree to so much, near LEVEL: between, either title is right."""

HALF = Fraction(1, 2)
Claim = str | None
"""How the title begins; None where nothing may be claimed, "" where chance alone is too close to LEVEL to say."""

PLAIN: dict[str, dict[str, str]] = {
    "system": {
        "response": "How fast parts answer",
        "response_trend": "How fast parts answer, over time",
        "rate": "What happens",
    },
    "conversations": {
        "directions": "Messages",
        "sentiment": "How contacts feel",
        "contact_outcomes": "What became of them",
    },
    "ml": {
        "urgency": "How soon they mean to act",
        "features": "Which signs it finds",
        "spending": "Cost by script",
    },
    "qualification": {
        "moves": "Who moved",
        "effectiveness_spread": "How well the questions work",
        "effectiveness_question": "Effectiveness by question",
    },
    "sequences": {
        "promises_by_step": "Due and done by step",
        "flow": "From day 3 to the outcome",
        "next_stops": "The same flow, way by way",
        "calls": "How long calls last",
    },
    "properties": {"scores": "How well properties match", "by_contact": "Who gets the most alerts"},
    "response": {"by_week": "Week by week"},
    "explore": {"explore": "Steps of sellers' interviews"},
}
"""The titles of each page, by its path and their charts' keys, that claim nothing whatever the data."""

RECOUNTED: defaultdict[str, set[str]] = defaultdict(set)
"""The charts of each page whose titles a test recounts."""

Test = TypeVar("Test", bound=Callable[..., Any])


def recounts(path: str, *keys: str) -> Callable[[Test], Test]:
    """Note that a test recounts what these titles of a page claim."""

    def note(test: Test) -> Test:
        RECOUNTED[path].update(keys)
        return test

    return note


def check(title: str, plain: str, claim: Claim) -> None:
    """Assert that a title claims what was recounted, and nothing where nothing may be claimed."""
    if claim is None:
        assert title == plain
    elif claim:
        assert title.startswith(claim), f"{title!r} claimed, {claim!r} recounted"


def two_sided(part: int, n: int, chance: Fraction = HALF) -> Fraction:
    """Return twice the smaller tail of the binomial distribution."""
    terms = [comb(n, x) * chance**x * (1 - chance) ** (n - x) for x in range(n + 1)]
    return min(Fraction(1), 2 * min(sum(terms[part:], Fraction(0)), sum(terms[: part + 1], Fraction(0))))


def highest_share(parts: Mapping[str, tuple[int, int]]) -> Claim:
    """Recount which has the highest share, where Fisher's exact test allows for the number of groups."""
    shares = {name: Fraction(part, n) for name, (part, n) in parts.items() if n}
    if len(shares) < 2 or list(shares.values()).count(max(shares.values())) > 1:
        return None
    top = max(shares, key=lambda name: shares[name])
    part, n = parts[top]
    k, total = (sum(pair[at] for pair in parts.values()) for at in (0, 1))
    ways = sum(comb(k, x) * comb(total - k, n - x) for x in range(part, min(n, k) + 1))
    by_chance = len(shares) * Fraction(ways, comb(total, n))
    return f"{label_words(top)} has the highest share " if n >= 20 and by_chance <= LEVEL else None


def most_frequent(counted: Mapping[str, int]) -> Claim:
    """Recount which is the most frequent: half or more of twenty, and beyond chance more often than the second."""
    first, second = sorted((*counted.values(), 0, 0), reverse=True)[:2]
    total = sum(counted.values())
    if total < 20 or 2 * first < total or first == second or two_sided(first, first + second) > LEVEL:
        return None
    return f"{label_words(max(counted, key=lambda name: counted[name]))} is the most frequent: "


def changed(subject: str, now: Sequence[float], before: Sequence[float]) -> Claim:
    """Recount by how much a mean changed, by shuffling the values of both periods."""
    if not now or not before:
        return None
    mean, earlier = sum(now) / len(now), sum(before) / len(before)
    if abs(mean - earlier) < 0.1 * earlier:
        return None
    pooled, random = np.array([*now, *before]), np.random.default_rng(3)
    drawn = np.array([random.permutation(pooled)[: len(now)].sum() for _ in range(SHUFFLES)])
    apart = np.abs(drawn / len(now) - (pooled.sum() - drawn) / len(before))
    verb = "rose" if mean > earlier else "fell"
    return judged(float((apart >= abs(mean - earlier) - 1e-9).mean()), f"{subject} {verb} by ")


def judged(by_chance: float, claim: str) -> Claim:
    if abs(by_chance - float(LEVEL)) < UNSURE:
        return ""
    return claim if by_chance < LEVEL else None


def longest(taken: Mapping[str, list[tuple[float, bool]]]) -> Claim:
    """Recount where the median stay is the longest, by the log-rank test of its values one by one."""
    medians = {name: median(*split_censored(rows)) for name, rows in taken.items()}
    known = {name: value for name, value in medians.items() if value is not None}
    if len(known) < 2 or any(medians[name] is None and len(rows) >= 20 for name, rows in taken.items()):
        return None
    top = max(known, key=lambda name: known[name])
    if len(taken[top]) < 20:
        return None
    every = [(took, done, name == top) for name, rows in taken.items() for took, done in rows]
    missing = variance = 0.0
    for time in {took for took, done, _ in every if done}:
        at_risk = [(took == time and done, mine) for took, done, mine in every if took >= time]
        n, mine, ended = len(at_risk), sum(own for _, own in at_risk), sum(end for end, _ in at_risk)
        missing += ended * mine / n - sum(end and own for end, own in at_risk)
        variance += ended * mine * (n - mine) * (n - ended) / (n * n * (n - 1)) if n > 1 else 0.0
    by_chance = len(taken) * erfc(missing / sqrt(2 * variance)) if variance else 1.0
    return judged(by_chance, f"{label_words(top)} takes longest: half are through in ")


def parts_of(rows: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    """Return, by name, how many are so of how many."""
    parts: dict[str, tuple[int, int]] = {}
    for name, so in rows:
        part, n = parts.get(name, (0, 0))
        parts[name] = part + so, n + 1
    return parts


@recounts("qualification", "funnel", "stall_rate", "stall_types", "stock", "steps", "effectiveness_trend", "to_hot")
def test_titles_of_seller_qualification(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(sellers.PAGE, days), dashboard.raw
    (_, span), (_, earlier) = page.sides()
    counted = sellers.reached(raw, span)
    lost = [before - then for before, then in pairwise(counted)]
    first, second = sorted(lost, reverse=True)[:2]
    at, names = lost.index(first), ("the start", "Question 1", "Question 2", "Question 3", "Question 4", "hot")
    leak = f"Most sellers stop or still wait between {names[at]} and {names[at + 1]}: {first:,} of {counted[at]:,}"
    beyond = counted[0] >= 20 and two_sided(first, first + second) <= LEVEL
    check(page.titles["funnel"], "Where sellers drop out", leak if beyond else None)

    stalls = raw.table(sellers.ANSWERS + sellers.BEGUN + sellers.STALLS, **span)
    questions = sorted({question for question, _ in stalls})
    yes = {question: stalls.get((question, "yes"), 0) for question in questions}
    rates = {question: (yes[question], yes[question] + stalls.get((question, "no"), 0)) for question in questions}
    check(page.titles["stall_rate"], "Where sellers stall", highest_share(rates))
    types = raw.table(sellers.ANSWERS + sellers.BEGUN + sellers.STALL_TYPES, **span)
    named = {name.replace("_", " ") or "without type": n for name, n in types.items()}
    check(page.titles["stall_types"], "How sellers stall", most_frequent(named))

    before, after = (raw.table(sellers.ANSWERS + sellers.STOCK, end=span[end]).get("hot", 0) for end in span)
    moves = raw.table(sellers.ANSWERS + sellers.MOVES, **span)
    into = sum(n for (_, to), n in moves.items() if to == "hot")
    out_of = sum(n for (was, _), n in moves.items() if was == "hot")
    verb = "rose" if after > before else "fell"
    moved = before != after and two_sided(into, into + out_of) <= LEVEL
    claim = f"Rated hot (silent ones too) {verb} from {before:,} to {after:,}" if moved else None
    check(page.titles["stock"], "Sellers by temperature", claim)

    taken = {step: raw.rows(sellers.ANSWERS + sellers.TAKEN, **span, step=step, now=NOW) for step in sellers.STEPS[:-1]}
    claim = longest({step: rows for step, rows in taken.items() if rows})
    check(page.titles["steps"], "How long each question takes", claim)
    one_by_one = sellers.EFFECTIVENESS.replace("avg(", "(")
    now, then = ([float(value) for (value,) in raw.rows(one_by_one, **side)] for side in (span, earlier))
    check(page.titles["effectiveness_trend"], "Effectiveness", changed("Effectiveness", now, then))
    to_hot = raw.rows(sellers.ANSWERS + sellers.TAKEN, **span, step="hot", now=NOW)
    check_half_done(page.titles["to_hot"], "Time to hot", "of sellers are hot", to_hot)


SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def check_half_done(title: str, plain: str, what: str, taken: Sequence[tuple[float, bool]]) -> None:
    """Assert that a title says by when half was done, else what share was done by the last time, of twenty or more."""
    done, censored = split_censored(taken)
    if len(taken) < 20 or not done:
        assert title == plain
        return
    half, (last, open_) = median(done, censored), survival(done, censored)[-1]
    claim, _, time = title.partition(" within ")
    if half is None:
        share, _, words = claim.removeprefix("An estimated ").partition(" % ")
        assert words == what
        # The ages of what is under way are known to the day.
        assert abs(int(share) / 100 - (1 - open_)) <= 0.01, title
    else:
        assert claim == f"Half {what}"
    shown = sum(int(n) * SECONDS[unit] for n, unit in re.findall(r"(\d+) ([dhms])", time))
    # Beside days stand whole hours.
    assert isclose(shown, last if half is None else half, rel_tol=SKETCHED + 1 / 48), title


@recounts("sequences", "matrix", "success", "outcomes", "failures", "cohorts", "due")
def test_titles_of_lead_sequences(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(sequences.PAGE, days), dashboard.raw
    (_, span), (_, earlier) = page.sides()
    attempts = [raw.rows(sequences.MATRIX, **side) for side in (span, earlier)]
    failed = {f"Day {day}, {ACTIONS[action]}": (n - good, n) for day, action, n, good in attempts[0]}
    check(page.titles["matrix"], "Success by step and action", highest_share(failed))
    sides = [[1.0] * sum(row[3] for row in side) + [0.0] * sum(row[2] - row[3] for row in side) for side in attempts]
    check(page.titles["success"], "Success rate", changed("Success rate", *sides))
    taken = sequences.STEPS + sequences.TALK + sequences.TAKEN
    outcomes = {ENDS[name]: n for name, n in raw.table(taken + sequences.OUTCOMES, **span).items()}
    check(page.titles["outcomes"], "What became of them", most_frequent(outcomes))
    failures = {name or "no reason given": n for name, n in raw.table(sequences.FAILURES, **span).items()}
    check(page.titles["failures"], "Why attempts fail", most_frequent(failures))
    weeks: dict[str, tuple[int, int]] = {}
    for (week, outcome), n in raw.table(taken + sequences.COHORTS, **span).items():
        day = date.fromisoformat(week)
        part, of = weeks.get(name := f"Week of {day.day} {day:%b}", (0, 0))
        weeks[name] = part + n * (outcome == "appointment"), of + n
    check(page.titles["cohorts"], "What became of each week’s leads", highest_share(weeks))
    promised = raw.table(taken.replace(sequences.TAKEN, sequences.PROMISES), **span, today=sequences.TODAY)
    due, overdue = sequences.in_state(promised), sequences.in_state(promised, "overdue")
    count = f"{overdue:,} {'is' if overdue == 1 else 'are'}" if overdue else "none is"
    words = f"Of {due:,} steps promised for the period, {count} overdue"
    check(page.titles["due"], "Due by day", words if due else None)


@recounts("ml", "categories", "distribution", "matrix")
def test_titles_of_ml_confidence(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(ml.PAGE, days), dashboard.raw
    (_, span), (_, earlier) = page.sides()
    check(page.titles["categories"], "What contacts want", most_frequent(raw.table(ml.CATEGORIES, **span)))
    spread, before = (raw.table(ml.SPREAD, **side) for side in (span, earlier))
    check(page.titles["distribution"], "How sure it is", drifted(before, spread))
    right, n = ml.accuracy(raw, span)
    word = "above" if Fraction(right, n) > Fraction(95, 100) else "below"
    told = two_sided(right, n, Fraction(95, 100)) <= LEVEL
    ends = f" is {word} 95 %" if told else f": {n:,} labels cannot tell it from 95 %"
    assert page.titles["matrix"].startswith("Accuracy ")
    assert page.titles["matrix"].endswith(ends)


TWO_MONTHS: Days = (date(2024, 9, 1), date(2024, 10, 30))
"""In which almost all labels were right."""


@recounts("ml", "calibration")
@pytest.mark.parametrize("days", [NOVEMBER, THREE_MONTHS, TWO_MONTHS], ids=["november", "three months", "two months"])
def test_titles_of_calibration(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(ml.PAGE, days), dashboard.raw
    bins = raw.rows(ml.LABELS + ml.RELIABILITY, **page.span)
    check(
        page.titles["calibration"],
        "Is it right as often as it is sure?",
        calibrated(*ml.accuracy(raw, page.span), bins),
    )


def calibrated(right: int, n: int, bins: Sequence[tuple[float, int, int, float]]) -> Claim:
    """Recount whether labels are as often right as was stated, by exact tails of the binomial distribution."""
    if n < 20:
        return None
    gaps = [Fraction(good) - count * Fraction(confidence) for _, count, good, confidence in bins]
    error = sum(map(abs, gaps), Fraction(0)) / n
    over = -sum(gaps, Fraction(0)) / n
    stated = Fraction(right, n) + over
    if two_sided(right, n, stated) <= LEVEL:
        return f"Confidence promises {float(100 * abs(over)):.0f} points too {'much' if over > 0 else 'little'}"
    seldom = max(tail(right, n, stated - CLOSE), tail(n - right, n, 1 - stated - CLOSE))
    kept = error <= CLOSE and seldom <= LEVEL
    return f"Confidence keeps its promise: off by {percent(float(error))}" if kept else None


CLOSE = Fraction(5, 100)


def tail(part: int, n: int, chance: Fraction) -> Fraction:
    """Return the probability of `part` or more of n, each with this chance; 0 where there is no such chance."""
    if chance <= 0:
        return Fraction(0)
    return sum((comb(n, x) * chance**x * (1 - chance) ** (n - x) for x in range(part, n + 1)), Fraction(0))


A_DAY_OF_42: Days = (date(2024, 11, 1), date(2024, 11, 1))
"""Whose p95 is the target itself."""

A_LITTLE_OVER: Days = (date(2024, 9, 13), date(2024, 9, 14))
A_DAY_UNSURE: Days = (date(2024, 9, 22), date(2024, 9, 22))
"""With a mean confidence of 0.849."""

AROUND_TARGETS = {"at 42 ms": A_DAY_OF_42, "a little over": A_LITTLE_OVER, "unsure": A_DAY_UNSURE}


@recounts("ml", "latency", "confidence")
@pytest.mark.parametrize(
    "days", [NOVEMBER, THREE_MONTHS, *AROUND_TARGETS.values()], ids=["november", "three months", *AROUND_TARGETS]
)
def test_titles_of_ml_confidence_that_name_a_target(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(ml.PAGE, days), dashboard.raw
    p95 = nearest_rank([milliseconds for (milliseconds,) in raw.rows(ml.LATENCIES, **page.span)], 0.95)
    assert p95 is not None
    shown = re.fullmatch(r"95 of 100 answers take ([\d.]+) ms: (within|over) 42 ms", page.titles["latency"])
    assert shown, page.titles["latency"]
    assert isclose(float(shown[1]), p95, rel_tol=SKETCHED, abs_tol=0.5)
    assert shown[2] == ("within" if p95 <= 42 else "over")
    mean = raw.one(ml.CONFIDENCE, **page.span)
    verdict = "at or above" if mean >= 0.85 else "below"
    claim = f"Average confidence {write(mean, Unit.SHARE, 0.85)}: {verdict} 85 %"
    check(page.titles["confidence"], "Average confidence", claim)


def drifted(before: Mapping[str, int], now: Mapping[str, int]) -> Claim:
    """Recount the verdict on drift, by shuffling the analyses of both periods."""
    if not before or not now:
        return None
    index, bins = psi(before, now), sorted(before.keys() | now.keys())
    pooled = [before.get(name, 0) + now.get(name, 0) for name in bins]
    drawn = np.random.default_rng(4).multivariate_hypergeometric(pooled, sum(before.values()), SHUFFLES)
    reached = 0
    for first in drawn.tolist():
        second = [both - one for both, one in zip(pooled, first, strict=True)]
        shuffled = psi(dict(zip(bins, first, strict=True)), dict(zip(bins, second, strict=True)))
        reached += shuffled >= max(index, 0.1) - 1e-9  # the same shares in another order add up to another last digit
    verdict = "is as before" if index < 0.1 else "has shifted" if index < 0.25 else "has changed"
    return judged(reached / SHUFFLES, f"Confidence {verdict}")


@recounts("revenue", "sources", "stages", "velocity")
def test_titles_of_revenue(dashboard: Dashboard, days: Days) -> None:
    page, recounted = dashboard.page("revenue", days), deals.read(dashboard.raw)
    year = last_year(page.query)
    closed = deals.closed_in(recounted, year.start, year.end)
    won = parts_of((deal.lead_source or "not given", deal.newest.status == "won") for deal in closed)
    check(page.titles["sources"], "Won and lost by lead source", highest_share(won))
    by_stage: dict[str, list[int]] = {}
    for deal in deals.still_open(recounted):
        by_stage.setdefault(shown_deals.stage_name(deal.stage), []).append(deal.commission)
    check(page.titles["stages"], "Pipeline by stage", largest_sum(by_stage))
    stays: dict[str, list[tuple[float, bool]]] = {}
    for stage, entered, left in (visit for deal in recounted for visit in deals.stage_visits(deal)):
        if year.start.timestamp() * 1e6 <= entered < year.end.timestamp() * 1e6:
            until = NOW.timestamp() * 1e6 if left is None else left
            name = shown_deals.stage_name(stage)
            stays.setdefault(name, []).append(((until - entered) / 1e6, left is not None))
    check(page.titles["velocity"], "How long deals stay at each stage", longest(stays))


@recounts("revenue", "months", "forecast", "rehearsal")
def test_titles_of_forecasts(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    page = dashboard.page("revenue", NOVEMBER)
    page_data, forecasts = revenue.opened_now(dashboard, page)
    titles: dict[str, str] = {}
    monkeypatch.setattr(shown_charts, "chart_card", lambda *_, key, finding, **more: titles.update({key: finding}))
    for draw in (shown_charts.months, shown_charts.forecast, shown_charts.past_forecasts):
        draw(page_data, page.query, last_year(page.query), forecasts)
    recounted, today = deals.read(dashboard.raw), revenue.midnight(NOW.date())
    hour, open_ = NOW.replace(minute=0, second=0, microsecond=0), deals.still_open(recounted)
    horizons = {
        "months": (1, date(2024, 11, 1), date(2024, 12, 1)),
        "forecast": (3, date(2024, 10, 1), date(2025, 1, 1)),
    }
    subjects = {"months": "November", "forecast": "Q4"}
    for (key, (months, first, following)), shown in zip(horizons.items(), forecasts.horizons, strict=True):
        end = revenue.midnight(following)
        won = sum(deal.commission for deal in deals.closed_in(recounted, revenue.midnight(first), end, "won"))
        weighed = revenue.weigh(deals.read(dashboard.raw, today), today, open_, hour, end)
        assert shown.forecast is not None
        target = 100 * months * revenue.MONTHLY_TARGET
        claim = promised(target, won, revenue.simulate(weighed, won), money(shown.forecast.p50))
        check(titles[key], "", f"{subjects[key]}{claim}" if claim else claim)
    judged = [(made.nominal, made.p10 <= actual <= made.p90) for made, actual in forecasts.past_forecasts]
    check(titles["rehearsal"], "How past forecasts did", rehearsed(judged))


def promised(target: int, won: int, totals: Mapping[int, int], middle: str) -> Claim:
    """Recount where a target lies among the runs of another simulation; all amounts but the middle are in cents."""
    short = sum(runs for total, runs in totals.items() if total < target) / revenue.RUNS
    if target <= won:
        return f": the target of {money(target)} is reached, {money(won)} is won"
    if min(abs(short - 0.1), abs(short - 0.9)) < 0.035:
        return ""
    missing = f" is {money(target - won)} short of {money(target)}"
    if short < 0.1:
        return f"{missing}, and reaches it in nine of ten trials"
    if short > 0.9:
        return f"{missing}, out of reach in nine of ten trials"
    return f"{missing}; half of the trials end at {middle} or more"


def rehearsed(judged: Sequence[tuple[float, bool]]) -> Claim:
    """Recount whether past ranges, each with what it promises, held too seldom, and whether that would be found out."""
    if not judged:
        return None
    n, held = len(judged), sum(within for _, within in judged)
    words = f"{held} of {n} past months came within their range"
    honest = [Fraction(8, 10)] * n
    seldom = [sum(chances_of(honest)[: k + 1]) <= Fraction(5, 100) for k in range(n + 1)]
    if seldom[held]:
        return f"Only {words}: the ranges are too narrow"

    def found_out(promises: Sequence[Fraction]) -> bool:
        wrong = [max(Fraction(0), 1 - Fraction(5, 2) * (1 - held)) for held in promises]
        return sum(chance for chance, few in zip(chances_of(wrong), seldom, strict=True) if few) >= Fraction(8, 10)

    if found_out([Fraction(promise) for promise, _ in judged]):
        return f"{words}, as promised"
    return f"Too few {'deals' if found_out(honest) else 'months'} to judge the forecasts: {words}"


def chances_of(each: Sequence[Fraction]) -> list[Fraction]:
    """Return how probable it is that 0, 1, 2 … of independent results come true, each by its own chance."""
    so_many = [Fraction(1)]
    for chance in each:
        so_many = [
            here * (1 - chance) + before * chance
            for here, before in zip([*so_many, Fraction(0)], [Fraction(0), *so_many], strict=True)
        ]
    return so_many


def largest_sum(values: Mapping[str, Sequence[int]]) -> Claim:
    """Recount which stage has half of the commission or more, by giving each deal of the two largest to either."""
    first, second = sorted(values, key=lambda name: -sum(values[name]))[:2]
    total = sum(map(sum, values.values()))
    if 2 * sum(values[first]) < total or sum(map(len, values.values())) < 20:
        return None
    random, each = np.random.default_rng(5), np.array([*values[first], *values[second]])
    gaps = np.array([abs((each * random.choice([-1, 1], len(each))).sum()) for _ in range(SHUFFLES)])
    by_chance = float((gaps >= sum(values[first]) - sum(values[second])).mean())
    return judged(by_chance, f"{first} is the largest: ")


@recounts("properties", "answers", "alerts", "time_to_answer", "by_property")
def test_titles_of_properties(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(properties.PAGE, days), dashboard.raw
    alerts = raw.rows(properties.RESPONSES, **page.span, now=NOW)
    answered = parts_of((sort.replace("_", " "), done) for sort, _, done in alerts)
    check(page.titles["answers"], "Which alerts are answered", highest_share(answered))
    check(page.titles["alerts"], "Alerts by type", most_frequent({name: n for name, (_, n) in answered.items()}))
    waited = [(took, done) for _, took, done in alerts]
    check_half_done(page.titles["time_to_answer"], "Time to the answer", "of the alerts are answered", waited)
    twice = max(raw.table(properties.PROPERTIES, **page.span).values()) > 1
    check(
        page.titles["by_property"], "Which properties are shown most", None if twice else "No property was shown twice"
    )


A_GOOD_WEEK: Days = (date(2024, 11, 11), date(2024, 11, 17))
"""In which the only component was up for 99.73 % of the known time."""

WEEKS = {"a week": system.A_WEEK, "a good week": A_GOOD_WEEK}


@recounts("system", "strip")
@pytest.mark.parametrize("days", [NOVEMBER, THREE_MONTHS, *WEEKS.values()], ids=["november", "three months", *WEEKS])
def test_titles_of_the_system(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(system.PAGE, days)
    rows = dashboard.raw.rows(system.REPORTS + system.UPTIMES, **page.span, now=NOW)
    shares = {name: up / (up + down) for name, up, down in rows}
    passed = (min(page.query.end, NOW) - page.query.start).total_seconds()
    allowed = {name: 0.005 * max(passed, up + down) for name, up, down in rows}
    missed = {name: down for name, _, down in rows if shares[name] < 0.995}
    below = [name for name, down in missed.items() if down > allowed[name]]
    claim = "Every part was up 99.5 % of the known time or more"
    if missed and not below:
        name = max(missed, key=lambda name: missed[name])
        lasted, may = duration(missed[name]), duration(allowed[name])
        claim = f"{label_words(name)} was down for {lasted}; 99.5 % allows {may}"
        if len(missed) > 1:
            several = f"{len(missed)} of {len(shares)} parts were down, {label_words(name)} longest, for {lasted}"
            claim = f"{several}; 99.5 % allows {may}"
    if below:
        worst = min(below, key=lambda name: shares[name])
        least = write(shares[worst], Unit.SHARE, 0.995)
        claim = f"{len(below)} of {len(shares)} parts below 99.5 %; least {label_words(worst)}: {least}"
    assert page.titles["strip"] == claim


@recounts("response", "hear", "week")
def test_titles_of_response(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(response.PAGE, days), dashboard.raw
    expected = response.recounted(raw, page.span)
    share, known = response.within(expected, 900), any(wait.seconds >= 900 for wait in expected)
    tenths = round(10 * share) if share is not None and known and len(expected) >= 20 else None
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    claim = None if tenths is None else "" if tenths in (0, 10) else f"{label_words(words[tenths - 1])} in ten ha"
    check(page.titles["hear"], "How soon hot sellers hear from a person", claim)
    check(page.titles["week"], "How long half wait, by the hour of the week", slow_in(page, raw))


def slow_in(page: Page, raw: RawEvents) -> Claim:
    """Recount whether any two hours or day of the week are slow: "" where one is, which the title then names."""
    waits = response.recounted(raw, response.long_span(page))
    overall = median(*response.split(waits))
    parts: defaultdict[str, list[response.Hot]] = defaultdict(list)
    for wait in waits:
        parts[f"{wait.local.hour // 2}"].append(wait)
        parts[f"{wait.local:%A}"].append(wait)
    for part in parts.values():
        half = median(*response.split(part))
        if len(part) >= 20 and overall is not None and (half is None or half > overall):
            return ""  # by chance or not: the statistic itself is held by tests/metrics/statistics
    return None


@pytest.mark.parametrize("path", [entry.path for entry in ENTRIES])
def test_every_title_is_plain_or_recounted(dashboard: Dashboard, days: Days, path: str) -> None:
    titles, plain = dashboard.page(path, days).titles, PLAIN.get(path, {})
    assert titles == titles | plain
    assert titles.keys() == plain.keys() | RECOUNTED[path]
    assert all(title and title[0] not in " ,:" and "  " not in title for title in titles.values()), titles
