"""Opening a delivery: whose it is, of which type, for which location; what cannot be opened is kept as it is."""

import hashlib
import logging
from datetime import datetime
from typing import Any

from jorge_data.errors import Invalid, RequestRefused
from jorge_data.events.encoding import show
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.store import Delivery
from jorge_data.vendors import Envelope, Vendor
from jorge_data.vendors.body import read_body, to_text

logger = logging.getLogger(__name__)

UNREADABLE = "unreadable"
"""The type of a delivery that could not be opened; its translation says why, and may succeed after a mend."""


def open_body(vendor: Vendor, raw: bytes, now: datetime) -> tuple[Envelope, Any]:
    """Return a body's envelope and what it says; raise Invalid where it cannot be read, or names no sound location."""
    try:
        body = read_body(raw)
    except ValueError as error:
        raise Invalid(str(error)) from None
    envelope = vendor.open(body, raw, now)
    if envelope.location is not None and not LOCATION.fullmatch(envelope.location):
        raise Invalid(f"the location is {show(envelope.location)}: {ALLOWED_LOCATION}")
    return envelope, body


def delivery_of(vendor: Vendor, raw: bytes, now: datetime, default_location: str) -> tuple[Delivery, str | None]:
    """Return a verified body as a delivery, and why where it cannot be opened.

    It is for the default location where it names none or cannot be opened.
    """
    unread = None
    try:
        envelope, _ = open_body(vendor, raw, now)
    except Invalid as error:
        unread = str(error)
    except RequestRefused:
        raise
    except Exception:  # a fault of ours costs nobody a delivery: it waits until that is mended
        logger.exception("a delivery of %s could not be opened", vendor.name)
        unread = "something went wrong here: it is translated again once that is mended"
    if unread is not None:
        envelope = Envelope(f"sha256-{hashlib.sha256(raw).hexdigest()}", UNREADABLE, None)
    location = envelope.location or default_location
    delivery = Delivery(location, vendor.name, envelope.key, envelope.type, now, _kept(raw), envelope.known_for)
    return delivery, unread


def _kept(raw: bytes) -> bytes:
    """Return a body as it is stored: its own bytes where they are text, else that text in UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return to_text(raw).encode()
    return to_text(raw).encode() if b"\0" in raw else raw
