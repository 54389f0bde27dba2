"""This product's own components, the event server and its dashboards: how they are is told in its own location.

They report as any component does, so that the same figures are made of it. Of a dashboard that falls silent, and of a
server that was killed, it is told afterwards that they were down.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from jorge_data.errors import StoreError, TooMany
from jorge_data.events import Candidate, Event, Reception, admit, decode, new_id
from jorge_data.events.envelope import OWN
from jorge_data.events.timestamps import parse_moment
from jorge_data.metrics.entities.component import EVENT_STORE
from jorge_data.part_state import PartState
from jorge_data.server.readiness import Readiness
from jorge_data.store import Store

logger = logging.getLogger(__name__)

SERVER, DASHBOARD = "event-server", "dashboard"

EVERY_S = 300.0
"""How often a component is told of where nothing changes: a report holds for 15 minutes."""

SILENT_S = 150.0
"""A dashboard reports twice a minute; after so long without a word it is down since its last one."""

LOOK_S = 1.0
STORED_WITHIN_S = 10.0
SEARCHED = 500
"""So many of the location's newest events have the last report of each of our components."""

MOST_DASHBOARDS = 8
MOST_UNTOLD = 100
SHORTEST_OUTAGE = timedelta(seconds=5)
"""A restart is no outage: the mark of the last moment at which a process ran is some seconds old."""

STATUS: dict[PartState, str] = {"ok": "healthy", "degraded": "degraded", "failed": "down"}
"""The status of the server as a component: where events cannot be published, it is down."""

ONE_MORE = timedelta(microseconds=1)


class ReportedStatus(NamedTuple):
    """How a component is, and why it is not healthy."""

    status: str
    why: str = ""


class DashboardReport(BaseModel):
    """What a dashboard reports: which one it is, since when it runs, how it is, and whether it ends now."""

    model_config = ConfigDict(extra="forbid", strict=True)

    instance: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
    started: AwareDatetime
    status: Literal["healthy", "degraded"]
    why: Annotated[str, Field(max_length=500)] = ""
    response_time_ms: Annotated[float, Field(ge=0, le=3_600_000)] = 0.0
    ending: bool = False


@dataclass
class _Lane:
    """One component: its last report, when it was heard of last, and when that was told last (monotonic)."""

    component: str
    condition: ReportedStatus
    heard_at: datetime
    heard: float
    told: float
    response_ms: float = 0.0
    instance: str = ""
    started: datetime | None = None


