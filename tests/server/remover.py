"""A process that archives a store's old events for ever, and prints each beginning and end; made to be killed."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jorge_data.events import Cursor
from jorge_data.server.log import retention
from jorge_data.server.log.retention import Policy, Removal, Retention
from jorge_data.store import Archive, Flush, SQLiteStore, Store, Watermark

LOCATION = "a"
UTC_ZONE = ZoneInfo("UTC")


def fold(store: Store, location: str = LOCATION) -> None:
    """Say that all of a log is folded."""
    log = store.bounds(location)
    with store.view(location) as view:
        mark = view.watermark
    assert store.flush(location, Flush(mark, Watermark(Cursor(log.epoch, log.top), "rules"))).result(10)


def report(removal: Removal) -> None:
    sys.stdout.write(f"{removal.oldest}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    retention.CHUNK, retention.PAGE = 60, 20
    folder = Path(sys.argv[1])
    store = SQLiteStore(folder / "events.db")
    fold(store)
    policy, archive = Policy("archive", 10, UTC_ZONE), Archive(folder / "archive")
    asyncio.run(Retention(store, archive, policy, lambda: datetime.now(UTC), report).run())
