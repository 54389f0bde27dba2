"""NDJSON: one event a line, as the server serves it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from jorge_data.errors import Fault, Invalid
from jorge_data.events import decode_json
from jorge_data.events.encoding import find_faults, show
from jorge_data.events.validation import ALLOWED_SIZE, MAX_EVENT_BYTES
from jorge_data.files.line import FileLine

_MAX_LINE_BYTES = 2 * MAX_EVENT_BYTES
"""An event may be 64 KiB, and spaces between its fields make a line longer."""


def read_ndjson(path: Path) -> Iterator[FileLine]:
    """Yield the lines that are not blank; one that is too long is skipped in parts, never held whole."""
    size = max(1, path.stat().st_size)
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(_MAX_LINE_BYTES):
            number += 1
            share = file.tell() / size
            if len(raw) == _MAX_LINE_BYTES and not raw.endswith(b"\n"):
                length = len(raw) + _skip_line(file)
                yield FileLine(number, share, None, (Fault("", f"{length} bytes", ALLOWED_SIZE),))
            elif raw.strip():
                yield _read(raw, number, share)


def _read(raw: bytes, number: int, share: float) -> FileLine:
    try:
        return FileLine(number, share, orjson.loads(raw))
    except orjson.JSONDecodeError:
        pass
    try:
        event = decode_json(raw)
    except Invalid as refused:
        text = raw.decode("utf-8", "replace").strip()
        return FileLine(number, share, text, (Fault("", show(text), str(refused)),))
    # Only a lenient reader takes it: NaN and the like, which our JSON would write as null.
    return FileLine(number, share, raw.decode("utf-8", "replace").strip(), tuple(find_faults(event)))


def _skip_line(file: BinaryIO) -> int:
    """Read to the end of a line; return how many bytes that was."""
    length = 0
    while part := file.readline(_MAX_LINE_BYTES):
        length += len(part)
        if part.endswith(b"\n"):
            break
    return length


class NDJSONWriter:
    """Writes events as lines, after the first `position` bytes of the file; `position` is then its size in bytes."""

    def __init__(self, path: Path, position: int = 0) -> None:
        self._file = path.open("r+b" if position else "wb")
        self._file.truncate(position)
        self._file.seek(position)

    @property
    def position(self) -> int:
        return self._file.tell()

    def write(self, events: list[dict[str, Any]]) -> None:
        """Write a page of events; it has reached the operating system when this returns."""
        self._file.writelines(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in events)
        self._file.flush()

    def close(self) -> None:
        self._file.close()
