"""The call object of Retell's webhooks: who was called, when, how it ended; any field may be missing or malformed."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from jorge_data.events.money import decimal_text
from jorge_data.events.timestamps import moment
from jorge_data.events.validation import is_name
from jorge_data.telephone import normalize
from jorge_data.vendors.retell.end_reasons import END_REASONS, EndReason

_YEAR_10000_MS = 253_402_300_800_000
MAX_REASON = 200
"""Characters of an unknown end reason that are shown."""

DAYS = (3, 7, 14, 30)
_ON_DAY: dict[object, int] = {**{day: day for day in DAYS}, **{str(day): day for day in DAYS}}


@dataclass(frozen=True)
class Call:
    """The `call` object of a webhook; a field of which the value cannot be read counts as missing."""

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
        direction = (self.text("direction") or "").lower()
        return "inbound" if direction == "inbound" else "outbound" if direction == "outbound" else None

    @property
    def contact_id(self) -> str | None:
        """The contact that the metadata name, which are set by whoever placed the call."""
        contact = self.metadata.get("contact_id")
        contact = str(contact) if isinstance(contact, int) and not isinstance(contact, bool) else contact
        return contact if is_name(contact) else None

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
    def is_web(self) -> bool:
        """Whether it is a call in a browser: nobody was rung, and nobody rang."""
        call_type = self.text("call_type")
        numbers = self.fields.get("from_number"), self.fields.get("to_number")
        return call_type == "web_call" or (call_type is None and self.direction is None and not any(numbers))

    @property
    def is_step(self) -> bool:
        """Whether the call is a step of the follow-up: a call that a person placed of their own accord is none."""
        if self.is_web:
            return False
        return self.direction != "inbound" or self.contact_id is not None or "sequence_day" in self.metadata

    @property
    def reason(self) -> str | None:
        """Why it ended, by Retell's name."""
        return self.text("disconnection_reason")

    @property
    def end(self) -> EndReason | None:
        """What its end reason means; None where it has none, or one that is not known."""
        return END_REASONS.get(self.reason or "")

    @property
    def end_words(self) -> str | None:
        """Why it ended, in words; None where it never began, for a reason that is not given."""
        if self.end:
            return self.end.words
        if self.reason is None and self.text("call_status") in ("not_connected", "error"):
            return None
        return f"unknown reason: {' '.join((self.reason or 'none is given')[:MAX_REASON].split())}"

    @property
    def reached(self) -> bool | None:
        """Whether somebody, or something, picked up; None where its end reason is not known."""
        if self.reason and not self.end:
            return None
        if self.text("call_status") in ("not_connected", "error") or self.in_voicemail:
            return False
        return self.end.meaning in ("reached", "handed over", "opted out", "callback") if self.end else None

    @property
    def failure_reason(self) -> str:
        """Why nobody was reached, by Retell's name; where the analysis alone knows of a voicemail, by that one's."""
        is_told = self.end is not None and self.end.meaning not in ("reached", "handed over")
        return "voicemail_reached" if self.in_voicemail and not is_told else self.reason or "not connected"

    @property
    def in_voicemail(self) -> bool:
        """Whether a voicemail picked up, by the end reason or by the analysis."""
        return (self.end is not None and self.end.meaning == "voicemail") or flag(self.analysis, "in_voicemail") is True

    @property
    def bot_error(self) -> str | None:
        """What failed in words and by Retell's name, where the bot or its account failed, and not person or line."""
        if self.end:
            return f"{self.end.words} ({self.reason})" if self.end.meaning in ("agent", "account") else None
        return (self.end_words or "error") if self.text("call_status") == "error" else None

    @property
    def cost_usd(self) -> str | None:
        """The cost of the call, of all products together, as exact dollars; Retell gives it in cents."""
        cost = self.fields.get("call_cost")
        cents = Call(cost)._number("combined_cost") if isinstance(cost, dict) else None
        return None if cents is None else decimal_text(Decimal(str(cents)) / 100)

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
        number = -1.0
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            with suppress(ValueError, OverflowError):
                number = float(value)
        return number if 0 <= number < _YEAR_10000_MS else None


def flag(fields: dict[str, Any], name: str) -> bool | None:
    """Return a field that is true or false, also where it is spelled as text; None where it is neither."""
    value = fields.get(name)
    value = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
