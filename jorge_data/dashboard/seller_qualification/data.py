"""What the page of seller qualification draws: answers put in the order and the columns of its charts."""

from dataclasses import replace

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, among, equals
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.dashboard.ui.ranking import largest
from jorge_data.dashboard.ui.time_in_stage import words
from jorge_data.metrics.formatting import duration, joined, portion
from jorge_data.metrics.statistics.counter import KeyCounter, counts
from jorge_data.metrics.statistics.funnel import Funnel, funnel
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES, opening, stock
from jorge_data.metrics.statistics.velocity import StageTime

EVENT = "jorge_qualification_progress"
COHORT, STEP, STALL, MOVE = "seller_cohort", "seller_step", "seller_stall", "seller_move"
SPREAD = "effectiveness_spread"
QUESTIONS = ("Q1", "Q2", "Q3", "Q4")
TENTHS = tuple(map(str, range(0, 100, 10)))


def hot_share(frame: pd.DataFrame) -> float | None:
    """Return the share of sellers (by reached, hot) that ever were hot."""
    found = funnel(frame)
    return found.hot / found.started if found and found.started else None


def answered_all(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many of the sellers who started answered all four questions, and those very sellers."""
    found = page_data.figure("cohort", of=_all_four)
    n = None if found.now is None else int(found.now)
    return replace(found, n=n, rows=query.rows(COHORT, equals("reached", str(len(QUESTIONS)))))


@value_or_refusal
def hot_now(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many sellers are hot at the end of the period, and how many were at its beginning."""
    opened, moved = page_data.series("opened").frame, page_data.series("moved").frame
    if opened.empty and moved.empty:
        return Metric(None)
    was = opening(opened)
    now = KeyCounter(was)
    now.merge(opening(moved))
    rows = TableRequest(query.location, "contacts", (equals("temperature", "hot"),)) if query.period else None
    return Metric(now.of("hot"), was.of("hot") if query.compare else None, now.of("hot"), rows)


def stages(found: Funnel | None, medians: list[StageTime], query: PageQuery) -> pd.DataFrame:
    """Return a row for each stage of the funnel: how many, which share of all, and the median time since the last."""
    times = {stay.stage: stay.median for stay in medians if stay.stage in QUESTIONS}
    rows = [
        {
            "stage": stage.name,
            "value": stage.n,
            "share": stage.of_start,
            "median_s": times.get(stage.name),
            "words": joined(f"{stage.n:,}", _share(stage.of_start), _time(times.get(stage.name))),
            DRILL: query.rows(COHORT, among("reached", stage.reached), among("hot", stage.hot)).token(),
        }
        for stage in (found.stages if found else ())
    ]
    return pd.DataFrame(rows)


def temperatures(page_data: PageData, query: PageQuery) -> pd.DataFrame:
    """Return the stock at the end of each step; where the newest one is now, its marks open the very sellers.

    Who stood where at the end of an earlier step no question can tell: those marks open nothing.
    """
    changes = page_data.series("changes")
    frame = stock(opening(page_data.series("opened").frame), changes.frame, changes.period)
    newest = frame["t"].max() if query.period else None
    lists = {
        name: TableRequest(query.location, "contacts", (equals("temperature", name),)).token() for name in TEMPERATURES
    }
    marks = zip(frame["t"], frame["temperature"], strict=True)
    return frame.assign(**{DRILL: [lists[name] if t == newest else "" for t, name in marks]})


def moves(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the moves (by from, to) in words, the most frequent first."""
    ordered = frame.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    names = [f"{was or 'new'} → {now}" for was, now in zip(ordered["from"], ordered["to"], strict=True)]
    return ordered.assign(move=names)


def tenths(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each ten points of effectiveness, also where nothing lies."""
    if frame.empty:
        return frame
    return pd.DataFrame({"bin": TENTHS}).merge(frame, how="left", on="bin").fillna({"value": 0, "n": 0, DRILL: ""})


def by_question(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a mean by current_question, which counts from 0, in the order of the questions."""
    named = frame.assign(question=[QUESTIONS[int(number)] for number in frame["current_question"]])
    words = [f"{mean:.0f} · n {n:,}" for mean, n in zip(named["value"], named["n"], strict=True)]
    return named.assign(words=words).sort_values("question").reset_index(drop=True)


def stall_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, by question, how many sellers stalled, of how many who stood there (a count by question, stalled)."""
    cells = counts(frame, "question", "stalled")
    parts = {name: (cells.of((name, "yes")), cells.of((name, "no"))) for name in QUESTIONS}
    return {name: (yes, yes + no) for name, (yes, no) in parts.items() if yes + no}


def types(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the types of stall as words, the most frequent first, each with its share."""
    return largest(frame.assign(stall_type=frame["stall_type"].str.replace("_", " ")))


def stall_rates(frame: pd.DataFrame, query: PageQuery) -> pd.DataFrame:
    """Return the stall rate of each question; a mark opens the sellers who stalled there."""
    rows = [
        {
            "question": name,
            "value": yes / n,
            "words": f"{portion(yes / n)} · {yes:,} of {n:,}",
            DRILL: query.rows(STALL, equals("question", name), equals("stalled", "yes")).token(),
        }
        for name, (yes, n) in stall_parts(frame).items()
    ]
    return pd.DataFrame(rows)


def step_times(listed: list[StageTime], query: PageQuery) -> pd.DataFrame:
    """Return the median of each question's step in seconds; a mark opens who did it and who is at it."""
    rows = [
        {
            "step": stay.stage,
            "value": stay.median or 0.0,
            "words": words(stay),
            DRILL: query.rows(STEP, equals("step", stay.stage)).token(),
        }
        for stay in listed
        if stay.stage in QUESTIONS
    ]
    return pd.DataFrame(rows)


def _all_four(frame: pd.DataFrame) -> float | None:
    found = funnel(frame)
    return float(found.stages[len(QUESTIONS)].n) if found else None


def _share(share: float | None) -> str:
    return "" if share is None else portion(share)


def _time(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)
