"""Fields of what is stored as JSON, and conditions on them, as SQL; each engine's folder has its own words for them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Float, Text, cast, func, literal_column
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from jorge_data.store.event_filter import Condition, Field, Measure

LARGEST = 10**15
"""Greatest scaled number that counts; the rollups' own bound."""


class TextOf(FunctionElement[str]):
    """A value in a JSON as text: true and false are words, a whole number has no point; null of none."""

    type = Text()
    inherit_cache = False
    path: tuple[str, ...]


class NumberOf(FunctionElement[int]):
    """A whole number in a JSON."""

    type = BigInteger()
    inherit_cache = False
    path: tuple[str, ...]


class ScaledOf(FunctionElement[int]):
    """A number in a JSON as a scaled integer, true as 1 and false as 0; null where it is none, or beyond LARGEST."""

    type = BigInteger()
    inherit_cache = False
    path: tuple[str, ...]
    measure: Measure


class ArrayOf(FunctionElement[Any]):
    """Values in a JSON as one array, as they are there; a missing one is null."""

    type = NullType()
    inherit_cache = False
    paths: tuple[tuple[str, ...], ...]


class AsNumber(FunctionElement[float]):
    """A text as a number, null where it is none."""

    type = Float()
    inherit_cache = False


class Columns(NamedTuple):
    """Where the fields of one table are: its columns by name, and its JSON."""

    columns: dict[str, KeyedColumnElement[str]]
    body: KeyedColumnElement[str]

    def text(self, field: Field) -> ColumnElement[str]:
        """Return a field as text: a missing one is empty, true and false are words, a whole number has no point."""
        own = field.source == "column"
        value = cast(self.columns[field.name], Text) if own else text_of(self.body, *_path(field))
        text = func.coalesce(value, literal_column("''"), type_=Text)
        return (
            text
            if field.most is None
            else func.substr(text, literal_column("1"), literal_column(str(field.most)), type_=Text)
        )

    def scaled(self, measure: Measure) -> ColumnElement[int]:
        """Return a number as a scaled integer, true as 1 and false as 0; null where it is none, or beyond LARGEST."""
        scaled = ScaledOf(self.body)
        scaled.path, scaled.measure = _path(measure.field), measure
        return scaled

    def array(self, fields: Sequence[Field]) -> ColumnElement[Any]:
        """Return fields as one array of JSON, with the values as they are in the JSON; a missing one is null."""
        array = ArrayOf(self.body)
        array.paths = tuple(map(_path, fields))
        return array


def text_of(body: ColumnElement[Any], *path: str) -> ColumnElement[str]:
    """Return a value in a JSON as text, null where it is missing."""
    text = TextOf(body)
    text.path = path
    return text


def number_of(body: ColumnElement[Any], *path: str) -> ColumnElement[int]:
    """Return a whole number in a JSON, null where it is missing."""
    number = NumberOf(body)
    number.path = path
    return number


def clause(text: ColumnElement[str], condition: Condition) -> ColumnElement[bool]:
    """Return a condition as SQL on a text that is never null; `event_filter.holds` decides the same."""
    match condition.operator:
        case "eq" | "in":
            return text.in_(condition.values)
        case "ne":
            return text.not_in(condition.values)
    number, bound = AsNumber(text), float(condition.values[0])
    return {"lt": number < bound, "le": number <= bound, "gt": number > bound, "ge": number >= bound}[
        condition.operator
    ]


def _path(field: Field) -> tuple[str, ...]:
    return (field.name,) if field.source == "attribute" else ("data", field.name)
