"""A proxy that hides the address in the browser: the login and the log say why, and one setting mends it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, log_in
from tests.proxies import nginx_command
from tests.served import Served, free_port
from tests.waiting import wait_for_start

SOCKETS = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'


@contextmanager
def nginx(folder: Path, port: int, dashboard: Dashboard, live: str = SOCKETS) -> Iterator[None]:
    """Run an nginx that replaces the Host by the dashboard's own address, as its proxy_pass does."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed: a refused socket was not tried behind it")
    site = (
        f"server {{ listen 127.0.0.1:{port}; location / {{ {SOCKETS} proxy_pass {dashboard.url}; }}"
        f" location /api/live {{ {live} proxy_pass {dashboard.url}; }} }}"
    )
    log = folder / "nginx.log"
    with log.open("w") as writing:
        process = subprocess.Popen(nginx_command(folder, site), stdout=writing, stderr=writing)
    try:
        wait_for_start(process, (folder / "nginx.pid").exists, log.read_text)
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module", autouse=True)
def jorge(served: Served) -> None:
    add_user(served, "jorge", "admin")


def test_the_login_and_the_log_say_why_and_the_public_address_mends_it(
    chromium: Browser, served: Served, tmp_path: Path
) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    with (
        behind_login(served, tmp_path) as dashboard,
        nginx(tmp_path, port, dashboard),
        chromium.new_context() as context,
    ):
        page = log_in(context, public, "jorge")
        host = dashboard.url.removeprefix("http://")
        reason = f"the page '{public}' is not the host '{host}' that the proxy names: set JORGE_PUBLIC_URL"
        expect(page.get_by_role("alert")).to_contain_text(reason[1:], timeout=60_000)
        assert f"a form was refused at /login: {reason}" in dashboard.log
    with (
        behind_login(served, tmp_path, JORGE_PUBLIC_URL=public) as dashboard,
        nginx(tmp_path, port, dashboard),
        chromium.new_context() as context,
    ):
        page = log_in(context, public, "jorge")
        expect(page.locator(".link .words")).to_contain_text("Live", timeout=60_000)


def test_a_page_without_its_socket_says_so_and_refreshes_itself(
    chromium: Browser, served: Served, tmp_path: Path
) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    with (
        behind_login(served, tmp_path, JORGE_PUBLIC_URL=public) as dashboard,
        nginx(tmp_path, port, dashboard, live=""),
        chromium.new_context() as context,
    ):
        page = log_in(context, public, "jorge")
        expect(page.locator(".outage")).to_contain_text("this page refreshes itself instead", timeout=60_000)
        expect(page.locator(".outage")).to_contain_text("lets no live connection through")
