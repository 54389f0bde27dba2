"""Somebody guesses a password: admins see it on System and in the audit log, and nobody else does."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import DESK, PHONE, wait_until_drawn
from tests.people import add_user, behind_login, log_in
from tests.served import Served

pytestmark = pytest.mark.browser

TRIES = 12
ADDRESS = "10.0.0.7"


def guess(server: Served, name: str) -> None:
    for number in range(TRIES):
        asked = {"name": name, "password": f"another password {number}", "address": ADDRESS}
        answer = server.session.post(
            f"{server.url}/api/sessions", json=asked, headers=server.bearer("dashboard"), timeout=20
        )
        assert answer.status_code in (401, 429), answer.text


def test_admins_of_every_office_are_told_whose_password_is_guessed_and_nobody_else(
    chromium: Browser, tmp_path: Path
) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server, behind_login(server, tmp_path) as dashboard:
        add_user(server, "maria", "viewer")
        add_user(server, "ada", "admin")
        add_user(server, "olaf", "admin", "default")
        add_user(server, "ann", "agent", "default", "u1")
        guess(server, "maria")
        (warning,) = server.get("/api/audit/warnings")["warnings"]
        assert warning["tries"] in range(10, TRIES + 1), "what was held back is told once a minute"
        sentence = f"Somebody is guessing the password of maria: {warning['tries']} wrong tries in 10 minutes"
        for name, pages, is_told in (
            ("ada", ("audit", "system"), True),
            ("olaf", ("audit", "system"), False),
            ("ann", ("system",), False),
        ):
            for width in (DESK, PHONE) if is_told else (DESK,):
                with chromium.new_context(viewport={"width": width, "height": 900}) as context:
                    page = log_in(context, dashboard.url, name)
                    page.locator(".link .words", has_text="Live").wait_for()
                    for path in pages:
                        page.goto(f"{dashboard.url}/{path}?location=default")
                        page.locator(".link .words", has_text="Live").wait_for()
                        wait_until_drawn(page)
                        told = page.get_by_text(f"{sentence} from {ADDRESS}.")
                        expect(told).to_have_count(int(is_told))
                        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
