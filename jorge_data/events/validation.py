"""Validation: from a publisher's JSON to events, or to faults that name the field, the value and what is allowed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any, TypeGuard

from pydantic import TypeAdapter, ValidationError

from jorge_data.errors import EventAhead, EventRefused, Fault, Invalid, TooLarge
from jorge_data.events.cloudevents import SPECVERSION, data_of
from jorge_data.events.encoding import (
    MAX_DEPTH,
    encode,
    escape,
    find_faults,
    has_surrogate,
    json_size,
    show,
    show_field,
)
from jorge_data.events.envelope import Event, new_id
from jorge_data.events.kinds import KINDS
from jorge_data.events.money import cents
from jorge_data.events.priority import rate
from jorge_data.events.timestamps import (
    ALLOWED_MOMENT,
    DAY,
    HOUR,
    MAX_AHEAD,
    in_words,
    micros,
    parse_date,
    parse_moment,
    rfc3339,
)

MAX_EVENTS = 500
MAX_PUBLISH_BYTES = 1 << 20
MAX_EVENT_BYTES = 64 << 10
MAX_FAULTS = 20
DATE_LENGTH = len("2026-11-23")
"""How many faults of one event a refusal lists; the others are counted."""

ALLOWED_SIZE = f"one event may have {MAX_EVENT_BYTES} bytes"

LOCATION = re.compile(r"[A-Za-z0-9._~-]{1,128}", re.ASCII)
ALLOWED_LOCATION = "allowed: 1–128 letters, digits and . _ ~ -"
ALLOWED_NAME = "text of 1–128 characters, U+0000 and lone surrogates not among them"

_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Reception:
    """What validation needs of the server: the time of receipt, the publisher's location, the commission rate."""

    at: datetime
    location: str = "default"
    commission_rate: float = 0.06
    may_be_large: bool = True
    """Whether one event may exceed MAX_EVENT_BYTES; False where the whole publish is smaller, to save the count."""


@dataclass(frozen=True)
class Candidate:
    """A valid event and its JSON (`encode`), ready for the store."""

    event: Event
    body: bytes


def split(payload: Any) -> list[Any]:
    """Return the items of a publish: a list, or one object; raise Invalid where it is empty, TooLarge over 500."""
    items = payload if isinstance(payload, list) else [payload]
    if not items:
        raise Invalid("the publish holds no event: allowed are 1–500")
    if len(items) > MAX_EVENTS:
        raise TooLarge(f"the publish holds {len(items)} events: allowed are 1–{MAX_EVENTS}")
    return items


def admit(item: Any, reception: Reception) -> Candidate:
    """Return one item of a publish as a validated event; raise EventRefused with every fault in it."""
    if not isinstance(item, dict):
        raise EventRefused([Fault("", show(item), "an event is a JSON object")])
    identifier = item.get("id")
    refused = EventRefused([], identifier if is_name(identifier) else None)
    size = _size(item) if reception.may_be_large else 0
    if size > MAX_EVENT_BYTES:  # before its fields are checked, which may be a hundred thousand
        refused.faults.append(Fault("", f"{size} bytes", ALLOWED_SIZE))
        raise refused
    faults = refused.faults
    if item.get("specversion", SPECVERSION) not in (SPECVERSION, None):
        faults.append(Fault("/specversion", show(item["specversion"]), f'allowed: "{SPECVERSION}" of CloudEvents'))
    kind = item.get("type")
    kind = kind if isinstance(kind, str) and kind in KINDS else None
    data = _checked_data(item, kind, faults)
    if not faults and kind == "commission_update" and isinstance(data.get("deal_value"), float):
        data = {**data, "deal_value": cents(data["deal_value"]) / 100}
    event = Event(
        id=_name(item, "id", faults, required=False) or new_id(),
        source=_name(item, "source", faults) or "",
        type=kind or "",
        subject=_name(item, "subject", faults, required=False) or _subject(data),
        time=_moment(item, reception.at, faults),
        locationid=_location(item, reception.location, faults),
        data=data,
        receivedat=reception.at,
    )
    if event.time > reception.at + MAX_AHEAD:
        ahead = EventAhead([_ahead(item["time"], event.time, reception.at)], refused.id, rfc3339(micros(reception.at)))
        if not faults:
            raise ahead
        faults += ahead.faults
    if faults:
        refused.faults = _first(list(dict.fromkeys(faults)))
        raise refused
    event = event._replace(priority=rate(event.type, data, reception.commission_rate))
    return Candidate(event, _encoded(event, refused))


