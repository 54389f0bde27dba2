"""How Redis is, told as an event where that is news, so that the System page shows it like any component."""

from typing import Literal

from jorge_data.server.accept import Acceptance
from jorge_data.server.intake.keeping import keep

Status = Literal["healthy", "degraded", "down"]


class Health:
    """Remembers what was told last; `response_ms` is the newest round trip, also while there is none."""

    def __init__(self, location: str, acceptance: Acceptance) -> None:
        self._location, self._acceptance = location, acceptance
        self._told: Status | None = None
        self.response_ms = 0.0

    async def tell(self, status: Status, why: str | None = None) -> None:
        """Publish a change of status; a loss is told each time."""
        if status == self._told and status != "degraded":
            return
        self._told = status
        data = {"component": "redis", "status": status, "response_time_ms": self.response_ms, "error_message": why}
        event = {"type": "system_health_update", "source": "redis", "locationid": self._location, "data": data}
        await keep([event], self._acceptance)
