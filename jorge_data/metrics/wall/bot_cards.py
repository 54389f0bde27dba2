"""Cards: one for each bot, the three of Jorge's team first."""

from jorge_data.metrics.formatting import NO_DATA, line, milliseconds, percent
from jorge_data.metrics.wall.bots import LABELS, Bot
from jorge_data.metrics.wall.state import LiveState
from jorge_data.metrics.wall.view import BotCard, Span

MAX_CARDS = 24
"""Most cards shown; the names are the publishers' own."""


def cards(state: LiveState, now: int) -> list[BotCard]:
    """Return the cards; a bot of the team without any event has one that says so."""
    others = sorted(state.bots.by_name.keys() - LABELS.keys())
    return [_card(state, name, now) for name in [*LABELS, *others][:MAX_CARDS]]


def _card(state: LiveState, name: str, now: int) -> BotCard:
    bot = state.bots.by_name.get(name) or Bot()
    patience = state.targets.silent_after_s
    doing = bot.state(now, patience)
    return {
        "name": name,
        "label": LABELS.get(name, name),
        "state": doing,
        "since_ms": bot.since(doing, patience) // 1000,
        "step": _step(state, bot) if bot.newest else [("t", "no data yet")],
        "error": line(bot.report.error) if doing == "error" else "",
        "spark": bot.spark(now),
        "figures": _figures(bot, now) if bot.newest else [],
    }


def _step(state: LiveState, bot: Bot) -> list[Span]:
    step, contact = line(bot.report.step), bot.report.contact
    spans: list[Span] = [("b", step)] if step else []
    if contact:
        spans.append(("t", f"{' · ' if step else ''}{state.contacts.name(contact)}"))
    return spans


def _figures(bot: Bot, now: int) -> list[tuple[str, str]]:
    success, step = bot.success(now), bot.median_step(now)
    return [
        (f"{bot.events(now):,}", "events 1 h"),
        (percent(success) if success is not None else NO_DATA, "success"),
        (milliseconds(step) if step is not None else NO_DATA, "median step"),
    ]
