"""Audit log: who did what, from where, and what was before and after; for admins, of their offices."""

import streamlit as st

from jorge_data.dashboard.audit.log import audit_log, verification
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.ui import guessed_passwords, paper, states
from jorge_data.dashboard.ui.shell import scope
from jorge_data.dashboard.ui.states import part
from jorge_data.permissions import Right

context, page_scope = UserContext.current(), scope()

if not context.may_at(page_scope.location, Right.AUDIT):
    states.empty("The audit log is for admins.")
    st.stop()

api, sees_all = context.api_at(page_scope.location), context.grant_at(page_scope.location).location is None

paper.head_of_now(page_scope.location, page_scope.zone)
guessed_passwords.warnings(context, page_scope.location)

with part("log"):
    st.subheader("Who did what")
    if not sees_all:
        st.text(f"This is what was done at {page_scope.location}. Logins and users are for admins of every office.")
    audit_log(api, page_scope)

if sees_all:
    with part("proof"):
        st.subheader("Is it whole?")
        st.fragment(verification, key="verification")(api)
