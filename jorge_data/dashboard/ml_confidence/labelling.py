"""Labelling: one analysis at a time beside the message that it is about, a key for each category, then the next."""

from functools import partial
from typing import Any

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.ml_confidence.labels import (
    CATEGORIES,
    WAITING,
    Key,
    Labels,
    Opinions,
    disputed,
    key_of,
    with_label,
)
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import drill_down, page_layout, states
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import joined, line, number, portion, write_moment
from jorge_data.permissions import Right

QUEUE = "labelling_queue"
OPINIONS = "labelling_opinions"
"""What people gave, as it was when the queue was listed, with one's own labels since: it is not read at each press."""
DONE = "labelling_done"
REFUSED = "labelling_refused"
SECOND = "labelling_second"

JUDGED = "the message to label"
"""What stands beneath it: what was said before is shown with it."""

WORDS = {category: category.capitalize() for category in CATEGORIES}
AVATARS = {"contact": ":material/person:", "agent": ":material/support_agent:", "bot": ":material/smart_toy:"}


def labelling(query: PageQuery) -> None:
    """Draw the analysis that waits first; what waits stays as it is until a filter changes, whatever arrives."""
    context = UserContext.current()
    page_layout.heading("labelling", "Label", "What should the decoder have said? Each label counts at once.")
    if not context.may_at(query.location, Right.LABEL):
        states.empty("Your role may look, but not label.")
        return
    labels = Labels(context.api_at(query.location), context.client)
    second = st.toggle("Second opinions", key=SECOND, help="What colleagues have labelled and you have not.")
    waiting = _waiting(labels, query, second)
    if REFUSED in st.session_state:
        st.error("The label was not saved.", icon=":material/error:")
        st.text(st.session_state.pop(REFUSED))
    if waiting:
        _ask(labels, query, waiting)
    else:
        states.empty("Nothing of your colleagues’ waits for you." if second else "Every analysis here has its label.")
        if st.button("Look again", icon=":material/refresh:"):
            _begin_anew()
    _disputed(labels, query)


def _waiting(labels: Labels, query: PageQuery, second: bool) -> list[dict[str, Any]]:
    """Return what is still to be labelled of the analyses that were listed for these filters."""
    listed = query.location, query.filters, query.label, second
    if st.session_state.get(QUEUE, (None, []))[0] != listed:
        user = UserContext.current().user.name
        opinions = st.session_state[OPINIONS] = labels.opinions(query)
        waits = labels.labelled_by_others(query, user, opinions) if second else labels.unlabelled(query)
        st.session_state[QUEUE] = listed, waits
        st.session_state[DONE] = []
    waiting: list[dict[str, Any]] = st.session_state[QUEUE][1]
    return waiting


def _ask(labels: Labels, query: PageQuery, waiting: list[dict[str, Any]]) -> None:
    analysis, done = waiting[0], st.session_state[DONE]
    listed = len(waiting) + len(done)
    # As many are listed as are asked at once: there may be more.
    which = f"of the {number(listed)} least sure" if listed >= WAITING else "least sure first"
    to_go = f"{number(len(waiting))} to go{' ' if listed >= WAITING else ', '}{which}"
    st.text(joined(to_go, f"{number(len(done))} done now" if done else ""))
    _show(labels, query, analysis)
    with st.container(horizontal=True, key="labelling_keys"):
        for key, category in enumerate(CATEGORIES, 1):
            st.button(
                WORDS[category],
                key=f"label_{category}",
                shortcut=str(key),
                on_click=_label,
                args=(labels, query.location, category),
            )
        st.button("Skip", key="label_skip", shortcut="0", type="tertiary", on_click=_skip)
        if done:
            st.button("Back", key="label_back", shortcut="9", type="tertiary", on_click=_back, help="Label it anew.")


def _show(labels: Labels, query: PageQuery, analysis: dict[str, Any]) -> None:
    contact = analysis["contact_id"]
    name = contact_names(query.location, [contact] if contact else [])
    at = parse_moment(str(analysis["time"])).astimezone(query.zone)
    said = WORDS.get(analysis["intent_category"], line(analysis["intent_category"]))
    sure = f"{portion(float(analysis['confidence_score']))} sure"
    with st.container(border=True, key="labelling_message"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(joined(name(contact) if contact else "Nobody known", write_moment(at)))
            if contact and st.button("Open the contact", key="label_contact", type="tertiary"):
                drill_down.open_contact(contact)
        messages = labels.messages(query.location, analysis)
        for each in messages[:-1]:
            _show_message(each)
        if messages:
            with st.container(key="labelling_judged"):
                _show_message(messages[-1], JUDGED)
        if not messages:
            states.empty("No message of this contact is known from before this analysis.")
        st.text(f"The decoder said {said}, {sure}.")


def _show_message(told: dict[str, Any], note: str = "") -> None:
    who = "contact" if told["direction"] != "outbound" else (told["author"] or "bot")
    with st.chat_message(who, avatar=AVATARS.get(who, AVATARS["bot"])):
        st.text(told["body"] or "(no text)")
        if note:
            st.text(note)


def _label(labels: Labels, location: str, category: str) -> None:
    waiting, analysis = st.session_state[QUEUE][1], st.session_state[QUEUE][1][0]
    user, key = UserContext.current().user.name, key_of(analysis)
    try:
        labels.publish(location, user, key, category)
    except RequestRefused as refusal:
        st.session_state[REFUSED] = str(refusal)
        return
    st.session_state[OPINIONS] = with_label(st.session_state[OPINIONS], key, user, category)
    st.session_state[DONE].append(waiting.pop(0))


def _skip() -> None:
    waiting = st.session_state[QUEUE][1]
    waiting.append(waiting.pop(0))


def _back() -> None:
    st.session_state[QUEUE][1].insert(0, st.session_state[DONE].pop())


def _begin_anew() -> None:
    st.session_state.pop(QUEUE, None)
    st.rerun(scope="fragment")


def _disputed(labels: Labels, query: PageQuery) -> None:
    """Draw the analyses on which two people differ, each with what they said; one that is taken is asked next."""
    differing = disputed(st.session_state[OPINIONS])
    if not differing:
        return
    title = "1 label is disputed" if len(differing) == 1 else f"{len(differing)} labels are disputed"
    with st.expander(f"{title}: two people said two things"):
        for at, each in enumerate(differing[:20]):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(_said(each, query.location))
                arguments = labels, query, each.analysis
                st.button("Settle it", key=f"settle_{at}", on_click=_settle, args=arguments)


def _said(opinions: Opinions, location: str) -> str:
    name = partial(UserContext.current().person_name, location)
    said = ", ".join(f"{line(name(who))}: {WORDS.get(what, what)}" for who, what in sorted(opinions.by_person.items()))
    return f"{said}. {WORDS.get(opinions.newest, opinions.newest)} was said last, and counts."


def _settle(labels: Labels, query: PageQuery, key: Key) -> None:
    if analysis := labels.analysis(query, key):
        st.session_state[QUEUE][1].insert(0, analysis)
