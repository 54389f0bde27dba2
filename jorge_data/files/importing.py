"""Importing: a file's events are published like a bot's; what is refused is told by line, the good beside it kept."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import orjson

from jorge_data.bots import Receipt
from jorge_data.errors import Fault
from jorge_data.events.encoding import find_faults
from jorge_data.events.validation import ALLOWED_SIZE, MAX_EVENT_BYTES, MAX_EVENTS
from jorge_data.files.csv_file import read_csv
from jorge_data.files.line import FileLine, FileRefused
from jorge_data.files.ndjson import NDJSONWriter, read_ndjson
from jorge_data.files.parquet import read_parquet
from jorge_data.files.resumption import Resumption
from jorge_data.progress import Begin, silent

READERS: dict[str, Callable[[Path], Iterator[FileLine]]] = {
    ".ndjson": read_ndjson,
    ".jsonl": read_ndjson,
    ".csv": read_csv,
    ".parquet": read_parquet,
}
REFUSED = ".refused.ndjson"


class Publishing(Protocol):
    """What is needed of `jorge_data.bots.Client`."""

    def publish(self, events: Iterable[dict[str, Any]]) -> list[Receipt]: ...


@dataclass
class Outcome:
    """What became of a file's events; `refused_in` names the lines that were refused, and why."""

    refused_in: Path
    kept: int = 0
    duplicates: int = 0
    refused: int = 0

    def __str__(self) -> str:
        told = f"{self.kept:,} events kept, {self.duplicates:,} known already, {self.refused:,} refused"
        return f"{told}: see {self.refused_in}" if self.refused else told


def import_file(client: Publishing, path: Path, location: str | None = None, progress: Begin = silent) -> Outcome:
    """Publish a file's events, 500 at a time, into a location or where each says; return what became of them.

    A break loses nothing: the next import of the same file goes on after the last page that was answered, and what is
    published twice is kept once, since an event without an id is named by its line and content.
    """
    reader, stands = _reader(path), path.stat()
    resumption = Resumption(path, {"location": location, "bytes": stands.st_size, "modified": stands.st_mtime_ns})
    at = resumption.load()
    known = {name: at.get(name, 0) for name in ("kept", "duplicates", "refused")}
    outcome = Outcome(path.with_name(path.name + REFUSED), **known)
    refusals = NDJSONWriter(outcome.refused_in, at.get("refused_bytes", 0))
    lines = (line for line in reader(path) if line.number > at.get("line", 0))
    try:
        with progress(f"import {path.name}") as show:
            while page := list(islice(lines, MAX_EVENTS)):
                refusals.write(_publish(client, [_named(line, location) for line in page], outcome))
                counts = {name: getattr(outcome, name) for name in known}
                resumption.save(**counts, line=page[-1].number, refused_bytes=refusals.position)
                show(page[-1].share, str(outcome))
    finally:
        refusals.close()
    if not outcome.refused:
        outcome.refused_in.unlink()
    resumption.remove()
    return outcome


def _reader(path: Path) -> Callable[[Path], Iterator[FileLine]]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise FileRefused(path, f"the suffix is {path.suffix!r}; allowed: {', '.join(READERS)}")
    if not path.is_file():
        raise FileRefused(path, "there is no such file")
    return reader


def _named(line: FileLine, location: str | None) -> FileLine:
    """Return the line with its event as it is published: into the location, under a name that a repeat has too."""
    if line.faults or not isinstance(line.event, dict):
        return line
    try:
        content = orjson.dumps(line.event, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return line._replace(faults=tuple(find_faults(line.event)) or (Fault("", "…", "allowed: what JSON can hold"),))
    if len(content) > MAX_EVENT_BYTES:
        return line._replace(faults=(Fault("", f"{len(content)} bytes", ALLOWED_SIZE),))
    named = dict(line.event)
    if not named.get("id"):
        named["id"] = f"line-{line.number}-{hashlib.blake2b(content, digest_size=12).hexdigest()}"
    if location is not None:
        named["locationid"] = location
    return line._replace(event=named)


def _publish(client: Publishing, page: list[FileLine], outcome: Outcome) -> list[dict[str, Any]]:
    """Publish the good lines of a page and count what became of all; return what is to be told of the refused."""
    good = [line for line in page if not line.faults and isinstance(line.event, dict)]
    receipts = dict(zip((line.number for line in good), client.publish(line.event for line in good), strict=True))
    refusals = []
    for line in page:
        receipt = receipts.get(line.number)
        faults = [fault.as_json() for fault in _local(line)] if receipt is None else _told(receipt)
        if faults:
            outcome.refused += 1
            refusals.append(_refusal(line, faults))
        elif receipt is not None and receipt.duplicate:
            outcome.duplicates += 1
        else:
            outcome.kept += 1
    return refusals


def _local(line: FileLine) -> tuple[Fault, ...]:
    return line.faults or (Fault("", str(line.event)[:80], "an event is a JSON object"),)


def _told(receipt: Receipt) -> list[dict[str, Any]]:
    """Return the server's faults, in its words: the field, the value and what is allowed."""
    if receipt.error is None:
        return []
    return receipt.error.get("faults") or [{"pointer": "", "value": "", "detail": str(receipt.error.get("detail"))}]


def _refusal(line: FileLine, faults: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is told of a refused line; its event as it stood, where it can be written at all."""
    try:
        orjson.dumps(line.event)
    except TypeError:
        return {"line": line.number, "faults": faults, "event": repr(line.event)[:1000]}
    return {"line": line.number, "faults": faults, "event": line.event}
