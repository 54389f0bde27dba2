"""How Redis is, told as an event where that is news, so that the System page shows it like any component."""

from collections.abc import Callable
from typing import Literal

from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.redis_source.publish import publish_received

Status = Literal["healthy", "degraded", "down"]

DEGRADED_S = 60.0
"""How long a loss stays in sight."""


class RedisHealth:
    """Remembers what was told last; `response_ms` is the newest round trip, also while there is none."""

    def __init__(self, location: str, ingest: Ingest, clock: Callable[[], float]) -> None:
        self._location, self._ingest, self._clock = location, ingest, clock
        self._told: Status | None = None
        self._until = clock()
        self.response_ms = 0.0

    async def well(self) -> None:
        """Say that Redis answers, unless a loss is still in sight."""
        if self._told != "healthy" and self._clock() >= self._until:
            await self._tell("healthy")

    async def lost(self, why: str) -> None:
        """Say that entries were lost, each time."""
        self._until = self._clock() + DEGRADED_S
        await self._tell("degraded", why)

    async def down(self, why: str) -> None:
        """Say that Redis does not answer, once."""
        self._until = self._clock()
        if self._told != "down":
            await self._tell("down", why)

    async def _tell(self, status: Status, why: str | None = None) -> None:
        self._told = status
        data = {"component": "redis", "status": status, "response_time_ms": self.response_ms, "error_message": why}
        event = {"type": "system_health_update", "source": "redis", "locationid": self._location, "data": data}
        await publish_received([event], self._ingest)
