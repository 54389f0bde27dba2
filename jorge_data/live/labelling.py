"""Where a person labels analyses: the newest without a label, a category for each, one button."""

from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from jorge_data.errors import RequestRefused
from jorge_data.live import looks
from jorge_data.live.decoder import ANALYSES
from jorge_data.live.house import House
from jorge_data.live.labels import CATEGORIES, LOOKED_AT, Labels
from jorge_data.live.query import Query
from jorge_data.live.wall_clock import localize
from jorge_data.metrics.wording import line
from jorge_data.permissions import Right, may

BATCH = "to_label"
ROUND = "labelled_rounds"


def labelling(query: Query) -> None:
    """Draw the place to label; it keeps its rows until they are saved, whatever happens meanwhile."""
    house = House.current()
    if not may(house.settings.role, Right.LABEL):
        looks.empty("Your role may look, but not label.")
        return
    labels = Labels(house.api, house.questions)
    if st.session_state.get(BATCH, (None, []))[0] != query.location:
        newest = query.rows(ANALYSES, columns=_COLUMNS, limit=LOOKED_AT)
        st.session_state[BATCH] = query.location, labels.unlabelled(newest)
    batch = st.session_state[BATCH][1]
    if batch:
        _edit(labels, query, batch)
    else:
        looks.empty("Every recent analysis has its label.")
        if st.button("Look for newer ones", icon=":material/refresh:"):
            _begin_anew()


_COLUMNS = ("id", "time", "contact_id", "intent_category", "confidence_score", "urgency_level")


def _edit(labels: Labels, query: Query, batch: list[dict[str, Any]]) -> None:
    st.text("Pick what each analysis should have said. Labels are events: they count at once, for everybody.")
    office = House.current().offices.get(query.location)
    edited = st.data_editor(
        _shown(batch, office.name, query.zone),
        hide_index=True,
        placeholder="",
        key=f"labels_{st.session_state.get(ROUND, 0)}",
        disabled=["time", "contact", "said", "confidence", "urgency"],
        column_config={
            "time": st.column_config.DatetimeColumn(format="D MMM HH:mm:ss"),
            "confidence": st.column_config.NumberColumn(format="%.2f"),
            "should be": st.column_config.SelectboxColumn(options=list(CATEGORIES), width="medium"),
        },
        alt="Recent analyses without a label; the last column takes the right category",
    )
    chosen = {each["id"]: right for each, right in zip(batch, edited["should be"], strict=True) if right}
    with st.container(horizontal=True):
        if st.button(f"Save {len(chosen)} labels" if chosen else "Save", disabled=not chosen, type="primary"):
            _save(labels, query.location, chosen)
        if st.button("Newest ones", icon=":material/refresh:", type="tertiary"):
            _begin_anew()


def _shown(batch: list[dict[str, Any]], name: Any, zone: ZoneInfo) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": localize([each["time"] for each in batch], zone),
            "contact": [line(name(each["contact_id"])) if each["contact_id"] else "" for each in batch],
            "said": [each["intent_category"] for each in batch],
            "confidence": [each["confidence_score"] for each in batch],
            "urgency": [each["urgency_level"] for each in batch],
            "should be": pd.Series([None] * len(batch), dtype=object),
        }
    )


def _save(labels: Labels, location: str, chosen: dict[str, str]) -> None:
    try:
        labels.publish(location, House.current().settings.viewer, chosen)
    except RequestRefused as refusal:
        st.error(
            "Not all labels were saved; press again: what was saved is not counted twice.", icon=":material/error:"
        )
        st.text(str(refusal))
        return
    st.toast(f"{len(chosen)} labels saved")
    _begin_anew()


def _begin_anew() -> None:
    st.session_state.pop(BATCH, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.rerun()
