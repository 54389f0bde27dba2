"""What Explore asks, and how its answers become one frame: a series, its share or ratio, or two side by side."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import pandas as pd

from jorge_data.charts import DRILL, Axis
from jorge_data.dashboard.query.page_query import STEP_WORDS, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.dashboard.ui.chart_card import largest
from jorge_data.metrics.entities.cube import CUBES
from jorge_data.metrics.formatting import NO_DATA, Unit, amount, number, percent, write
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
VALUES = ("value", "n", "value_2", "n_2")
"""The columns of a table that are numbers; those of a second series end in 2."""
MOST_SPLITS = 2


class Combination(NamedTuple):
    """What is made of the answers: the first as it is, its parts of their sum, or it and another by their keys."""

    way: Literal["plain", "whole of parts", "divided", "beside"] = "plain"
    other: str = ""
    keys: tuple[str, ...] = ()


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

    @property
    def unit(self) -> Unit:
        """Return what its values are of."""
        if self.agg == "share":
            return Unit.SHARE
        return UNITS.get(self.measure, Unit.SCORE) if self.agg not in ("count", "distinct") else Unit.COUNT

    def written(self, value: float) -> str:
        """Write one of its values."""
        if self.unit in (Unit.SCORE, Unit.COUNT):
            return number(value) if value == int(value) else amount(value)
        return write(value, self.unit)

    def axis(self, highest: float) -> Axis:
        """Return how a chart writes its values, of which this is the highest."""
        match self.unit:
            case Unit.SHARE:
                return SHARES_AXIS
            case Unit.DOLLARS | Unit.COST:
                return Axis(1, "$.3~s", "$,.4~r" if self.unit is Unit.COST else "$,.0f")
            case Unit.MS:
                return Axis(suffix=" ms") if highest < 1000 else Axis(1000, suffix=" s")
            case Unit.SECONDS:
                size, name = next((each for each in LENGTHS if highest >= 2 * each[0]), LENGTHS[-1])
                return Axis(size, suffix=f" {name}")
            case _:
                return Axis()


UNITS = {
    **dict.fromkeys(("processing_time_ms", "response_time_ms"), Unit.MS),
    **dict.fromkeys(("duration_s", "heard_s", "duration_seconds", "retell_call_duration_seconds"), Unit.SECONDS),
    **dict.fromkeys(("value", "commission", "weighted", "deal_value", "estimated_value"), Unit.DOLLARS),
    "cost_usd": Unit.COST,
}
"""What measures are of, those that are more than a number."""
SHARES_AXIS = Axis(1, ".0%", ".1%")
LENGTHS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
"""Units of time in seconds."""


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

    @property
    def made(self) -> Combination:
        """Return what is made of the answers."""
        if self.calculation == SHARE:
            keys = ("t", *self.by)
            return Combination("divided", "whole", keys) if self.first.where else Combination("whole of parts")
        if self.second is None:
            return Combination()
        if self.calculation == RATIO:
            return Combination("divided", "second", ("t", *self.common))
        return Combination("beside", "second", ("t",))

    def combined(self, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Return the answers as one frame, with the rows behind each mark of the first series."""
        answer, made = frames["answer"], self.made
        match made.way:
            case "whole of parts":
                totals = answer.groupby("t", dropna=False)["value"].transform("sum")
                return answer.assign(value=answer["value"] / totals.where(totals != 0))
            case "divided":
                return divided(answer, frames[made.other], made.keys)
            case "beside":
                names = dict(zip(("answer", made.other), self.series_names, strict=True))
                named = [frames[name].assign(**{SERIES: word}) for name, word in names.items()]
                return pd.concat(named, ignore_index=True)
            case _:
                return answer

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
        return largest(ranked, whole=self.calculation == PLAIN and self.first.agg in ADDITIVE, write=self.written)

    def written(self, value: float) -> str:
        """Write one value of the answer."""
        if math.isnan(value):
            return NO_DATA
        if self.calculation == SHARE:
            return percent(value)
        return amount(value) if self.calculation == RATIO else self.first.written(value)

    def axes(self, frame: pd.DataFrame) -> tuple[Axis, ...]:
        """Return how the chart of a combined frame writes its values: one axis, or that of each of two series."""
        if self.calculation == SHARE:
            return (SHARES_AXIS,)
        if self.calculation == RATIO:
            return (Axis(),)
        if self.second is None:
            return (self.first.axis(_highest(frame)),)
        named = zip((self.first, self.second), self.series_names, strict=True)
        return tuple(series.axis(_highest(frame[frame[SERIES] == name])) for series, name in named)

    def listed(self, frame: pd.DataFrame) -> "Listed":
        """Return the numbers of a combined frame as a table lists them: two series in columns beside each other."""
        if self.second is None or self.calculation != BESIDE:
            titles = {"value": self.heading, "n": "Counted"}
            # Where how many is asked, how many were counted is the same again.
            counted = self.first.agg == "count" and self.calculation == PLAIN
            return Listed(
                table(frame.drop(columns="n") if counted else frame), _tokens(frame), titles, {"value": self.written}
            )
        both, titles, writers = None, dict[str, str](), dict[str, Callable[[float], str]]()
        for series, name, ending in zip((self.first, self.second), self.series_names, ("", "_2"), strict=True):
            part = frame[frame[SERIES] == name].drop(columns=SERIES)
            part = part.drop(columns="n") if series.agg == "count" else part
            part = part.drop(columns=DRILL, errors="ignore") if ending else part
            part = part.rename(columns={each: f"{each}{ending}" for each in ("value", "n")})
            both = part if both is None else both.merge(part, how="outer", on="t")
            titles |= {f"value{ending}": name, f"n{ending}": f"Counted: {_lower(name)}"}
            writers[f"value{ending}"] = series.written
        assert both is not None
        return Listed(table(both), _tokens(both), titles, writers)

    def words(self, query: PageQuery) -> str:
        """Write what is drawn: the series, its filters, the split, the step and the period."""
        parts = [self.first.words, *map(condition_words, self.first.where)]
        if self.second is not None:
            parts += [CALCULATIONS[self.calculation], self.second.words, *map(condition_words, self.second.where)]
        if self.by and self.calculation != BESIDE:
            parts.append(f"split by {' and '.join(map(field_words, self.by))}")
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


