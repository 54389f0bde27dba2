"""Where a login goes on to: a page of ours, and nowhere else."""

import pytest

from jorge_data.dashboard.login.paths import own_page


@pytest.mark.parametrize("page", ["/", "/revenue", "/revenue?range=7+d&location=x", "/?kiosk=1", "/login/password"])
def test_a_page_of_ours_is_gone_on_to_with_its_query(page: str) -> None:
    assert own_page(page) == page


@pytest.mark.parametrize(
    "page",
    [
        *(None, "", "//evil.example", "/\\evil.example", "https://evil.example", "/revenue/../x", "/revenue#x"),
        *("/nonsense", "/login", "/revenue\r\nSet-Cookie: a=b", "/?a=\r\nb", "javascript:alert(1)", "/revenue?é"),
        "/?" + "a" * 5000,
    ],
)
def test_nothing_else_is(page: str | None) -> None:
    assert own_page(page) == "/"
