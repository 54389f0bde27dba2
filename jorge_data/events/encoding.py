"""JSON in and out: checked strictly where it comes from outside, encoded once where it goes out."""

import json
import math
import reprlib
from typing import Any, NamedTuple

import orjson

from jorge_data.errors import Fault, Invalid
from jorge_data.events.cursor import Cursor
from jorge_data.events.envelope import Event
from jorge_data.events.timestamps import parse_moment

MAX_DEPTH = 32
_INTEGERS = range(-(2**63), 2**64)
_SHOWN = 80
_quote = reprlib.Repr()
_quote.maxlevel = 3
_quote.maxstring = _quote.maxlong = _quote.maxother = _SHOWN


class Record(NamedTuple):
    """A committed event as it is served: its position, the kind that subscriptions filter by, and its JSON."""

    seq: int
    type: str
    wire: bytes


def decode_json(raw: bytes, what: str = "the body") -> Any:
    """Decode JSON, also with NaN and lone surrogates, which `find_faults` names; raise Invalid where it is none.

    A byte order mark is passed over (RFC 8259, 8.1); `what` it is begins the refusal's sentence.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid(f"{what} is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise Invalid(f"{what} is nested too deeply: allowed is a depth of {MAX_DEPTH}") from None
    except ValueError as error:
        if b"\0" in raw:  # which no JSON has
            raise Invalid(f"{what} is UTF-16, or no text: allowed is UTF-8") from None
        raise Invalid(f"{what} is not JSON: {error}") from None


def json_size(value: Any) -> int:
    """Return the bytes of a decoded value as JSON, also where it has faults; 0 where it is nested too deeply."""
    try:
        return len(orjson.dumps(value))
    except TypeError:
        return len(json.dumps(value)) if _is_shallow(value) else 0


def _is_shallow(value: Any, depth: int = 1) -> bool:
    if depth > 2 * MAX_DEPTH:
        return False
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_is_shallow(child, depth + 1) for child in children)


def find_faults(value: Any, pointer: str = "", depth: int = 1) -> list[Fault]:
    """Return a fault for each NaN, Infinity, lone surrogate, integer over 64 bits and value nested deeper than 32.

    Depth counts objects and lists, the event itself being the first.
    """
    if depth > MAX_DEPTH and isinstance(value, dict | list):
        return [Fault(pointer, "…", f"nested deeper than {MAX_DEPTH}")]
    match value:
        case dict():
            children = [(f"{pointer}/{escape(str(key))}", child) for key, child in value.items()]
            bad_keys = [Fault(f"{pointer}/{escape(key)}", show(key), _SURROGATE) for key in value if has_surrogate(key)]
            return bad_keys + [fault for path, child in children for fault in find_faults(child, path, depth + 1)]
        case list():
            return [f for i, child in enumerate(value) for f in find_faults(child, f"{pointer}/{i}", depth + 1)]
        case float() if not math.isfinite(value):
            return [Fault(pointer, str(value), "not a finite number")]
        case int() if value not in _INTEGERS:
            return [Fault(pointer, show(value), "an integer of more than 64 bits")]
        case str() if has_surrogate(value):
            return [Fault(pointer, show(value), _SURROGATE)]
    return []


_SURROGATE = "a lone surrogate, which is not Unicode text"


def has_surrogate(text: str) -> bool:
    """Return whether text has a lone surrogate: half a character, which JSON can spell and UTF-8 cannot."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def show(value: Any) -> str:
    """Return a value as a refusal quotes it: short however large or deep it is, and always encodable."""
    text = _quote.repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def show_field(fields: dict[str, Any], name: str) -> str:
    """Return the value of a field as a refusal quotes it, or that it is missing."""
    return show(fields[name]) if name in fields else "missing"


def escape(key: str) -> str:
    """Escape one step of a JSON pointer (RFC 6901, 3)."""
    return key.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")


_WRITTEN = tuple(name for name in Event._fields if name not in ("seq", "epoch"))  # which are the last ones


def encode(event: Event) -> bytes:
    """Return the event's JSON without its position, which is not known before the commit."""
    return orjson.dumps(dict(zip(_WRITTEN, event, strict=False)), option=orjson.OPT_UTC_Z)


def place(body: bytes, cursor: Cursor) -> bytes:
    """Return the JSON that is served: that of `encode`, with the position of the committed event put in front."""
    return b'{"epoch":"%b","seq":%d,%b' % (cursor.epoch.encode(), cursor.seq, body[1:])


def decode(wire: bytes) -> Event:
    """Return the event of its served JSON."""
    return from_json(orjson.loads(wire))


def from_json(attributes: dict[str, Any]) -> Event:
    """Return the event of its served JSON, already decoded."""
    return Event(
        **{
            **{name: attributes[name] for name in Event._fields},
            "time": parse_moment(attributes["time"]),
            "receivedat": parse_moment(attributes["receivedat"]),
        }
    )
