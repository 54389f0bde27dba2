"""The figures of System: the components' own reports, and what our pipeline measures of itself."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

EVENT = "system_health_update"
OWN = "the event server's own counters (/metrics)"
LIVE = "live diagnostics"
SILENT = "no report speaks for any time of the period"

FIGURES = {
    "uptime": Definition(
        "Uptime",
        "Share of the known time that a part of the system was up: healthy, degraded or recovering.",
        "Σ seconds up / Σ seconds known, up to now; a report speaks until the next one, 15 minutes at most; what was "
        "down is down until the next report (`JORGE_DOWN_UNTIL_REPORTED`)",
        Unit.SHARE,
        EVENT,
        "component_time",
        SILENT,
    ),
    "unknown": Definition(
        "Unknown time",
        "The longest time of the period for which no report of a component speaks; it is neither up nor down.",
        "the greatest (period − known) of a component",
        Unit.SECONDS,
        EVENT,
        "component_time",
        "the component was never heard of",
    ),
    "strip": Definition(
        "Status strip",
        "The status of a component in each step: up, and over it degraded (or recovering) and down, as high as their "
        "share of the known time; unknown where nothing was reported.",
        "seconds of each status or a worse one / known seconds of the reports made in the step, up to now",
        Unit.SHARE,
        EVENT,
        "component_time",
        SILENT,
    ),
    "response": Definition(
        "Response time",
        "So many of 100 of a part's reports tell of an answer within this time, right to 1 %.",
        "p50, p95, p99 of response_time_ms",
        Unit.MS,
        EVENT,
        EVENT,
    ),
    "parts": Definition(
        "Parts of the server",
        "How each part of the event server is: ok, degraded or failed, since when, and why.",
        "what each part reported last (/health)",
        Unit.COUNT,
        OWN,
        LIVE,
    ),
    "latency": Definition(
        "Pipeline latency",
        "How long an event takes from publish to store, to the feed, and to the screen.",
        "p50, p95 of each stage's durations",
        Unit.MS,
        OWN,
        LIVE,
        "no event since the start",
    ),
    "rate": Definition(
        "Events per minute",
        "Events that happened in each minute.",
        "count of events by minute of their time",
        Unit.COUNT,
        "all kinds",
        "all kinds",
    ),
    "rejected": Definition(
        "Rejected events",
        "What was refused, with the reason and its data as far as they are kept.",
        "count of refusals",
        Unit.COUNT,
        OWN,
        LIVE,
        "nothing was refused",
    ),
    "deliveries": Definition(
        "Webhook deliveries",
        "Deliveries received, and what became of them.",
        "count by vendor and state",
        Unit.COUNT,
        "webhooks",
        "deliveries",
        "no webhook has arrived",
    ),
    "clients": Definition(
        "Clients and queues",
        "Live connections now, readers cut because they were slow, events waiting for the writer.",
        "counters and gauges of the event server",
        Unit.COUNT,
        OWN,
        LIVE,
        "the event server does not answer",
    ),
}
