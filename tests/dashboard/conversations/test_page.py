"""The page of conversations: its list by pages, one contact's chat, and that hostile text is shown as text."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ui import navigation
from jorge_data.dashboard.ui.data_table import SHOWN
from tests.dashboard.app_context import context_with, here, metrics, past_event, texts
from tests.dashboard.test_pages import SCRIPT, visit
from tests.served import Served

HOSTILE = (
    "<script>alert(1)</script><b>bold</b>",
    "**not bold** [link](http://evil.example) $x^2$ :material/home: `code`",
    "\u202eright to left \u0645\u0631\u062d\u0628\u0627",
    "# heading\n\n- list\n![i](http://evil.example/y.png)",
    "W" * 4000,
)


def message(contact: str, body: str, minutes_ago: float = 1, **data: Any) -> dict[str, Any]:
    fields = {"conversation_id": f"v-{contact}", "contact_id": contact, "kind": "message", "body": body}
    return past_event("conversation_event", minutes_ago, **{**fields, "direction": "inbound", **data})


def read(contact: str) -> AppTest:
    """Open a contact's page as a link would."""
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    app.query_params["contact"] = contact
    app.run()
    app.switch_page(str(navigation.PAGES / "conversations.py"))
    app.query_params["contact"] = contact
    return app.run()


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    """Three contacts; two wrote last, to one we wrote last."""
    events = [message("ann", "hello"), message("bob", "hello"), message("cy", "hello", direction="outbound")]
    with context_with(served, *events) as context:
        yield context


@pytest.mark.usefixtures("context")
def test_the_figures_are_those_of_the_conversations() -> None:
    app = visit("conversations", range="1 h")
    assert not app.exception
    figures = metrics(app)
    assert (figures["Contacts"], figures["Waiting for us"], figures["Messages"]) == ("3", "2", "3")
    assert (figures["Stalls"], figures["In a good mood"]) == ("no data", "no data")


@pytest.mark.usefixtures("context")
def test_a_filter_narrows_the_list() -> None:
    app = visit("conversations", range="1 h", conversations_waiting="false")
    names = next(frame.value["name"] for frame in app.dataframe if "waiting" in frame.value.columns)
    assert list(names) == ["cy"]


@pytest.mark.usefixtures("context")
def test_a_filter_with_all_of_its_options_narrows_nothing_nor_who_has_no_value() -> None:
    app = visit("conversations", range="1 h")
    temperatures = app.multiselect(key="conversations_temperature")
    app = temperatures.set_value(temperatures.options[:1]).run()
    assert metrics(app)["Contacts"] == "0"
    app = app.multiselect(key="conversations_temperature").set_value(temperatures.options).run()
    assert metrics(app)["Contacts"] == "3"


def test_the_drawer_names_whose_conversations_it_lists_and_since_when(served: Served) -> None:
    names = {"ann": "Ann Lee", "bob": "Bob Ray"}
    events = [past_event("contact_update", contact_id=key, name=name, changed={}) for key, name in names.items()]
    events += [message("ann", "hello", 5), message("ann", "again", 3), message("bob", "hello", 2), message("cy", "hi")]
    with context_with(served, *events):
        app = visit("conversations", drill="kind=conversation_edge&where=edge:eq:last&from=2026-01-02T12:00:00Z")
        listed = next(frame.value for frame in app.dataframe if "edge" in frame.value.columns)
        assert dict(zip(listed["entity"], listed["contact"], strict=True)) == {
            "v-ann": "Ann Lee",
            "v-bob": "Bob Ray",
            "v-cy": "cy",
        }
        assert any(
            re.fullmatch(r"\d conversations that ended, or go on, since 2 Jan 2026, 06:00", text) for text in texts(app)
        )


@pytest.mark.usefixtures("context")
def test_a_contact_is_found_by_name_whenever_it_was_heard_of() -> None:
    app = visit("conversations", range="15 m")
    app.text_input(key="search_contacts").set_value("bo").run()
    assert "found, of any time, 1" in texts(app)


def test_a_long_list_is_turned_page_by_page(served: Served) -> None:
    with context_with(served, *(message(f"c{number}", "hello") for number in range(SHOWN + 1))):
        app = visit("conversations", range="1 h")
        assert f"1 to {SHOWN} of {SHOWN + 1}" in texts(app)
        app.button(key="next_contacts").click().run()
        assert f"{SHOWN + 1} to {SHOWN + 1} of {SHOWN + 1}" in texts(app)
        app.button(key="previous_contacts").click().run()
        assert f"1 to {SHOWN} of {SHOWN + 1}" in texts(app)


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_text_is_shown_as_text(served: Served, body: str) -> None:
    update = past_event(
        "contact_update", contact_id="eve", name="<b>Eve</b> **x**", changed={"n": {"from": "", "to": body}}
    )
    with context_with(served, message("eve", body), update):
        app = read("eve")
        assert not app.exception
        assert body in texts(app)
        assert "<b>Eve</b> **x**" in texts(app)
        markup = [each.value for each in [*app.markdown, *app.caption]]
        assert not any(body[:20] in value or "Eve" in value for value in markup)


def test_a_contact_is_shown_with_its_order_of_events_and_what_the_crm_changed(served: Served) -> None:
    update = past_event("contact_update", 2, contact_id="ann", changed={"city": {"from": "Austin", "to": "Waco"}})
    with context_with(served, update, message("ann", "hello")):
        app = read("ann")
        assert "2 events, newest first; times in America/Chicago" in texts(app)
        frames = {tuple(frame.value.columns): frame.value for frame in app.dataframe}
        assert frames["at", "source", "field", "from", "to"]["to"].tolist() == ["Waco"]
        assert [chat.name for chat in app.chat_message] == ["contact"]


def test_a_contact_of_whom_nobody_heard_is_an_empty_page(served: Served) -> None:
    with context_with(served):
        app = read("nobody")
        assert not app.exception
        assert any("No event names this contact" in text for text in texts(app))


def test_who_is_to_be_forgotten_is_not_shown_from_before_where_the_server_is_away(tmp_path: Path) -> None:
    with Served(tmp_path) as served, context_with(served, message("ann", "a word of hers")) as context:
        app = read("ann")
        assert "a word of hers" in texts(app)
        served.kill()
        assert "a word of hers" in texts(app.run()), "it is shown as stale"
        here(context).locations.get(context.locations.home).forget("ann")
        assert "a word of hers" not in texts(app.run())
