"""What is typed to find somebody, as SQL: words in any order and without accents, or a number however it is written.

What is looked through stands in two columns of `entities`, written with each entity, and in one index that has all that
a search asks: a hundred thousand contacts are read in a few megabytes, and none of them is parsed.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Text, and_, bindparam, case, func, literal_column, or_, true

from jorge_data.events.spelling import fold
from jorge_data.store.sql.tables import SEARCHED, entities
from jorge_data.telephone import normalize

MOST_WORDS = 6
"""Words of a search that count: each is one more condition, and each number of them a statement of its own."""

FEWEST_DIGITS = 3
"""Digits that are looked for in telephone numbers."""

FEWEST_WITH_PREFIX = 7
"""Digits of a number that may begin with what is dialled before it."""

_EXTENSION = re.compile(r"[\s,;]*(?:ext(?:ension)?|x|#)[\s.:=]*\d+\s*$")
_CALLED = re.compile(r"^(?:tel(?:ephone)?|phone|mobile|cell|sms|callto|fax|home|work)[\s.:]*(?=[+(\d])")
_PARAMETERS = re.compile(r";.*$")
_PREFIX = re.compile(r"^(?:011|0+)")
"""What is dialled before a number of another country, or within one, and is no part of the number as it is stored."""

_LETTER = re.compile(r"[^\W\d_]")
_AROUND = re.compile(r"^mailto:|[<>]")

CLOSEST = 1 << 60
"""How much one step of likeness counts: more than any time."""


class Sought(NamedTuple):
    """What a search looks through: the name, the id and the e-mail, folded; the digits of the number. Each a line."""

    text: str
    digits: str


def sought(family: str, key: str, name: str, summary: str) -> Sought | None:
    """Return what a search looks through of an entity, None where nobody searches for its family."""
    if family not in SEARCHED:
        return None
    about: Mapping[str, Any] = orjson.loads(summary)
    lines = (fold(" ".join(str(text or "").split())) for text in (name, key, about.get("email")))
    phone = str(about.get("phone") or "")
    digits = _digits(normalize(phone) or fold(phone))
    return Sought("\n".join(("", *lines, "")), f"\n{digits}\n" if digits else "")


class Search(NamedTuple):
    """What is searched for: every word, or the digits of a number in one of the ways in which they are written."""

    words: tuple[str, ...]
    number: tuple[str, ...] = ()

    @property
    def form(self) -> "SearchForm":
        """Return what of it is part of a statement."""
        return SearchForm(tuple(map(_may_be_number, self.words)), len(self.number))

    @property
    def parameters(self) -> dict[str, str]:
        """Return the values of its statement's parameters."""
        values = {f"word_{place}": word for place, word in enumerate(self.words)}
        values |= {f"digits_{place}": _digits(word) for place, word in enumerate(self.words)}
        whole, first = " ".join(self.words), (self.words or ("",))[0]
        values |= {"whole": whole, "is_whole": f"\n{whole}\n", "begins": f"\n{whole}"}
        values |= {"begins_word": f" {first}", "begins_line": f"\n{first}"}
        for place, digits in enumerate(self.number):
            values |= {f"number_{place}": digits, f"is_number_{place}": f"\n{digits}\n"}
            values |= {f"ends_number_{place}": f"{digits}\n"}
        return values


class SearchForm(NamedTuple):
    """Whether each word may be a part of a number; where all of them are one, in how many ways it is looked for."""

    words: tuple[bool, ...] = ()
    ways: int = 0

    @property
    def clause(self) -> ColumnElement[bool]:
        """Return the condition on an entity: its name, its id and its e-mail have the words, or its number digits."""
        if self.ways:
            matches = or_(_has(_TEXT, "whole"), *(_has(_DIGITS, f"number_{place}") for place in range(self.ways)))
        else:
            matches = and_(true(), *(_has_word(place, digits) for place, digits in enumerate(self.words)))
        return and_(_TEXT.is_not(None), matches)

    @property
    def likeness(self) -> ColumnElement[int]:
        """Return how close an entity is to what is meant, and of the same closeness how new its newest event is.

        Closest is who has this very name, id, e-mail or number; then whose name begins so, or whose number ends so;
        then one word of whose name does, or whose id or e-mail; then everybody else.
        """
        is_it = or_(_has(_TEXT, "is_whole"), *(_has(_DIGITS, f"is_number_{place}") for place in range(self.ways)))
        starts = func.strpos(_TEXT, bindparam("begins", type_=Text)) == 1
        begins = or_(starts, *(_has(_DIGITS, f"ends_number_{place}") for place in range(self.ways)))
        has_word = or_(_has(_TEXT, "begins_word"), _has(_TEXT, "begins_line"))
        steps = case((is_it, 3), (begins, 2), (has_word, 1), else_=0)
        return steps * literal_column(str(CLOSEST)) + entities.c.at


def read_search(text: str) -> Search:
    """Return what a text searches for."""
    plain = fold(text)
    folded = _AROUND.sub(" ", plain).strip() or plain.strip()
    return Search(tuple(folded.split()[:MOST_WORDS]), _number(folded))


def _number(folded: str) -> tuple[str, ...]:
    """Return the digits of a number as typed, without what is dialled before, whole, and as dialled at home.

    None where it is no number.
    """
    bare = _EXTENSION.sub("", _PARAMETERS.sub("", _CALLED.sub("", folded)))
    digits = _digits(bare)
    if len(digits) < FEWEST_DIGITS or _LETTER.search(bare):
        return ()
    without = _PREFIX.sub("", digits) if len(digits) >= FEWEST_WITH_PREFIX else digits
    whole = _digits(normalize(bare) or "") or digits
    at_home = whole.removeprefix("1") if len(whole) == len("15125550143") else digits
    return tuple(dict.fromkeys((digits, without, whole, at_home)))


def _may_be_number(word: str) -> bool:
    """Return whether a word may be part of a number: an id or an e-mail with digits in it is none."""
    return len(_digits(word)) >= FEWEST_DIGITS and not _LETTER.search(word)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


_TEXT, _DIGITS = entities.c.sought, entities.c.digits


def _has(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return func.strpos(column, bindparam(name, type_=Text)) > 0


def _has_word(place: int, digits: bool) -> ColumnElement[bool]:
    in_text = _has(_TEXT, f"word_{place}")
    return or_(in_text, _has(_DIGITS, f"digits_{place}")) if digits else in_text
