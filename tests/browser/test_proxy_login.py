"""A company's own login before the dashboard: whoever logs out here is out, until he comes in again."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.people import add_user, behind_login
from tests.proxies import nginx_command
from tests.served import Served, free_port
from tests.waiting import wait_for_start

PASSED_ON = (
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
    " proxy_set_header Host $http_host; proxy_set_header X-Forwarded-User dana@example.com;"
)


def test_who_logs_out_is_out_until_he_comes_in_again(chromium: Browser, tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed: the log-out behind a company's login was not tried")
    port, log = free_port(), tmp_path / "nginx.log"
    public = f"http://127.0.0.1:{port}"
    settings = {"JORGE_PROXY_HEADER": "X-Forwarded-User", "JORGE_TRUSTED_PROXIES": "127.0.0.1"}
    with (
        Served(tmp_path, JORGE_LOGIN="proxy", JORGE_ANONYMOUS="off") as server,
        behind_login(server, tmp_path, "proxy", JORGE_PUBLIC_URL=public, **settings) as dashboard,
        chromium.new_context() as context,
    ):
        add_user(server, "dana@example.com", "manager", login="other")
        site = f"server {{ listen 127.0.0.1:{port}; location / {{ {PASSED_ON} proxy_pass {dashboard.url}; }} }}"
        with log.open("w") as writing:
            process = subprocess.Popen(nginx_command(tmp_path, site), stdout=writing, stderr=writing)
        try:
            wait_for_start(process, (tmp_path / "nginx.pid").exists, log.read_text)
            page = context.new_page()
            page.goto(public)
            live = page.locator(".link .words")
            expect(live).to_contain_text("Live", timeout=60_000)
            page.locator(".st-key-account").get_by_role("button", name="Dana").click()
            page.get_by_role("button", name="Log out", exact=True).click()
            expect(page.get_by_role("heading", name="You are logged out")).to_be_visible(timeout=30_000)
            page.get_by_role("link", name="Come in again").click()
            expect(live).to_contain_text("Live", timeout=60_000)
        finally:
            process.terminate()
            process.wait(20)
