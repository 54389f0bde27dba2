"""Tiles: the seven figures at the top of the Command Center, ready to show."""

from collections.abc import Callable, Mapping
from typing import Any

from jorge_data.events.money import cents
from jorge_data.metrics.definitions.command_center import FIGURES
from jorge_data.metrics.formatting import NO_DATA, milliseconds, money, number, percent, short_money
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.view import Span, Tile, Tone

Figures = Mapping[str, Any]


def tiles(figures: Figures, targets: Targets) -> list[Tile]:
    """Return the seven tiles; what cannot be computed, and what is withheld, reads "no data"."""
    return [make(figures.get(section) or {}, targets) for section, make in _TILES]


def _tile(key: str, value: str | None, page: str, *note: Span, tone: Tone = "") -> Tile:
    return {
        "key": key,
        "label": FIGURES[key].title,
        "value": NO_DATA if value is None else value,
        "tail": "",
        "tone": "mute" if value is None else tone,
        "note": list(note),
        "progress": None,
        "page": page,
        "help": FIGURES[key].line,
    }


def _hot(qualification: Figures, targets: Targets) -> Tile:
    hot, turned = qualification.get("hot"), qualification.get("turned_hot_today")
    note: list[Span] = [("ok", f"+{turned}"), ("t", " today")] if turned else [("t", "none new today")]
    value = None if hot is None else number(hot)
    return _tile("hot", value, "qualification", *(note if value else []), tone="hot")


def _conversations(conversations: Figures, targets: Targets) -> Tile:
    active = conversations.get("active")
    note: list[Span] = (
        [("t", f"{number(conversations['waiting'])} of them waiting for us")] if active is not None else []
    )
    return _tile("conversations", None if active is None else number(active), "conversations", *note)


def _pipeline(revenue: Figures, targets: Targets) -> Tile:
    value, commission = revenue.get("pipeline_value"), revenue.get("commission_pipeline")
    if value is None or commission is None:
        return _tile("pipeline", None, "revenue")
    note: Span = ("t", f"{percent(float(targets.rates.last))} of {short_money(cents(value))}")
    return _tile("pipeline", money(cents(commission)), "revenue", note)


def _won(revenue: Figures, targets: Targets) -> Tile:
    won = revenue.get("commission_won_month")
    if won is None:
        return _tile("won", None, "revenue")
    note: Span = ("t", f"{percent(revenue['progress'], 0)} of {money(cents(revenue['target']))}")
    return {**_tile("won", money(cents(won)), "revenue", note), "progress": min(1.0, revenue["progress"])}


def _steps(sequences: Figures, targets: Targets) -> Tile:
    done, overdue = sequences.get("done_today"), sequences.get("overdue")
    if done is None:
        return _tile("sequences", None, "sequences")
    note: Span = ("bad", f"{number(overdue)} overdue, dealt with or not") if overdue else ("t", "none overdue")
    return {
        **_tile("sequences", number(done), "sequences", note),
        "tail": f"of {number(done + sequences['due_today'])}",
    }


def _intent(ml: Figures, targets: Targets) -> Tile:
    p95, within = ml.get("p95_ms"), ml.get("within_target")
    target = targets.intent_target_ms
    if p95 is None or within is None:
        return _tile("intent", None, "ml")
    note: Span = ("t", f"target {target:g} · {percent(within)} within")
    change = _change(p95, ml["p95_ms_before"])
    return _tile("intent", milliseconds(p95), "ml", note, *change, tone="bad" if p95 > target else "")


def _change(p95_ms: float, before_ms: float | None) -> list[Span]:
    if before_ms is None:
        return []
    change = round(p95_ms) - round(before_ms)
    if not change:
        return [("t", " · as the day before")]
    words: Span = ("bad", f"{change} ms slower") if change > 0 else ("ok", f"{-change} ms faster")
    return [("t", " · "), words, ("t", " than the day before")]


_TONES: dict[str, Tone] = {"healthy": "ok", "degraded": "warm", "critical": "bad"}


def _system(system: Figures, targets: Targets) -> Tile:
    overall, uptime, unknown = (system.get(name) for name in ("overall", "uptime_30d", "not_reporting"))
    words = [f"{percent(uptime, 2)} in 30 days"] if uptime is not None else []
    words += [f"{unknown} not reporting"] if unknown else []
    note: list[Span] = [("t", " · ".join(words))] if words else []
    if overall is None:
        return _tile("system", None, "system", *note)
    return _tile("system", overall.capitalize(), "system", *note, tone=_TONES[overall])


_TILES: tuple[tuple[str, Callable[[Figures, Targets], Tile]], ...] = (
    ("qualification", _hot),
    ("conversations", _conversations),
    ("revenue", _pipeline),
    ("revenue", _won),
    ("sequences", _steps),
    ("ml", _intent),
    ("system", _system),
)
"""Each tile, with the section of the figures that it shows."""
