"""Fields of what is kept as JSON, as SQL: their text, and their number."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Text, and_, case, cast, func, literal, null
from sqlalchemy.sql.elements import KeyedColumnElement

Place = Literal["column", "attribute", "data", "named"]

LARGEST = 10**15
"""Greatest scaled number that counts; the rollups' own bound."""


class Field(NamedTuple):
    """Where a field stands: in a column, in the envelope's JSON, in its `data`, or there and in an index of alerts.

    `most` characters of it count.
    """

    name: str
    place: Place
    most: int | None = None


class Columns(NamedTuple):
    """Where the fields of one table are found."""

    columns: dict[str, KeyedColumnElement[str]]
    body: KeyedColumnElement[str]

    def text(self, field: Field) -> ColumnElement[str]:
        """Return a field as text: a missing one is empty, true and false are words, a whole number has no point."""
        text = func.coalesce(self._column(field) if field.place == "column" else self._text(field), "", type_=Text)
        return text if field.most is None else func.substr(text, 1, field.most, type_=Text)

    def scaled(self, field: Field, scale: int) -> ColumnElement[int]:
        """Return a number as a scaled integer, true as 1 and false as 0; null where it is none, or beyond belief."""
        path = _path(field)
        kind = func.json_type(self.body, path)
        number = case(
            (kind.in_(("integer", "real")), func.json_extract(self.body, path)),
            (kind == "true", 1),
            (kind == "false", 0),
            else_=null(),
        )
        believable = and_(func.abs(number) <= LARGEST, func.abs(number * scale) <= LARGEST)
        return case((believable, cast(func.round(number * scale), BigInteger)), else_=null())

    def array(self, fields: Sequence[Field]) -> ColumnElement[Any]:
        """Return fields as one array of JSON, as they are written there; a missing one is null."""
        paths = [_path(field) for field in fields]
        if len(paths) == 1:  # of one path json_extract is no array
            return func.json_array(self.body.op("->")(*paths))
        return func.json_extract(self.body, *paths)

    def _column(self, field: Field) -> ColumnElement[str]:
        return cast(self.columns[field.name], Text)

    def _text(self, field: Field) -> ColumnElement[str]:
        path = _path(field)
        value = func.json_extract(self.body, path)
        return case(
            (func.json_type(self.body, path) == "true", literal("true")),
            (func.json_type(self.body, path) == "false", literal("false")),
            (and_(func.json_type(self.body, path) == "real", value == cast(value, BigInteger)), _whole(value)),
            else_=cast(value, Text),
        )


def _whole(value: ColumnElement[float]) -> ColumnElement[str]:
    return cast(cast(value, BigInteger), Text)


def _path(field: Field) -> str:
    return f'$.data."{field.name}"' if field.place in ("data", "named") else f'$."{field.name}"'
