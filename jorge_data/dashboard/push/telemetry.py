"""What a dashboard counts, under the names that Prometheus reads at its `/metrics`."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from jorge_data.dashboard.push.connection_status import Shown
from jorge_data.dashboard.push.latency import Leg
from jorge_data.feed import FeedStatus
from jorge_data.part_state import PART_STATE, STATES, PartState

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class DashboardTelemetry:
    """One dashboard's counts, in a registry of its own; each method may be called from any thread."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self.tabs = Gauge("jorge_dashboard_tabs", "Open tabs.", registry=r)
        self.feeds = Gauge("jorge_dashboard_feeds", "Offices followed, by state.", ["state"], registry=r)
        self.most_feeds = Gauge("jorge_dashboard_feeds_limit", "Offices that can be followed at once.", registry=r)
        self.events = Counter("jorge_dashboard_events", "Events that the feeds have brought.", registry=r)
        self.connections = Counter("jorge_dashboard_connections", "Subscriptions of the feeds.", registry=r)
        self.gaps = Counter("jorge_dashboard_gaps", "Holes that a feed noticed, and had filled.", registry=r)
        self.latency = Histogram(
            "jorge_dashboard_latency_seconds", "From bot to screen, by leg.", ["leg"], buckets=SECONDS, registry=r
        )
        self.paint = Histogram("jorge_dashboard_paint_seconds", "One paint of all walls.", buckets=SECONDS, registry=r)
        self.page = Histogram(
            "jorge_dashboard_page_seconds", "A page's script, with its answers.", ["page"], buckets=SECONDS, registry=r
        )
        self.requests = Histogram(
            "jorge_dashboard_request_seconds",
            "A request to the event server, by what came of it: ok, silent, or the code of its refusal.",
            ["outcome"],
            buckets=SECONDS,
            registry=r,
        )
        self.parts = Gauge(*PART_STATE, ["part"], registry=r)
        ProcessCollector(registry=r)  # its processor time, memory and descriptors

    def timed(self, leg: Leg, ms: float) -> None:
        """Count a measurement of the latency."""
        self.latency.labels(leg).observe(ms / 1000)

    def requested(self, outcome: str, seconds: float) -> None:
        """Count a request to the event server."""
        self.requests.labels(outcome).observe(seconds)

    def feed_changed(self, before: FeedStatus | None, status: FeedStatus) -> None:
        """Count what a feed's status says beyond the one before: it holds sums since its start, and ends with it."""
        self.gaps.inc(max(0, status.gaps - (before.gaps if before else 0)))
        self.connections.inc(max(0, status.connections - (before.connections if before else 0)))

    def set_now(self, tabs: int, feeds: Mapping[Shown, int], most_feeds: int, parts: Mapping[str, PartState]) -> None:
        """Set what is as it is at this moment."""
        self.tabs.set(tabs)
        self.most_feeds.set(most_feeds)
        self.feeds.clear()
        for shown, count in feeds.items():
            self.feeds.labels(shown).set(count)
        for part, state in parts.items():
            self.parts.labels(part).set(STATES[state])
