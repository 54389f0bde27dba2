"""When an offset of the demo day falls, in the office's zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jorge_data.demo.story import HOUR, RelativeDate


@dataclass(frozen=True)
class Calendar:
    """Maps offsets to moments: at `now`, in the office's zone, `past_s` have passed, and the day goes on at `speed`."""

    now: datetime
    speed: float = 1.0
    past_s: float = HOUR

    @property
    def zero(self) -> datetime:
        """The moment at which the day began."""
        return self.at(0.0)

    def at(self, offset: float) -> datetime:
        """Return the moment of an offset; the past is never compressed."""
        ahead = offset - self.past_s
        # Computed in UTC: by the wall clock, an hour would come twice on the day summer time ends.
        moment = self.now.astimezone(UTC) + timedelta(seconds=ahead if ahead <= 0 else ahead / self.speed)
        return moment.astimezone(self.now.tzinfo)

    def offset(self, moment: datetime) -> float:
        """Return the offset of a moment that has passed."""
        return self.past_s - (self.now.astimezone(UTC) - moment).total_seconds()

    def write(self, due: RelativeDate, offset: float) -> str:
        """Write a date or moment that lies some seconds after an offset."""
        moment = self.at(offset + due.seconds)
        return moment.date().isoformat() if due.form == "date" else moment.isoformat(timespec="seconds")
