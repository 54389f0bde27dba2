"""Confirmation: what cannot be undone is asked twice; the question stays until it is answered, over every refresh."""

from collections.abc import Callable

import streamlit as st

from jorge_data.errors import RequestRefused

ASKED = "confirmation_"


def ask(key: str, about: str) -> None:
    """Remember that somebody wants to do this, to that."""
    st.session_state[ASKED + key] = about


def confirm(key: str, title: str, words: Callable[[str], str], label: str, act: Callable[[str], object]) -> None:
    """Where it was asked for, ask in a dialog whether to act; then do it, or say why it was refused."""
    about = st.session_state.get(ASKED + key)
    if about is None:
        return

    @st.dialog(title, on_dismiss=lambda: _forget(key))
    def asking() -> None:
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

    asking()


def _forget(key: str) -> None:
    st.session_state.pop(ASKED + key, None)
