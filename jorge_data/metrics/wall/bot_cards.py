"""Cards: one for each bot, the three of Jorge's team first."""

from collections.abc import Mapping
from typing import Any

from jorge_data.events import parse_moment
from jorge_data.events.timestamps import micros
from jorge_data.metrics.formatting import NO_DATA, milliseconds, number, percent
from jorge_data.metrics.names import value_words
from jorge_data.metrics.wall.event_sentences import BOT_LABELS
from jorge_data.metrics.wall.view import BotCard, Span

MAX_CARDS = 24
"""Most cards shown; the names are the publishers' own."""


def more_bots(bots: Mapping[str, Any], unlisted: int) -> int:
    """Return how many bots there are beside those with a card; `unlisted` are those of which nothing is told."""
    return unlisted + max(0, len(BOT_LABELS.keys() | bots.keys()) - MAX_CARDS)


def cards(bots: Mapping[str, Any], sparks: Mapping[str, list[int]]) -> list[BotCard]:
    """Return the cards of the figures' bots; a bot of the team without any event has one that says so."""
    others = sorted(bots.keys() - BOT_LABELS.keys())
    return [_card(name, bots.get(name), sparks.get(name, [])) for name in [*BOT_LABELS, *others][:MAX_CARDS]]


def _card(name: str, bot: Mapping[str, Any] | None, spark: list[int]) -> BotCard:
    card: BotCard = {
        "name": name,
        "label": BOT_LABELS.get(name, name),
        "state": "idle",
        "since_ms": 0,
        "step": [("t", "no data yet")],
        "error": "",
        "spark": [],
        "figures": [],
    }
    if bot is None:
        return card
    return {
        **card,
        "state": bot["state"],
        "since_ms": micros(parse_moment(bot["state_since"])) // 1000,
        "step": _step(bot),
        "error": (bot["error_message"] or "") if bot["state"] == "error" else "",
        "spark": spark,
        "figures": _figures(bot),
    }


def _step(bot: Mapping[str, Any]) -> list[Span]:
    step, contact = bot["current_step"], bot["contact_name"] or bot["contact"]
    spans: list[Span] = [("b", value_words(step))] if step else []
    if contact:
        spans.append(("t", f"{' · ' if step else ''}{contact}"))
    return spans


def _figures(bot: Mapping[str, Any]) -> list[tuple[str, str]]:
    success, step = bot["success_rate_1h"], bot["processing_ms_p50"]
    return [
        (f"{number(bot['events_1h'])}", "events 1 h"),
        (percent(success) if success is not None else NO_DATA, "success"),
        (milliseconds(step) if step is not None else NO_DATA, "median step"),
    ]
