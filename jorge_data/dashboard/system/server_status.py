"""What the event server says of itself: what it refused, what vendors delivered, how long its own stages take."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.push.latency import Latency, Leg
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.page_data import Metric
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import NO_DATA, joined
from jorge_data.permissions import Person, Right, may

Json = dict[str, Any]
LISTED = "200"


class PipelineStage(NamedTuple):
    """A stage of an event's way: a leg that this dashboard times, or a reading of the server's."""

    words: str
    leg: Leg | None = None
    reading: str = ""


STAGES = (
    PipelineStage("Bot → server", "bot_server"),
    PipelineStage("Server: received → stored", reading="publish_ms"),
    PipelineStage("Server: stored → announced", reading="announce_ms"),
    PipelineStage("Server: announced → sent to all", reading="fan_out_ms"),
    PipelineStage("Server → dashboard", "server_feed"),
    PipelineStage("Dashboard → screen", "feed_screen"),
    PipelineStage("Bot → screen, altogether", "bot_screen"),
    PipelineStage("Server: stored → in the rollups, a batch", reading="fold_ms"),
)
"""In order."""


ServerReadings = Json | RequestRefused | None
"""An answer, why there is none, or nothing where the viewer may not know."""


class ServerStatus:
    """One round of answers; what failed is raised when it is taken, so that one failure blanks one part."""

    def __init__(self, location: str, role: Person) -> None:
        """Ask what a role may know."""
        inside = may(role, Right.DELIVERY_BODIES)
        self.system = _ask("/api/system") if may(role, Right.SYSTEM) else None
        self.refusals = _ask("/api/refusals", location=location, limit=LISTED) if may(role, Right.REFUSALS) else None
        self.deliveries = _ask("/api/deliveries", location=location, limit=LISTED) if inside else None
        self.failed = _ask("/api/deliveries", location=location, state="failed", limit=LISTED) if inside else None


def require(said: ServerReadings) -> Json:
    """Return an answer; raise RequestRefused where there is none."""
    if isinstance(said, RequestRefused):
        raise said
    return said or {}


def figure_of(said: ServerReadings, of: Callable[[Json], float]) -> Metric:
    """Return a figure of an answer that is not about the period, so that it is compared with nothing."""
    return Metric(None, refusal=said) if isinstance(said, RequestRefused) else Metric(of(require(said)))


def since(said: ServerReadings, query: PageQuery) -> str:
    """Say since when a server counts."""
    if isinstance(said, RequestRefused) or not said:
        return ""
    at = parse_moment(said["since"]).astimezone(query.zone)
    return f"since the server began, {at.day} {at:%b %H:%M}"


def states(said: ServerReadings) -> dict[str, int]:
    """Return how many deliveries there are in each state."""
    found: dict[str, int] = {}
    if not isinstance(said, RequestRefused):
        for tally in require(said).get("counts", []):
            found[tally["state"]] = found.get(tally["state"], 0) + tally["deliveries"]
    return found


def pipeline(said: ServerReadings, latency: Latency) -> pd.DataFrame:
    """Return p50, p95 and the source of each stage; what was not timed reads "no data"."""
    server = {} if isinstance(said, RequestRefused) else require(said)
    rows = [(stage.words, *_both(server, latency, stage)) for stage in STAGES]
    return pd.DataFrame(rows, columns=["stage", "p50", "p95", "timed"])


def counters(said: Json) -> pd.DataFrame:
    """Return the server's own counts and queues in words."""
    clients = joined(*(f"{n:,} by {way}" for way, n in said["clients"].items())) or "none"
    rows = [
        ("Live connections", clients),
        ("Slow readers cut", f"{said['slow_cut']:,}"),
        ("Waiting to be stored", f"{said['waiting_for_commit']:,} events"),
        ("Waiting for the rollups", f"{said['waiting_for_fold']:,} events"),
        ("Waiting to be translated", f"{said['waiting_for_translation']:,} deliveries"),
        ("Accepted", f"{said['accepted']:,} events"),
        ("Sent again", f"{said['duplicates']:,} events"),
        ("Refused", f"{said['refused']:,} events"),
        ("Size of the store", f"{said['store_bytes'] / 1e6:,.1f} MB"),
    ]
    return pd.DataFrame(rows, columns=["what", "now"])


def tallies(said: ServerReadings, query: PageQuery) -> pd.DataFrame:
    """Return how many deliveries there are by vendor, type and state, and when the newest came."""
    rows = require(said).get("counts", [])
    moments = [parse_moment(each["newest"]).astimezone(query.zone) for each in rows]
    names = ["vendor", "type", "state", "deliveries"]
    return pd.DataFrame([[each[name] for name in names] for each in rows], columns=names).assign(newest=moments)


def _ask(path: str, **question: str) -> ServerReadings:
    try:
        answer: Json = AppContext.current().api.get(path, **question)
    except RequestRefused as refusal:
        return refusal
    return answer


def _both(server: Json, latency: Latency, stage: PipelineStage) -> tuple[str, str, str]:
    if stage.leg is None:
        timed = server.get(stage.reading) or {"p50": None, "p95": None, "n": 0}
        return _ms(timed["p50"]), _ms(timed["p95"]), f"{timed['n']:,} since its start"
    both = latency.p50_p95(stage.leg)
    return (*((_ms(both[0]), _ms(both[1])) if both else (NO_DATA, NO_DATA)), "the newest 512 here")


def _ms(value: float | None) -> str:
    if value is None:
        return NO_DATA
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"
