"""Titles: what each chart claims, recounted from the events, and tested by exact fractions or by shuffling."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import comb, erfc, sqrt

import numpy as np
import pytest

from jorge_data.dashboard.lead_sequences.data import ACTIONS, ENDS
from jorge_data.dashboard.revenue import data as shown_deals
from jorge_data.dashboard.revenue.deal_forecasts import last_year
from tests.reconciliation import deals
from tests.reconciliation import test_lead_sequences as sequences
from tests.reconciliation import test_ml_confidence as ml
from tests.reconciliation import test_properties as properties
from tests.reconciliation import test_seller_qualification as sellers
from tests.reconciliation.dashboard import Dashboard, Days
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import median, psi, split_censored

LEVEL = Fraction(4, 100)
SHUFFLES = 4000
UNSURE = 0.012
"""Two simulations of one probability agree to so much, near LEVEL: between, either title is right."""

HALF = Fraction(1, 2)
Claim = str | None
"""How the title begins; None where nothing may be claimed, "" where chance alone is too close to LEVEL to say."""


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
    return f"{capital(top)} has the highest share " if n >= 20 and by_chance <= LEVEL else None


def most_frequent(counted: Mapping[str, int]) -> Claim:
    """Recount which is the most frequent: half or more of twenty, and beyond chance more often than the second."""
    first, second = sorted((*counted.values(), 0, 0), reverse=True)[:2]
    total = sum(counted.values())
    if total < 20 or 2 * first < total or first == second or two_sided(first, first + second) > LEVEL:
        return None
    return f"{capital(max(counted, key=lambda name: counted[name]))} is the most frequent: "


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
    return judged(by_chance, f"{capital(top)} has the longest median: half are through in ")


def capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def parts_of(rows: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    """Return, by name, how many are so of how many."""
    parts: dict[str, tuple[int, int]] = {}
    for name, so in rows:
        part, n = parts.get(name, (0, 0))
        parts[name] = part + so, n + 1
    return parts


def test_titles_of_seller_qualification(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(sellers.PAGE, days), dashboard.raw
    (_, span), (_, earlier) = page.sides()
    counted = sellers.reached(raw, span)
    lost = [before - then for before, then in pairwise(counted)]
    first, second = sorted(lost, reverse=True)[:2]
    at, names = lost.index(first), ("started", "Q1", "Q2", "Q3", "Q4", "hot")
    leak = f"Most sellers are lost from {names[at]} to {names[at + 1]}: {first:,} of {counted[at]:,}"
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
    claim = f"Rated hot {verb} from {before:,} to {after:,}" if moved else None
    check(page.titles["stock"], "Sellers by temperature", claim)

    taken = {step: raw.rows(sellers.ANSWERS + sellers.TAKEN, **span, step=step, now=NOW) for step in sellers.STEPS[:-1]}
    claim = longest({step: rows for step, rows in taken.items() if rows})
    check(page.titles["steps"], "How long each question takes", claim)
    one_by_one = sellers.EFFECTIVENESS.replace("avg(", "(")
    now, then = ([float(value) for (value,) in raw.rows(one_by_one, **side)] for side in (span, earlier))
    check(page.titles["effectiveness_trend"], "Effectiveness", changed("Effectiveness", now, then))


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
    check(page.titles["cohorts"], "Cohorts by intake week", highest_share(weeks))
    promised = raw.table(taken.replace(sequences.TAKEN, sequences.PROMISES), **span, today=sequences.TODAY)
    due, overdue = sequences.in_state(promised), sequences.in_state(promised, "overdue")
    words = f"{overdue:,} of {due:,} steps are overdue" if overdue else f"None of {due:,} steps is overdue"
    check(page.titles["due"], "Due by day", words if due else None)


def test_titles_of_ml_confidence(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(ml.PAGE, days), dashboard.raw
    (_, span), (_, earlier) = page.sides()
    check(page.titles["categories"], "What contacts want", most_frequent(raw.table(ml.CATEGORIES, **span)))
    spread, before = (raw.table(ml.SPREAD, **side) for side in (span, earlier))
    check(page.titles["distribution"], "Distribution of confidence", drifted(before, spread))
    right, n = ml.accuracy(raw, span)
    word = "above" if Fraction(right, n) > Fraction(95, 100) else "below"
    told = two_sided(right, n, Fraction(95, 100)) <= LEVEL
    ends = f" is {word} 95 %" if told else f": {n:,} labels cannot tell it from 95 %"
    assert page.titles["matrix"].startswith("Accuracy ")
    assert page.titles["matrix"].endswith(ends)
    bins = raw.rows(ml.LABELS + ml.RELIABILITY, **span)
    stated = sum(count * confidence for _, count, _, confidence in bins) / n
    promises = two_sided(right, n, Fraction(stated)) <= LEVEL
    much = "much" if stated > right / n else "little"
    assert (page.titles["calibration"].endswith(f"points too {much}")) == promises


def drifted(before: Mapping[str, int], now: Mapping[str, int]) -> Claim:
    """Recount the verdict on drift, by shuffling the analyses of both periods."""
    index, random = psi(before, now), np.random.default_rng(4)
    pooled = np.array([name for side in (before, now) for name, n in side.items() for _ in range(n)])
    reached = 0
    for _ in range(SHUFFLES // 10):
        shuffled = random.permutation(pooled)
        sides = (shuffled[: sum(before.values())], shuffled[sum(before.values()) :])
        first, second = (dict(zip(*np.unique(side, return_counts=True), strict=True)) for side in sides)
        reached += psi(first, second) >= max(index, 0.1)
    verdict = "is stable" if index < 0.1 else "has shifted" if index < 0.25 else "has changed"
    return judged(reached / (SHUFFLES // 10), f"Confidence {verdict}: PSI ")


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


def test_titles_of_properties(dashboard: Dashboard, days: Days) -> None:
    page, raw = dashboard.page(properties.PAGE, days), dashboard.raw
    alerts = raw.rows(properties.RESPONSES, **page.span, now=NOW)
    answered = parts_of((sort.replace("_", " "), done) for sort, _, done in alerts)
    check(page.titles["answers"], "Which alerts are answered", highest_share(answered))
    check(page.titles["alerts"], "Alerts by type", most_frequent({name: n for name, (_, n) in answered.items()}))


@pytest.mark.parametrize("path", ["qualification", "sequences", "ml", "revenue", "properties"])
def test_every_title_of_a_page_has_a_subject(dashboard: Dashboard, days: Days, path: str) -> None:
    titles = dashboard.page(path, days).titles
    assert len(titles) >= 6
    assert all(title and title[0] not in " ,:" and "  " not in title for title in titles.values()), titles
