"""Rotation: a wall screen turns to its next page by itself.

Each page is a document of its own, in a frame that is seen once the page is drawn. Streamlit takes a page away before
it has the next one, and where a timer refreshes the one that is left at that moment, it may lose the next.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from jorge_data.dashboard.push import component
from jorge_data.dashboard.ui.navigation import HOME, carried
from jorge_data.events.numbers import read_whole

ROTATE = "rotate"
LEAST_S, MOST_S = 5, 3600

INTERACTIVE = frozenset({"explore", "connect", "audit"})
"""Pages that need somebody at the keyboard, or are not for whoever passes by: a wall screen has nobody."""


def rotates(pages: Iterable[str], path: str, today: date) -> bool:
    """Return whether the link asks for it (`?kiosk=1&rotate=30`), and show the pages of this role by turns if so."""
    parameter = st.query_params.get(ROTATE)
    if parameter is None:
        return False
    seconds = interval(parameter)
    if seconds is None:
        st.warning(f"rotate is {parameter[:20]!r}: allowed are {LEAST_S}–{MOST_S} seconds", icon=":material/warning:")
        return False
    component.turning()(
        key="turning", data={"links": links(pages, path, st.query_params.to_dict(), today), "seconds": seconds}
    )
    return True


def interval(text: str) -> int | None:
    """Return the seconds of a link's `rotate`; None where it is no whole number within bounds."""
    seconds = read_whole(text) or 0
    return seconds if LEAST_S <= seconds <= MOST_S else None


def links(pages: Iterable[str], path: str, link: Mapping[str, str], today: date) -> list[str]:
    """Return the links of the pages by turns, beneath the first page's path, from the page of `link` on.

    That page has all that its link says; the others have what goes along to every page.
    """
    shown = [each for each in pages if each not in INTERACTIVE]
    begin = shown.index(path) if path in shown else 0
    along = {"kiosk": "1"} | carried(link, today)
    own = {name: value for name, value in link.items() if name != ROTATE}
    return [
        f"{'' if each == HOME else each}?{urlencode(own if each == path else along)}"
        for each in shown[begin:] + shown[:begin]
    ]
