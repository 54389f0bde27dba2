"""Three months of events: the demo's stories and the edge cases beside them, in the order of delivery."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import days
from jorge_data.demo.history import HistoryId
from tests.reconciliation.edge_cases import edge_cases

Json = dict[str, Any]

SEED = 11
ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2024, 11, 30, 18, 0, tzinfo=ZONE)
"""The dashboard's clock, at the end of the three months; daylight saving ended on 3 November."""

RATES = "2024-10-15=0.055,2024-11-20=0.0575"
"""Commission rates that change twice within the months, after the first of 6 %."""

DAYS = 90
CONTACTS_PERCENT = 30
"""Of a hundred contacts of the demo's history, so that the test stays quick."""

COMPONENTS = frozenset({"claude_api"})

LATE, LATEST = 0.06, timedelta(days=9)
TWICE = 0.02
REFUSED = 0.004


def deliveries() -> list[Json]:
    """Return all that is published, in order: a few are late, a few come twice, a few cannot be accepted."""
    chance = Random(SEED)
    delivered: list[tuple[datetime, int, Json]] = []
    for number, event in enumerate(sorted([*_stories(), *edge_cases()], key=_time)):
        at = _time(event)
        if chance.random() < LATE:
            at = min(at + chance.random() * LATEST, NOW)
        delivered.append((at, number, event))
        if chance.random() < TWICE:
            delivered.append((min(at + chance.random() * LATEST, NOW), number, _again(event)))
        if chance.random() < REFUSED:
            delivered.append((at, number, _spoiled(chance, event)))
    return [event for _, _, event in sorted(delivered, key=lambda each: each[:2])]


def _stories() -> Iterator[Json]:
    calendar = Calendar(NOW, past_s=0)
    timed_events = days(HistoryId(SEED, calendar.zero), calendar, DAYS)
    for offset, event in takewhile(lambda timed: timed[0] < 0, timed_events):
        if _is_published(event["data"]):
            fields = {name: value for name, value in event.items() if name != "locationid"}
            yield {**fields, "time": calendar.at(offset).isoformat()}


def _is_published(data: Json) -> bool:
    if "component" in data:
        return data["component"] in COMPONENTS
    # Feedback names no contact: its analysis may be left out, and the label then stays pending.
    contact = data.get("contact_id") or data.get("item", "").partition(":")[2]
    return "deal_id" in data or "analysis_id" in data or crc32(contact.encode()) % 100 < CONTACTS_PERCENT


def _again(event: Json) -> Json:
    """Return an event under the same name with other contents, which must change nothing."""
    return {**event, "data": {**event["data"], "confidence_score": 0.01, "deal_value": 1, "success": False}}


def _spoiled(chance: Random, event: Json) -> Json:
    """Return an event that is refused: of no kind, of tomorrow, or with data that its kind cannot have."""
    faults: tuple[Json, ...] = (
        {"type": "no_such_kind"},
        {"time": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        {"data": {}},
        {"data": {**event["data"], "contact_id": 7, "component": 7, "deal_id": 7, "analysis_id": 7, "item": 7}},
    )
    return {**event, "id": f"{event['id']}-spoiled", **chance.choice(faults)}


def _time(event: Json) -> datetime:
    return datetime.fromisoformat(event["time"]).astimezone(UTC)
