"""The websocket's protocol without a socket: messages in, actions out."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from jorge_data.events import Cursor, Event, from_json
from jorge_data.feed.failures import ConnectionClosed, Gap, ProtocolViolation, SubscriptionRejected
from jorge_data.feed.polling import checked
from jorge_data.feed.position import LogPosition
from jorge_data.feed.status import HEARTBEAT_S

MAX_BATCH_BYTES = 64 << 20
"""A gzip batch that unpacks to more than this is an attack or a fault, not events."""

SHORTEST_S = 0.5
"""No heartbeat is taken for shorter, and none for longer than the contract's: a server's word frees nobody of it."""


@dataclass(frozen=True)
class Send:
    """Send this frame to the server."""

    frame: dict[str, Any]


@dataclass(frozen=True)
class Subscribed:
    """The server confirmed the subscription, from the cursor on, and says how often it sends a heartbeat."""

    heartbeat_s: float


@dataclass(frozen=True)
class Deliver:
    """Deliver these to the consumer: they are new and in order."""

    events: list[Event]


@dataclass(frozen=True)
class TakeFigures:
    """Hand the sections of the figures that changed to the consumer; they are as of a position that was delivered."""

    changed: dict[str, Any]
    as_of: Cursor


@dataclass(frozen=True)
class PassOver:
    """Say in the connection log what the server cannot read of the log; the position is behind it."""

    detail: str


@dataclass(frozen=True)
class Forget:
    """Drop what was delivered about a contact, which is another agent's now."""

    contact: str


Action = Send | Subscribed | Deliver | TakeFigures | PassOver | Forget


class FeedProtocol:
    """The state of one connection, from `connected` to events; what ends it is raised."""

    def __init__(self, position: LogPosition, location: str, token: str = "") -> None:
        self._position = position
        self._location = location
        self._token = token
        self._catch_up_to = 0
        self._heartbeat_s = HEARTBEAT_S
        self._at_last_heartbeat: int | None = None
        self._handlers: dict[str, Callable[[dict[str, Any]], list[Action]]] = {"connected": self._connected}

    def receive(self, message: bytes, binary: bool = False) -> list[Action]:
        """Return the actions that a message asks for; frames of unknown type are for newer clients and ask for none."""
        frame = _read(_unpack(message) if binary else message)
        handler = self._handlers.get(frame["type"])
        try:
            return handler(frame) if handler else []
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProtocolViolation(f"{frame['type']!s:.40}: {type(error).__name__} {error!s:.80}") from error

    def _connected(self, frame: dict[str, Any]) -> list[Action]:
        self._heartbeat_s = min(max(float(frame.get("heartbeat_s", HEARTBEAT_S)), SHORTEST_S), HEARTBEAT_S)
        auth_required = frame.get("auth") == "required"
        if auth_required and not self._token:
            raise ConnectionClosed(4501, "it asks for a token and there is none")
        self._handlers = {"subscribed": self._subscribed, "error": self._rejected}
        # The handshake carried the token, but a proxy may have taken the header off.
        auth = [Send({"type": "auth", "token": self._token})] if auth_required else []
        return [*auth, Send(self._subscription())]

    def _subscription(self) -> dict[str, Any]:
        return {
            "type": "subscribe",
            "channel": "command_center",
            "location": self._location,
            "types": ["*"],
            "after": self._position.cursor._asdict() if self._position.cursor else None,
            "encoding": "gzip",
            "figures": True,
        }

    def _subscribed(self, frame: dict[str, Any]) -> list[Action]:
        checked(frame, epoch=str, recovered=bool, oldest=int, top=int)
        self._position.resume(frame["epoch"], frame["recovered"], frame["oldest"])
        self._catch_up_to = frame["top"]
        self._handlers = {
            "event": self._events,
            "events": self._events,
            "figures": self._figures,
            "heartbeat": self._heartbeat,
            "forget": self._forget,
            "error": self._told,
        }
        return [Subscribed(self._heartbeat_s)]

    def _rejected(self, frame: dict[str, Any]) -> list[Action]:
        raise SubscriptionRejected(str(frame["code"])[:40], str(frame["detail"])[:200])

    def _events(self, frame: dict[str, Any]) -> list[Action]:
        events = [frame["event"]] if frame["type"] == "event" else frame["events"]
        new = self._position.admit([from_json(event) for event in events], frame["prev"])
        return [Deliver(new)] if new else []

    def _told(self, frame: dict[str, Any]) -> list[Action]:
        if frame.get("code") != "unreadable":
            return []
        checked(frame, to=int, detail=str)
        self._position.pass_over(frame["to"])
        return [PassOver(frame["detail"][:200])]

    def _figures(self, frame: dict[str, Any]) -> list[Action]:
        checked(frame, as_of=int, set=dict)
        return [TakeFigures(frame["set"], Cursor(self._position.current().epoch, frame["as_of"]))]

    def _forget(self, frame: dict[str, Any]) -> list[Action]:
        checked(frame, contact=str)
        return [Forget(frame["contact"])]

    def _heartbeat(self, frame: dict[str, Any]) -> list[Action]:
        cursor, top, prev = self._position.cursor, frame["top"], frame.get("prev")
        if cursor is not None and top > cursor.seq:
            if isinstance(prev, int) and prev <= cursor.seq:  # what comes behind it is not for this reader
                self._position.pass_over(top)
            elif not self._is_catching_up(cursor.seq):
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
        raise ProtocolViolation(f"a binary message that is not gzip: {error}") from None
    if not unpacker.eof:
        raise ProtocolViolation(f"a gzip message that is cut off or unpacks to more than {MAX_BATCH_BYTES} bytes")
    return text


def _read(message: bytes) -> dict[str, Any]:
    try:
        frame = orjson.loads(message)  # refuses bad UTF-8, NaN and lone surrogates
    except orjson.JSONDecodeError as error:
        raise ProtocolViolation(f"a message that is not JSON: {error}") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise ProtocolViolation("a message that is not an object with a type")
    return frame
