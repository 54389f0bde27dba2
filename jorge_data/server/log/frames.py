"""Frames: what goes over the wire, encoded once for all who read the same records."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import orjson
from websockets.frames import Frame as WebsocketFrame
from websockets.frames import Opcode

from jorge_data.events import Cursor, Record
from jorge_data.permissions import Fields
from jorge_data.server.log.redaction import redact
from jorge_data.server.log.tail import RecordBatch, Types
from jorge_data.store import Hole

Encoding = Literal["plain", "gzip", "socket.io"]
"""How frames are written; the third is the packets of Socket.IO."""

SEPARATOR = "\x1e"
"""Between two packets of a frame; JSON has none, for it escapes this character."""

GZIP_FROM = 1024
"""Bytes from which a batch is worth compressing."""

CACHED_FRAMES = 64
"""Encoded frames that are cached for the next follower who reads the same records."""

CACHED_BYTES = 4 << 20
"""Most bytes of cached frames, whatever their number."""


class Frame(NamedTuple):
    """One websocket message and the bytes that carry it, ready to write."""

    wire: bytes
    binary: bool
    head: int  # bytes before the payload

    @property
    def payload(self) -> bytes:
        return self.wire[self.head :]


def frame(payload: bytes, binary: bool = False) -> Frame:
    """Serialize a payload as one unmasked frame (RFC 6455, 5.2)."""
    wire = WebsocketFrame(Opcode.BINARY if binary else Opcode.TEXT, payload).serialize(mask=False)
    return Frame(wire, binary, len(wire) - len(payload))


def message(**fields: Any) -> Frame:
    """Return a control frame."""
    return frame(orjson.dumps(fields, option=orjson.OPT_UTC_Z))


def heartbeat(top: int | None, prev: int | None = None) -> Frame:
    """Return a heartbeat; `top` is the position up to which this subscription has been served.

    `prev` is that of its last event: what is between the two is not for this reader.
    """
    sent = {} if prev is None else {"prev": prev}
    return message(type="heartbeat", top=top, **sent, time=datetime.now(UTC))


def unreadable(hole: Hole) -> Frame:
    """Return the frame that tells a reader, once, that positions of the log cannot be read."""
    fields = {"type": "error", "code": "unreadable", "detail": str(hole), "ref": None}
    return message(**fields, **{"from": hole.first, "to": hole.last})


def forget(contact: str) -> Frame:
    """Return the frame that tells a reader to forget a contact that he does not see any more."""
    return message(type="forget", contact=contact)


def events_frame(batch: RecordBatch, prev: int, encoding: Encoding) -> Frame:
    """Return the frame of a batch: one event, or several; compressed where asked for and worth it."""
    if encoding == "socket.io":
        return Frame(SEPARATOR.encode().join(map(_packet, batch.records)), False, 0)
    wires = [record.wire for record in batch.records]
    if len(wires) == 1:
        payload = b'{"type":"event","event":%b,"prev":%d}' % (wires[0], prev)
    else:
        payload = b'{"type":"events","events":[%b],"prev":%d}' % (b",".join(wires), prev)
    if encoding == "gzip" and len(payload) >= GZIP_FROM:
        return frame(gzip.compress(payload, 1), binary=True)
    return frame(payload)


def _packet(record: Record) -> bytes:
    """Return an event as a packet of Socket.IO, named by its kind; the fields of its `data` stand beside it as well."""
    event = orjson.loads(record.wire)
    return b'2["%b",%b]' % (record.type.encode(), orjson.dumps({**event["data"], **event}))


def packets(frame: Frame) -> list[str]:
    """Return a frame as packets of Socket.IO: each of its events, or, of a control frame, one that its type names."""
    payload = frame.payload.decode()
    if payload.startswith("{"):
        return [f'2["{orjson.loads(payload)["type"]}",{payload}]']
    return payload.split(SEPARATOR)


class SeenBy(NamedTuple):
    """The agent who sees the records of a batch, and the version of the assignments by which he does."""

    agent: str
    version: int


_Key = tuple[Cursor, int, int, Types, Fields | None, Encoding, SeenBy | None]


class FrameCache:
    """The last frames made, so that a thousand followers at one position cost one encoding."""

    def __init__(self, make: Callable[[RecordBatch, int, Encoding], Frame] = events_frame) -> None:
        self._make = make
        self._frames: OrderedDict[_Key, Frame] = OrderedDict()
        self._bytes = 0

    def clear(self) -> None:
        """Forget every frame: what is stored of its records was rewritten."""
        self._frames.clear()
        self._bytes = 0

    def get(
        self,
        epoch: str,
        batch: RecordBatch,
        prev: int,
        types: Types,
        encoding: Encoding,
        fields: Fields | None = None,
        seen_by: SeenBy | None = None,
    ) -> Frame:
        """Return the frame of a batch of one log, made once for all who see the same of it while it is cached."""
        key = (Cursor(epoch, batch.position), batch.after, prev, types, fields, encoding, seen_by)
        cached = self._frames.get(key)
        if cached is None:
            if fields is not None:
                batch = batch._replace(records=tuple(redact(batch.records, fields)))
            cached = self._frames[key] = self._make(batch, prev, encoding)
            self._bytes += len(cached.wire)
            while len(self._frames) > CACHED_FRAMES or (self._bytes > CACHED_BYTES and len(self._frames) > 1):
                self._bytes -= len(self._frames.popitem(last=False)[1].wire)
        return cached
