"""What Explore asks, and how its answers become one frame: a series, its share or ratio, or two side by side."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import STEP_WORDS, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.dashboard.ui.chart_card import largest
from jorge_data.metrics.entities.cube import CUBES
from jorge_data.metrics.formatting import amount, number, percent
from jorge_data.metrics.names import (
    condition_words,
    field_words,
    kind_words,
    label_words,
    sentence_case,
    title_words,
)

KINDS = {kind: cube for kind, cube in CUBES.items() if cube.counted}
"""The kinds that figures count: of the others there is nothing to ask."""
EVENTS, CONTACTS = "events", "subject"
SHARES = frozenset({"within_target", "above_target", "stall_detected", "success", "stalled", "right", "hot"})
"""Fields that are true or false: their share is the only aggregation."""
AGGREGATIONS = {
    "count": "how many",
    "distinct": "different contacts",
    "share": "share",
    "mean": "average",
    "p50": "middle one (median)",
    "p95": "all but the highest 5 % (p95)",
    "p99": "all but the highest 1 % (p99)",
    "sum": "total",
    "min": "lowest",
    "max": "highest",
}
"""Each aggregation in words."""
ADDITIVE = frozenset({"count", "sum"})
"""Aggregations whose parts add up to a whole."""
AUTO, ALTOGETHER = "auto", "all"
PLAIN, SHARE, RATIO, BESIDE = "plain", "share", "ratio", "beside"
CALCULATIONS = {
    PLAIN: "nothing",
    SHARE: "the share of the whole",
    RATIO: "the ratio to a second series",
    BESIDE: "a second series beside it",
}
LINES, BARS, RANKING, HEAT, FIGURE, TABLE = "Lines", "Bars", "Ranking", "Heat map", "Figure", "Table"
WITHOUT_TIME = frozenset({RANKING, HEAT, FIGURE})
EVERYTHING, SERIES = "everything", "series"
MOST_SPLITS = 2


@dataclass(frozen=True)
class ChosenSeries:
    """One series: of which kind, which measure of it, how it is aggregated, and which of its facts."""

    kind: str
    measure: str
    agg: str
    where: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return what it is as a title goes: "Property alerts", "Time to answer, average"."""
        if self.measure in (EVENTS, CONTACTS):
            what = kind_words(self.kind)
            return sentence_case(f"different contacts of {what}" if self.measure == CONTACTS else what)
        return f"{title_words(self.measure)}, {AGGREGATIONS[self.agg]}"