class OwnComponents:
    """Tells how our components are; what the store cannot take is told when it can again; event loop only."""

    def __init__(
        self,
        store: Store,
        readiness: Readiness,
        last_alive: datetime | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`last_alive`: when an earlier process on this store was known to run last, None where that is not known."""
        self._store, self._readiness, self._last_alive = store, readiness, last_alive
        self._clock, self._monotonic = clock, monotonic
        self._lanes: dict[str, _Lane] = {}
        self._untold: list[Candidate] = []  # in order; the store could not take them
        self._telling = asyncio.Lock()

    async def begin(self) -> None:
        """Tell of an outage where an earlier process ended without a word, and that the server runs."""
        try:
            newest = await asyncio.to_thread(self._newest)
        except StoreError as error:
            logger.info("what was reported last cannot be read: %s", error)
            newest = {}
        for name, event in newest.items():
            self._lanes[name] = self._restored(event)
        before, now = self._lanes.get(SERVER), self._clock()
        if before is not None and before.condition.status != "down":
            ended = max(self._last_alive or before.heard_at, before.heard_at) + ONE_MORE
            if now - ended > SHORTEST_OUTAGE:
                await self._tell(before, ReportedStatus("down", "ended without a word"), ended)
        self._lanes[SERVER] = _Lane(SERVER, self._condition(), now, self._monotonic(), self._monotonic())
        await self._tell(self._lanes[SERVER], self._condition(), now)

    async def run(self) -> None:
        """Tell how the components are whenever that changes, and every EVERY_S, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except Exception:  # or nobody would tell how they are any more
                logger.exception("our own components could not be told of")

    async def look(self) -> None:
        """Tell what has changed since the last look."""
        now, server = self._monotonic(), self._lanes[SERVER]
        server.heard_at, server.heard = self._clock(), now
        condition = self._condition()
        if condition != server.condition or now - server.told >= EVERY_S:
            await self._tell(server, condition, server.heard_at)
        for lane in list(self._lanes.values()):
            if lane.condition.status != "down" and now - lane.heard > SILENT_S:
                await self._tell(lane, ReportedStatus("down", "ended without a word"), lane.heard_at + ONE_MORE)
        if self._untold:
            await self._append([])

    async def end(self) -> None:
        """Tell that the server stops."""
        await self._tell(self._lanes[SERVER], ReportedStatus("down", "stopped"), self._clock())

    async def hear(self, report: DashboardReport) -> None:
        """Take a dashboard's report; raise TooMany where more dashboards report than have lanes."""
        lane, now = self._lane_of(report), self._clock()
        was_down, is_known = lane.condition.status == "down", lane.started is not None
        restarted = lane.started != report.started
        if is_known and restarted and not was_down and report.started - lane.heard_at > SHORTEST_OUTAGE:
            await self._tell(lane, ReportedStatus("down", "ended without a word"), lane.heard_at + ONE_MORE)
        lane.instance, lane.started, lane.response_ms = report.instance, report.started, report.response_time_ms
        lane.heard_at, lane.heard = now, self._monotonic()
        condition = ReportedStatus("down", "stopped") if report.ending else ReportedStatus(report.status, report.why)
        if condition != lane.condition or not is_known or lane.heard - lane.told >= EVERY_S:
            await self._tell(lane, condition, now)

    def _lane_of(self, report: DashboardReport) -> _Lane:
        """Return the lane of a dashboard: its own, else one whose dashboard has ended, else a new one."""
        lanes = [lane for name, lane in self._lanes.items() if name != SERVER]
        for lane in lanes:
            if lane.instance == report.instance:
                return lane
        for lane in lanes:
            if lane.condition.status == "down" or not lane.instance:
                return lane
        if len(lanes) >= MOST_DASHBOARDS:
            raise TooMany(f"{len(lanes)} dashboards report already: allowed are {MOST_DASHBOARDS}", None, EVERY_S)
        name = DASHBOARD if not lanes else f"{DASHBOARD} {len(lanes) + 1}"
        now = self._monotonic()
        return self._lanes.setdefault(name, _Lane(name, ReportedStatus("unknown"), self._clock(), now, now))

    def _condition(self) -> ReportedStatus:
        why = "; ".join(f"{part.name}: {part.why}" for part in self._readiness.parts() if part.why)
        return ReportedStatus(STATUS[self._readiness.status], why)

    def _newest(self) -> dict[str, Event]:
        """Return the last report of each component."""
        top = self._store.bounds(OWN).top
        records = self._store.read(OWN, max(0, top - SEARCHED), SEARCHED).records
        events = sorted((decode(record.wire) for record in records), key=lambda event: (event.time, event.seq))
        newest = {event.data["component"]: event for event in events}
        return {name: event for name, event in newest.items() if name != EVENT_STORE}  # said of this very log

    def _restored(self, event: Event) -> _Lane:
        data, now = event.data, self._monotonic()
        metrics = data.get("metrics") or {}
        condition = ReportedStatus(data["status"], data.get("error_message") or "")
        started = parse_moment(metrics["started"]) if "started" in metrics else None
        lane = _Lane(data["component"], condition, event.time, now, now, data["response_time_ms"])
        lane.instance, lane.started = metrics.get("instance", ""), started
        return lane

    async def _tell(self, lane: _Lane, condition: ReportedStatus, at: datetime) -> None:
        lane.condition, lane.told = condition, self._monotonic()
        at = min(at, self._clock())  # the clock may have been set back since
        data: dict[str, Any] = {
            "component": lane.component,
            "status": condition.status,
            "response_time_ms": round(lane.response_ms, 3),
        }
        if condition.why:
            data["error_message"] = condition.why[:500]
        if lane.started is not None:
            data["metrics"] = {"instance": lane.instance, "started": lane.started.isoformat()}
        item = {"id": new_id(), "source": lane.component, "type": "system_health_update", "locationid": OWN}
        candidate = admit({**item, "time": at.isoformat(), "data": data}, Reception(self._clock(), OWN))
        began = self._monotonic()
        if await self._append([candidate]) and lane.component == SERVER:
            lane.response_ms = (self._monotonic() - began) * 1000  # from a report to its commit

    async def _append(self, candidates: list[Candidate]) -> bool:
        """Append what is new behind what waits; return whether the store took it all.

        What it could not take keeps its ids: where it did all the same, it is not there twice.
        """
        async with self._telling:
            self._untold += candidates
            del self._untold[1 : max(1, len(self._untold) - MOST_UNTOLD + 1)]
            try:
                async with asyncio.timeout(STORED_WITHIN_S):
                    await asyncio.wrap_future(self._store.append(OWN, self._untold))
            except (StoreError, TimeoutError):  # the part `store` says so
                return False
            self._untold = []
            return True
