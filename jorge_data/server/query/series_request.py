"""A series query and its conditions, read from the parameters of a request: every name and value is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from jorge_data.events import KINDS, parse_moment
from jorge_data.events.numbers import read_decimal, read_whole
from jorge_data.events.timestamps import micros, zone_named
from jorge_data.metrics.definitions.questions import Aggregation
from jorge_data.server.query.query_schema import (
    BOOLEAN_DIMS,
    BOOLEAN_MEASURES,
    COUNTED,
    EVENTS,
    fields_of,
    names_of,
    refuse,
)
from jorge_data.server.query.time_buckets import ALLOWED_MOMENTS, STEPS, YEARS
from jorge_data.store import Condition, Operator

OPERATORS: tuple[Operator, ...] = get_args(Operator)
MOST_CONDITIONS = 20
MOST_VALUES = 200


def read_where(texts: Sequence[str], names: Sequence[str]) -> tuple[Condition, ...]:
    """Read conditions on these names; raise Invalid that quotes the condition and says what is allowed."""
    if len(texts) > MOST_CONDITIONS:
        refuse("where", texts, f"{MOST_CONDITIONS} conditions at most")
    return tuple(_condition(text, names) for text in texts)


def _condition(text: str, names: Sequence[str]) -> Condition:
    field, colon, condition = text.partition(":")
    operator, second, value = condition.partition(":")
    if not colon or not second:
        refuse("where", text, "field:operator:value, as in seller_temperature:eq:hot")
    if field not in names:
        refuse("where", field, names)
    name = _one_of("where", operator, OPERATORS)
    return Condition(field, name, _values(name, value))


def _values(operator: Operator, text: str) -> tuple[str, ...]:
    if operator == "in":
        values = tuple(text.split(","))
        return values if len(values) <= MOST_VALUES else refuse("where", text, f"{MOST_VALUES} values at most")
    if operator in ("lt", "le", "gt", "ge") and read_decimal(text) is None:
        refuse("where", text, f"a number after {operator}, as in 85 or -0.5")
    return (text,)


T = TypeVar("T", bound=str)

AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)

MOST_SPLITS = 4
MOST_TOP = 1000


@dataclass(frozen=True)
class SeriesQuery:
    """Which figures: of facts of a kind in a half-open span (microseconds; None is open), split, filtered, in steps.

    `top`: so many parts of the split alone, those with the greatest value. `agent`: where it names a field of events
    that no cube has, which may tell one contact from another, it counts the events that he sees.
    """

    kind: str
    measure: str
    agg: Aggregation
    by: tuple[str, ...]
    where: tuple[Condition, ...]
    start: int | None
    end: int | None
    step: str
    zone: ZoneInfo
    top: int | None = None
    agent: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Return the dimensions and fields that the query names, its measure included."""
        return frozenset({*self.by, *(each.field for each in self.where), self.measure}) - {EVENTS}


def read_series(params: QueryParams, office_zone: ZoneInfo) -> SeriesQuery:
    """Read the parameters of `/api/series`; raise Invalid that names the parameter, its value and what is allowed."""
    kind = params.get("kind", "")
    cube = COUNTED.get(kind) or refuse("kind", kind, COUNTED)
    names = names_of(kind)
    agg = _one_of("agg", params.get("agg", "count"), AGGREGATIONS)
    measure = params.get("measure") or EVENTS
    numbers = (EVENTS, *cube.measures, *(dim for dim in cube.dims if dim in BOOLEAN_DIMS))
    fields = fields_of(kind) if kind in KINDS else ()
    if measure not in numbers and measure not in fields:
        refuse("measure", measure, dict.fromkeys((*numbers, *fields)))
    _check_sense(agg, measure, kind, cube.entity)
    start, end = read_span(params)
    step = _one_of("step", params.get("step", "all"), STEPS)
    zone = office_zone
    if name := params.get("zone"):
        zone = zone_named(name) or refuse("zone", name, "an IANA time zone, as in America/Chicago")
    return SeriesQuery(
        kind=kind,
        measure=measure,
        agg=agg,
        by=read_names("by", params.get("by", ""), names, MOST_SPLITS),
        where=read_where(params.getlist("where"), names),
        start=start,
        end=end,
        step=step,
        zone=zone,
        top=_top(top, step, agg) if (top := params.get("top")) else None,
    )


def _check_sense(agg: Aggregation, measure: str, kind: str, entity: bool) -> None:
    """Raise Invalid where an aggregation has no meaning for a measure."""
    if measure == EVENTS and agg != "count":
        refuse("agg", agg, f"count, where the measure is {EVENTS}")
    if agg == "share" and measure not in BOOLEAN_MEASURES | BOOLEAN_DIMS:
        refuse("agg", agg, f"share of {', '.join(sorted(BOOLEAN_MEASURES | BOOLEAN_DIMS))} alone")
    if measure in BOOLEAN_DIMS and agg not in ("share", "distinct"):
        refuse("agg", agg, f"share, where the measure is {measure}")
    if agg == "distinct" and kind not in KINDS:
        refuse("agg", agg, "distinct of kinds of event alone")
    if agg in ("min", "max") and entity:
        refuse("agg", agg, "least and greatest of kinds of event alone: facts of entities come and go")


def read_span(params: QueryParams) -> tuple[int | None, int | None]:
    """Read `from` and `to`, in microseconds; what is not given is open."""
    start, end = _moment("from", params.get("from")), _moment("to", params.get("to"))
    if start is not None and end is not None and start >= end:
        refuse("to", params.get("to"), f"a moment after from, which is {params.get('from')}")
    return start, end


def _moment(name: str, text: str | None) -> int | None:
    if not text:
        return None
    try:
        moment = parse_moment(text.replace(" ", "+"))  # a plus sign in a query that nobody has quoted
    except ValueError as error:
        refuse(name, text, str(error).rpartition("allowed: ")[2])
    if micros(moment) not in ALLOWED_MOMENTS:
        refuse(name, text, f"a moment of the years {YEARS.start}–{YEARS.stop - 1}")
    return micros(moment)


def read_names(field: str, text: str, allowed: Sequence[str], most: int) -> tuple[str, ...]:
    """Read names, comma-separated, each once; raise Invalid where one is not allowed, or there are too many."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in allowed:
            refuse(field, name, allowed)
    if len(names) > most:
        refuse(field, text, f"{most} names at most")
    return names


def _top(text: str, step: str, agg: str) -> int:
    if step != "all" or agg == "bins":
        refuse("top", text, "top only where the step is all and agg is not bins")
    top = read_whole(text)
    return top if top is not None and 1 <= top <= MOST_TOP else refuse("top", text, f"1–{MOST_TOP}")


def _one_of(field: str, value: str, allowed: Sequence[T]) -> T:
    return next((name for name in allowed if name == value), None) or refuse(field, value, allowed)
