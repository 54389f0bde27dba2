"""The Connect page in a real browser: a token is there to copy, and a question stays until it is answered."""

import pytest
import requests

from tests.browser.visitor import Visitor
from tests.served import Served


def test_a_token_made_by_the_button_publishes_and_its_light_turns_green(visitor: Visitor, served: Served) -> None:
    page = visitor.open("connect")
    page.get_by_role("button", name="Make a token").click()
    line = page.get_by_text("export TOKEN=").inner_text()
    assert page.get_by_text("heard, ").count() == 0
    event = {"source": "my-bot", "type": "bot_status_update", "data": {"bot_type": "jorge-seller", "status": "active"}}
    token = "".join(line.split("=", 1)[1].split())
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.post(f"{served.url}/events", json=event, headers=headers, timeout=10).ok
    page.get_by_text("heard, ").wait_for()
    page.get_by_role("button", name="I have it").click()
    page.get_by_text("export TOKEN=").wait_for(state="detached")


def test_what_cannot_be_undone_is_asked_and_the_question_outlasts_a_refresh(visitor: Visitor) -> None:
    page = visitor.open("connect")
    page.get_by_role("button", name="Revoke another").click()
    page.get_by_label("Its id, or the token itself").fill("some-id")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Revoke it").click()
    dialog = page.get_by_role("dialog").filter(has_text="Revoke this token?")
    dialog.wait_for()
    before = page.get_by_text("ago").first.inner_text()
    page.wait_for_function("seen => !document.body.innerText.includes(seen)", arg=before)
    assert dialog.is_visible()
    dialog.get_by_role("button", name="Leave it").click()
    dialog.wait_for(state="detached")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits(visitor: Visitor, width: int) -> None:
    page = visitor.open("connect", width=width)
    page.get_by_text("Users and roles", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
