"""Conditions, read from a query: `field:operator:value`."""

from collections.abc import Sequence
from typing import get_args

from jorge_data.server.history.catalogue import refuse
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
    field, colon, rest = text.partition(":")
    operator, second, value = rest.partition(":")
    if not colon or not second:
        refuse("where", text, "field:operator:value, as in seller_temperature:eq:hot")
    if field not in names:
        refuse("where", field, names)
    known = next((name for name in OPERATORS if name == operator), None)
    if known is None:
        refuse("where", operator, OPERATORS)
    return Condition(field, known, _values(known, value))


def _values(operator: Operator, text: str) -> tuple[str, ...]:
    if operator == "in":
        values = tuple(text.split(","))
        return values if len(values) <= MOST_VALUES else refuse("where", text, f"{MOST_VALUES} values at most")
    if operator in ("lt", "le", "gt", "ge"):
        try:
            if float(text) - float(text) != 0:  # infinite, or not a number
                raise ValueError(text)
        except ValueError:
            refuse("where", text, f"a number after {operator}")
    return (text,)
