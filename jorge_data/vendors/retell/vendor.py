"""Retell as a Vendor: its webhooks are signed by `v=<milliseconds>,d=<hex>`, an HMAC of the raw body and that time."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jorge_data.errors import Forbidden, Invalid, Unauthenticated
from jorge_data.events.encoding import show
from jorge_data.events.validation import LOCATION, is_name
from jorge_data.telephone import normalize
from jorge_data.vendors.base import HOLDERS, Envelope, StoredCopies, Translation, VendorEntity
from jorge_data.vendors.phone import holders_of
from jorge_data.vendors.retell.call import Call
from jorge_data.vendors.retell.translation import CALLS, SOURCE, call_events, call_of, why_ignored

TOLERANCE_MS = 300_000
"""A signature is valid for five minutes before and after its time, both ends included."""

_SIGNATURE = re.compile(r"v=([0-9]{1,15}),d=([0-9a-f]{64})")


def is_signed(body: bytes, signature: str, api_key: str, now_ms: int) -> bool:
    """Return whether Retell signed these bytes with this key within five minutes of now (`retell.lib.webhook_auth`)."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        return False
    moment = int(match[1])
    expected = hmac.digest(api_key.encode(), body + str(moment).encode(), "sha256").hex()
    return hmac.compare_digest(expected, match[2]) and abs(now_ms - moment) <= TOLERANCE_MS


PHONE = "phone"
"""The kind of the entities that map an E.164 number to `{"contact_id", "others"}`, the contact told last first."""


class Retell:
    """The Vendor of `/webhooks/retell`; off without the API key, which signs."""

    name = "retell"
    source = SOURCE
    recurs = False

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        if not self._api_key:
            raise Forbidden("Retell's webhooks are off: set JORGE_RETELL_API_KEY to the key with the webhook badge")
        signature = headers.get("x-retell-signature", "")
        if not is_signed(body, signature, self._api_key, round(now.timestamp() * 1000)):
            reason = "does not fit this body, this key and the last 5 minutes" if signature else "is missing"
            raise Unauthenticated(f"x-retell-signature {reason}")

    def open(self, body: Any, raw: bytes, now: datetime) -> Envelope:
        if not isinstance(body, dict) or not isinstance(body.get("event"), str):
            raise Invalid(f'the body is {show(body)}: allowed is {{"event": text, "call": object}}')
        kind, call = body["event"], call_of(body)
        _check_name("event", kind)
        _check_name("call.call_id", call.id)
        # Retell gives no id: each of the three types comes once a call; a type that may repeat differs in its bytes.
        identifier = call.id if kind in CALLS and call.id else hashlib.sha256(raw).hexdigest()
        return Envelope(f"{kind[:64]}:{identifier}", kind[:64], _location(call))

    def concerns(self, body: Any) -> list[VendorEntity]:
        call = call_of(body)
        if call.contact_id or not call.phone:
            return []
        return [VendorEntity(kind, call.phone) for kind in (PHONE, HOLDERS)]

    def translate(self, body: Any, seen: StoredCopies, at: datetime) -> Translation:
        if reason := why_ignored(body):
            return Translation([], {}, ignored=reason)
        return Translation(call_events(body, at, lambda number: _contact(seen, number)), {})


def _check_name(field: str, name: str | None) -> None:
    if name is not None and not is_name(name):
        raise Invalid(f"{field} is {show(name)}: allowed is text of 1–128 characters, none of them NUL")


def _location(call: Call) -> str | None:
    return call.location if call.location and LOCATION.fullmatch(call.location) else None


def _contact(seen: StoredCopies, number: str) -> str | None:
    """Return whose number it is, of several who was told last; None where each is deleted or has another number now."""
    holders = holders_of(seen.get(VendorEntity(PHONE, number)))
    return next((holder for holder in holders if _has(seen, holder, number)), None)


def _has(seen: StoredCopies, contact: str, number: str) -> bool:
    copy = seen.get(VendorEntity("contact", contact))
    if copy is None:
        return True
    fields = copy["fields"]
    return not copy.get("deleted") and normalize(fields.get("phone"), fields.get("country")) == number
