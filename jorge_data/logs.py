"""Logs: one JSON object a line, on standard error, without secrets, and the same line once a minute."""

import copy
import logging
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TextIO

import structlog

_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:bearer)[ .][\w.~+/-]{16,}", re.ASCII)
_JSON = structlog.processors.JSONRenderer()

EVERY_S = 60.0
"""A warning or an error that says the same as one before it is written once in so long."""

MOST_ALIKE = 10
"""So many that differ in what they name, a location or an incident, are each written in that time."""

MOST_KINDS = 1_000
"""Kinds of line that are known; of more, the one begun longest ago is forgotten."""

_NUMBER = re.compile(r"0x[0-9a-f]+|\d+")


def render(logger: object, name: str, entry: MutableMapping[str, Any]) -> str:
    """Return a log line as JSON, with anything that looks like a token replaced by `<token>`, in any field."""
    return _TOKEN.sub("<token>", str(_JSON(logger, name, entry)))


@dataclass
class _Written:
    """Lines alike since a moment: how many were written, the newest that was not, and how many these are."""

    since: float
    written: int = 0
    left_out: int = 0
    newest: logging.LogRecord | None = None


class SparingHandler(logging.StreamHandler[TextIO]):
    """Writes records, but no warning or error twice a minute; how many were left out is said when the minute is over.

    Whatever repeats thousands of times (a descriptor that is not to be had, a disk that is full) is one line a minute.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._same: OrderedDict[object, _Written] = OrderedDict()  # by logger, text without numbers, and exception
        self._alike: OrderedDict[object, _Written] = OrderedDict()  # the same, by text without what it names
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless one like it was written within the minute; called under the handler's lock."""
        if record.levelno < logging.WARNING:
            super().emit(record)
            return
        self.tell_left_out()
        error = record.exc_info[0] if record.exc_info else None
        alike = self._written(self._alike, (record.name, _kind(str(record.msg)), error))
        same = self._written(self._same, (record.name, _kind(record.getMessage()), error))
        if same.written or alike.written >= MOST_ALIKE:
            counted = same if same.written else alike
            counted.left_out, counted.newest = counted.left_out + 1, record
            self._tell_later()
            return
        same.written += 1
        alike.written += 1
        super().emit(record)

    def _written(self, known: OrderedDict[object, _Written], kind: object) -> _Written:
        now = self._clock()
        written = known.get(kind)
        if written is None or now - written.since >= EVERY_S:
            written = known[kind] = _Written(now)
            known.move_to_end(kind)
            if len(known) > MOST_KINDS:
                known.popitem(last=False)
        return written

    def tell_left_out(self, all_of_them: bool = False) -> None:
        """Write the newest of each kind that was left out, with how many there were, where their minute is over."""
        now = self._clock()
        for known in (self._same, self._alike):
            for kind, written in list(known.items()):
                if now - written.since < EVERY_S and not all_of_them:
                    break  # they stand in the order in which their minutes began
                del known[kind]
                if written.newest is not None:
                    self._tell(written)
                    known[kind] = _Written(now, written=MOST_ALIKE)

    def _tell(self, written: _Written) -> None:
        record = copy.copy(written.newest)
        assert record is not None
        record.msg, record.args = f"{record.getMessage()} ({written.left_out:,} more like it)", None
        record.exc_info = record.exc_text = None
        super().emit(record)

    def _tell_later(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(EVERY_S, self._tell_now)
            self._timer.daemon = True
            self._timer.start()

    def _tell_now(self) -> None:
        with self.lock or threading.RLock():
            self._timer = None
            self.tell_left_out()

    def close(self) -> None:
        """Say what was left out, at the end of the process."""
        with self.lock or threading.RLock():
            if self._timer is not None:
                self._timer.cancel()
            self.tell_left_out(all_of_them=True)
        super().close()


def _kind(text: str) -> str:
    return _NUMBER.sub("#", text.partition("\n")[0])


def configure_logs(level: str) -> None:
    """Send every logger's lines through one formatter; uvicorn's from warning up, as its info lines hold addresses."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            render,
        ],
    )
    output = SparingHandler(sys.stderr)
    output.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    for library in ("uvicorn", "uvicorn.error", "alembic", "asyncio", "urllib3"):
        logging.getLogger(library).setLevel(logging.WARNING)
