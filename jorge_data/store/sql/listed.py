"""Values that a statement is given as one JSON text, as rows: each range of a question, each name."""

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, literal_column
from sqlalchemy.sql.selectable import TableValuedAlias

from jorge_data.store.sql.tables import Whole


def listed(name: str) -> TableValuedAlias:
    """Return the lists of a parameter, each with its number from 0 (`key`)."""
    return func.listed(bindparam(name, type_=Text)).table_valued("key", "value", name=name)


def texts(name: str, alias: str = "name") -> TableValuedAlias:
    """Return the texts of a parameter, each as its `value`."""
    return func.texts(bindparam(name, type_=Text)).table_valued("value", name=alias)


def text_in(lists: TableValuedAlias, place: int) -> ColumnElement[Any]:
    """Return the text at a place of each list."""
    return lists.c.value.op("->>")(literal_column(str(place)))


def number_in(lists: TableValuedAlias, place: int) -> ColumnElement[int]:
    """Return the number at a place of each list."""
    return cast(text_in(lists, place), Whole)
