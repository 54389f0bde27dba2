"""JSON: events as the server serves them, or rows of a table, one a line (NDJSON) or in a list."""

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import ijson
import orjson

from jorge_data.errors import Fault, Invalid
from jorge_data.events import decode_json
from jorge_data.events.encoding import find_faults, show
from jorge_data.events.validation import ALLOWED_SIZE, MAX_EVENT_BYTES
from jorge_data.files.byte_source import ByteSource
from jorge_data.files.csv_file import encoding_of
from jorge_data.files.line import FileLine

_MAX_LINE_BYTES = 2 * MAX_EVENT_BYTES
"""An event may be 64 KiB, and spaces between its fields make a line longer."""


def read_json(path: Path, is_list: bool) -> Iterator[FileLine]:
    """Yield what is in each line that is not blank, or in each item of the list; raise FileRefused where it is no text.

    A line that is too long is skipped in parts, never held whole. What follows a mistake within a list is lost.
    """
    encoding = encoding_of(path)
    return _items(path, encoding) if is_list else _lines(path, encoding)


class _Bytes(Protocol):
    """The part of an open file that is read here."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...


class _Recoded:
    """A file in another encoding as UTF-8; sizes are in characters."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")

    def read(self, size: int = -1, /) -> bytes:
        return self._text.read(size).encode()

    def readline(self, size: int = -1, /) -> bytes:
        return self._text.readline(size).encode()


def _utf8(file: BinaryIO, encoding: str) -> _Bytes:
    """Return a file as UTF-8 without a mark at its beginning."""
    if encoding == "utf-8-sig":
        file.read(len(codecs.BOM_UTF8))
    return file if encoding.startswith("utf-8") else _Recoded(file, encoding)


def _lines(path: Path, encoding: str) -> Iterator[FileLine]:
    with ByteSource(path) as source:
        file, number = _utf8(source.file, encoding), 0
        while raw := file.readline(_MAX_LINE_BYTES):
            number += 1
            if len(raw) >= _MAX_LINE_BYTES and not raw.endswith(b"\n"):
                length = len(raw) + _skip_line(file)
                yield FileLine(number, source.share, None, (Fault("", f"{length} bytes", ALLOWED_SIZE),))
            elif raw.strip():
                yield _read(raw, number, source.share)


def _items(path: Path, encoding: str) -> Iterator[FileLine]:
    with ByteSource(path) as source:
        file, number = _utf8(source.file, encoding), 0
        try:
            for number, item in enumerate(ijson.items(file, "item", use_float=True), 1):
                yield FileLine(number, source.share, item)
        except ijson.JSONError as error:
            words = " ".join(str(error).split())
            yield FileLine(number + 1, 1.0, None, (Fault("", "the list from here on", f"is no JSON: {words}"),))


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


def _skip_line(file: _Bytes) -> int:
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
