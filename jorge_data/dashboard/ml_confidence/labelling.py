"""Labelling: the newest analyses without a label, and a category for each; a label is published as an event."""

from typing import Any, get_args
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.event_publisher import event
from jorge_data.dashboard.ml_confidence.data import ANALYSES
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.cached_client import CachedQueryClient
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.ui import filters, states
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.dashboard.ui.rows import localize
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.events.kinds import IntentCategory
from jorge_data.permissions import Right

CATEGORIES: tuple[str, ...] = get_args(IntentCategory)
SHOWN = 12
RECENT = 200
"""The newest analyses, among which up to SHOWN without a label are listed."""


class LabelPublisher:
    """Publish `intent_feedback`, and list the analyses that have none."""

    def __init__(self, api: ApiClient, client: CachedQueryClient) -> None:
        self._api, self._client = api, client

    def publish(self, location: str, user: str, chosen: dict[tuple[str, str], str]) -> None:
        """Publish the category of each analysis (source, id); raise RequestRefused where the server refuses one."""
        wrong = sorted(set(chosen.values()) - set(CATEGORIES))
        if wrong:
            raise RequestRefused(f"category {wrong[0]!r}: allowed are {', '.join(CATEGORIES)}")
        for (source, analysis), category in chosen.items():
            names = {"analysis_id": analysis, "analysis_source": source}
            data = {**names, "actual_category": category, "labelled_by": user}
            self._api.post("/events", event("intent_feedback", location, data))
        self._client.invalidate(location)

    def unlabelled(self, recent: TableRequest) -> list[dict[str, Any]]:
        """Return those of the requested analyses that have no label, the newest first; raise RequestRefused."""
        table = self._client.table(recent)
        analyses = list(table.records())
        if not analyses:
            return []
        # A label's time is that of its analysis.
        since = parse_moment(str(analyses[-1]["time"]))
        labels = self._client.table(
            TableRequest(recent.location, "intent_label", start=since, end=recent.end, limit=1000)
        )
        labelled = {(label["analysis_source"], label["entity"]) for label in labels.records()}
        # A label that is older than its analysis's source is known by the id alone.
        return [each for each in analyses if labelled.isdisjoint({(each["source"], each["id"]), ("", each["id"])})][
            :SHOWN
        ]


BATCH = "to_label"
ROUND = "labelled_rounds"


def labelling(query: PageQuery) -> None:
    """Draw the table to label in; its rows stay until they are saved or a filter changes, whatever arrives."""
    context = UserContext.current()
    if not context.may_at(query.location, Right.LABEL):
        states.empty("Your role may look, but not label.")
        return
    labels = LabelPublisher(context.api_at(query.location), context.client)
    newest = query.rows(ANALYSES, columns=_COLUMNS, limit=RECENT)
    filters.note(query.not_by(newest))
    listed = newest.location, newest.where
    if st.session_state.get(BATCH, (None, []))[0] != listed:
        st.session_state[BATCH] = listed, labels.unlabelled(newest)
        # Another table: what was picked in the old one, which is kept by position, would label other analyses.
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    batch = st.session_state[BATCH][1]
    if batch:
        _edit(labels, query, batch)
    else:
        states.empty("Every recent analysis has its label.")
        if st.button("Look for newer ones", icon=":material/refresh:"):
            _next_batch()


_COLUMNS = ("source", "id", "time", "contact_id", "intent_category", "confidence_score", "urgency_level")


def _edit(labels: LabelPublisher, query: PageQuery, batch: list[dict[str, Any]]) -> None:
    st.text("Pick what each analysis should have said. Labels are events: they count at once, for everybody.")
    name = contact_names(query.location, (each["contact_id"] for each in batch if each["contact_id"]))
    edited = st.data_editor(
        _shown(batch, name, query.zone),
        hide_index=True,
        placeholder="",
        key=f"labels_{st.session_state[ROUND]}",
        disabled=["time", "contact", "said", "confidence", "urgency"],
        column_config={
            "time": st.column_config.DatetimeColumn(format="D MMM HH:mm:ss"),
            "confidence": st.column_config.NumberColumn(format="%.2f"),
            "should be": st.column_config.SelectboxColumn(options=list(CATEGORIES), width="medium"),
        },
        alt="Recent analyses without a label; the last column takes the right category",
    )
    chosen = {
        (each["source"], each["id"]): right for each, right in zip(batch, edited["should be"], strict=True) if right
    }
    with st.container(horizontal=True):
        if st.button(f"Save {len(chosen)} labels" if chosen else "Save", disabled=not chosen, type="primary"):
            _save(labels, query.location, chosen)
        if st.button("Newest ones", icon=":material/refresh:", type="tertiary"):
            _next_batch()


def _shown(batch: list[dict[str, Any]], name: Any, zone: ZoneInfo) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": localize([each["time"] for each in batch], zone),
            "contact": [name(each["contact_id"]) if each["contact_id"] else "" for each in batch],
            "said": [each["intent_category"] for each in batch],
            "confidence": [each["confidence_score"] for each in batch],
            "urgency": [each["urgency_level"] for each in batch],
            "should be": pd.Series([None] * len(batch), dtype=object),
        }
    )


def _save(labels: LabelPublisher, location: str, chosen: dict[tuple[str, str], str]) -> None:
    try:
        labels.publish(location, UserContext.current().user.name, chosen)
    except RequestRefused as refusal:
        st.error(
            "Not all labels were saved; press again: what was saved is not counted twice.", icon=":material/error:"
        )
        st.text(str(refusal))
        return
    st.toast(f"{len(chosen)} labels saved")
    _next_batch()


def _next_batch() -> None:
    st.session_state.pop(BATCH, None)
    st.rerun()
