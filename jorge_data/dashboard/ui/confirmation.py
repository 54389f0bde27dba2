"""Confirmation of what cannot be undone; the dialog stays until it is answered, over every refresh."""

from collections.abc import Callable

import streamlit as st

from jorge_data.errors import RequestRefused

PREFIX = "confirmation_"


def request_confirmation(key: str, about: str) -> None:
    """Request the confirmation `key` of an action on `about`: the next `confirm` of this key draws the dialog."""
    st.session_state[PREFIX + key] = about


def confirm(key: str, title: str, words: Callable[[str], str], label: str, act: Callable[[str], object]) -> None:
    """Draw the dialog where it was requested; on yes call `act(about)` and close, or show why it was refused."""
    about = st.session_state.get(PREFIX + key)
    if about is None:
        return

    @st.dialog(title, on_dismiss=lambda: _forget(key))
    def dialog() -> None:
        st.text(words(about))
        no, yes = st.columns(2)
        if no.button("Leave it", key="confirm_no", width="stretch"):
            _forget(key)
            st.rerun()
        if yes.button(label, key="confirm_yes", type="primary", width="stretch"):
            try:
                act(about)
            except RequestRefused as refusal:
                st.error(f"Not done: {refusal}")
            else:
                _forget(key)
                st.rerun()

    dialog()


def _forget(key: str) -> None:
    st.session_state.pop(PREFIX + key, None)
