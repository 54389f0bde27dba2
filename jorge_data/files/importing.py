"""Import: a file's events are published like a bot's; lines that are refused go to a file of their own, with why."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import orjson

from jorge_data.bots import Receipt
from jorge_data.errors import Fault
from jorge_data.events.encoding import find_faults
from jorge_data.events.validation import ALLOWED_SIZE, MAX_EVENT_BYTES, MAX_EVENTS
from jorge_data.files.byte_source import BREAKS_OFF
from jorge_data.files.checkpoint import TransferCheckpoint
from jorge_data.files.forms import Office
from jorge_data.files.line import FileLine, FileRefused
from jorge_data.files.ndjson import NDJSONWriter
from jorge_data.files.opening import open_file
from jorge_data.progress import StartProgress, silent

REFUSED = ".refused.ndjson"


class ImportClient(Protocol):
    """The part of `jorge_data.bots.Client` that an import uses."""

    def publish(self, events: Iterable[dict[str, Any]]) -> list[Receipt]: ...


@dataclass
class ImportResult:
    """How many of a file's events were stored, known already and refused; `refused_in` lists the refused lines.

    `what` says as what the file was read: which rows, in which format and spelling.
    """

    refused_in: Path
    what: str
    kept: int = 0
    duplicates: int = 0
    refused: int = 0

    def __str__(self) -> str:
        counts = f"{self.what}: {self.kept:,} events kept, {self.duplicates:,} known already, {self.refused:,} refused"
        return f"{counts}: see {self.refused_in}" if self.refused else counts


def import_file(
    client: ImportClient,
    path: Path,
    location: str | None = None,
    progress: StartProgress = silent,
    office: Office | None = None,
) -> ImportResult:
    """Publish a file's events, 500 at a time, into `location`, else into that which each event names.

    What the file is, is read off its content. A CRM's own export names neither location nor zone: `office` has both,
    `location` before the office's. An import that broke off loses nothing: the next one of the same file goes on after
    the last page that the server answered, and what is published twice is stored once, since an event without an id
    gets one from its line and content. Raises FileRefused where the file cannot be read as a whole.
    """
    office = office or Office()
    office = office._replace(location=location or office.location)
    opened, status = open_file(path, office), path.stat()
    checkpoint = TransferCheckpoint(
        path,
        {"location": location, "office": list(map(str, office)), "bytes": status.st_size, "at": status.st_mtime_ns},
    )
    at = checkpoint.load()
    counts = {name: at.get(name, 0) for name in ("kept", "duplicates", "refused")}
    result = ImportResult(path.with_name(path.name + REFUSED), opened.what, **counts)
    refusals = NDJSONWriter(result.refused_in, at.get("refused_bytes", 0))
    read = at.get("read", 0)
    lines = islice(opened.lines, read, None)
    try:
        with progress(f"import {path.name}") as show:
            while page := list(islice(lines, MAX_EVENTS)):
                refusals.write(_publish_page(client, [_identified(line, location) for line in page], result))
                counts = {name: getattr(result, name) for name in counts}
                read += len(page)
                checkpoint.save(**counts, read=read, refused_bytes=refusals.position)
                show(page[-1].share, str(result))
    except BREAKS_OFF as error:
        raise FileRefused(path, f"cannot be unpacked to its end: {error}; {result}") from None
    finally:
        refusals.close()
    if not result.refused:
        result.refused_in.unlink()
    checkpoint.remove()
    return result


def _identified(line: FileLine, location: str | None) -> FileLine:
    """Return the line with its event as it is published: with an id, the same in every import, and the location."""
    if line.faults or not isinstance(line.event, dict):
        return line
    try:
        content = orjson.dumps(line.event, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return line._replace(faults=tuple(find_faults(line.event)) or (Fault("", "…", "allowed: what JSON can hold"),))
    if len(content) > MAX_EVENT_BYTES:
        return line._replace(faults=(Fault("", f"{len(content)} bytes", ALLOWED_SIZE),))
    event = dict(line.event)
    if not event.get("id"):
        event["id"] = f"line-{line.number}-{hashlib.blake2b(content, digest_size=12).hexdigest()}"
    if location is not None:
        event["locationid"] = location
    return line._replace(event=event)


def _publish_page(client: ImportClient, page: list[FileLine], result: ImportResult) -> list[dict[str, Any]]:
    """Publish the lines of a page that have no fault, count all of them in `result`, and return the refused ones."""
    good = [n for n, line in enumerate(page) if not line.faults and isinstance(line.event, dict)]
    receipts = dict(zip(good, client.publish(page[n].event for n in good), strict=True))
    refusals = []
    for number, line in enumerate(page):
        receipt = receipts.get(number)
        faults = _local_faults(line) if receipt is None else _server_faults(receipt)
        if faults:
            result.refused += 1
            refusals.append(_refusal(line, faults))
        elif receipt is not None and receipt.duplicate:
            result.duplicates += 1
        else:
            result.kept += 1
    return refusals


def _local_faults(line: FileLine) -> list[dict[str, Any]]:
    faults = line.faults or (Fault("", str(line.event)[:80], "an event is a JSON object"),)
    return [fault.as_json() for fault in faults]


def _server_faults(receipt: Receipt) -> list[dict[str, Any]]:
    """Return the faults in the server's receipt, none where it stored the event."""
    if receipt.error is None:
        return []
    return receipt.error.get("faults") or [{"pointer": "", "value": "", "detail": str(receipt.error.get("detail"))}]


def _refusal(line: FileLine, faults: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the file of refused lines says of one: its event as JSON, or as text where it is not JSON."""
    try:
        orjson.dumps(line.event)
    except TypeError:
        return {"line": line.number, "faults": faults, "event": repr(line.event)[:1000]}
    return {"line": line.number, "faults": faults, "event": line.event}
