"""The event server's health, asked once for all tabs; and this dashboard's own report to it, as a component."""

import asyncio
import logging
import re
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import RequestRefused, Unavailable
from jorge_data.events.timestamps import micros, rfc3339

logger = logging.getLogger(__name__)

ASK_S = 5.0
REPORT_S = 30.0
ANSWERED_WITHIN_S = 20.0
"""A server that has not answered for so long is taken for one that does not: two questions and their deadlines."""

SLOWEST_END_S = 2.0

Json = dict[str, Any]
DashboardState = Callable[[], tuple[str, str]]
"""Returns how this dashboard is, healthy or degraded, and why."""


class _Answer(NamedTuple):
    """What the server said of itself, and when (monotonic); None where it did not answer."""

    body: Json | None = None
    at: float = 0.0


class ServerHealth:
    """Asks the event server how it is, and reports this dashboard to it; `run` on the event loop, the rest anywhere."""

    def __init__(
        self, api: ApiClient, port: int, state: DashboardState, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._api, self._state, self._monotonic = api, state, monotonic
        self._instance = re.sub(r"[^!-~]", "-", f"{socket.gethostname()}:{port}")[-128:]
        self._started = rfc3339(micros(datetime.now(UTC)))
        self._response_ms = 0.0
        self._refused = ""  # why the last report was
        self._newest = _Answer()

    @property
    def newest(self) -> Json | None:
        """The server's health, None where it does not answer."""
        is_recent = self._monotonic() - self._newest.at <= ANSWERED_WITHIN_S
        return self._newest.body if is_recent else None

    @property
    def notice(self) -> str | None:
        """What everybody has to know of the server, in a sentence; None where it takes events, or does not answer."""
        body = self.newest
        if body is None or body.get("ready", True):
            return None
        why = (body.get("parts", {}).get("store") or {}).get("why")
        return f"Events cannot be stored: {why or 'the event server does not say why'}."

    async def run(self) -> None:
        """Ask and report until cancelled."""
        reported_at = -REPORT_S
        while True:
            await asyncio.to_thread(self.ask)
            if self.newest is not None and self._monotonic() - reported_at >= REPORT_S:
                reported_at = self._monotonic()
                await asyncio.to_thread(self.report)
            await asyncio.sleep(ASK_S)

    async def end(self) -> None:
        """Report that this dashboard ends, to a server that answered just now."""
        if self.newest is not None:
            try:
                async with asyncio.timeout(SLOWEST_END_S):
                    await asyncio.to_thread(self.report, ending=True)
            except TimeoutError:
                logger.info("the event server was not told that this dashboard ends: it does not answer")

    def ask(self) -> None:
        """Ask the server how it is."""
        try:
            body = self._api.get("/health")
        except RequestRefused:
            body = None
        self._newest = _Answer(body if isinstance(body, dict) else None, self._monotonic())

    def report(self, ending: bool = False) -> None:
        """Report how this dashboard is; a server that is away, or does not take it now, hears it the next time."""
        status, why = self._state()
        body = {"instance": self._instance, "started": self._started, "status": status, "why": why[:500]}
        began = self._monotonic()
        try:
            self._api.post(
                "/api/components/dashboard", {**body, "response_time_ms": self._response_ms, "ending": ending}
            )
            self._response_ms = round((self._monotonic() - began) * 1000, 3)
        except Unavailable:
            pass
        except RequestRefused as refusal:
            if str(refusal) != self._refused:
                logger.info("this dashboard is not among the components of System: %s", refusal)
            self._refused = str(refusal)
