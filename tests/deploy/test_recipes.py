"""Debian's nginx and Caddy with the recipes of `deploy/`: a real browser before them, both processes behind them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPMessage
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.exceptions import ConnectionClosed

from jorge_data.dashboard.connect.setup_guides import (
    PYTHON,
    SHELL,
    SetupStep,
    addresses,
    api_page,
    listening,
    setup_guides,
)
from jorge_data.settings import Settings, read_settings
from tests.chromium import launched
from tests.dashboard.streamlit_tab import open_tab
from tests.dashboard_process import ROOT, Dashboard
from tests.npm_clients import NODE, NODE_MODULES, needs_node
from tests.people import PASSWORD, add_user, behind_login, log_in
from tests.proxies import Proxy
from tests.served import Served, bot_status
from tests.server.websocket.test_wscat import WSCAT
from tests.waiting import wait_until

SITES = [(program, path) for path in ("", "/jorge") for program in ("nginx", "caddy")]
SECRETS = {"JORGE_WORKFLOW_SECRET": "the-workflow-s-secret", "JORGE_RETELL_API_KEY": "key_of-retell"}
PAGES = (
    "qualification",
    "sequences",
    "ml",
    "revenue",
    "response",
    "conversations",
    "properties",
    "explore",
    "system",
    "connect",
)
HOT = {
    "contact_id": "dana",
    "current_question": 3,
    "questions_answered": 4,
    "seller_temperature": "hot",
    "confrontational_effectiveness": 91,
    "stall_detected": False,
    "next_step": "Call now",
}


class Site(NamedTuple):
    """A proxy, and what is behind it."""

    proxy: Proxy
    server: Served
    dashboard: Dashboard
    settings: Settings

    def log_in(self, name: str, path: str = "/login", **headers: str) -> tuple[int, HTTPMessage, str]:
        """Send the form of the login page through the proxy, as a browser does."""
        form = f"name={name}&password={PASSWORD.replace(' ', '+')}"
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.proxy.origin} | headers
        return self.proxy.ask("POST", self.proxy.path + path, form, **sent)

    def cookie_of(self, name: str) -> str:
        return str(self.log_in(name)[1]["Set-Cookie"]).partition(";")[0]


@pytest.fixture(scope="module", params=SITES, ids=["-".join(filter(None, (a, b.strip("/")))) for a, b in SITES])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    program, path = request.param
    folder = tmp_path_factory.mktemp("site")
    proxy = Proxy(program, path, folder)
    given = {"JORGE_PUBLIC_URL": proxy.url, "JORGE_ANONYMOUS": "off"}
    with Served(folder, **given, **SECRETS) as server, behind_login(server, folder, **given) as dashboard:
        add_user(server, "jorge", "admin")
        proxy.start(dashboard.port, server.port)
        socket_url = server.url.replace("http", "ws")
        yield Site(proxy, server, dashboard, read_settings(_env_file=None, socket_url=socket_url, public_url=proxy.url))
        proxy.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched("--host-resolver-rules=MAP *.example.com 127.0.0.1, MAP example.com 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def tab(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser in which somebody has logged in, through the proxy."""
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    log_in(context, site.proxy.url, "jorge").wait_for_url(f"{site.proxy.url}/")
    yield context
    context.close()


def open_page(context: BrowserContext, site: Site, path: str = "") -> tuple[Page, list[str]]:
    """Return a page whose live connection stands, and a list of what its browser complains of."""
    page, complaints = context.new_page(), []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type == "error" and "/_stcore/" not in message.location.get("url", "")
            else None
        ),
    )
    page.goto(f"{site.proxy.url}/{path}")
    expect(page.locator(".link .words")).to_contain_text("Live", timeout=60_000)
    return page, complaints


def test_the_wall_is_live_and_an_action_is_saved(site: Site, tab: BrowserContext) -> None:
    page, complaints = open_page(tab, site)
    hot = {"source": "tests", "type": "jorge_qualification_progress", "data": HOT}
    assert site.server.post([hot, bot_status(7)]).status_code == 200
    expect(page.locator(".ev").first).to_contain_text("dana answered question 4", timeout=20_000)
    page.get_by_role("button", name="Take it").first.click()
    expect(page.locator(".need .own").first).to_contain_text("You", timeout=20_000)
    saved = site.server.get("/events", after="oldest", types="attention_update")["events"]
    assert [event["data"]["action"] for event in saved] == ["assigned"]
    page.get_by_role("link", name="Revenue", exact=True).click()
    page.wait_for_url(f"{site.proxy.url}/revenue**")
    expect(page.locator(".title")).to_have_text("Revenue", timeout=60_000)
    assert complaints == []


