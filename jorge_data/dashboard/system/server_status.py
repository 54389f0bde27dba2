"""The event server's own status: its refusals, its webhook deliveries, and how long its stages take."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.push.latency import Latency, Leg
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.page_data import Metric
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import NO_DATA, joined, line, milliseconds, number, plural
from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.permissions import Right

Json = dict[str, Any]
LIMIT = "200"


class PipelineStage(NamedTuple):
    """A stage on an event's path: a leg that this dashboard times, or a field of the server's `/api/system`."""

    title: str
    leg: Leg | None = None
    field: str = ""


STAGES = (
    PipelineStage("Bot → server", "bot_server"),
    PipelineStage("Server: received → stored", field="publish_ms"),
    PipelineStage("Server: stored → announced", field="announce_ms"),
    PipelineStage("Server: announced → sent to all", field="fan_out_ms"),
    PipelineStage("Server → dashboard", "server_feed"),
    PipelineStage("Dashboard → screen", "feed_screen"),
    PipelineStage("Bot → screen, altogether", "bot_screen"),
    PipelineStage("Server: stored → in the rollups, a batch", field="fold_ms"),
)
"""In the order of the path."""

PARTS = {
    "store": "Store of events",
    "log": "Reading of events",
    "archive": "Archive of old events",
    "rollups": "History",
    "translation": "Webhook translation",
    "redis": "Redis",
    "synchronization": "CRM synchronization",
    "clock": "Clock",
    "connections": "Connections",
}
"""The server's parts in words."""

ServerResponse = Json | RequestRefused | None
"""A response, why there is none, or None where the viewer's role may not read it."""


class ServerStatus:
    """The server's responses at one moment; refusals are among them, so that one blanks only the part that needs it."""

    def __init__(self, context: UserContext, location: str) -> None:
        """Request all that a user may read."""
        self._api = context.api_at(location)
        sees_server = context.may_at(location, Right.SYSTEM)
        reads_deliveries = context.may_at(location, Right.DELIVERY_BODIES)
        page = {"location": location, "limit": LIMIT}
        self.health = self._get("/health") if sees_server else None
        self.system = self._get("/api/system") if sees_server else None
        self.refusals = self._get("/api/refusals", **page) if context.may_at(location, Right.REFUSALS) else None
        self.deliveries = self._get("/api/deliveries", **page) if reads_deliveries else None
        self.sources = self._get("/api/sources", location=location) if reads_deliveries else None
        self.not_told = self._get("/api/deliveries", **page, state="failed,ignored") if reads_deliveries else None

    def _get(self, path: str, **parameters: str) -> ServerResponse:
        try:
            response: Json = self._api.get(path, **parameters)
        except RequestRefused as refusal:
            return refusal
        return response


def require(response: ServerResponse) -> Json:
    """Return the response; raise RequestRefused where there is none."""
    if isinstance(response, RequestRefused):
        raise response
    return response or {}


def figure_of(response: ServerResponse, of: Callable[[Json], float]) -> Metric:
    """Return a figure of a response that is not about the period, so that it is compared with nothing."""
    return Metric(None, refusal=response) if isinstance(response, RequestRefused) else Metric(of(require(response)))


def since(response: ServerResponse, query: PageQuery) -> str:
    """Write since when the server counts; "" where that is not known."""
    if isinstance(response, RequestRefused) or not response:
        return ""
    at = parse_moment(response["since"]).astimezone(query.zone)
    return f"since the server began, {at.day} {at:%b %H:%M}"


def deliveries_by_state(response: ServerResponse) -> dict[str, int]:
    """Return how many deliveries there are in each state; none where the server refused."""
    states: KeyCounter[str] = KeyCounter()
    if not isinstance(response, RequestRefused):
        for count in require(response).get("counts", []):
            states.add(count["state"], count["deliveries"])
    return states


def pipeline(response: ServerResponse, latency: Latency) -> pd.DataFrame:
    """Return p50, p95 and the origin of each stage's timing; what was not timed reads "no data"."""
    server = {} if isinstance(response, RequestRefused) else require(response)
    rows = [(stage.title, *_p50_p95(server, latency, stage)) for stage in STAGES]
    return pd.DataFrame(rows, columns=["stage", "p50", "p95", "timed"])


def counters(system: Json) -> pd.DataFrame:
    """Return the server's own counts and queues in words."""
    clients = joined(*(f"{number(n)} by {transport}" for transport, n in system["clients"].items())) or "none"
    rows = [
        ("Live connections", clients),
        ("Slow readers cut", f"{number(system['slow_cut'])}"),
        ("Waiting to be stored", plural(system["waiting_for_commit"], "event")),
        ("Waiting for the rollups", plural(system["waiting_for_fold"], "event")),
        ("Waiting to be translated", plural(system["waiting_for_translation"], "delivery", "deliveries")),
        ("Accepted", plural(system["accepted"], "event")),
        ("Sent again", plural(system["duplicates"], "event")),
        ("Refused", plural(system["refused"], "event")),
        ("Not stored, and sent again", plural(system.get("not_stored", 0), "event")),
        ("Size of the store", f"{number(system['store_bytes'] / 1e6, 1)} MB"),
    ]
    return pd.DataFrame(rows, columns=["what", "now"])


def parts_of(health: Json, query: PageQuery) -> pd.DataFrame:
    """Return what the server is made of: each part with its state, since when, and why; names of files beside it."""
    rows = [
        {
            "part": PARTS.get(name, name),
            "state": part["state"],
            "since": parse_moment(part["since"]).astimezone(query.zone),
            "why": joined(part["why"] or "", *part.get("details", ())),
        }
        for name, part in health.get("parts", {}).items()
    ]
    return pd.DataFrame(rows, columns=["part", "state", "since", "why"])


def delivery_counts(response: ServerResponse, query: PageQuery) -> pd.DataFrame:
    """Return how many deliveries there are by vendor, type and state, and when the newest came."""
    rows = require(response).get("counts", [])
    moments = [parse_moment(each["newest"]).astimezone(query.zone) for each in rows]
    names = ["vendor", "type", "state", "deliveries"]
    return pd.DataFrame([[each[name] for name in names] for each in rows], columns=names).assign(newest=moments)


def refused_deliveries(response: ServerResponse, query: PageQuery) -> pd.DataFrame:
    """Return the deliveries that were refused since the server began, by source and reason, the newest first."""
    sources = [] if isinstance(response, RequestRefused) else require(response).get("sources", [])
    rows = [
        {
            "at": parse_moment(each["last"]).astimezone(query.zone),
            "source": source["name"],
            "times": each["times"],
            "reason": line(each["why"]),
        }
        for source in sources
        for each in source.get("refused", ())
    ]
    frame = pd.DataFrame(rows, columns=["at", "source", "times", "reason"])
    return frame.sort_values("at", ascending=False, ignore_index=True)


def _p50_p95(server: Json, latency: Latency, stage: PipelineStage) -> tuple[str, str, str]:
    if stage.leg is None:
        timed = server.get(stage.field) or {"p50": None, "p95": None, "n": 0}
        return _ms(timed["p50"]), _ms(timed["p95"]), f"{number(timed['n'])} since its start"
    p50, p95 = latency.p50_p95(stage.leg) or (None, None)
    return _ms(p50), _ms(p95), "the newest 512 here"


def _ms(value: float | None) -> str:
    if value is None:
        return NO_DATA
    return f"{number(value, 1)} ms" if value < 10 else milliseconds(value)
