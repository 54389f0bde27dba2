"""The figures of `/api/dashboard/metrics`, by the contract; what cannot be computed is null, never 0."""

from collections import Counter
from datetime import datetime
from typing import Any

from jorge_data.events.timestamps import DAY, SECOND, micros, office_day, office_month, rfc3339
from jorge_data.metrics.wall.bots import Bot
from jorge_data.metrics.wall.state import LiveState

Figures = dict[str, Any]


def dashboard(state: LiveState, now: datetime, connection: Figures | None = None) -> Figures:
    """Return the figures as of `now`; the caller provides those of its own connection."""
    at = micros(now)
    newest = state.freshness.newest()
    return {
        "as_of": rfc3339(at),
        "freshness_s": (at - newest) / SECOND if newest is not None else None,
        "position": state.cursor._asdict() if state.cursor else None,
        "revenue": _revenue(state, now),
        "bots": {name: _bot(bot, at) for name, bot in sorted(state.bots.by_name.items())},
        "qualification": _qualification(state, at),
        "sequences": _sequences(state, now),
        "ml": _ml(state, at),
        "conversations": {"active": state.conversations.active(at)},
        "system": _system(state, at),
        "connection": connection,
    }


def _revenue(state: LiveState, now: datetime) -> Figures:
    revenue = state.revenue
    won = revenue.won(*office_month(now, state.targets.zone))
    return {
        "pipeline_value": _dollars(revenue.pipeline_value),
        "commission_pipeline": _dollars(revenue.commission_pipeline),
        "commission_won_month": _dollars(won),
        "target": _dollars(revenue.target),
        "progress": won / revenue.target if won is not None else None,
    }


def _dollars(cents: int | None) -> float | None:
    return cents / 100 if cents is not None else None


def _bot(bot: Bot, now: int) -> Figures:
    report = bot.report
    return {
        "status": report.status if report.at else None,
        "current_step": report.step or None,
        "since": rfc3339(report.since) if report.at else None,
        "events_1h": bot.events(now),
        "success_rate_1h": bot.success(now),
        "processing_ms_p50": bot.median_step(now),
    }


def _qualification(state: LiveState, now: int) -> Figures:
    sellers = state.qualification.current(state.contacts, now)
    if not sellers:
        return dict.fromkeys(("hot", "warm", "cold", "stalled", "in_progress"))
    by_temperature = Counter(seller.temperature for seller in sellers)
    return {
        "hot": by_temperature["hot"],
        "warm": by_temperature["warm"],
        "cold": by_temperature["cold"],
        "stalled": sum(bool(seller.stalled_since) for seller in sellers),
        "in_progress": sum(seller.in_progress for seller in sellers),
    }


def _sequences(state: LiveState, now: datetime) -> Figures:
    sequences, day = state.sequences, office_day(now, state.targets.zone)
    return {
        "due_today": sequences.due(day) if sequences.started else None,
        "overdue": sequences.overdue(day) if sequences.started else None,
        "success_rate_24h": sequences.success(micros(now)),
    }


def _ml(state: LiveState, now: int) -> Figures:
    analyses = state.intent.analyses(now, DAY // SECOND)
    return {**analyses._asdict(), "accuracy": state.accuracy.share, "labelled": state.accuracy.labelled}


def _system(state: LiveState, now: int) -> Figures:
    components = {
        name: {
            "status": report.status_at(now),
            "since": rfc3339(report.since),
            "response_time_ms": report.response_ms,
            "error_message": report.error or None,
        }
        for name, report in sorted(state.health.reports.items())
    }
    return {"overall": state.health.overall(now), "components": components}