def _size(item: dict[str, Any]) -> int:
    """Return the bytes of an event as JSON, its base64 counted as what that holds: three bytes for four."""
    encoded = item.get("data_base64")
    return json_size(item) - (len(encoded) // 4 if isinstance(encoded, str) else 0)


def _checked_data(item: dict[str, Any], kind: str | None, faults: list[Fault]) -> dict[str, Any]:
    data = item.get("data")
    if kind is None:
        faults.append(Fault("/type", show_field(item, "type"), f"allowed: {', '.join(KINDS)}"))
    if not isinstance(data, dict) or "data_base64" in item:
        data = data_of(item)
    if isinstance(data, Fault):
        faults.append(data)
        return {}
    by_lead = kind == "property_alert" and "contact_id" not in data and "lead_id" in data
    if by_lead:
        data = {**data, "contact_id": data["lead_id"]}
    if kind is not None:
        wrong = [_at_lead(fault) if by_lead else fault for fault in _data_faults(_ADAPTERS[kind], data)]
        faults.extend(wrong or (_span_faults(data) if kind == "annotation" else ()))
    return data


def _span_faults(data: dict[str, Any]) -> list[Fault]:
    """Return a fault where something ends before it begins, by whichever clock a date beside a moment is meant."""
    begins, ends = data.get("from"), data.get("to")
    if begins is None or ends is None:
        return []
    are_days = len(begins) == len(ends) == DATE_LENGTH
    if (ends >= begins) if are_days else _possible(ends)[1] >= _possible(begins)[0]:
        return []
    return [Fault("/data/to", show(ends), f"allowed: not before from, {begins}")]


def _possible(text: str) -> tuple[int, int]:
    """Return at which microseconds a date or a moment of the contract may begin first, and be over last."""
    if len(text) > DATE_LENGTH:
        return (at := micros(parse_moment(text))), at
    day = micros(datetime.combine(parse_date(text), time(), UTC))
    return day - 14 * HOUR, day + DAY + 12 * HOUR


def _at_lead(fault: Fault) -> Fault:
    """Point at the field that the publisher used: `lead_id` is accepted in place of `contact_id`."""
    return replace(fault, pointer="/data/lead_id") if fault.pointer == "/data/contact_id" else fault


def _data_faults(adapter: TypeAdapter[Any], data: dict[str, Any]) -> Iterable[Fault]:
    try:
        adapter.validate_python(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            if fault["type"] == "string_unicode":  # pydantic gives no pointer where it is a key
                yield from find_faults(data, "/data", 2)
                continue
            pointer = "".join(f"/{escape(str(step))}" for step in fault["loc"])
            value = "missing" if fault["type"] == "missing" else show(fault["input"])
            yield Fault(f"/data{pointer}", value, fault["msg"].removeprefix("Value error, "))
    except (ArithmeticError, ValueError):
        yield from find_faults(data, "/data", 2)


def _name(item: dict[str, Any], attribute: str, faults: list[Fault], required: bool = True) -> str | None:
    value = item.get(attribute)
    if value is None and not required:
        return None
    if is_name(value):
        return value
    rule = "required" if required else "allowed"
    faults.append(Fault(f"/{attribute}", show_field(item, attribute), f"{rule}: {ALLOWED_NAME}"))
    return None


def is_name(value: object) -> TypeGuard[str]:
    """Return whether a value is what ALLOWED_NAME says, as the names of events, contacts and sources are."""
    # SQLite's JSON functions end a text at U+0000, and PostgreSQL takes none: two names would become one.
    return isinstance(value, str) and 1 <= len(value) <= 128 and "\0" not in value and not has_surrogate(value)


def _subject(data: dict[str, Any]) -> str | None:
    contact = data.get("contact_id")
    return contact if is_name(contact) else None


def _moment(item: dict[str, Any], now: datetime, faults: list[Fault]) -> datetime:
    text = item.get("time")
    if text is None:
        return now
    try:
        moment = parse_moment(text) if isinstance(text, str) else None
    except ValueError as error:
        faults.append(Fault("/time", show(text), str(error)))
        return now
    if moment is None:
        faults.append(Fault("/time", show(text), ALLOWED_MOMENT))
        return now
    return moment


def _ahead(text: Any, time: datetime, now: datetime) -> Fault:
    by = f"by {in_words((time - now).total_seconds())}: it says {now:%Y-%m-%dT%H:%M:%SZ}"
    return Fault("/time", show(text), f"more than 5 minutes ahead of the clock here, {by}, so one of two is wrong")


def _location(item: dict[str, Any], default: str, faults: list[Fault]) -> str:
    location = item.get("locationid")
    if location is None:
        return default
    if isinstance(location, str) and LOCATION.fullmatch(location):
        return location
    faults.append(Fault("/locationid", show(location), ALLOWED_LOCATION))
    return default


def _encoded(event: Event, refused: EventRefused) -> bytes:
    try:
        body = encode(event)
    except (TypeError, ValueError, RecursionError):  # what orjson will not write, `find_faults` names
        body = b""
    # A number that JSON has not is written as null, and so is a subject that there is not.
    nulls = 1 if event.subject is None else 0
    if not body or body.count(b"{") + body.count(b"[") > MAX_DEPTH or body.count(b"null") > nulls:
        refused.faults.extend(_first(find_faults(event.data, "/data", 2)))
    if len(body) > MAX_EVENT_BYTES:
        refused.faults.append(Fault("", f"{len(body)} bytes", ALLOWED_SIZE))
    if refused.faults:
        raise refused
    return body


def _first(faults: list[Fault]) -> list[Fault]:
    more = len(faults) - MAX_FAULTS
    return faults if more <= 0 else [*faults[:MAX_FAULTS], Fault("", "…", f"and {more} more faults")]
