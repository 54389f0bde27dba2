"""Annotations: a campaign, a deploy, a holiday, marked by anybody of the office and drawn on every chart of time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from jorge_data import charts
from jorge_data.charts import Annotation
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.event_publisher import event
from jorge_data.dashboard.query.page_query import Scope
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.ui.zoom import clicked_moment
from jorge_data.errors import RequestRefused
from jorge_data.events import new_id
from jorge_data.events.timestamps import DATE_SCHEMA, micros, micros_of, moment, parse_date, rfc3339
from jorge_data.metrics.formatting import write_moment
from jorge_data.permissions import Right, may_see_kind

KIND = "annotation"
MOST = 500
"""The newest so many are read: an office with more is marked by a machine."""
FRESH_S = 15
LONGEST = 80
MARKED = "annotated"
"""In the session: which change of its own it has to see, however fresh what others read is."""
DAY_ALONE = re.compile(DATE_SCHEMA)
COLUMNS = ("id", "seq", "time", "label", "from", "to", "by", "annotation_id", "deleted")


@dataclass(frozen=True)
class Marked:
    """An annotation as it stands, and by which name it is changed."""

    id: str
    by: str
    mark: Annotation


def marks(location: str) -> tuple[Annotation, ...]:
    """Return what is drawn on the charts of an office; nothing where it may not be seen, or cannot be read now."""
    return tuple(each.mark for each in listed(location))


def listed(location: str) -> tuple[Marked, ...]:
    """Return the annotations of an office, the earliest first."""
    context = UserContext.current()
    if not may_see_kind(context.grant_at(location).role, KIND):
        return ()
    zone, client = context.settings.timezone, context.client

    def fetch() -> tuple[Marked, ...]:
        request = TableRequest(location, KIND, columns=COLUMNS, limit=MOST)
        return standing(client.table(request).records(), zone)

    return client.aside(location, (KIND, st.session_state.get(MARKED, "")), fetch, FRESH_S) or ()


def standing(records: Iterable[dict[str, Any]], zone: ZoneInfo) -> tuple[Marked, ...]:
    """Return the annotations that events say, the newest of each name; days begin and end by the office's clock."""
    newest: dict[str, dict[str, Any]] = {}
    for record in sorted(records, key=lambda each: int(each["seq"])):
        newest[record["annotation_id"] or record["id"]] = record
    found = [
        Marked(name, record["by"] or "", Annotation(record["label"], *_span(record, zone)))
        for name, record in newest.items()
        if not record["deleted"]
    ]
    return tuple(sorted(found, key=lambda each: each.mark.start))


def _span(record: dict[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    start = _moment(record["from"] or record["time"], zone)
    end = _moment(record["to"], zone, is_end=True) if record["to"] else None
    return start, end if end is not None and end > start else None


def _moment(text: str, zone: ZoneInfo, is_end: bool = False) -> datetime:
    """Return a moment, or when a day of the office begins; `is_end`: when it is over."""
    if is_end and DAY_ALONE.fullmatch(text):
        text = (parse_date(text) + timedelta(days=1)).isoformat()
    return moment(micros_of(text, zone))


def control(key: str, page_scope: Scope) -> None:
    """Draw the button that marks a time on every chart, with what is marked in the period; for who may publish.

    Days that were chosen are what the form begins with; else now. A click on an empty place of the chart opens it as
    well, with the time that was clicked.
    """
    location, zone = page_scope.location, page_scope.zone
    if not UserContext.current().may_at(location, Right.PUBLISH):
        return
    menu = st.popover("Mark a time", type="tertiary", icon=":material/flag:", key=f"annotate_{key}", on_change="rerun")
    if not menu.open:
        return
    span = page_scope.start, page_scope.end
    with menu:
        form(key, location, zone, *((page_scope.end, None) if page_scope.rolling else span))
        marked(key, location, zone, span)


def begin(clicked: Any, page_scope: Scope) -> None:
    """Open the form of the chart that was clicked, with the time of the click; a drag or a mark's rows are none."""
    moment = clicked_moment(clicked, page_scope.end - page_scope.start) if clicked else None
    key = str(clicked.get("chart")) if moment else ""
    if moment and re.fullmatch(r"\w{1,80}", key):
        names = _names(key)
        st.session_state[f"annotate_{key}"] = True
        st.session_state[names["from"]] = _in_form(moment, page_scope.zone)
        st.session_state[names["to"]] = None


def _names(key: str) -> dict[str, str]:
    return {name: f"annotate_{name}_{key}" for name in ("label", "from", "to", "add")}


def _in_form(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at and at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def form(key: str, location: str, zone: ZoneInfo, start: datetime, end: datetime | None = None) -> None:
    """Draw what a time is marked by; `zone` is that of its clock."""
    context = UserContext.current()
    names = _names(key)
    for name, at in (("from", start), ("to", end)):
        st.session_state.setdefault(names[name], _in_form(at, zone))
    label = st.text_input(
        "What happened", max_chars=LONGEST, key=names["label"], placeholder="Autumn campaign, new script, holiday …"
    ).strip()
    first = st.datetime_input("From", key=names["from"], step=60)
    last: datetime | None = st.datetime_input("To, where it lasted", key=names["to"], step=60)
    if st.button("Mark it on every chart", disabled=not label or first is None, key=names["add"]):
        data = {"label": label, "from": _rfc3339(first, zone)} | ({"to": _rfc3339(last, zone)} if last else {})
        _publish(context, location, data, "Marked on every chart")
    says = f"Everybody of the office sees it. The clock is that of {zone}."
    st.caption(f"{says} A click of a mouse on the chart chooses the time.")


def marked(key: str, location: str, zone: ZoneInfo, span: tuple[datetime, datetime]) -> None:
    """Draw what is marked in a span, the latest first, each with the way to take it off."""
    context = UserContext.current()
    for each in reversed(listed(location)):
        if not charts.is_within(each.mark, span):
            continue
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        at = write_moment(each.mark.start.astimezone(zone), year=True)
        by = each.by and context.person_name(location, each.by)
        row.text(f"{each.mark.label}\n{at}{f', by {by}' if by else ''}")
        if row.button("Remove", type="tertiary", key=f"annotate_remove_{each.id}_{key}"):
            gone = {"label": each.mark.label, "annotation_id": each.id, "deleted": True}
            _publish(context, location, gone, "Taken off the charts")


def _publish(context: UserContext, location: str, data: dict[str, Any], done: str) -> None:
    try:
        context.api_at(location).post("/events", [event(KIND, location, {**data, "by": context.user.name})])
    except RequestRefused as refusal:
        st.error("Not saved.", icon=":material/error:")
        st.text(str(refusal))
        return
    context.client.invalidate(location)
    st.session_state[MARKED] = new_id()
    st.toast(done)
    st.rerun()  # the whole page: it stands on every chart


def _rfc3339(local: datetime, zone: ZoneInfo) -> str:
    return rfc3339(micros(local.replace(tzinfo=zone)))
