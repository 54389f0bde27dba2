"""The same figures, counted again one event at a time, by other means than those that are tested."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]
Cell = tuple[str | None, ...]


def text(value: Any) -> str:
    """Return a value as a dimension shows it."""
    if value is None:
        return ""
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def field(event: Event, name: str) -> Any:
    return event["source"] if name == "source" else event["data"].get(name)


def step_of(time: datetime, step: str, zone: ZoneInfo) -> str | None:
    """Return the beginning of the step that a moment lies in, as its zone's clock shows it."""
    local = time.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match step:
        case "all":
            return None
        case "1d":
            return midnight.isoformat()
        case "1w":
            return (midnight - timedelta(days=local.weekday())).isoformat()
        case "1mo":
            return midnight.replace(day=1).isoformat()
    length = 60 * {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "3h": 180}[step]
    begins = midnight.timestamp() + (time.timestamp() - midnight.timestamp()) // length * length
    return datetime.fromtimestamp(begins, zone).isoformat()


def groups(
    events: Iterable[Event],
    kind: str,
    by: tuple[str, ...] = (),
    where: dict[str, str] | None = None,
    span: tuple[datetime | None, datetime | None] = (None, None),
    step: str = "all",
    zone: ZoneInfo | None = None,
) -> dict[Cell, list[Event]]:
    """Return the events behind each figure, by step and split."""
    cells: dict[Cell, list[Event]] = {}
    for event in events:
        time = datetime.fromisoformat(event["time"])
        inside = (span[0] is None or time >= span[0]) and (span[1] is None or time < span[1])
        meant = all(text(field(event, name)) == value for name, value in (where or {}).items())
        if event["type"] == kind and inside and meant:
            cell = (step_of(time, step, zone or ZoneInfo("UTC")), *(text(field(event, name)) for name in by))
            cells.setdefault(cell, []).append(event)
    return cells


def figure(events: list[Event], measure: str, agg: str, scale: int = 1_000_000) -> Any:
    """Return what an aggregation says of events, exactly; None where none of them has the measure."""
    if measure == "events":
        return len(events)
    numbers = [event["data"][measure] for event in events if event["data"].get(measure) is not None]
    values = sorted(round((Decimal(each) if isinstance(each, str) else each) * scale) for each in numbers)
    if not values:
        return None
    match agg:
        case "count":
            return len(values)
        case "sum":
            return float(Fraction(sum(values), scale))
        case "mean":
            return float(Fraction(sum(values), scale * len(values)))
        case "min":
            return values[0] / scale
        case "max":
            return values[-1] / scale
    rank = {"p50": 50, "p95": 95, "p99": 99}[agg] * len(values)
    return values[max(1, -(-rank // 100)) - 1] / scale
