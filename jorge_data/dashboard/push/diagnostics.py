"""The diagnostics panel and the text that its button copies for a bug report."""

import platform
from typing import Literal, NamedTuple

import streamlit

from jorge_data import __version__
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.dashboard.push.latency import Latency, Leg
from jorge_data.feed import FeedStatus
from jorge_data.metrics.formatting import milliseconds, number, plural, portion

BUSY = 1000
"""Events a minute above which the rate is shown in amber."""

_LEGS: dict[str, Leg] = {
    "Bot → server": "bot_server",
    "Server → feed": "server_feed",
    "Feed → screen": "feed_screen",
    "Bot → screen": "bot_screen",
}


class DiagnosticFact(NamedTuple):
    """One line of the panel; `always` is shown folded as well."""

    label: str
    value: str
    tone: Literal["", "warm", "bad"] = ""
    always: bool = False


def facts(
    status: FeedStatus | None, latency: Latency, rate: int, fill: float, tabs: int | None = None
) -> list[DiagnosticFact]:
    """Return every fact, first the four that are always shown; `fill` is the filled share of the buffer."""
    gaps = status.gaps if status else 0
    legs = {label: DiagnosticFact(label, _how_long(latency, leg)) for label, leg in _LEGS.items()}
    return [
        DiagnosticFact("Socket", f"{shown_state(status)} · {plural(gaps, 'gap')}", "bad" if gaps else "", always=True),
        DiagnosticFact("Position", _position(status), always=True),
        legs.pop("Bot → screen")._replace(always=True),
        DiagnosticFact("Events", f"{number(rate)}/min", "warm" if rate > BUSY else "", always=True),
        *legs.values(),
        DiagnosticFact("Buffer", portion(fill)),
        *_feed_facts(status),
        *([DiagnosticFact("Tabs", str(tabs))] if tabs is not None else []),
        DiagnosticFact(
            "Versions", f"{__version__} · Streamlit {streamlit.__version__} · Python {platform.python_version()}"
        ),
    ]


def _feed_facts(status: FeedStatus | None) -> list[DiagnosticFact]:
    if status is None:
        return []
    return [
        DiagnosticFact("Attempts", f"{status.attempts} failed in a row", "warm" if status.attempts else ""),
        DiagnosticFact("Connections", f"{status.connections}, {status.recovered} resumed"),
        DiagnosticFact("Bytes", f"{number(status.bytes_per_minute / 1000)} kB/min"),
        DiagnosticFact("Last word", status.detail),
    ]


def _how_long(latency: Latency, leg: Leg) -> str:
    figures = latency.p50_p95(leg)
    return f"half in {milliseconds(figures[0])}, 95 of 100 in {milliseconds(figures[1])}" if figures else "no data"


def _position(status: FeedStatus | None) -> str:
    if status is None or status.cursor is None or not status.cursor.seq:
        return "none yet"
    return f"{status.cursor.epoch[:4]}:{status.cursor.seq}"  # an id, as a log or a link has it: no quantity
