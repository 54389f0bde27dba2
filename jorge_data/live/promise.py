"""The honest empty page: what it will answer, that it is not here yet, and where to go meanwhile."""

import streamlit as st

from jorge_data.live import contents


def coming(questions: str, *answers: str, meanwhile: str = contents.HOME) -> None:
    """Draw the empty state of a page that comes with the next release."""
    entry = next(entry for entry in contents.ENTRIES if entry.path == meanwhile)
    with st.container(border=True):
        st.subheader(questions)
        st.text("This page comes with the next release. It will show:")
        for answer in answers:
            st.text(f"·  {answer}")
        st.page_link(contents.page(entry), label=f"What works now: {entry.title}", icon=":material/arrow_forward:")
