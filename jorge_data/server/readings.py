"""Readings: the server's own counters as the figures that a person asks for."""

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

SLOW = "4008"
"""The close code of readers that could not keep up."""

Bucket = tuple[float, float]
"""An upper bound in seconds, and how many took no longer."""


def readings(registry: CollectorRegistry) -> dict[str, Any]:
    """Return counts since the start and gauges of now; of durations p50 and p95 in milliseconds and how many."""
    found = {metric.name: metric for metric in registry.collect()}
    closed = _by_label(found["jorge_disconnects"], "code")
    return {
        "accepted": _total(found["jorge_events_accepted"]),
        "duplicates": _total(found["jorge_events_duplicate"]),
        "refused": _total(found["jorge_events_refused"]),
        "clients": _by_label(found["jorge_clients"], "transport"),
        "slow_cut": closed.get(SLOW, 0),
        "waiting_for_commit": _total(found["jorge_store_waiting_events"]),
        "waiting_for_fold": _total(found["jorge_fold_lag_events"]),
        "waiting_for_translation": _total(found["jorge_deliveries_waiting"]),
        "store_bytes": _total(found["jorge_store_bytes"]),
        "publish_ms": _durations(found["jorge_publish_seconds"]),
        "announce_ms": _durations(found["jorge_bus_lag_seconds"]),
        "fan_out_ms": _durations(found["jorge_fan_out_seconds"]),
        "fold_ms": _durations(found["jorge_fold_seconds"]),
        "ping_ms": _durations(found["jorge_ping_seconds"]),
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