@pytest.mark.parametrize("path", ["connect", "explore"])
def test_a_page_opened_by_its_address_says_the_public_address_alone(site: Site, tab: BrowserContext, path: str) -> None:
    page, complaints = open_page(tab, site, path)
    code = page.locator("[data-testid=stCode]").filter(has_text=site.proxy.url)
    expect(code.first).to_be_attached(timeout=60_000)
    text = str(page.evaluate("document.body.innerText + [...document.links].map((link) => link.href).join(' ')"))
    assert not re.findall(r"(?:https?|wss?)://(?:localhost|127\.0\.0\.1)[^\s]*", text)
    assert complaints == []


def printed(site: Site) -> list[SetupStep]:
    guides = [step for guide in setup_guides(site.settings) for step in guide.steps]
    return [*guides, *listening(site.settings), *api_page(site.settings)]


def test_every_address_to_paste_is_the_public_one(site: Site) -> None:
    said = " ".join([*(step.code for step in printed(site)), *(row["address"] for row in addresses(site.settings))])
    urls = re.findall(r"(?:https?|wss?)://[^\s\"',]+", said)
    public = f"://{site.proxy.url.removeprefix('https://')}"
    origin = site.proxy.origin  # socket.io-client takes its path as an option
    assert len(urls) > 12
    assert [url for url in urls if not url.startswith((f"https{public}", f"wss{public}")) and url != origin] == []
    paths = re.findall(r'path: "([^"]*)"', said)
    assert paths == [f"{site.proxy.path}/event-server/socket.io/"]


@pytest.fixture
def shell(site: Site) -> dict[str, str]:
    """The environment of somebody elsewhere: the public name leads to the proxy, and its certificate is known."""
    folder, name = site.proxy.folder, site.proxy.name
    (folder / ".curlrc").write_text(
        f'cacert = "{site.proxy.certificate}"\nresolve = "{name}:{site.proxy.port}:127.0.0.1"\n'
    )
    (folder / "sitecustomize.py").write_text(
        "import socket\nreal = socket.getaddrinfo\n"
        "def lookup(host, *rest, **named):\n"
        f"    return real('127.0.0.1' if host == {name!r} else host, *rest, **named)\n"
        "socket.getaddrinfo = lookup\n"
    )
    (folder / "resolve.cjs").write_text(
        "const dns = require('dns'), real = dns.lookup;\n"
        f"dns.lookup = (host, ...rest) => real(host === {json.dumps(name)} ? '127.0.0.1' : host, ...rest);\n"
    )
    return {
        **os.environ,
        **SECRETS,
        "TOKEN": site.server.token("admin"),
        "CURL_HOME": str(folder),
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "REQUESTS_CA_BUNDLE": str(site.proxy.certificate),
        "JORGE_CA_FILE": str(site.proxy.certificate),
        "NODE_EXTRA_CA_CERTS": str(site.proxy.certificate),
        "NODE_OPTIONS": f"--require {folder / 'resolve.cjs'}",
        "NODE_PATH": str(NODE_MODULES),
        "XDG_STATE_HOME": str(folder),
        "NO_PROXY": "*",
    }


