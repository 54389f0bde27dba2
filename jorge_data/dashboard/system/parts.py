"""The tables of the system page: what is now, and what went wrong."""

import time
from collections.abc import Callable

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.push import diagnostics
from jorge_data.dashboard.push.connection_status import is_seen, shown_since
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import equals
from jorge_data.dashboard.system import server_status
from jorge_data.dashboard.system.server_status import ServerStatus, require
from jorge_data.dashboard.ui import drill_down, page_layout, states
from jorge_data.dashboard.ui.rows import choose_row, read_rows
from jorge_data.events import parse_moment
from jorge_data.metrics.definitions.system import FIGURES
from jorge_data.metrics.formatting import line, milliseconds, number, plural, write_moment
from jorge_data.metrics.names import title_words
from jorge_data.permissions import Right, may_see_field, visible_figures


def components(status: ServerStatus, query: PageQuery) -> None:
    """Draw each component's newest report."""
    context = UserContext.current()
    connection = context.locations.feed(query.location).status
    seen = "each component's newest report"
    if not is_seen(connection) and (since := shown_since(connection)):
        seen = f"unknown since {write_moment(since.astimezone(query.zone))}: the event server is out of reach"
    page_layout.heading("now", "Components now", seen)
    role, figures = context.grant_at(query.location).role, context.locations.figures(query.location)
    reports = (visible_figures(role, figures)["system"] or {}).get("components")
    if not reports:
        states.empty("No part has reported how it is. Connect has lines to paste.")
        return
    rows = [
        {
            "component": name,
            "status": report["status"],
            "since": parse_moment(report["since"]).astimezone(query.zone),
            "response": milliseconds(report["response_time_ms"]),
            "last error": line(report["error_message"]),
        }
        for name, report in reports.items()
    ]
    frame = pd.DataFrame(rows)
    if not may_see_field(role, "system_health_update", "error_message"):
        frame = frame.drop(columns="last error")
    # Its reports of the period: what it was made of the newest of.
    tokens = [query.rows("system_health_update", equals("component", name)).token() for name in reports]
    alt = "Each component's newest report"
    drill_down.rows_behind(frame, _titled(frame, "since"), tokens, key="components", alt=alt)


def made_of(status: ServerStatus, query: PageQuery) -> None:
    """Draw each part of the event server with its state, and since when and why it is so."""
    health = require(status.health)
    page_layout.heading("made_of", "What the server is made of", FIGURES["parts"].line)
    frame = server_status.parts_of(health, query)
    if frame.empty:
        states.empty("This event server does not tell of its parts: it is an older one.")
        return
    _table(frame, "since", "Each part of the event server", "made_of")


def pipeline(status: ServerStatus, query: PageQuery) -> None:
    """Draw how long an event takes at each stage."""
    page_layout.heading("pipeline", "Our own pipeline", FIGURES["latency"].line)
    frame = server_status.pipeline(status.system, UserContext.current().locations.get(query.location).latency)
    _table(frame, "", "How long an event takes at each stage", "pipeline")


def server(status: ServerStatus, query: PageQuery) -> None:
    """Draw the event server's own counts and queues."""
    page_layout.heading("server", FIGURES["clients"].title, FIGURES["clients"].line)
    _table(server_status.counters(require(status.system)), "", "The event server's own counts and queues", "server")


def refused(status: ServerStatus, query: PageQuery) -> None:
    """Draw the refusals; choosing one shows its faults and its payload as it was sent."""
    response = require(status.refusals)
    dropped = f"; {number(response['dropped'])} older ones are not kept" if response["dropped"] else ""
    counted = f"{number(response['total'])} {server_status.since(response, query)}{dropped}"
    page_layout.heading("refused", "Rejected events", counted)
    rows = response["refusals"]
    if not rows:
        webhooks = server_status.refused_deliveries(status.sources, query)["times"].sum()
        also = (
            f" {plural(int(webhooks), 'delivery was', 'deliveries were')}: see Webhook deliveries." if webhooks else ""
        )
        states.empty(f"No event was refused.{also}")
        return
    frame = pd.DataFrame(
        {
            "at": [parse_moment(each["at"]).astimezone(query.zone) for each in rows],
            "publisher": [line(each["publisher"]) for each in rows],
            "reason": [line(each["reason"]) for each in rows],
        }
    )
    page_layout.choosing("refused", "Choose one to see its faults and its data.")
    index = choose_row(frame, _titled(frame, "at"), key="refused_rows", alt="What was refused, newest first")
    if index is not None:
        st.text("\n".join(f"{f['pointer'] or '/'} is {f['value']}: {f['detail']}" for f in rows[index]["faults"]))
        _payload(rows[index]["payload"])
        if rows[index]["cut"]:
            st.text("The payload goes on; its beginning is kept.")


