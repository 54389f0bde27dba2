"""The call object of Retell's webhooks: who was called, when, how it ended; any field may be missing or malformed."""

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
"""Reasons without one of these prefixes that also mean that nobody picked up."""

DAYS = (3, 7, 14, 30)
_ON_DAY: dict[object, int] = {**{day: day for day in DAYS}, **{str(day): day for day in DAYS}}


@dataclass(frozen=True)
class Call:
    """The `call` object of a webhook; a field that has not its documented type counts as missing."""

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
        direction: Literal["inbound", "outbound"] | None = self.fields.get("direction")
        return direction if direction in ("inbound", "outbound") else None

    @property
    def contact_id(self) -> str | None:
        """The contact that the metadata name, which are set by whoever placed the call."""
        return _text(self.metadata.get("contact_id"))

    @property
    def location(self) -> str | None:
        return _text(self.metadata.get("location_id"))

    @property
    def phone(self) -> str | None:
        """The phone number of the contact, not ours, as E.164."""
        return normalize(self.fields.get("from_number" if self.direction == "inbound" else "to_number"))

    @property
    def day(self) -> int:
        """The day of the sequence: that of the metadata, else 7, the day of the call."""
        day = self.metadata.get("sequence_day")
        return _ON_DAY.get(day, 7) if isinstance(day, int | str) else 7

    @property
    def is_step(self) -> bool:
        """Whether the call is a step of the follow-up: a call that a person placed of their own accord is none."""
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
    def agent_failed(self) -> bool:
        """Whether the agent itself failed, and not the person or the line."""
        return (self.reason or "").startswith("error_") or self.fields.get("call_status") == "error"

    @property
    def duration_s(self) -> float | None:
        """The duration in seconds: Retell's own, else from the start to the end."""
        duration_ms = self._number("duration_ms")
        if duration_ms is not None:
            return duration_ms / 1000
        start, end = self.moment("start_timestamp"), self.moment("end_timestamp")
        return (end - start).total_seconds() if start and end and end >= start else None

    def moment(self, name: str) -> datetime | None:
        """Return a timestamp, which Retell gives in milliseconds since 1970."""
        milliseconds = self._number(name)
        return moment(round(milliseconds * 1000)) if milliseconds else None

    def text(self, name: str) -> str | None:
        return _text(self.fields.get(name))

    def _number(self, name: str) -> float | None:
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if 0 <= value < _YEAR_10000_MS else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
