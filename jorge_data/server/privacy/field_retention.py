"""Retention by field: what a setting names is taken out of events that are older than it allows; figures stay."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import orjson

from jorge_data.events.personal import FIELDS, Eraser
from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities.erasure import StoredEntity, with_old_fields_erased
from jorge_data.server.log.retention import Retention
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.store import AuditedAction, FieldProgress, Store, StoredRow

logger = logging.getLogger(__name__)

MOST = 100_000
"""Most events that one run rewrites of one office and field: the next run goes on."""

AT_ONCE = 500


class FieldRetention:
    """Takes old fields out of every log, a part at each run; event loop only."""

    def __init__(
        self,
        store: Store,
        rollup_worker: RollupWorker,
        retention: Retention,
        days: Mapping[str, int],
        forget: Callable[[str], None],
    ) -> None:
        """`days` says of each field after how many it goes; `forget` is called with a location that was rewritten."""
        self._store, self._rollup_worker, self._retention = store, rollup_worker, retention
        self._days, self._forget = days, forget

    async def run(self) -> None:
        """Take out what is old now, of every location; raise StoreError."""
        for field, days in self._days.items():
            until = datetime.now(UTC) - timedelta(days=days)
            for log in await asyncio.to_thread(self._store.logs):
                async with self._retention.running:
                    count = await asyncio.to_thread(self._remove, log.location, field, until)
                if count:
                    logger.info("%s was taken out of %d events of %s that are old", field, count, log.location)
                    self._forget(log.location)

    def _remove(self, location: str, field: str, until: datetime) -> int:
        store, eraser, names = self._store.erasures, Eraser(secrets.token_bytes(16)), FIELDS[field]
        progress, top, now = store.progress(location, field), self._store.bounds(location).top, datetime.now(UTC)
        end, count, changed = micros(until), 0, list[tuple[int, bytes]]()
        for seq, body in store.old_events(location, progress, end):
            event = orjson.loads(body)
            data = eraser.without(event["type"], event["data"], names)
            if data != event["data"]:
                changed.append((seq, orjson.dumps({**event, "data": data})))
            if len(changed) == AT_ONCE:
                store.rewrite_events(location, changed)
                count, changed = count + len(changed), []
                if count >= MOST:
                    return count
        store.rewrite_events(location, changed)
        count += len(changed)
        count += self._remove_archived(location, eraser, field, progress, until)
        if count:
            self._rollup_worker.standing(location, lambda: self._remove_folded(location, eraser, field, end))
            act = AuditedAction(now, "event-server", "fields.remove", field, location=location, after={"events": count})
            self._store.audit.record(act).result()
            self._store.wiping.empty_log()
        store.note_progress(location, field, FieldProgress(end, top, micros(now))).result()
        return count

    def _remove_archived(
        self, location: str, eraser: Eraser, field: str, progress: FieldProgress, until: datetime
    ) -> int:
        def without(wire: bytes) -> bytes:
            event = orjson.loads(wire)
            if micros(datetime.fromisoformat(event["time"])) >= micros(until):
                return wire
            data = eraser.without(event["type"], event["data"], FIELDS[field])
            return wire if data == event["data"] else orjson.dumps({**event, "data": data})

        archive, count = self._store.archive, 0
        for path in archive.files(location):
            day = archive.day(path)
            changed = path.stat().st_mtime_ns // 1000 >= progress.at
            if day is None or (day.earliest < until and (changed or micros(day.latest) >= progress.until)):
                count += archive.change(path, without)
        return count

    def _remove_folded(self, location: str, eraser: Eraser, field: str, end: int) -> None:
        for rows in self._store.erasures.rows("entities", location):
            changed = []
            for row in rows:
                if row["family"] == "contact":
                    before = StoredEntity("contact", row["key"], row["name"], row["summary"].encode(), row["state"])
                    after = with_old_fields_erased(before, eraser, field, end)
                    if after.state != before.state:
                        values = {"name": after.name, "summary": after.summary.decode(), "state": after.state}
                        changed.append(StoredRow(row["id"], values))
            self._store.erasures.change("entities", changed)