def deliveries(status: ServerStatus, query: PageQuery) -> None:
    """Draw the webhook deliveries, and why some are not told; choosing one of these shows its body as it came.

    Above them those that were refused, of which nothing is kept but why: they are of no office.
    """
    frame = server_status.delivery_counts(status.deliveries, query)
    page_layout.heading("deliveries", "Webhook deliveries", FIGURES["deliveries"].line)
    refused_ones = server_status.refused_deliveries(status.sources, query)
    if not refused_ones.empty:
        times = int(refused_ones["times"].sum())
        st.text(f"{plural(times, 'delivery was', 'deliveries were')} refused since the server began, and not kept:")
        _table(refused_ones, "at", "Refused deliveries by source and reason, newest first", "refused_deliveries")
    if frame.empty:
        states.empty("No webhook was taken in. Connect names the addresses.")
        return
    _table(frame, "newest", "Deliveries by vendor, type and state", "deliveries")
    rows = require(status.not_told)["deliveries"]
    if not rows:
        return
    failed = sum(each["state"] == "failed" for each in rows)
    counts = f"{number(failed)} failed, {number(len(rows) - failed)} ignored"
    if "body" not in rows[0]:
        st.text(f"{counts}; why is told to the token of an agent, a manager or an admin")
        return
    st.text(counts)
    page_layout.choosing("deliveries", "Choose one to see its body.")
    not_told = pd.DataFrame(
        {
            "at": [parse_moment(each["received_at"]).astimezone(query.zone) for each in rows],
            "vendor": [each["vendor"] for each in rows],
            "type": [line(each["type"]) for each in rows],
            "state": [each["state"] for each in rows],
            "reason": [line(each["error"]) for each in rows],
        }
    )
    alt = "Deliveries that are not told, newest first"
    index = choose_row(not_told, _titled(not_told, "at"), key="not_told_rows", alt=alt)
    if index is not None:
        _payload(rows[index]["body"])


def connection(status: ServerStatus, query: PageQuery) -> None:
    """Draw the log of this dashboard's connection."""
    page_layout.heading("connection", "Connection log", "how this dashboard hears of events, newest first")
    log = UserContext.current().locations.feed(query.location).log()
    if not log:
        states.empty("The connection has not been tried yet.")
        return
    rows = [
        {
            "at": entry.at.astimezone(query.zone),
            "state": entry.state,
            "position": str(entry.cursor) if entry.cursor and entry.cursor.seq else "none yet",
            "why": entry.detail,
        }
        for entry in reversed(log)
    ]
    # What comes anew moves the rows on: nothing is chosen then.
    newest = f"connection_{log[-1].at.timestamp()}"
    _table(pd.DataFrame(rows), "at", "The connection's states, newest first", newest)


def feed(status: ServerStatus, query: PageQuery) -> None:
    """Draw the figures of this dashboard's feed."""
    page_layout.heading("feed", "Feed and buffer", "this dashboard's own figures, now")
    context = UserContext.current()
    location_state, feed_status = context.locations.get(query.location), context.locations.feed(query.location).status
    rate, fill = location_state.events_last_minute(time.time()), location_state.buffer.fill
    facts = diagnostics.facts(feed_status, location_state.latency, rate, fill)
    _table(
        pd.DataFrame([{"what": fact.label, "now": fact.value} for fact in facts]), "", "The feed's own figures", "feed"
    )


LONG = 320
"""The height in pixels at which a long payload begins to scroll."""

PARTS: tuple[tuple[Callable[[ServerStatus, PageQuery], None], Right], ...] = (
    (components, Right.READ),
    (made_of, Right.SYSTEM),
    (pipeline, Right.READ),
    (server, Right.SYSTEM),
    (connection, Right.READ),
    (feed, Right.READ),
    (refused, Right.REFUSALS),
    (deliveries, Right.DELIVERY_BODIES),
)
"""In order, each with the right that it needs."""


def _table(frame: pd.DataFrame, moment: str, alt: str, key: str) -> None:
    read_rows(frame, _titled(frame, moment), key=key, alt=alt)


def _payload(text: str) -> None:
    st.code(text, language="json", wrap_lines=True, height=LONG if len(text) > 1000 else "content")


def _titled(frame: pd.DataFrame, moment: str) -> dict[str, ColumnConfig | str]:
    """Return each column with its title in words; `moment` is the one of timestamps, "" where there is none."""
    columns: dict[str, ColumnConfig | str] = {str(name): title_words(str(name)) for name in frame}
    if moment:
        title = "When" if moment == "at" else title_words(moment)
        columns[moment] = st.column_config.DatetimeColumn(title, format="D MMM HH:mm:ss", width=125)
    return columns
