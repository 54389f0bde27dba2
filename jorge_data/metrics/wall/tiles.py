"""Tiles: the seven figures at the top of the Command Center, ready to show."""

from datetime import datetime

from jorge_data.events.timestamps import micros, office_day, office_month
from jorge_data.metrics.definitions.command_center import FIGURES
from jorge_data.metrics.formatting import NO_DATA, milliseconds, money, percent, short_money
from jorge_data.metrics.wall.intent import Analyses
from jorge_data.metrics.wall.state import LiveState
from jorge_data.metrics.wall.view import Span, Tile, Tone


def tiles(state: LiveState, now: datetime, window_s: int) -> list[Tile]:
    """Return the seven tiles; what cannot be computed reads "no data"."""
    return [
        _hot(state, now),
        _conversations(state, micros(now)),
        _pipeline(state),
        _won(state, now),
        _steps(state, now),
        _intent(state, micros(now), window_s),
        _system(state, micros(now)),
    ]


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


def _hot(state: LiveState, now: datetime) -> Tile:
    sellers = state.qualification.current(state.contacts, micros(now))
    midnight, _ = office_day(now, state.targets.zone)
    hot_sellers = [seller for seller in sellers if seller.hot_since]
    new = sum(seller.hot_since >= midnight for seller in hot_sellers)
    note: list[Span] = [("ok", f"+{new}"), ("t", " today")] if new else [("t", "none new today")]
    value = f"{len(hot_sellers):,}" if sellers else None
    return _tile("hot", value, "qualification", *(note if sellers else []), tone="hot")


def _conversations(state: LiveState, now: int) -> Tile:
    active = state.conversations.active(now)
    note: list[Span] = [("t", f"{state.conversations.waiting(now)} waiting on us")] if active is not None else []
    value = None if active is None else f"{active:,}"
    return _tile("conversations", value, "conversations", *note)


def _pipeline(state: LiveState) -> Tile:
    value, commission = state.revenue.pipeline_value, state.revenue.commission_pipeline
    if value is None or commission is None:
        return _tile("pipeline", None, "revenue")
    rate = percent(float(state.targets.rates.last))
    note: Span = ("t", f"{rate} of {short_money(value)}")
    return _tile("pipeline", money(commission), "revenue", note)


def _won(state: LiveState, now: datetime) -> Tile:
    won, target = state.revenue.won(*office_month(now, state.targets.zone)), state.revenue.target
    if won is None:
        return _tile("won", None, "revenue")
    note: Span = ("t", f"{percent(won / target, 0)} of {money(target)}")
    tile = _tile("won", money(won), "revenue", note)
    tile["progress"] = min(1.0, won / target)
    return tile


def _steps(state: LiveState, now: datetime) -> Tile:
    sequences, day = state.sequences, office_day(now, state.targets.zone)
    if not sequences.started:
        return _tile("sequences", None, "sequences")
    done, overdue = sequences.done(day), sequences.overdue(day)
    note: Span = ("bad", f"{overdue} overdue") if overdue else ("t", "none overdue")
    tile = _tile("sequences", f"{done:,}", "sequences", note)
    tile["tail"] = f"of {done + sequences.due(day):,}"
    return tile


def _intent(state: LiveState, now: int, window_s: int) -> Tile:
    present, past = state.intent.analyses(now, window_s), state.intent.analyses(now, window_s, before=True)
    target = state.targets.intent_target_ms
    if present.p95_ms is None or present.within_target is None:
        return _tile("intent", None, "ml")
    note: Span = ("t", f"target {target:g} · {percent(present.within_target)} within")
    tone: Tone = "bad" if present.p95_ms > target else ""
    change = _change(present.p95_ms, past)
    return _tile("intent", milliseconds(present.p95_ms), "ml", note, *change, tone=tone)


def _change(p95_ms: float, past: Analyses) -> list[Span]:
    if past.p95_ms is None:
        return []
    change = round(p95_ms) - round(past.p95_ms)
    if not change:
        return [("t", " · as before")]
    return [("t", " · "), ("bad", f"{change} ms slower") if change > 0 else ("ok", f"{-change} ms faster")]


def _system(state: LiveState, now: int) -> Tile:
    overall, uptime, unknown = state.health.overall(now), state.health.uptime(now), state.health.unknown(now)
    tones: dict[str, Tone] = {"healthy": "ok", "degraded": "warm", "critical": "bad"}
    words = [f"{percent(uptime, 2)} in 30 days"] if uptime is not None else []
    words += [f"{unknown} not reporting"] if unknown else []
    note: list[Span] = [("t", " · ".join(words))] if words else []
    if overall is None:
        return _tile("system", None, "system", *note)
    return _tile("system", overall.capitalize(), "system", *note, tone=tones[overall])