class Listed(NamedTuple):
    """A table of numbers, the rows behind each of its own, the titles of its columns, and how some are written."""

    frame: pd.DataFrame
    tokens: list[str | None]
    titles: Mapping[str, str]
    writers: Mapping[str, Callable[[float], str]]


def _highest(frame: pd.DataFrame) -> float:
    values = frame["value"].abs().max()
    return 0.0 if pd.isna(values) else float(values)


def over_time(frame: pd.DataFrame) -> bool:
    """Return whether a frame has points in time."""
    return bool(frame["t"].notna().any())


def _tokens(frame: pd.DataFrame) -> list[str | None]:
    return [token if isinstance(token, str) else None for token in frame.get(DRILL, ())]


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of an answer as they are listed: without links, names and values in words."""
    shown = frame.drop(columns=[DRILL] if over_time(frame) else [DRILL, "t"], errors="ignore")
    fields = [name for name in shown.columns if name not in ("t", *VALUES)]
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
        return (TABLE,) if step == ALTOGETHER else (LINES, TABLE)
    adds_up = first.agg in ADDITIVE and calculation == PLAIN
    in_time: tuple[str, ...] = (BARS, LINES) if adds_up else (LINES, BARS)
    if calculation == SHARE or (calculation == RATIO and by):
        in_time = (LINES,)  # not stacked: they are no parts of a whole
    without: tuple[str, ...] = (HEAT, RANKING) if len(by) > 1 else (RANKING,) if by else (FIGURE,)
    return (*without, TABLE) if step == ALTOGETHER else (*in_time, *without, TABLE)
