"""What each tile of the wall counts: the rows that a page's drawer opens, and the page's period beside them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.events.timestamps import DAY, micros, moment, office_day, office_month, window_start
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.targets import Targets


def tile_rows(key: str, location: str, now: datetime, targets: Targets) -> TableRequest | None:
    """Return the request for the rows that a tile counts, None for a tile that there is not."""
    rows = _ROWS.get(key)
    return rows(location, now, targets) if rows else None


def tile_period(key: str) -> str:
    """Return the period of a page in which it shows what a tile counts, "" where its own does."""
    return _PERIODS.get(key, "")


def _hot(location: str, now: datetime, targets: Targets) -> TableRequest:
    # A contact's row in the list stands at the very moment of its one fact.
    return TableRequest(location, "contacts", questions.HOT.where, _since(now, 30 * DAY))


def _conversations(location: str, now: datetime, targets: Targets) -> TableRequest:
    # Not over at the start of the span, and begun by its end: that is what was active in it.
    return TableRequest(location, questions.OVER.kind, questions.OVER.where, _since(now, DAY))


def _pipeline(location: str, now: datetime, targets: Targets) -> TableRequest:
    return TableRequest(location, "deals", (equals("status", "open"),), order="-value")


def _won(location: str, now: datetime, targets: Targets) -> TableRequest:
    start, end = map(moment, office_month(now, targets.zone))
    return TableRequest(location, questions.WON.kind, questions.WON.where, start, end)


def _steps(location: str, now: datetime, targets: Targets) -> TableRequest:
    start, end = map(moment, office_day(now, targets.zone))
    return TableRequest(location, questions.STEPS_DONE.kind, questions.STEPS_DONE.where, start, end)


def _intent(location: str, now: datetime, targets: Targets) -> TableRequest:
    return TableRequest(location, questions.ANALYSES.kind, start=_since(now, DAY))


def _system(location: str, now: datetime, targets: Targets) -> TableRequest:
    return TableRequest(location, "system_health_update", start=_since(now, 30 * DAY))


def _since(now: datetime, length: int) -> datetime:
    return moment(window_start(micros(now), length))


_PERIODS = MappingProxyType({"conversations": "24 h", "won": "This month", "intent": "24 h", "system": "30 d"})

_ROWS: Mapping[str, Callable[[str, datetime, Targets], TableRequest]] = MappingProxyType(
    {
        "hot": _hot,
        "conversations": _conversations,
        "pipeline": _pipeline,
        "won": _won,
        "sequences": _steps,
        "intent": _intent,
        "system": _system,
    }
)
