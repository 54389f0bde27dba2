"""One cell of a table, as Excel, pandas, polars and people write it, as a value of the contract.

What is plain is read: `TRUE`, `2.0` in a column of whole numbers, `0,87`, `+0000`. What cannot be read is passed on as
it is, since the server names the field, the value and what is allowed; what can be read in two ways is refused here.
"""

import ast
import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from jorge_data.events.timestamps import DATE, MOMENT
from jorge_data.files.columns import (
    OTHER_DATA,
    PREFIX,
    TimeType,
    column_type,
    column_types,
    json_or_text,
    time_columns,
)
from jorge_data.vendors.moments import read_moment

Notation = Literal["typed", "point", "either", "comma"]
"""How a file has values: with types of its own, or as texts alone, which write 12.5 with a point or with a comma.

It is "either" where commas do not divide the cells, and "comma" where decimal commas were seen.
"""

JSON_TYPES = (str, int, float, bool, list, dict, type(None))

_MISSING = frozenset({"nan", "nat", "none", "null", "<na>", "#n/a", "n/a", "na"})
"""How a missing value is written in a column that is not text; in one that is, None may be a name."""

_MISSING_TEXTS = frozenset({"NaN", "NaT", "<NA>", "#N/A"})

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
_WHOLE = re.compile(r"[-+]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[-+]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][-+]?[0-9]{1,3})?")
_POINT_GROUPS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_COMMA_GROUPS = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_ONE_GROUP = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_ROUND_GROUP = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{2}0")
_UNSURE = ("either", "comma")
_TWO_READINGS = "allowed: a number without thousands separators, as in 12345 or 12.345; this may be either"

_WHOLE_FLOAT = re.compile(r"([0-9]{1,15})[.,]0")
_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+")
_LOST_DIGITS = "allowed: the id in full; a spreadsheet shortened it, so format the column as text and export again"
_MOST_DIGITS = 10**15
"""A spreadsheet keeps fifteen digits of a number."""

_DATED_TEXT = "allowed: text; a spreadsheet made a date of it"


def read_cell(column: str, value: Any, notation: Notation = "typed") -> Any:
    """Return the value of a cell; None where it is missing, the cell itself where it cannot be read.

    Raises ValueError, which says what is allowed, where there are two readings or no type of JSON for it.
    """
    if value is None or (isinstance(value, float | Decimal) and math.isnan(value)):
        return None
    if column in time_columns():
        return _read_time(value, time_columns()[column])
    match column_type(column):
        case "text":
            return _read_text(column, value, is_exact=notation == "typed")
        case "boolean":
            return _read_boolean(value)
        case "integer" | "number" as type_:
            number = _read_number(value, notation)
            is_whole = type_ == "integer" and isinstance(number, float) and number.is_integer()
            return int(number) if is_whole else number
    return _read_json(column, value)


def notation_of(cells: Iterable[tuple[str, str]]) -> Notation:
    """Return how a file without commas between its cells writes numbers, by some of its columns and cells.

    `250.000` counts as a comma's: what writes decimal points writes no zero at the end.
    """
    numbers = (cell.strip() for column, cell in cells if column_type(column) in ("integer", "number"))
    return "comma" if any(_is_of_commas(number) for number in numbers) else "either"


def _number_in(text: str, notation: Notation) -> int | float | None:
    """Return the number of a text, None where it is none; raise ValueError where it may be two."""
    digits = text.strip().removeprefix("$")
    if _ONE_GROUP.fullmatch(digits) and notation in _UNSURE and ("," in digits) == (notation == "either"):
        raise ValueError(_TWO_READINGS)
    if _WHOLE.fullmatch(digits):
        return int(digits)
    if _DECIMAL.fullmatch(digits):
        return float(digits)
    is_group = _ONE_GROUP.fullmatch(digits) and notation not in _UNSURE
    if _POINT_GROUPS.fullmatch(digits) and (is_group or not _DECIMAL_COMMA.fullmatch(digits)):
        return float(digits.replace(",", ""))
    if _COMMA_GROUPS.fullmatch(digits) or _DECIMAL_COMMA.fullmatch(digits):
        return float(digits.replace(".", "").replace(",", "."))
    return None


def _moment_in(text: str) -> datetime | None:
    """Return the moment of a text in ISO 8601, as the usual writers spell it, without a zone where it has none."""
    try:
        return datetime.fromisoformat(text.strip().removesuffix(" UTC") + "+00:00" * text.endswith(" UTC"))
    except ValueError:
        return None


