"""What the server counts: under names that Prometheus reads at `/metrics`, and as figures at `/api/system`."""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jorge_data.part_state import PART_STATE, STATES
from jorge_data.server.readiness import Readiness

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class PartStates(Collector):
    """Reads the state of every part of the server that has reported, at each scrape."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def collect(self) -> Iterator[Metric]:
        """Yield one gauge with a sample for each part."""
        gauge = GaugeMetricFamily(*PART_STATE, labels=["part"])
        for part in self._readiness.parts():
            gauge.add_metric([part.name], STATES[part.state])
        yield gauge


class Telemetry:
    """One server's counts, in a registry of its own, so that two servers in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.accepted = Counter("jorge_events_accepted", "Events committed.", ["type"], registry=r)
        self.duplicates = Counter("jorge_events_duplicate", "Events that had been kept before.", registry=r)
        self.refused = Counter("jorge_events_refused", "Events that break the contract.", registry=r)
        self.not_stored = Counter("jorge_events_not_stored", "Events that the store could not take.", registry=r)
        self.publish = Histogram("jorge_publish_seconds", "From receipt to commit.", buckets=SECONDS, registry=r)
        self.fan_out = Histogram("jorge_fan_out_seconds", "One wake-up of all followers.", buckets=SECONDS, registry=r)
        self.bus_lag = Histogram("jorge_bus_lag_seconds", "From commit to the event loop.", buckets=SECONDS, registry=r)
        self.clients = Gauge("jorge_clients", "Live connections.", ["transport"], registry=r)
        self.disconnects = Counter("jorge_disconnects", "Connections that the server closed.", ["code"], registry=r)
        self.resumes = Counter("jorge_resumes", "Subscriptions from a cursor.", ["recovered"], registry=r)
        self.replayed = Counter("jorge_events_replayed", "Events served from before the subscription.", registry=r)
        self.pings = Histogram("jorge_ping_seconds", "Round trip of websocket pings.", buckets=SECONDS, registry=r)
        self.requests_refused = Counter("jorge_requests_refused", "Refusals by code.", ["code"], registry=r)
        self.deliveries = Counter(
            "jorge_deliveries",
            "Webhook deliveries: filed, repeated, or why refused.",
            ["vendor", "outcome"],
            registry=r,
        )
        self.translated = Counter("jorge_deliveries_translated", "By outcome.", ["vendor", "state"], registry=r)
        self.untranslated = Gauge("jorge_deliveries_waiting", "Deliveries that wait for translation.", registry=r)
        self.waiting = Gauge("jorge_store_waiting_events", "Events that wait for a commit.", registry=r)
        self.store_bytes = Gauge("jorge_store_bytes", "Size of the store's files.", registry=r)
        self.redis_up = Gauge("jorge_redis_up", "Whether Redis is being read.", ["way"], registry=r)
        self.redis_lag = Gauge("jorge_redis_lag_entries", "Entries of the stream that wait.", registry=r)
        self.redis_received = Counter("jorge_redis_received", "Entries and messages that came.", ["way"], registry=r)
        self.redis_received_at = Gauge(
            "jorge_redis_received_timestamp_seconds", "When the newest came.", ["way"], registry=r
        )
        self.redis_lost = Counter("jorge_redis_entries_lost", "Entries trimmed before they were kept.", registry=r)
        self.fold_lag = Gauge("jorge_fold_lag_events", "Events that the rollups do not cover yet.", registry=r)
        self.folded = Counter("jorge_events_folded", "Events added to the rollups.", registry=r)
        self.unfolded = Counter("jorge_events_unfolded", "Events that could not be folded.", registry=r)
        self.fold = Histogram("jorge_fold_seconds", "One batch of the fold.", buckets=SECONDS, registry=r)
        ProcessCollector(registry=r)  # its processor time, memory and descriptors

    def add_parts(self, readiness: Readiness) -> None:
        """Have the state of each part read at each scrape."""
        self.registry.register(PartStates(readiness))

    def from_redis(self, reader: str, count: int) -> None:
        """Count what came from Redis just now."""
        self.redis_received.labels(reader).inc(count)
        self.redis_received_at.labels(reader).set_to_current_time()


SLOW = "4008"
"""The close code of readers that could not keep up."""

Bucket = tuple[float, float]
"""An upper bound in seconds, and how many took no longer."""


def telemetry_summary(registry: CollectorRegistry) -> dict[str, Any]:
    """Return counts since the start and gauges of now; of durations p50 and p95 in milliseconds and how many."""
    metrics = {metric.name: metric for metric in registry.collect()}
    closed = _by_label(metrics["jorge_disconnects"], "code")
    return {
        "accepted": _total(metrics["jorge_events_accepted"]),
        "duplicates": _total(metrics["jorge_events_duplicate"]),
        "refused": _total(metrics["jorge_events_refused"]),
        "not_stored": _total(metrics["jorge_events_not_stored"]),
        "clients": _by_label(metrics["jorge_clients"], "transport"),
        "slow_cut": closed.get(SLOW, 0),
        "waiting_for_commit": _total(metrics["jorge_store_waiting_events"]),
        "waiting_for_fold": _total(metrics["jorge_fold_lag_events"]),
        "waiting_for_translation": _total(metrics["jorge_deliveries_waiting"]),
        "store_bytes": _total(metrics["jorge_store_bytes"]),
        "publish_ms": _durations(metrics["jorge_publish_seconds"]),
        "announce_ms": _durations(metrics["jorge_bus_lag_seconds"]),
        "fan_out_ms": _durations(metrics["jorge_fan_out_seconds"]),
        "fold_ms": _durations(metrics["jorge_fold_seconds"]),
        "ping_ms": _durations(metrics["jorge_ping_seconds"]),
    }


def quantile(buckets: Iterable[Bucket], q: float) -> float | None:
    """Return the duration at `q` (0–1), linear within its bucket as Prometheus' histogram_quantile has it.

    None where nothing was timed; what lies beyond the last bound counts as that bound.
    """
    ordered = sorted(buckets)
    rank = q * (ordered[-1][1] if ordered else 0)
    if not rank:
        return None
    below_bound = below_count = 0.0
    for bound, count in ordered:
        if count >= rank:
            if bound == float("inf"):
                return below_bound
            return below_bound + (bound - below_bound) * (rank - below_count) / (count - below_count)
        below_bound, below_count = bound, count
    return below_bound


def _durations(metric: Metric) -> dict[str, float | int | None]:
    buckets = [(float(s.labels["le"]), s.value) for s in metric.samples if s.name.endswith("_bucket")]
    p50, p95 = (quantile(buckets, q) for q in (0.5, 0.95))
    n = int(max((count for _, count in buckets), default=0))
    return {"p50": _milliseconds(p50), "p95": _milliseconds(p95), "n": n}


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _total(metric: Metric) -> int:
    return int(sum(sample.value for sample in metric.samples if not sample.name.endswith("_created")))


def _by_label(metric: Metric, label: str) -> dict[str, int]:
    return {s.labels[label]: int(s.value) for s in metric.samples if not s.name.endswith("_created")}
