"""Fields of what is stored as JSON, and conditions on them, as SQL."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Float, Text, and_, case, cast, func, literal, null
from sqlalchemy.sql.elements import KeyedColumnElement

from jorge_data.store.event_filter import Condition, Field, Measure

LARGEST = 10**15
"""Greatest scaled number that counts; the rollups' own bound."""


class Columns(NamedTuple):
    """Where the fields of one table are: its columns by name, and its JSON."""

    columns: dict[str, KeyedColumnElement[str]]
    body: KeyedColumnElement[str]

    def text(self, field: Field) -> ColumnElement[str]:
        """Return a field as text: a missing one is empty, true and false are words, a whole number has no point."""
        value = cast(self.columns[field.name], Text) if field.source == "column" else self._json_text(field)
        text = func.coalesce(value, "", type_=Text)
        return text if field.most is None else func.substr(text, 1, field.most, type_=Text)

    def scaled(self, measure: Measure) -> ColumnElement[int]:
        """Return a number as a scaled integer, true as 1 and false as 0; null where it is none, or beyond LARGEST."""
        path, scale = _path(measure.field), measure.scale
        value, kind = func.json_extract(self.body, path), func.json_type(self.body, path)
        is_number = kind.in_(("integer", "real"))
        if measure.money:
            number = case(
                (and_(is_number, value >= 0), value),
                (and_(kind == "text", *_is_decimal(value)), cast(value, Float)),
                else_=null(),
            )
        else:
            number = case((is_number, value), (kind == "true", 1), (kind == "false", 0), else_=null())
        believable = and_(func.abs(number) <= LARGEST, func.abs(number * scale) <= LARGEST)
        return case((believable, cast(func.round(number * scale), BigInteger)), else_=null())

    def array(self, fields: Sequence[Field]) -> ColumnElement[Any]:
        """Return fields as one array of JSON, with the values as they are in the JSON; a missing one is null."""
        paths = [_path(field) for field in fields]
        if len(paths) == 1:  # of one path json_extract is no array
            return func.json_array(self.body.op("->")(*paths))
        return func.json_extract(self.body, *paths)

    def _json_text(self, field: Field) -> ColumnElement[str]:
        path = _path(field)
        value, kind = func.json_extract(self.body, path), func.json_type(self.body, path)
        integer = cast(value, BigInteger)
        return case(
            (kind == "true", literal("true")),
            (kind == "false", literal("false")),
            (and_(kind == "real", value == integer), cast(integer, Text)),
            else_=cast(value, Text),
        )


def _is_decimal(value: ColumnElement[str]) -> Sequence[ColumnElement[bool]]:
    """Return what holds of digits with at most one point among them, as `events.money.dollars` reads them."""
    like, unlike = value.op("GLOB"), value.op("NOT GLOB")
    return like("[0-9]*"), like("*[0-9]"), unlike("*[^0-9.]*"), unlike("*.*.*")


def clause(text: ColumnElement[str], condition: Condition) -> ColumnElement[bool]:
    """Return a condition as SQL on a text that is never null; `event_filter.holds` decides the same."""
    match condition.operator:
        case "eq" | "in":
            return text.in_(condition.values)
        case "ne":
            return text.not_in(condition.values)
    number, bound = cast(text, Float), float(condition.values[0])
    comparison = {"lt": number < bound, "le": number <= bound, "gt": number > bound, "ge": number >= bound}
    is_number = and_(text.op("GLOB")("*[0-9]*"), text.op("NOT GLOB")("*[^-+.0-9eE]*"))
    return and_(is_number, comparison[condition.operator])


def _path(field: Field) -> str:
    return f'$."{field.name}"' if field.source == "attribute" else f'$.data."{field.name}"'
