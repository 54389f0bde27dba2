"""The parameters of requests, read and checked: kinds, cursors, limits, subscriptions."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from jorge_data.errors import Invalid
from jorge_data.events import KINDS, Cursor
from jorge_data.events.encoding import show
from jorge_data.events.numbers import read_whole
from jorge_data.server.log.frames import Encoding
from jorge_data.server.log.tail import Types

CHANNEL = "command_center"
MAX_LIMIT = 1000
MAX_SEQ = 10**18


class SubscriptionRequest(NamedTuple):
    """The parameters of a subscribe frame."""

    location: str | None
    types: Types
    after: Cursor | None
    encoding: Encoding
    figures: bool


def read_subscribe(frame: dict[str, Any]) -> SubscriptionRequest:
    """Read a subscribe frame; raise Invalid that names the field, the value and what is allowed."""
    channel, location = frame.get("channel", CHANNEL), frame.get("location")
    if channel != CHANNEL:
        raise Invalid(f"channel is {show(channel)}: allowed is {CHANNEL}")
    if location is not None and not isinstance(location, str):
        raise Invalid(f"location is {show(location)}: allowed is text")
    types, after = read_types(frame.get("types", ["*"])), _read_after(frame.get("after"))
    figures = frame.get("figures", False)
    if not isinstance(figures, bool):
        raise Invalid(f"figures is {show(figures)}: allowed is true or false")
    return SubscriptionRequest(location, types, after, _read_encoding(frame.get("encoding")), figures)


def read_auth(auth: Any) -> tuple[str | None, SubscriptionRequest]:
    """Read the `auth` of a Socket.IO client: its token, and what it subscribes to; raise Invalid as `read_subscribe`.

    Its position is told by `epoch` and `seq`, as they stand on the last event that it was served.
    """
    fields = {} if auth is None else auth
    if not isinstance(fields, dict):
        raise Invalid(f"auth is {show(auth)}: allowed is an object of token, location, epoch, seq, types and figures")
    token, epoch, seq = (fields.get(name) for name in ("token", "epoch", "seq"))
    if token is not None and not isinstance(token, str):
        raise Invalid(f"token is {show(token)}: allowed is text")
    after = None if epoch is None and seq is None else _cursor(epoch, seq)
    if after is None and (epoch, seq) != (None, None):
        raise Invalid(f"epoch is {show(epoch)} and seq is {show(seq)}: allowed are text and an integer, or neither")
    request = read_subscribe({name: fields[name] for name in ("location", "types", "figures") if name in fields})
    return token, request._replace(after=after, encoding="socket.io")


def _read_encoding(encoding: Any) -> Encoding:
    match encoding:
        case None | "" | "plain":
            return "plain"
        case "gzip":
            return "gzip"
    raise Invalid(f"encoding is {show(encoding)}: allowed are plain and gzip")


def read_types(names: Any) -> Types:
    """Read a list of kinds; `*` is all of them."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Invalid(f"types is {show(names)}: allowed is a list of kinds, or ['*']")
    return _kinds(names)


def split_types(text: str | None) -> Types:
    """Read kinds from a query: comma-separated; none, or `*`, is all of them."""
    return _kinds([name.strip() for name in text.split(",") if name.strip()]) if text else None


def _kinds(names: Iterable[str]) -> Types:
    kinds = frozenset(names)
    unknown = kinds - KINDS.keys() - {"*"}
    if unknown:
        raise Invalid(f"types has {show(sorted(unknown))}: allowed are * and {', '.join(KINDS)}")
    return None if "*" in kinds or not kinds else kinds


def _read_after(after: Any) -> Cursor | None:
    if after is None:
        return None
    if isinstance(after, str):
        return Cursor.parse(after)
    cursor = _cursor(after.get("epoch"), after.get("seq")) if isinstance(after, dict) else None
    if cursor is None:
        raise Invalid(f'after is {show(after)}: allowed is {{"epoch": text, "seq": integer}} or null')
    return cursor


def _cursor(epoch: Any, seq: Any) -> Cursor | None:
    """Return a cursor, or None where the two are none."""
    if not isinstance(epoch, str) or not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq <= MAX_SEQ:
        return None
    return Cursor(epoch, seq)


def read_after(text: str | None) -> Cursor | Literal["oldest", "latest"]:
    """Read the cursor of a query: `<epoch>:<seq>`, oldest or latest (which is the default)."""
    match text:
        case None | "" | "latest":
            return "latest"
        case "oldest":
            return "oldest"
    return Cursor.parse(text)


def read_limit(text: str | None, default: int) -> int:
    """Read the most rows of a page: 1 to 1000; raise Invalid."""
    if text is None:
        return default
    limit = read_whole(text)
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"limit is {show(text)}: allowed is 1–{MAX_LIMIT}")
    return limit
