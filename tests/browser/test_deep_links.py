"""A page that is opened by its own address finds its server at once, beneath a path as well."""

import pytest

from tests.browser.visitor import Visitor, wait_until_drawn

pytestmark = pytest.mark.browser


def test_a_page_that_is_opened_by_its_address_asks_for_nothing_that_is_not_there(visitor: Visitor, demo: str) -> None:
    missing: list[str] = []
    with visitor.browser.new_context() as context:
        page = context.new_page()
        page.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
        for path in ("", "revenue", "system/"):
            visitor.follow(path, {"location": demo}, page)
            wait_until_drawn(page)
    assert missing == []
