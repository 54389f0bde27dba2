"""The tables of Response: agents, sources, bots and the slowest; each row opens its contacts."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.response import data
from jorge_data.dashboard.response.data import WaitRow, Waits
from jorge_data.dashboard.ui import drill_down, export, page_layout, states
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.dashboard.ui.rows import Columns, choose_row
from jorge_data.metrics.formatting import duration, plural
from jorge_data.metrics.statistics.speed_to_lead import RANKED

FIGURES: Columns = {
    "half_s": st.column_config.NumberColumn("Half"),
    "ninety_s": st.column_config.NumberColumn("9 in 10"),
    "soon": st.column_config.NumberColumn("In 5 m", format="percent"),
    "later": st.column_config.NumberColumn("In 15 m", format="percent"),
    "sellers": st.column_config.NumberColumn("Sellers", format="%d"),
    "waiting": st.column_config.NumberColumn("Waiting", format="%d"),
}
FIGURES_SAY = "within what half and 9 in 10 hear, soonest first; share in 5 and 15 m: of those hot in office hours"
AGENTS: Columns = {"agent": "Agent", **FIGURES}
SOURCES: Columns = {"lead_source": "Source", **FIGURES}
BOTS: Columns = {
    "bot": "Bot",
    "half_s": st.column_config.NumberColumn("Half within"),
    "ninety_s": st.column_config.NumberColumn("9 in 10 within"),
    "answers": st.column_config.NumberColumn("First answers", format="%d"),
}
SLOWEST: Columns = {
    "name": "Seller",
    "hot_at": st.column_config.DatetimeColumn("Turned hot", format="D MMM HH:mm"),
    "waited": "Waited",
}


def agents(waits: Waits, query: PageQuery) -> None:
    """Draw the leader board: the agents, soonest first."""
    listed, few = data.by_agent(waits), f"fewer than {RANKED} sellers, too few to rank"
    has_few = any(part.name != data.NOBODY and not part.figures.is_ranked for part in listed)
    what = f"{FIGURES_SAY}; a seller counts for who owns her when she is heard"
    _figures("agents", "By agent", f"{what}; *: {few}" if has_few else what, listed, AGENTS, waits)


def sources(waits: Waits, query: PageQuery) -> None:
    """Draw where sellers came from, soonest first."""
    what = f"where sellers came from, {query.label}; {FIGURES_SAY}"
    _figures("sources", "By source", what, data.by_source(waits), SOURCES, waits)


def _figures(key: str, title: str, what: str, listed: Sequence[WaitRow], columns: Columns, waits: Waits) -> None:
    page_layout.heading(key, title, what)
    if not listed:
        states.empty("Nobody turned hot in this period. Choose a longer one.")
        return
    first = next(iter(columns))
    parts = [*listed, data.overall(waits)]
    frame = pd.DataFrame([{first: _name(part), **_row(part)} for part in parts])
    _open_rows(key, title, frame, columns, [part.token for part in parts])


def _name(part: WaitRow) -> str:
    starred = not part.figures.is_ranked and part.figures.name not in ("", "All")
    return f"{part.name} *" if starred else part.name


def _row(part: WaitRow) -> dict[str, float | int | None]:
    n, waiting, _, half, ninety, soon, later = part.figures[1:]
    return {"half_s": half, "ninety_s": ninety, "soon": soon, "later": later, "sellers": n, "waiting": waiting}


def bots(page_data: PageData, query: PageQuery) -> None:
    """Draw how soon each bot answers first, which counts nowhere else."""
    page_layout.heading("bots", "Bots, apart", f"first answers of bots, {query.label}; not counted above")
    listed = data.bots(page_data, query)
    if not listed:
        states.empty("No bot was the first to answer in this period.")
        return
    frame = pd.DataFrame([(bot.name, bot.half, bot.ninety, bot.n) for bot in listed], columns=list(BOTS))
    _open_rows("bots", "Bots, apart", frame, BOTS, [bot.token for bot in listed])


def _open_rows(key: str, title: str, frame: pd.DataFrame, columns: Columns, tokens: Sequence[str]) -> None:
    """Draw rows, each of which opens the contacts that it is made of."""
    drill_down.rows_behind(frame, columns, tokens, key=key, alt=title)
    export.buttons(key, f"list_{key}", lambda: frame, columns=columns)


def slowest(waits: Waits, query: PageQuery) -> None:
    """Draw who waited longest lately, or waits still; each opens the contact."""
    listed = data.slowest(waits)
    ends = "the last 7 days" if query.period else "the last 7 days of the period"
    page_layout.heading("slowest", "Slowest", f"of {ends}; each opens the contact")
    if not listed:
        states.empty("Nobody turned hot in these days.")
        return
    names = contact_names(query.location, (wait.contact for wait in listed))
    rows = [
        (
            names(wait.contact),
            data.when(wait, query),
            f"{duration(wait.seconds)}{', waiting' if wait.is_waiting else ''}",
        )
        for wait in listed
    ]
    frame = pd.DataFrame(rows, columns=list(SLOWEST))
    index = choose_row(frame, SLOWEST, key="slowest", alt="Slowest of the last 7 days", order=SLOWEST)
    if index is not None:
        drill_down.open_contact(listed[index].contact)


def counting(waits: Waits, hours: str, interval: str) -> None:
    """Draw how waiting is counted, in sentences."""
    page_layout.heading("counting", "How waiting is counted", "what stands behind the figures of this page")
    for sentence in (
        "A seller waits from when a bot rates her hot until a person is heard: a call that she answers, or a text or "
        "e-mail of a person that arrives. A call that nobody answers ends no wait, and bots do not count.",
        "Who still waits counts for as long as she has waited so far, and who opted out until then: "
        "the times of those who heard alone would leave out those who wait longest.",
        f"By which half hear lies {interval}: with so few sellers it is not known more closely (95 % interval).",
        f"Office hours: {hours}, without holidays. Whoever runs the event server sets both.",
        *(() if waits.is_whole else (f"The newest {plural(data.MOST, 'time')} are counted; older ones are left out.",)),
    ):
        st.text(sentence)
