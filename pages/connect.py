"""Connect: from nothing to the first real event in five minutes; then who may do what, by which rules."""

import streamlit as st

from jorge_data.dashboard.connect.settings_table import settings_table
from jorge_data.dashboard.connect.setup_guides import SetupStep, addresses, api_page, listening, setup_guides
from jorge_data.dashboard.connect.source_status import own_office, source_status
from jorge_data.dashboard.connect.tokens import tokens
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.ui import confirmation, paper
from jorge_data.dashboard.ui.rows import read_rows
from jorge_data.dashboard.ui.shell import scope
from jorge_data.dashboard.ui.states import part
from jorge_data.events.envelope import DEMO
from jorge_data.metrics.names import kind_words, sentence_case
from jorge_data.permissions import Right, kind_rows, may, rows

context = UserContext.current()
settings = context.settings
page_scope = scope()
zone = page_scope.zone.key
paper.head_of_now(page_scope.location, page_scope.zone)
guides = setup_guides(settings)


def paste(steps: tuple[SetupStep, ...]) -> None:
    for step in steps:
        if step.words:
            st.text(step.words)
        if step.code:
            st.code(step.code, language=step.language, wrap_lines=True)


def kinds_in_words() -> list[dict[str, str]]:
    return [{"reads": sentence_case(kind_words(row.pop("kind"))), **row} for row in kind_rows()]


def who_you_are() -> str:
    user, grant = context.user, context.grant_at(page_scope.location)
    if user.session is None:
        return f"You are {user.name} (JORGE_VIEWER), in the role {grant.role} (JORGE_ROLE)."
    where = f"at the office {grant.location}" if grant.location else "at every office"
    return f"You are {user.display_name}, logged in as {user.name}, in the role {grant.role} {where}."


with part("sources"):
    source_status(context, guides, page_scope)

with part("token"):
    st.subheader("1 · A token")
    st.fragment(tokens, key="tokens")(context, page_scope.location, zone)

with part("first"):
    st.subheader("2 · The first event")
    for tab, guide in zip(st.tabs([guide.title for guide in guides]), guides, strict=True):
        with tab:
            paste(guide.steps)
    st.text(
        "A publish is answered with the event's position, a webhook with whether it came before. It is on the Command"
        " Center before you can look; what was refused stands above, with the reason."
    )

with part("addresses"):
    st.subheader("3 · Addresses, and listening")
    read_rows(addresses(settings), {}, key="addresses", alt="The event server's addresses")
    paste(listening(settings))
    paste(api_page(settings))
    if not settings.public_url:  # where others come, that page takes a token, which no link can carry
        st.link_button("Open the API page", f"{settings.api_url}/docs", icon=":material/open_in_new:")

with part("rules"):
    st.subheader("Targets, rates and limits")
    rules = settings_table(settings)
    alt = "Each rule with its value and its setting"
    read_rows(rules, {}, key="rules", alt=alt, height="content", writers={"value": str})  # each in its own unit
    st.text("Set in the environment or in .env, and read at the start.")

with part("rights"):
    st.subheader("Users and roles")
    st.text(who_you_are())
    read_rows(rows(), {}, key="roles", alt="What each role sees and does", height="content")
    read_rows(kinds_in_words(), {}, key="kinds", alt="Which kinds each role reads")

demo = context.user.grant_at(DEMO)
if context.locations.demo_enabled and demo and may(demo.role, Right.REMOVE_OFFICE):
    lively = context.locations.get(own_office(context, page_scope)).has_events
    with part("demo"):
        st.subheader("The demo")
        st.text("The demo bots play in an office of their own until your first event. What they left can be removed.")
        menu = st.popover("⋯", help="More")
        if menu.button("Remove the demo's data", disabled=not lively, help="After your first event has arrived."):
            confirmation.request_confirmation("removal", DEMO)
    confirmation.confirm(
        "removal",
        "Remove the demo's data?",
        "Every event of the office {} is removed, without a trace. It cannot be undone.".format,
        "Remove it",
        lambda office: context.api_at(DEMO).delete(f"/api/locations/{office}"),
    )
