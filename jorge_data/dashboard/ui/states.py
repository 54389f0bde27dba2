"""The states of a part without figures, each drawn differently: empty, loading, not counted yet, stale and failed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from jorge_data.dashboard.ui import filters
from jorge_data.errors import Behind, RequestRefused

NOTHING = "Nothing happened in this period. Choose a longer one, or fewer filters."


def empty(what: str = NOTHING) -> None:
    """Draw the note that there is nothing to show, and what to do next."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"○  {what}")


def failed(refusal: RequestRefused) -> None:
    """Draw one sentence: that this could not be read, and why."""
    if isinstance(refusal, Behind):
        empty(f"Not counted yet: {refusal}")
        return
    st.error("This part could not be read.", icon=":material/error:")
    st.text(str(refusal))


def counting(behind: Behind) -> None:
    """Draw the note that a page's history is still being counted, and how far it is."""
    st.info("This office's history is being counted: its figures come by themselves.", icon=":material/hourglass_top:")
    st.text(str(behind))


def stale(reason: str) -> None:
    """Draw the note that the rows are those last read, and why."""
    st.warning("Stale: these rows are those last read.", icon=":material/history:")
    st.text(reason)


def incomplete(left_out: Sequence[str]) -> None:
    """Draw the note that days are missing in what is shown, for their files in the archive cannot be read."""
    days = "A day is missing" if len(left_out) == 1 else f"{len(left_out)} days are missing"
    st.warning(f"{days} here: old events cannot be read. System says more.", icon=":material/rule:")
    st.text(", ".join(left_out[:10]) + (f" and {len(left_out) - 10} more" if len(left_out) > 10 else ""))


def loading(height: int = 320) -> None:
    """Draw the outline of what is coming."""
    st.skeleton(height)


@contextmanager
def part(key: str = "") -> Iterator[None]:
    """Draw one framed part of a page; a refusal raised in it is shown in it, and the other parts stay.

    Filters that do not narrow it are named in it. With a key, unique on the page, it gets the background of cards.
    """
    with st.container(border=True, key=f"part_{key}" if key else None, height="stretch"), filters.noted():
        try:
            yield
            if line := filters.complete(""):
                st.text(line)
        except Behind:  # the page says once how far it is
            empty("Not counted yet.")
        except RequestRefused as refusal:
            failed(refusal)
