"""What schemathesis leaves out of the requests that it makes, because JSON Schema has no words for it; a session."""

import os
from datetime import UTC, datetime
from typing import Any

import schemathesis

from jorge_data.events import parse_moment
from jorge_data.server.http import dependencies

OF_THE_CONTRACT = {path.replace(":path", "") for path in dependencies.OF_THE_CONTRACT}
OF_A_SESSION = ("/api/sessions/current", "/api/sessions/token", "/api/sessions/password")


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Leave out data in base64, which must be that of an event; times to come; and 1.0, which is no integer here.

    What clients add to an address of the contract is ignored there: it is no request that must be refused.
    """
    described = {parameter.name for parameter in case.operation.query}
    if case.operation.path in OF_THE_CONTRACT and not set(case.query or {}) <= described:
        return False
    events = case.body if isinstance(case.body, list) else [case.body]
    return not any(isinstance(event, dict) and _is_beyond_words(event) for event in events)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Ask half of what is asked of some session of one that there is: nobody guesses it."""
    session = body.get("session") if isinstance(body, dict) else None
    is_any = isinstance(session, str) and 1 <= len(session) <= 256 and len(session) % 2 == 0
    if is_any and context.operation.path in OF_A_SESSION:
        return {**body, "session": os.environ["FUZZ_SESSION"]}
    return body


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
