"""Export: a location's log, page by page, from its oldest event to its newest one at the start of the export."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from jorge_data.events import parse_moment
from jorge_data.files.checkpoint import SUFFIX, TransferCheckpoint
from jorge_data.files.csv_file import CSVWriter
from jorge_data.files.line import FileRefused
from jorge_data.files.ndjson import NDJSONWriter
from jorge_data.files.parquet import ParquetWriter
from jorge_data.progress import StartProgress, silent

_PAGE = 1000
PART = ".part"


class ExportFilter(NamedTuple):
    """Which events of a location: of these kinds, or all; which happened at `start` or later, and before `end`."""

    location: str
    types: str | None = None  # comma-separated
    start: datetime | None = None
    end: datetime | None = None

    def matches(self, event: dict[str, Any]) -> bool:
        """Return whether an event happened between `start` and `end`, and says of nobody that he was erased.

        That the event server alone says, of its own log: in the file he is erased already.
        """
        if event["type"] == "contact_update" and event["data"].get("erased"):
            return False
        if self.start is None and self.end is None:
            return True
        time = parse_moment(event["time"])
        return (self.start is None or self.start <= time) and (self.end is None or time < self.end)


class ExportClient(Protocol):
    """The part of `jorge_data.bots.Client` that an export uses."""

    def request(self, method: str, path: str) -> dict[str, Any]: ...


class FileWriter(Protocol):
    """Writes events to a file of one format."""

    def write(self, events: list[dict[str, Any]]) -> None: ...

    def close(self) -> None: ...


WRITERS: dict[str, Callable[[Path], FileWriter]] = {
    ".ndjson": NDJSONWriter,
    ".jsonl": NDJSONWriter,
    ".csv": CSVWriter,
    ".parquet": ParquetWriter,
}


class _Page(NamedTuple):
    events: list[dict[str, Any]]
    epoch: str
    position: int
    top: int

    @property
    def cursor(self) -> str:
        return f"{self.epoch}:{self.position}"


def export_file(client: ExportClient, path: Path, filter_: ExportFilter, progress: StartProgress = silent) -> int:
    """Write a location's events to a file; return how many there are.

    The file gets its name only when it is complete. An export to NDJSON that broke off goes on from its checkpoint;
    other formats start again. Raises FileRefused where the suffix is no format, or the log no longer has what follows.
    """
    format_ = WRITERS.get(path.suffix.lower())
    if format_ is None:
        raise FileRefused(path, f"the suffix is {path.suffix!r}; allowed: {', '.join(WRITERS)}")
    part = path.with_name(path.name + PART)
    checkpoint = TransferCheckpoint(path, {"chosen": [str(value) for value in filter_]})
    at = checkpoint.load() if part.exists() and format_ is NDJSONWriter else {}
    writer = NDJSONWriter(part, at["bytes"]) if at else format_(part)
    written: int = at.get("written", 0)
    try:
        with progress(f"export {path.name}") as show:
            for page in _pages(client, path, filter_, at.get("after", "oldest"), at.get("until")):
                events = [event for event in page.events if filter_.matches(event)]
                writer.write(events)
                written += len(events)
                if isinstance(writer, NDJSONWriter):
                    checkpoint.save(after=page.cursor, until=page.top, bytes=writer.position, written=written)
                show(page.position / max(1, page.top), f"{written:,} events")
    finally:
        writer.close()
    os.replace(part, path)
    checkpoint.remove()
    return written


def _pages(client: ExportClient, path: Path, filter_: ExportFilter, after: str, until: int | None) -> Iterator[_Page]:
    """Yield the log's pages up to its top at the first request; raise FileRefused where the log was replaced since."""
    while True:
        query = {"location": filter_.location, "after": after, "limit": _PAGE, "types": filter_.types or "*"}
        response = client.request("GET", f"/events?{urlencode(query)}")
        if not response["recovered"]:
            reason = f"{filter_.location} no longer holds what follows on {after}"
            raise FileRefused(path, f"{reason}: remove {path.name}{SUFFIX}, and it is exported anew")
        top = until = response["top"] if until is None else until
        page = _Page(
            [event for event in response["events"] if event["seq"] <= top],
            response["epoch"],
            min(response["position"], top),
            top,
        )
        yield page
        if page.position >= top:
            return
        after = page.cursor
