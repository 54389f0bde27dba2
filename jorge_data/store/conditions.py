"""Conditions of a question, as SQL over whatever text they are asked of."""

from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Float, and_, cast

Operator = Literal["eq", "ne", "in", "lt", "le", "gt", "ge"]


class Condition(NamedTuple):
    """A field, an operator and its values; the operators of order compare numbers, and what is none never holds."""

    field: str
    operator: Operator
    values: tuple[str, ...]


def holds(text: str, condition: Condition) -> bool:
    """Say whether a text meets a condition, as the SQL of `clause` would."""
    match condition.operator:
        case "eq" | "in":
            return text in condition.values
        case "ne":
            return text not in condition.values
    number = _number(text)
    if number is None:
        return False
    bound = float(condition.values[0])
    return {"lt": number < bound, "le": number <= bound, "gt": number > bound, "ge": number >= bound}[
        condition.operator
    ]


def _number(text: str) -> float | None:
    try:
        return float(text) if not set(text) - set("+-.0123456789eE") else None
    except ValueError:
        return None


def clause(text: ColumnElement[str], condition: Condition) -> ColumnElement[bool]:
    """Return a condition as SQL on a text, which is never null."""
    match condition.operator:
        case "eq" | "in":
            return text.in_(condition.values)
        case "ne":
            return text.not_in(condition.values)
    number, bound = cast(text, Float), float(condition.values[0])
    comparison = {"lt": number < bound, "le": number <= bound, "gt": number > bound, "ge": number >= bound}
    is_number = and_(text.op("GLOB")("*[0-9]*"), text.op("NOT GLOB")("*[^-+.0-9eE]*"))
    return and_(is_number, comparison[condition.operator])