def without_nulls(data: dict[str, Any]) -> dict[str, Any]:
    """Return an event's data from a struct, which has every field of every event, null where one has it not."""
    given = {name: value for name, value in data.items() if value is not None}
    if isinstance(changed := given.get("changed"), dict):
        given["changed"] = {name: change for name, change in changed.items() if change is not None}
    return given


def _is_of_commas(number: str) -> bool:
    if _ONE_GROUP.fullmatch(number):
        return _ROUND_GROUP.fullmatch(number) is not None
    return (_DECIMAL_COMMA.fullmatch(number) or _COMMA_GROUPS.fullmatch(number)) is not None


def _read_number(value: Any, notation: Notation) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if not isinstance(value, str):
        return value
    if _is_missing(value):
        return None
    number = _number_in(value, notation)
    return value if number is None else number


def _read_boolean(value: Any) -> Any:
    if isinstance(value, str) and _is_missing(value):
        return None
    return _BOOLEANS.get(str(value).strip().lower(), value)


def _read_text(column: str, value: Any, is_exact: bool) -> Any:
    """Return a text; a number's digits where a writer made a number of them, as of an id."""
    if isinstance(value, str):
        return value if is_exact else _unmangled(value, is_id=column == "subject" or column.endswith("_id"))
    if isinstance(value, datetime | date):
        raise ValueError(_DATED_TEXT)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    number = Decimal(value) if isinstance(value, float | Decimal) and math.isfinite(value) else None
    if number is None or number != number.to_integral_value():
        return _json_type(value)
    if abs(number) >= _MOST_DIGITS:
        raise ValueError(_LOST_DIGITS)
    return str(int(number))


def _unmangled(text: str, is_id: bool) -> str | None:
    """Return a text of a file without types, None where it says that it is missing."""
    if text in _MISSING_TEXTS or (is_id and _is_missing(text)):
        return None
    if is_id and _SCIENTIFIC.fullmatch(text):
        raise ValueError(_LOST_DIGITS)
    whole = _WHOLE_FLOAT.fullmatch(text) if is_id else None
    return whole[1] if whole else text


def _read_json(column: str, value: Any) -> Any:
    if isinstance(value, str):
        is_ours = column == OTHER_DATA or column.removeprefix(PREFIX) in column_types()
        read = None if is_ours and _is_missing(value) else json_or_text(value)
        return _object_of_python(value) if column == OTHER_DATA and read == value else read
    if isinstance(value, Decimal):
        return _read_number(value, "typed")
    if column == OTHER_DATA and isinstance(value, dict):
        return without_nulls(value)
    return value.isoformat() if isinstance(value, datetime | date) else _json_type(value)


def _object_of_python(text: str) -> Any:
    """Return a dict of Python as pandas writes it into CSV, the text where it is none."""
    try:
        read = ast.literal_eval(text) if text.startswith("{") else text
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return read if isinstance(read, dict) else text


def _read_time(value: Any, type_: TimeType) -> Any:
    if isinstance(value, str):
        return None if _is_missing(value) else _read_time_text(value, type_)
    if isinstance(value, datetime):
        return _written(value, type_)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and type_ != "date":
        number = float(value) if isinstance(value, Decimal) else value
        moment = read_moment(number)  # a spreadsheet's serial number, 46,000 in 2026, is none: it is in no zone
        return number if moment is None else moment.isoformat()
    return _json_type(value)


def _read_time_text(text: str, type_: TimeType) -> str:
    stripped = text.strip()
    if re.fullmatch(f"{DATE}|{MOMENT}", stripped):
        return stripped
    if _WHOLE.fullmatch(stripped) and type_ != "date":
        moment = read_moment(int(stripped))
        return text if moment is None else moment.isoformat()
    read = _moment_in(stripped) if re.match(DATE, stripped) else None
    return text if read is None else _written(read, type_)


def _written(moment: datetime, type_: TimeType) -> str:
    """Return a moment as the contract has it; a midnight without a zone is a date, where a date may stand."""
    is_midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0) == moment
    if type_ != "moment" and moment.tzinfo is None and is_midnight:
        return moment.date().isoformat()
    return moment.isoformat()


def _is_missing(text: str) -> bool:
    return text.strip().lower() in _MISSING or not text.strip()


def _json_type(value: Any) -> Any:
    if not isinstance(value, JSON_TYPES):
        raise ValueError("a type that JSON has")
    return value
