"""Ninety days of an office of any size: the demo's history, as many times over as it takes, folded as the server does.

Contacts, deals and analyses grow with the events; components do not, they report more often.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from math import ceil
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import days
from jorge_data.demo.history import HistoryId
from jorge_data.events import Candidate, Reception, admit, decode
from jorge_data.metrics.entities import Rules, Vocabulary
from jorge_data.server.rollup.batch import prepare
from jorge_data.store import SQLiteStore

Json = dict[str, Any]

SEED = 7
LOCATION = "default"
ZONE = ZoneInfo("America/Chicago")
END = datetime(2025, 3, 31, 18, tzinfo=ZONE)
"""When the ninety days are over; the office's clock was put forward on 9 March."""

DAYS = 90
BATCH, CHUNK = 1000, 20_000
REPORTS_SHARE = 0.3
JITTER_S = 6 * 3600.0
NAMES = ("contact_id", "deal_id", "conversation_id", "analysis_id", "alert_id", "property_id", "call_id", "item")
"""The fields that get another id in each copy."""


def fill(folder: Path, size: int) -> Path:
    """Return a store of so many events, all folded; a partial one is continued, a full one is used as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path, done = folder / "events.db", folder / "filled.json"
    contents = {"events": size, "seed": SEED, "end": END.isoformat()}
    if not done.exists() or json.loads(done.read_text()) != contents:
        with closing(SQLiteStore(path)) as store:
            _fill(store, size)
        done.write_text(json.dumps(contents))
    return path


def _fill(store: SQLiteStore, size: int) -> None:
    for at in _appended(store, size):
        _report("appended", at, size)
    for at in _folded(store):
        _report("folded", at, size)


def _appended(store: SQLiteStore, size: int) -> Iterator[int]:
    """Append what is missing, and yield how many events there are."""
    at = store.bounds(LOCATION).top
    coming = islice(events(size), at, size)
    while batch := [_admitted(event) for event in islice(coming, BATCH)]:
        store.append(LOCATION, batch).result()
        at += len(batch)
        yield at


def _folded(store: SQLiteStore) -> Iterator[int]:
    """Fold the rest of the log as the server does, in larger batches than its own; yield the last position folded."""
    vocabulary: Vocabulary | None = None
    while True:
        with store.view(LOCATION) as view:
            records = view.read(view.watermark.cursor.seq if view.watermark else 0, CHUNK).records
            if not records:
                return
            vocabulary = vocabulary or Vocabulary(view.words())
            batch = [decode(record.wire) for record in records]
            changed = prepare(view, batch, batch[-1].seq, Rules(), vocabulary)
        assert store.flush(LOCATION, changed).result()
        yield batch[-1].seq


def _report(what: str, at: int, size: int) -> None:
    if at % (100 * BATCH) == 0 or at == size:
        print(f"  {what} {at:>12,} of {size:,} events, {time.process_time():,.0f} s of CPU", flush=True)


def events(size: int) -> Iterator[Json]:
    """Yield at least so many events of the ninety days before END, nearly in order, the same ones at each call."""
    stories = [(offset, event) for offset, event in _stories() if _is_used(event)]
    # A tenth more copies than it takes: what a copy moves beyond END is left out, and a share of them is drawn by lot.
    copies = size / len(stories) * 1.1
    for number, (offset, event) in enumerate(stories):
        for copy in range(ceil(copies)):
            if copy + 1 <= copies or _share(event, copy) < copies % 1:
                moved = offset + _jitter(event, copy)
                if moved < 0:
                    yield _copied(event, copy, END + timedelta(seconds=moved), number)


def _stories() -> Iterator[tuple[float, Json]]:
    calendar = Calendar(END, past_s=0)
    timed_events = days(HistoryId(SEED, calendar.zero), calendar, DAYS)
    return takewhile(lambda timed: timed[0] < 0, timed_events)


def _is_used(event: Json) -> bool:
    return "component" not in event["data"] or crc32(event["id"].encode()) % 1000 < 1000 * REPORTS_SHARE


def _whose(event: Json) -> str:
    data = event["data"]
    acted_on = data.get("item", "").partition(":")[2]
    return str(data.get("contact_id") or acted_on or data.get("deal_id") or event["id"])


def _share(event: Json, copy: int) -> float:
    return crc32(f"{_whose(event)} {copy}".encode()) % 10_000 / 10_000


def _jitter(event: Json, copy: int) -> float:
    """Return by how many seconds a contact's copy is moved, all its events alike."""
    return 0.0 if copy == 0 else Random(crc32(f"{copy} {_whose(event)}".encode())).uniform(-JITTER_S, JITTER_S)


def renamed(data: Json, copy: int) -> Json:
    """Return the same data with the ids of the copy."""
    return {name: f"{value}-{copy}" if name in NAMES and value else value for name, value in data.items()}


def _copied(event: Json, copy: int, at: datetime, number: int) -> Json:
    data = renamed(event["data"], copy)
    identifier = f"{event['id']}-{copy}" if event["type"] == "intent_analysis_complete" else f"{number}-{copy}"
    return {"id": identifier, "source": event["source"], "type": event["type"], "time": at.isoformat(), "data": data}


def _admitted(event: Json) -> Candidate:
    return admit(event, Reception(END.astimezone(UTC) + timedelta(minutes=1), LOCATION))
