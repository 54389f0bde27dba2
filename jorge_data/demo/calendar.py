"""When an offset of the demo day falls, in the office's zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jorge_data.demo.story import HOUR, In

HISTORY_S = 6 * HOUR
"""So much of the day has passed at the moment the demo begins."""


@dataclass(frozen=True)
class Calendar:
    """Maps offsets to moments; `now`, in the office's zone, is where history ends and the day goes on at `speed`."""

    now: datetime
    speed: float = 1.0

    def at(self, offset: float) -> datetime:
        """Return the moment of an offset; the past is never compressed."""
        ahead = offset - HISTORY_S
        # Reckoned in UTC: by the wall clock, an hour would come twice on the day summer time ends.
        moment = self.now.astimezone(UTC) + timedelta(seconds=ahead if ahead <= 0 else ahead / self.speed)
        return moment.astimezone(self.now.tzinfo)

    def offset(self, moment: datetime) -> float:
        """Return the offset of a moment that has passed."""
        return HISTORY_S - (self.now.astimezone(UTC) - moment).total_seconds()

    def this_month(self, share: float) -> datetime:
        """Return the moment at which this share of the month's time so far had passed."""
        began = self.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return began + share * (self.now - began)

    def write(self, due: In, offset: float) -> str:
        """Write a date or moment that lies some seconds after an offset."""
        moment = self.at(offset + due.seconds)
        return moment.date().isoformat() if due.form == "date" else moment.isoformat(timespec="seconds")
