"""Rotation: a wall screen turns to its next page by itself."""

import time
from datetime import date
from typing import Any

import streamlit as st

from jorge_data.dashboard.ui.navigation import HOME, carried
from jorge_data.events.numbers import read_whole

ROTATE = "rotate"
SHOWN = "rotation_shown"
LEAST_S, MOST_S = 5, 3600
EARLY_S = 0.5
"""The browser's clock may call us so much too early: that is no reason to wait for its next call."""

INTERACTIVE = frozenset({"explore", "connect", "audit"})
"""Pages that need somebody at the keyboard, or are not for whoever passes by: a wall screen has nobody."""


def rotate(pages: dict[str, Any], page: Any, today: date) -> None:
    """Where the link asks for it (`?kiosk=1&rotate=30`), turn to the next page that this role may open."""
    parameter = st.query_params.get(ROTATE)
    if parameter is None:
        return
    seconds = interval(parameter)
    if seconds is None:
        st.warning(f"rotate is {parameter[:20]!r}: allowed are {LEAST_S}–{MOST_S} seconds", icon=":material/warning:")
        return

    path = page.url_path or HOME

    @st.fragment(run_every=seconds, key="rotation")
    def rotating() -> None:
        if _is_over(path, seconds, time.monotonic()):
            along = {"kiosk": "1", ROTATE: parameter} | carried(st.query_params, today)
            st.switch_page(pages[following(list(pages), path)], query_params=along)

    rotating()


def interval(text: str) -> int | None:
    """Return the seconds of a link's `rotate`; None where it is no whole number within bounds."""
    seconds = read_whole(text) or 0
    return seconds if LEAST_S <= seconds <= MOST_S else None


def following(paths: list[str], path: str) -> str:
    """Return the page that comes after this one, the first after the last, without the interactive ones."""
    shown = [each for each in paths if each not in INTERACTIVE]
    position = shown.index(path) if path in shown else -1
    return shown[(position + 1) % len(shown)]


def _is_over(path: str, seconds: int, now: float) -> bool:
    """Return whether this page has been on screen for `seconds`; any rerun may notice that, not the timer's alone."""
    shown, since = st.session_state.get(SHOWN, (None, now))
    if shown != path:
        st.session_state[SHOWN] = (path, now)
        return False
    return bool(now - since >= seconds - EARLY_S)
