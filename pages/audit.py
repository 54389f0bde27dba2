"""Audit log: who did what, from where, and what was before and after; for admins of every office."""

import streamlit as st

from jorge_data.dashboard.audit.log import audit_log, verification
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.ui import states
from jorge_data.dashboard.ui.shell import scope
from jorge_data.dashboard.ui.states import part
from jorge_data.permissions import Right

context, page_scope = UserContext.current(), scope()

if not context.may_at(page_scope.location, Right.AUDIT):
    states.empty("The audit log is of every office, and for admins of every office.")
    st.stop()

api = context.api_at(page_scope.location)

with part("log"):
    st.subheader("Who did what")
    audit_log(api, page_scope)

with part("proof"):
    st.subheader("Is it whole?")
    st.fragment(verification, key="verification")(api)
