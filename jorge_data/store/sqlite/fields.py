"""SQLite's words for fields of what is stored as JSON."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, Text, and_, case, cast, func, literal, null
from sqlalchemy.ext.compiler import compiles

from jorge_data.store.sql.fields import LARGEST, ArrayOf, AsNumber, NumberOf, ScaledOf, TextOf


@compiles(TextOf, "sqlite")
def _text(element: TextOf, compiler: Any, **given: Any) -> str:
    (body,), path = element.clauses, _path(element.path)
    value, kind = func.json_extract(body, path), func.json_type(body, path)
    integer = cast(value, BigInteger)
    text = case(
        (kind == "true", literal("true")),
        (kind == "false", literal("false")),
        (and_(kind == "real", value == integer), cast(integer, Text)),
        else_=cast(value, Text),
    )
    return str(compiler.process(text, **given))


@compiles(NumberOf, "sqlite")
def _number(element: NumberOf, compiler: Any, **given: Any) -> str:
    (body,) = element.clauses
    return str(compiler.process(cast(body.op("->>")(_path(element.path)), BigInteger), **given))


@compiles(ScaledOf, "sqlite")
def _scaled(element: ScaledOf, compiler: Any, **given: Any) -> str:
    (body,), path, scale = element.clauses, _path(element.path), element.measure.scale
    value, kind = func.json_extract(body, path), func.json_type(body, path)
    is_number = kind.in_(("integer", "real"))
    if element.measure.money:
        number = case(
            (and_(is_number, value >= 0), value),
            (and_(kind == "text", *_is_decimal(value)), cast(value, Float)),
            else_=null(),
        )
    else:
        number = case((is_number, value), (kind == "true", 1), (kind == "false", 0), else_=null())
    believable = and_(func.abs(number) <= LARGEST, func.abs(number * scale) <= LARGEST)
    scaled = case((believable, cast(func.round(number * scale), BigInteger)), else_=null())
    return str(compiler.process(scaled, **given))


@compiles(ArrayOf, "sqlite")
def _array(element: ArrayOf, compiler: Any, **given: Any) -> str:
    (body,), paths = element.clauses, list(map(_path, element.paths))
    if len(paths) == 1:  # of one path json_extract is no array
        return str(compiler.process(func.json_array(body.op("->")(*paths)), **given))
    return str(compiler.process(func.json_extract(body, *paths), **given))


@compiles(AsNumber, "sqlite")
def _as_number(element: AsNumber, compiler: Any, **given: Any) -> str:
    (text,) = element.clauses
    is_number = and_(text.op("GLOB")("*[0-9]*"), text.op("NOT GLOB")("*[^-+.0-9eE]*"))
    return str(compiler.process(case((is_number, cast(text, Float)), else_=null()), **given))


def _is_decimal(value: ColumnElement[str]) -> Sequence[ColumnElement[bool]]:
    """Return what holds of digits with at most one point among them, as `events.money.dollars` reads them."""
    like, unlike = value.op("GLOB"), value.op("NOT GLOB")
    return like("[0-9]*"), like("*[0-9]"), unlike("*[^0-9.]*"), unlike("*.*.*")


def _path(path: Sequence[str]) -> str:
    return "$." + ".".join(name if name == "data" else f'"{name}"' for name in path)
