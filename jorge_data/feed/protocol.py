"""The websocket's protocol without a socket: messages in, actions out."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from jorge_data.events import Event, from_json
from jorge_data.feed.failures import Closed, Gap, Garbled, Rejected
from jorge_data.feed.polling import checked
from jorge_data.feed.position import LogPosition

MAX_BATCH_BYTES = 64 << 20
"""A gzip batch that unpacks to more than this is an attack or a fault, not events."""


@dataclass(frozen=True)
class Send:
    """Say this to the server."""

    frame: dict[str, Any]


@dataclass(frozen=True)
class Live:
    """The subscription stands, from the cursor on."""


@dataclass(frozen=True)
class Deliver:
    """Hand these to the consumer: they are new and in order."""

    events: list[Event]


Action = Send | Live | Deliver


class FeedProtocol:
    """Lead one connection from `connected` to events; raise what ends it."""

    def __init__(self, stream: LogPosition, location: str, token: str = "") -> None:
        self._stream = stream
        self._location = location
        self._token = token
        self._catch_up_to = 0
        self._at_last_heartbeat: int | None = None
        self._expected: dict[str, Callable[[dict[str, Any]], list[Action]]] = {"connected": self._connected}

    def receive(self, message: bytes, binary: bool = False) -> list[Action]:
        """Return what to do about one message; frames of unknown type are for newer clients and mean nothing here."""
        frame = _read(_unpack(message) if binary else message)
        answer = self._expected.get(frame["type"])
        try:
            return answer(frame) if answer else []
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Garbled(f"{frame['type']!s:.40}: {type(error).__name__} {error!s:.80}") from error

    def _connected(self, frame: dict[str, Any]) -> list[Action]:
        asked = frame.get("auth") == "required"
        if asked and not self._token:
            raise Closed(4501, "it asks for a token and there is none")
        self._expected = {"subscribed": self._subscribed, "error": self._rejected}
        # The handshake carried the token, but a proxy may have taken the header off.
        auth = [Send({"type": "auth", "token": self._token})] if asked else []
        return [*auth, Send(self._subscription())]

    def _subscription(self) -> dict[str, Any]:
        return {
            "type": "subscribe",
            "channel": "command_center",
            "location": self._location,
            "types": ["*"],
            "after": self._stream.cursor._asdict() if self._stream.cursor else None,
            "encoding": "gzip",
        }

    def _subscribed(self, frame: dict[str, Any]) -> list[Action]:
        checked(frame, epoch=str, recovered=bool, oldest=int, top=int)
        self._stream.resume(frame["epoch"], frame["recovered"], frame["oldest"])
        self._catch_up_to = frame["top"]
        self._expected = {"event": self._event, "events": self._events, "heartbeat": self._heartbeat}
        return [Live()]

    def _rejected(self, frame: dict[str, Any]) -> list[Action]:
        raise Rejected(str(frame["code"])[:40], str(frame["detail"])[:200])

    def _event(self, frame: dict[str, Any]) -> list[Action]:
        return self._deliver([frame["event"]], frame["prev"])

    def _events(self, frame: dict[str, Any]) -> list[Action]:
        return self._deliver(frame["events"], frame["prev"])

    def _deliver(self, events: list[dict[str, Any]], prev: int) -> list[Action]:
        fresh = self._stream.admit([from_json(event) for event in events], prev)
        return [Deliver(fresh)] if fresh else []

    def _heartbeat(self, frame: dict[str, Any]) -> list[Action]:
        cursor, top = self._stream.cursor, frame["top"]
        if cursor is not None and top > cursor.seq and not self._is_catching_up(cursor.seq):
            raise Gap(cursor, top)
        self._at_last_heartbeat = cursor.seq if cursor else None
        return []

    def _is_catching_up(self, seq: int) -> bool:
        # A long replay is sent in pieces with heartbeats between them: behind is not lost while it moves.
        return seq < self._catch_up_to and seq != self._at_last_heartbeat


def _unpack(message: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        text = unpacker.decompress(message, MAX_BATCH_BYTES)
    except zlib.error as error:
        raise Garbled(f"a binary message that is not gzip: {error}") from None
    if not unpacker.eof:
        raise Garbled(f"a gzip message that is cut off or unpacks to more than {MAX_BATCH_BYTES} bytes")
    return text


def _read(message: bytes) -> dict[str, Any]:
    try:
        frame = orjson.loads(message)  # refuses bad UTF-8, NaN and lone surrogates
    except orjson.JSONDecodeError as error:
        raise Garbled(f"a message that is not JSON: {error}") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise Garbled("a message that is not an object with a type")
    return frame
