"""What the models of a run took: tokens as they count them, and dollars by the prices of whoever runs the bot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

Usage = Mapping[str, Any]
"""LangChain's `usage_metadata`: `input_tokens` holds those read from a cache, `output_tokens` those of reasoning."""

Dollars = Decimal | float | str
Price = Callable[[str, Usage], Dollars | None]
"""From a model's name and a call's usage to what the call cost, None where that is not known."""

Prices = Mapping[str, tuple[Dollars, Dollars]] | Price
"""By model, US dollars for a million tokens in and out; or a function, as where cached tokens have another price."""

_MILLION = 1_000_000
_PLACES = Decimal("1e-12")  # as many as the contract takes: a millionth of a millionth of a dollar


@dataclass
class ModelCall:
    """One call of a model: its tokens and its cost in US dollars, each None where it is not known."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: Decimal | None = None


def price_of(prices: Prices | None) -> Price | None:
    """Return prices as a function; raise ValueError naming the model whose price cannot be read."""
    if prices is None or callable(prices):
        return prices
    table = {model: _pair(model, pair) for model, pair in prices.items()}

    def price(model: str, usage: Usage) -> Decimal | None:
        if model not in table:
            return None
        dollars_in, dollars_out = table[model]
        tokens_in, tokens_out = Decimal(usage["input_tokens"]), Decimal(usage["output_tokens"])
        return (tokens_in * dollars_in + tokens_out * dollars_out) / _MILLION

    return price


def cost_of(price: Price | None, models: Sequence[str], usage: Usage) -> Decimal | None:
    """Return what a call cost, by the first of its model's names that has a price."""
    if price is None:
        return None
    costs = ((model, price(model, usage)) for model in models)
    known = (_amount(dollars, f"the cost of a call of {model!r}") for model, dollars in costs if dollars is not None)
    return next(known, None)


def used_by(response: Any) -> tuple[str | None, Usage | None]:
    """Return the model that an LLMResult names and the call's usage; no usage where the model did not say.

    An answer out of LangChain's cache has taken no tokens.
    """
    try:
        # The usage is the call's, and repeated on each of several candidates.
        message = response.generations[0][0].message
        usage = message.usage_metadata
    except (AttributeError, IndexError):
        return None, None
    if usage and usage.get("total_cost") == 0:  # by which LangChain marks what it had in its cache
        usage = {"input_tokens": 0, "output_tokens": 0}
    name = (message.response_metadata or {}).get("model_name")
    return (str(name) if name else None), usage or None


def cost_fields(calls: Sequence[ModelCall]) -> dict[str, Any]:
    """Return the fields of an event that these calls belong to: tokens that are known, and a cost that is whole."""
    known = [call for call in calls if call.tokens_in is not None and call.tokens_out is not None]
    if not known:
        return {}
    fields: dict[str, Any] = {
        "tokens_in": sum(call.tokens_in or 0 for call in known),
        "tokens_out": sum(call.tokens_out or 0 for call in known),
    }
    costs = [call.cost for call in calls if call.cost is not None]
    if len(costs) == len(calls):
        dollars = sum(costs, Decimal(0)).quantize(_PLACES, ROUND_HALF_EVEN).normalize()
        fields["cost_usd"] = format(dollars, "f")
    return fields


def _pair(model: str, pair: Any) -> tuple[Decimal, Decimal]:
    field = f"the price of {model!r}"
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(
            f"{field} is {pair!r}: allowed are US dollars for a million tokens in and out, as in (2.5, 10)"
        )
    return _amount(pair[0], f"{field} for tokens in"), _amount(pair[1], f"{field} for tokens out")


def _amount(dollars: Any, field: str) -> Decimal:
    """Return an amount exactly as it is written: 0.1 is a tenth, and not the binary fraction beside it."""
    try:
        amount = Decimal(str(dollars))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and amount >= 0):
        raise ValueError(f"{field} is {dollars!r}: allowed are US dollars from 0, a number or decimal text")
    return amount
