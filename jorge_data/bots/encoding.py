"""From what a bot says to the JSON that is sent: checked where the bot stands, so that a fault names its line."""

from datetime import datetime
from typing import Any

import orjson

from jorge_data.errors import EventRefused, Fault
from jorge_data.events import Reception, admit
from jorge_data.events.encoding import MAX_DEPTH, escape, find_faults, show

_UNWRITABLE = "JSON has no form for it: allowed are text, numbers, true, false, null, lists and objects with text keys"


def encode(event: dict[str, Any], now: datetime) -> bytes:
    """Return the event's JSON, or raise EventRefused with every fault that the server would find."""
    try:
        body = orjson.dumps(event)
    except TypeError:
        raise EventRefused(_unwritable(event) or find_faults(event), event.get("id")) from None
    # One event of its own: that it may be large is looked at after its fields, not before.
    admit(event, Reception(now, may_be_large=False))
    return body


def _unwritable(value: Any, pointer: str = "", depth: int = 1) -> list[Fault]:
    """Name what JSON cannot hold at all; what it can hold and we refuse is left for `find_faults`."""
    if depth > MAX_DEPTH:
        return []
    match value:
        case dict():
            keys = [Fault(pointer, show(key), _UNWRITABLE) for key in value if not isinstance(key, str)]
            steps = [(f"{pointer}/{escape(key)}", child) for key, child in value.items() if isinstance(key, str)]
            return keys + [fault for step, child in steps for fault in _unwritable(child, step, depth + 1)]
        case list() | tuple():
            return [f for i, child in enumerate(value) for f in _unwritable(child, f"{pointer}/{i}", depth + 1)]
        case str() | int() | float() | None:
            return []
    try:
        orjson.dumps(value)
    except TypeError:
        return [Fault(pointer, show(value), _UNWRITABLE)]
    return []
