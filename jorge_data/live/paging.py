"""Pages of a list: which one is on screen, and the way on and back."""

from dataclasses import replace

import streamlit as st

from jorge_data.live.question import Rows
from jorge_data.live.series import Table


def standing(key: str, asked: Rows) -> Rows:
    """Return the question for the page on screen; another question than before begins at its first page."""
    cursors = _cursors(key, asked)
    return replace(asked, cursor=cursors[-1]) if cursors else asked


def number(key: str, asked: Rows) -> int:
    """Return the number of the page on screen, counted from 0."""
    return len(_cursors(key, asked))


def turns(key: str, asked: Rows, table: Table) -> None:
    """Draw the way on and back, where there is more than one page."""
    cursors = _cursors(key, asked)
    if not cursors and table.next is None:
        return
    first = len(cursors) * asked.limit + 1
    back, on = (asked, cursors[:-1]), (asked, [*cursors, table.next])
    with st.container(horizontal=True, vertical_alignment="center", key=f"turns_{key}"):
        st.button("Previous", key=f"previous_{key}", disabled=not cursors, on_click=_turn, args=(key, back))
        st.text(f"{first:,} to {first + len(table.rows) - 1:,} of {table.total:,}")
        st.button("Next", key=f"next_{key}", disabled=table.next is None, on_click=_turn, args=(key, on))


def _cursors(key: str, asked: Rows) -> list[str]:
    """Return the cursors of the pages that were turned to reach this one."""
    held, cursors = st.session_state.get(_place(key), (None, []))
    return list(cursors) if held == asked else []


def _turn(key: str, to: tuple[Rows, list[str]]) -> None:
    st.session_state[_place(key)] = to


def _place(key: str) -> str:
    return f"pages_{key}"
