"""The event server's own page in a browser that reaches nothing else: its files are ours."""

import pytest
from playwright.sync_api import Browser, expect

from tests.served import Served


@pytest.mark.parametrize("path", ["", "/docs"])
def test_it_describes_and_tries_every_route_without_the_internet(chromium: Browser, served: Served, path: str) -> None:
    asked, complaints = [], []
    with chromium.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(served.url + path)
        expect(page.locator(".opblock-summary-path", has_text="/api/locations").first).to_be_visible()
        page.locator(".opblock", has_text="/health").first.click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.locator(".live-responses-table .response").first).to_contain_text("jorge-events")
    assert [url for url in asked if not url.startswith((served.url, "data:"))] == []
    assert complaints == []
