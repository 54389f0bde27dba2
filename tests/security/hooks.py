"""What schemathesis leaves out of the requests that it makes, because JSON Schema has no words for it."""

from datetime import UTC, datetime
from typing import Any

import schemathesis

from jorge_data.events import parse_moment


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Leave out data in base64, which must be that of an event; times to come; and 1.0, which is no integer here."""
    events = case.body if isinstance(case.body, list) else [case.body]
    return not any(isinstance(event, dict) and _is_beyond_words(event) for event in events)


def _is_beyond_words(event: dict[str, Any]) -> bool:
    return "data_base64" in event or _has_whole_float(event) or not _has_been(event.get("time"))


def _has_been(time: Any) -> bool:
    try:
        return not isinstance(time, str) or parse_moment(time) < datetime.now(UTC)
    except ValueError:
        return True


def _has_whole_float(value: Any) -> bool:
    match value:
        case float():
            return value.is_integer()
        case list():
            return any(map(_has_whole_float, value))
        case dict():
            return any(map(_has_whole_float, value.values()))
    return False
