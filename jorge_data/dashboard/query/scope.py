"""What a page is about: the office, the span of time and how it is kept fresh, as one frozen value."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jorge_data.metrics.wall.view import Window


@dataclass(frozen=True)
class Scope:
    """What the controls are set to."""

    requested: str | None  # the location that the link or the picker names
    location: str  # the one that is shown
    start: datetime
    end: datetime
    paused: bool
    refresh_s: int
    sound: bool
    kiosk: bool
    zone: ZoneInfo
    rolling: str  # the range's name where it ends now, else ""
    compare: bool

    @property
    def window(self) -> Window:
        """Return how far the wall looks back: at most a day, because it shows what is now."""
        seconds = (self.end - self.start).total_seconds()
        return 900 if seconds <= 900 else 3600 if seconds <= 3600 else 86400
