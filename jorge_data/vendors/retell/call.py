"""A call as Retell tells it: who was called, when, how it ended; every field may be missing or odd."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from jorge_data.events.timestamps import moment
from jorge_data.vendors.phone import normalize

_YEAR_10000_MS = 253_402_300_800_000

FAILED_PREFIXES = ("dial_", "error_", "telephony_provider_")
NEVER_CONNECTED = frozenset(
    {
        "concurrency_limit_reached",
        "invalid_destination",
        "marked_as_spam",
        "no_concurrency_fallback",
        "no_valid_payment",
        "registered_call_timeout",
        "scam_detected",
        "sip_routing_error",
        "user_declined",
    }
)
"""Reasons without a failure's prefix that nevertheless say that nobody spoke."""

DAYS = (3, 7, 14, 30)
_ON_DAY: dict[object, int] = {**{day: day for day in DAYS}, **{str(day): day for day in DAYS}}


@dataclass(frozen=True)
class Call:
    """The `call` object of a webhook, read leniently: what is not of its documented type counts as missing."""

    fields: dict[str, Any]

    @property
    def id(self) -> str | None:
        return self.text("call_id")

    @property
    def metadata(self) -> dict[str, Any]:
        metadata = self.fields.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def analysis(self) -> dict[str, Any]:
        analysis = self.fields.get("call_analysis")
        return analysis if isinstance(analysis, dict) else {}

    @property
    def direction(self) -> Literal["inbound", "outbound"] | None:
        match self.fields.get("direction"):
            case "inbound":
                return "inbound"
            case "outbound":
                return "outbound"
        return None

    @property
    def contact_id(self) -> str | None:
        """The contact that whoever placed the call named."""
        named = self.metadata.get("contact_id")
        return named if isinstance(named, str) and named else None

    @property
    def location(self) -> str | None:
        named = self.metadata.get("location_id")
        return named if isinstance(named, str) and named else None

    @property
    def phone(self) -> str | None:
        """The number of the person, not ours, as E.164."""
        return normalize(self.fields.get("from_number" if self.direction == "inbound" else "to_number"))

    @property
    def day(self) -> int:
        """The day of the sequence: what the metadata says, else 7, the day of the call."""
        named = self.metadata.get("sequence_day")
        return _ON_DAY.get(named, 7) if isinstance(named, int | str) else 7

    @property
    def is_step(self) -> bool:
        """Whether the follow-up placed this call: a person who rings of their own accord takes no step of it."""
        return self.direction != "inbound" or self.contact_id is not None or "sequence_day" in self.metadata

    @property
    def reason(self) -> str | None:
        return self.text("disconnection_reason")

    @property
    def connected(self) -> bool:
        """Whether somebody, or something, picked up."""
        if self.fields.get("call_status") in ("not_connected", "error"):
            return False
        reason = self.reason or ""
        if reason.startswith(FAILED_PREFIXES) or reason in NEVER_CONNECTED:
            return False
        return self.moment("start_timestamp") is not None or bool(self.duration_s)

    @property
    def broke(self) -> bool:
        """Whether the agent itself failed, and not the person or the line."""
        return (self.reason or "").startswith("error_") or self.fields.get("call_status") == "error"

    @property
    def duration_s(self) -> float | None:
        """How long it lasted, as Retell says, else from its start to its end."""
        lasted = self._number("duration_ms")
        if lasted is not None:
            return lasted / 1000
        start, end = self.moment("start_timestamp"), self.moment("end_timestamp")
        return (end - start).total_seconds() if start and end and end >= start else None

    def moment(self, name: str) -> datetime | None:
        """Return a timestamp, which Retell gives in milliseconds since 1970."""
        milliseconds = self._number(name)
        return moment(round(milliseconds * 1000)) if milliseconds else None

    def text(self, name: str) -> str | None:
        value = self.fields.get(name)
        return value if isinstance(value, str) and value else None

    def _number(self, name: str) -> float | None:
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if 0 <= value < _YEAR_10000_MS else None
