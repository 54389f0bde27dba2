"""Fragments, each of one page alone."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def own_fragment(draw: Callable[P, None], page: str, key: str, run_every: float | None) -> Callable[P, None]:
    """Return `draw` as a fragment of this page alone, whatever other pages draw by the same function.

    Streamlit knows a fragment by its function's name and its place. Were it one for all pages, a timer of the page that
    was left would refresh the next one while that is on its way to the browser, and Streamlit drops what it has not
    sent of a page that is run again: the rest has no place any more ("Bad delta path").
    """

    @wraps(draw)
    def own(*args: P.args, **kwargs: P.kwargs) -> None:
        draw(*args, **kwargs)

    own.__qualname__ = f"{draw.__qualname__}.{page}"
    return st.fragment(own, run_every=run_every, key=key)