@dataclass(frozen=True)
class Exploration:
    """The chosen series and its chart; a query gives it its office and its period."""

    first: ChosenSeries
    by: tuple[str, ...] = ()
    step: str = AUTO
    shape: str = LINES
    calculation: str = PLAIN
    second: ChosenSeries | None = None

    def requests(self, query: PageQuery) -> Mapping[str, SeriesRequest]:
        """Return the requests for the period of a query: "answer", and what it is divided by or stands beside."""
        step = query.step if self.step == AUTO else self.step
        step = ALTOGETHER if self.shape in WITHOUT_TIME else step
        requests = {"answer": self._request(self.first, self.by, step, query)}
        if self.second is not None:
            requests["second"] = self._request(self.second, self.common, step, query)
        elif self.calculation == SHARE and self.first.where:
            requests["whole"] = self._request(replace(self.first, where=()), self.by, step, query)
        return requests

    @staticmethod
    def _request(choice: ChosenSeries, by: tuple[str, ...], step: str, query: PageQuery) -> SeriesRequest:
        return query.series(choice.kind, choice.measure, choice.agg, by, choice.where, step)

    @property
    def common(self) -> tuple[str, ...]:
        """Return the splits that the second series has as well: each part is divided by its own, or by the whole."""
        if self.second is None or self.calculation == BESIDE:
            return ()
        return self.by if set(self.by) <= set(KINDS[self.second.kind].dims) else ()

    @property
    def split(self) -> str:
        """Return the name of the column by which the drawn frame is split."""
        return SERIES if self.calculation == BESIDE else " · ".join(self.by)

    @property
    def heading(self) -> str:
        """Return the chart's title."""
        if self.calculation == SHARE:
            return f"{self.first.words}: share of the whole"
        if self.second is not None:
            between = "and" if self.calculation == BESIDE else "for each of"
            return f"{self.first.words} {between} {_lower(self.second.words)}"
        return self.first.words

    def combined(self, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Return the answers as one frame, with the rows behind each mark of the first series."""
        answer = frames["answer"]
        if self.calculation == SHARE:
            if "whole" in frames:
                return divided(answer, frames["whole"], ("t", *self.by))
            totals = answer.groupby("t", dropna=False)["value"].transform("sum")
            return answer.assign(value=answer["value"] / totals.where(totals != 0))
        if self.second is None or "second" not in frames:
            return answer
        if self.calculation == RATIO:
            return divided(answer, frames["second"], ("t", *self.common))
        names = dict(zip(("answer", "second"), self.series_names, strict=True))
        return pd.concat([frames[name].assign(**{SERIES: word}) for name, word in names.items()], ignore_index=True)

    @property
    def series_names(self) -> tuple[str, str]:
        """Return what the two series are called on one chart."""
        assert self.second is not None
        first, second = self.first.words, self.second.words
        if first == second:
            first, second = (joined_conditions(each) for each in (self.first, self.second))
        return (first, second) if first != second else (first, f"{second} (2)")

    def drawn(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame as its chart draws it, values in words: one column for a split; without time, by size."""
        frame = frame.assign(**{name: [label_words(each, name) for each in frame[name]] for name in self.by})
        if len(self.by) > 1 and self.calculation != BESIDE:
            frame = frame.assign(**{self.split: frame[list(self.by)].agg(" · ".join, axis=1)})
        if self.shape == HEAT or over_time(frame):
            return frame
        ranked = frame if self.split in frame else frame.assign(**{EVERYTHING: EVERYTHING})
        sized = largest(ranked, whole=self.calculation == PLAIN and self.first.agg in ADDITIVE)
        return sized.assign(words=list(map(self.written, sized["value"]))) if self.calculation == SHARE else sized

    def written(self, value: float) -> str:
        """Write one value of the answer."""
        if math.isnan(value):
            return "no data"
        if self.calculation == SHARE or (self.first.agg == "share" and self.calculation == PLAIN):
            return percent(value)
        return number(value) if value == int(value) else amount(value)

    def words(self, query: PageQuery) -> str:
        """Write what is drawn: the series, its filters, the split, the step and the period."""
        parts = [self.first.words, *map(condition_words, self.first.where)]
        if self.second is not None:
            parts += [CALCULATIONS[self.calculation], self.second.words, *map(condition_words, self.second.where)]
        if self.by and self.calculation != BESIDE:
            parts.append(f"by {' and '.join(map(field_words, self.by))}")
        step = self.requests(query)["answer"].step
        parts.append("altogether" if step == ALTOGETHER else f"by {STEP_WORDS.get(step, step)}")
        return ", ".join([*parts, query.label])


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def joined_conditions(choice: ChosenSeries) -> str:
    """Return what tells a series from another of the same measure: its filters."""
    return ", ".join(map(condition_words, choice.where)) or "all"


def divided(part: pd.DataFrame, whole: pd.DataFrame, on: tuple[str, ...]) -> pd.DataFrame:
    """Return the part with its values divided by those of the whole at the same place; nothing where that is 0."""
    keys = [name for name in on if name != "t" or over_time(part)]
    below = whole[[*keys, "value"]].rename(columns={"value": "below"})
    joined = part.merge(below, how="left", on=keys) if keys else part.merge(below, how="cross")
    return joined.assign(value=joined["value"] / joined["below"].where(joined["below"] != 0)).drop(columns="below")


def over_time(frame: pd.DataFrame) -> bool:
    """Return whether a frame has points in time."""
    return bool(frame["t"].notna().any())


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of an answer as they are listed: without links, names and values in words."""
    shown = frame.drop(columns=DRILL, errors="ignore").dropna(axis="columns", how="all")
    fields = [name for name in shown.columns if name not in ("t", "value", "n", SERIES)]
    shown = shown.assign(**{name: [label_words(each, name) for each in shown[name]] for name in fields})
    return shown.rename(columns={name: title_words(name) for name in fields})


def aggregations(kind: str, measure: str) -> tuple[str, ...]:
    """Return the aggregations of a measure; facts that may be retracted have neither min nor max."""
    if measure == EVENTS:
        return ("count",)
    if measure == CONTACTS:
        return ("distinct",)
    bounds = () if KINDS[kind].entity else ("min", "max")
    return ("share",) if measure in SHARES else ("mean", "p50", "p95", "p99", "sum", *bounds)


def measures(kind: str) -> tuple[str, ...]:
    """Return the measures of a kind: the facts themselves, their contacts, and their numbers."""
    cube = KINDS[kind]
    numbers = (*cube.measures, *(dim for dim in cube.dims if dim in SHARES))
    return (EVENTS, *numbers) if cube.entity else (EVENTS, CONTACTS, *numbers)


def calculations(first: ChosenSeries, by: tuple[str, ...]) -> tuple[str, ...]:
    """Return what may be calculated: a share is of parts that add up, and of something that they are a part of."""
    has_share = first.agg in ADDITIVE and bool(first.where or by)
    return (PLAIN, *((SHARE,) if has_share else ()), RATIO, BESIDE)


def shapes(first: ChosenSeries, by: tuple[str, ...], step: str, calculation: str) -> tuple[str, ...]:
    """Return the charts that can show it, those that fit first."""
    if calculation == BESIDE:
        return (LINES, TABLE)
    adds_up = first.agg in ADDITIVE and calculation == PLAIN
    in_time: tuple[str, ...] = (BARS, LINES) if adds_up else (LINES, BARS)
    if calculation == SHARE or (calculation == RATIO and by):
        in_time = (LINES,)  # not stacked: they are no parts of a whole
    without: tuple[str, ...] = (HEAT, RANKING) if len(by) > 1 else (RANKING,) if by else (FIGURE,)
    return (*without, TABLE) if step == ALTOGETHER else (*in_time, *without, TABLE)