@pytest.mark.parametrize("title", ["curl", "Python", "GoHighLevel", "Retell"])
def test_what_is_pasted_elsewhere_arrives(site: Site, shell: dict[str, str], title: str) -> None:
    guide = next(guide for guide in setup_guides(site.settings) if guide.title == title)
    pasted = [step for step in guide.steps if step.language in (SHELL, PYTHON) and site.proxy.url in step.code]
    assert pasted
    for step in pasted:
        command = ["bash", "-c", step.code] if step.language == SHELL else [sys.executable, "-c", step.code]
        done = subprocess.run(command, env=shell, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "error" not in done.stdout
        assert done.stdout.startswith("{") or done.stdout == "delivered\n"


@pytest.mark.parametrize("number", [pytest.param(0, marks=needs_node), 1, pytest.param(2, marks=needs_node)])
def test_what_is_published_is_heard_elsewhere(site: Site, shell: dict[str, str], number: int) -> None:
    step = listening(site.settings)[number]
    command = ["bash", "-c", f"exec {step.code.replace('wscat', WSCAT, 1) if number == 0 else step.code}"]
    if number == 2:
        program = site.proxy.folder / "front_end.mjs"
        program.write_text(step.code)
        if not (modules := site.proxy.folder / "node_modules").exists():
            modules.symlink_to(NODE_MODULES)
        command = [str(NODE), str(program)]
    with subprocess.Popen(
        command, env=shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as listener:
        assert listener.stdout is not None
        if number == 2:  # it says nothing before the first event
            wait_until(lambda: 'jorge_clients{transport="socket.io"} 1.0' in metrics(site))
        else:
            assert any('"subscribed"' in line for line in listener.stdout)
        assert site.server.post([bot_status(4711)]).status_code == 200
        assert any("step-4711" in line for line in listener.stdout)
        listener.kill()


def metrics(site: Site) -> str:
    server = site.server
    return server.session.get(f"{server.url}/metrics", headers=server.bearer(), timeout=5).text


def test_who_has_no_token_reads_nothing(site: Site) -> None:
    beneath = f"{site.proxy.path}/event-server"
    for path in ("/events", "/api/locations", "/metrics", "/docs", "/openapi.json"):
        assert site.proxy.status(beneath + path) == 401, path
    assert site.proxy.status(f"{beneath}/health") == 200


def test_who_is_not_logged_in_sees_the_login_and_whether_all_is_well(site: Site) -> None:
    path = site.proxy.path
    wait_until(lambda: site.proxy.status(f"{path}/health/ready") == 200)
    for inside in ("/revenue", "/nonsense", "/api/dashboard/metrics", "/_stcore/host-config", "/static/js/index.js"):
        assert site.proxy.status(path + inside) == 401, inside
    status, headers, _ = site.proxy.ask("GET", f"{path}/revenue?location=x", Accept="text/html")
    assert (status, headers["Location"]) == (303, f"{path}/login?next=%2Frevenue%3Flocation%3Dx")


def test_a_login_goes_back_to_the_page_and_its_cookie_is_of_this_address_alone(site: Site) -> None:
    path = site.proxy.path
    status, headers, text = site.log_in("jorge", "/login?next=%2Frevenue%3Flocation%3Dx")
    assert (status, headers["Location"]) == (303, f"{path}/revenue?location=x"), text
    cookie, *attributes = headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=lax", "Secure", f"Path={path or '/'}"} <= set(attributes)
    assert site.proxy.status(f"{path}/revenue", Cookie=cookie) == 200
    for nonsense in ("/nonsense", "/healthz", "/revenue/nonsense"):
        assert site.proxy.status(path + nonsense, Cookie=cookie) == 404, nonsense
    assert site.proxy.status(f"{path}/event-server/nonsense") == 404
    assert site.log_in("jorge", Origin="https://evil.example")[0] == 403


def test_a_role_holds_behind_it_and_a_log_out_ends_what_is_open(site: Site) -> None:
    add_user(site.server, "vera", "viewer")
    cookie, path = site.cookie_of("vera"), site.proxy.path
    with site.proxy.reached() as reached, open_tab(site.proxy.url, cookie, **reached) as tab:
        assert tab.run().pages == {"", "system"}
        assert b"You have no access" not in tab.run("system").content
        drawn = tab.run("revenue")  # there is no such page for him, so that it is the first one
        assert drawn.pages == {"", "system"}
        with pytest.raises(ConnectionClosed):
            tab.run(pressed=drawn.buttons["Log out"]).and_then(tab.run())
    assert site.proxy.status(f"{path}/revenue", Cookie=cookie) == 401
    status, headers, _ = site.proxy.ask("GET", f"{path}/revenue", Cookie=cookie, Accept="text/html")
    assert (status, headers["Location"]) == (303, f"{path}/login?next=%2Frevenue")


def test_each_answer_says_once_that_the_address_is_reached_by_https_alone(site: Site) -> None:
    beneath = f"{site.proxy.path}/event-server"
    for path in ("/health", "/login", "/revenue", f"{beneath}/health", f"{beneath}/events", f"{beneath}/nonsense"):
        full = path if path.startswith(beneath) else site.proxy.path + path
        assert site.proxy.ask("GET", full)[1].get_all("Strict-Transport-Security") == ["max-age=31536000"], path


def test_the_log_of_logins_has_the_address_of_the_browser(site: Site) -> None:
    """The proxy stands on this machine, and so does the browser: what it says of itself is not believed."""
    assert site.log_in("jorge", **{"X-Forwarded-For": "203.0.113.7"})[0] == 303
    begun = next(each for each in site.server.get("/api/audit")["entries"] if each["act"] == "session.begin")
    assert "127.0.0.1" in str(begun)
    assert "203.0.113.7" not in str(begun)


def test_no_page_logs_a_violation_of_what_is_forbidden(site: Site, tab: BrowserContext) -> None:
    if site.proxy.program != "nginx" or site.proxy.path:
        return  # the policy is the dashboard's, whoever passes it on
    page, complaints = open_page(tab, site)
    page.evaluate(
        "document.addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))"
    )
    for path in PAGES:
        page.goto(f"{site.proxy.url}/{path}")
        expect(page.locator(".link .words")).to_contain_text("Live", timeout=60_000)
        page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")
    # A file that a busy machine did not bring in time is tried again by the browser, and is no matter of the policy.
    assert [each for each in complaints if "net::ERR_" not in each] == []


def test_while_the_dashboard_is_away_the_proxy_says_so(site: Site) -> None:
    """Last, for it ends the dashboard of this site."""
    site.dashboard.process.terminate()
    site.dashboard.process.wait(30)
    status, headers, text = site.proxy.ask("GET", f"{site.proxy.path}/")
    assert (status, "This office's screen is being restarted" in text) == (503, True)
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
