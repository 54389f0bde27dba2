"""The feed shows what happened; what bots do step by step is there for who asks."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_wall import Publish
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_steps_of_bots_are_shown_to_who_asks_and_their_failures_to_everybody(
    visitor: Visitor, publish: Publish
) -> None:
    for status, text in (("processing", "a quiet step"), ("error", "a loud fault")):
        publish("bot_status_update", "feed", bot_type="jorge-seller", status=status, current_step=text)
    publish("system_health_update", "feed", component="redis", status="healthy", response_time_ms=3)
    page = visitor.open(location="feed")
    lines = page.locator(".lines")
    expect(lines).to_contain_text("Redis")
    expect(lines).to_contain_text("a loud fault")
    expect(lines).not_to_contain_text("a quiet step")
    page.get_by_role("button", name="All", exact=True).click()
    expect(lines).to_contain_text("a quiet step")
