"""What is typed to find somebody, as SQL: words in any order and without accents, or a number however it is written."""

import re
import sqlite3
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, func, or_, true

from jorge_data.events.spelling import fold
from jorge_data.store.sqlite.tables import entities

MOST_WORDS = 6
"""Words of a search that count: each is one more condition, and each number of them a statement of its own."""

FEWEST_DIGITS = 3
"""Digits that are looked for in telephone numbers."""

FEWEST_WITH_PREFIX = 7
"""Digits of a number that may begin with what is dialled before it."""

_NUMBER = re.compile(r"(?:tel:)?[\d\s()+./\-]+(?:\s*(?:x|ext\.?)\s*\d+)?")
_EXTENSION = re.compile(r"\s*(?:x|ext\.?)\s*\d+$")
_PREFIX = re.compile(r"^(?:011|0+)")
"""What is dialled before a number of another country, or within one, and is no part of the number as it is stored."""

_NOT_ASCII = "*[^\x01-~]*"
_FOLDED = "folded"


class Search(NamedTuple):
    """What is searched for: every word, or the digits of a number in one of two forms."""

    words: tuple[str, ...]
    number: tuple[str, str] | None = None

    @property
    def form(self) -> "SearchForm":
        """Return what of it is part of a statement."""
        return SearchForm(tuple(len(_digits(word)) >= FEWEST_DIGITS for word in self.words), self.number is not None)

    @property
    def parameters(self) -> dict[str, str]:
        """Return the values of its statement's parameters."""
        values = {f"word_{place}": word for place, word in enumerate(self.words)}
        values |= {f"digits_{place}": _digits(word) for place, word in enumerate(self.words)}
        return values | {f"number_{place}": digits for place, digits in enumerate(self.number or ())}


class SearchForm(NamedTuple):
    """Whether each word may be a part of a number, and whether all of them are one."""

    words: tuple[bool, ...] = ()
    is_number: bool = False

    @property
    def clause(self) -> ColumnElement[bool]:
        """Return the condition on an entity: its name, its id and its e-mail have the words, or its number digits."""
        text, number = _sought_text(), _sought_number()
        matches = and_(true(), *(_has_word(text, number, place, digits) for place, digits in enumerate(self.words)))
        if not self.is_number:
            return matches
        return or_(matches, *(_has(number, f"number_{place}") for place in range(2)))


def read_search(text: str) -> Search:
    """Return what a text searches for."""
    folded = fold(text)
    words = tuple(folded.split()[:MOST_WORDS])
    number = None
    if _NUMBER.fullmatch(folded) and len(digits := _digits(_EXTENSION.sub("", folded))) >= FEWEST_DIGITS:
        number = digits, _PREFIX.sub("", digits) if len(digits) >= FEWEST_WITH_PREFIX else digits
    return Search(words, number)


def prepare_search(connection: sqlite3.Connection) -> None:
    """Have a connection compare names that are not ASCII as `fold` does."""
    connection.create_function(_FOLDED, 1, lambda text: text and fold(text), deterministic=True)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _sought_text() -> ColumnElement[str]:
    e = entities.c
    text = e.name.concat("\n").concat(e.key).concat("\n").concat(func.coalesce(e.summary.op("->>")("$.email"), ""))
    folded = getattr(func, _FOLDED)(text, type_=Text)
    return case((text.op("GLOB")(_NOT_ASCII), folded), else_=func.lower(text))


def _sought_number() -> ColumnElement[str]:
    number: ColumnElement[Any] = func.coalesce(entities.c.summary.op("->>")("$.phone"), "")
    for sign in " -().":
        number = func.replace(number, sign, "")
    return number


def _has(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return func.instr(text, bindparam(name, type_=Text)) > 0


def _has_word(text: ColumnElement[str], number: ColumnElement[str], place: int, digits: bool) -> ColumnElement[bool]:
    in_text = _has(text, f"word_{place}")
    return or_(in_text, _has(number, f"digits_{place}")) if digits else in_text
