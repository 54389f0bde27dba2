"""The real dashboard by its public address: beneath a path or not, every answer, and who is refused with a reason."""

import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.dashboard_process import Dashboard, before
from tests.people import add_user, behind_login, cookie_of
from tests.served import Served
from tests.waiting import wait_until

_cookies: dict[str, str] = {}
"""By which somebody is logged in, at each dashboard that has a login."""

PUBLIC = "https://office.example.com:8443"


@pytest.fixture(scope="module")
def dashboard(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("public")
    add_user(served, "public")
    with behind_login(served, folder, JORGE_PUBLIC_URL=f"{PUBLIC}/jorge") as dashboard:
        _cookies[dashboard.url] = cookie_of(dashboard, "public")
        wait_until(lambda: get(dashboard, "/health/ready").ok)
        yield dashboard


def get(dashboard: Dashboard, path: str, method: str = "GET", **headers: str) -> requests.Response:
    headers = {"Cookie": _cookies.get(dashboard.url, "")} | headers
    return requests.request(method, dashboard.url + path, headers=headers, allow_redirects=False, timeout=10)


PAGES = ("/", "/revenue", "/connect")
NONSENSE = (
    *("/nonsense", "/revenue/nonsense", "/healthz", "/api/nonsense", "/_stcore/nonsense", "/static/js/nonsense.js"),
    *("/%72evenue%2Fx", "/revenue.html", "/jorge2", "/component/nonsense/index.html"),
)


@pytest.mark.parametrize("prefix", ["/jorge", ""], ids=["the path passed on", "the path stripped"])
def test_pages_and_routes_are_there_with_the_path_and_without(dashboard: Dashboard, prefix: str) -> None:
    for path in (*PAGES, "/health", "/health/ready", "/_stcore/health", "/favicon.png"):
        assert get(dashboard, prefix + path).status_code == 200, path


@pytest.mark.parametrize("prefix", ["/jorge", ""])
@pytest.mark.parametrize("path", NONSENSE)
def test_a_nonsense_path_is_404(dashboard: Dashboard, prefix: str, path: str) -> None:
    answer = get(dashboard, prefix + path)
    assert answer.status_code == 404
    assert "<div id=" not in answer.text
    assert get(dashboard, prefix + path, "HEAD").status_code == 404


def test_the_path_itself_is_the_first_page_with_its_slash_or_without(dashboard: Dashboard) -> None:
    assert {get(dashboard, path).status_code for path in ("/jorge", "/jorge/", "/jorge?kiosk=1")} == {200}


def test_a_person_at_a_nonsense_path_is_led_home(dashboard: Dashboard) -> None:
    answer = get(dashboard, "/nonsense", Accept="text/html,*/*")
    assert answer.status_code == 404
    assert '<a href="/jorge/">Command Center</a>' in answer.text


def test_a_redirect_leads_to_the_public_path(dashboard: Dashboard) -> None:
    for path in ("/revenue/", "/jorge/revenue/"):
        assert get(dashboard, path).headers["location"] == "/jorge/revenue"


def raw(dashboard: Dashboard, request: bytes) -> HTTPResponse:
    with socket.create_connection(("127.0.0.1", dashboard.port), timeout=10) as client:
        client.sendall(request.replace(b"\r\n", f"\r\nCookie: {_cookies[dashboard.url]}\r\n".encode(), 1))
        answer = HTTPResponse(client)
        answer.begin()
        return answer


def handshake(path: str, **headers: str) -> bytes:
    given = {"Host": "localhost", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    given |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} | headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


ANSWERS = {
    "a page": b"GET /revenue HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a file": b"GET /favicon.png HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "nothing there": b"GET /nonsense HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a redirect": b"GET /revenue/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a bad path": b"GET //x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "not allowed": b"DELETE /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a foreign host": b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "a media file that is gone": b"GET /media/gone.png HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a socket": handshake("/_stcore/stream", Origin="http://localhost"),
    "our socket": handshake("/api/live", Origin="http://localhost"),
    "a socket of a foreign page": handshake("/api/live", Origin="https://evil.example"),
    "streamlit's of a foreign page": handshake("/_stcore/stream", Origin="https://evil.example"),
    "a socket of a foreign host": handshake("/api/live", Host="evil.example", Origin="https://evil.example"),
    "no socket there": handshake("/nonsense", Origin="http://localhost"),
}


@pytest.mark.parametrize("request_bytes", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_forbids_a_browser_what_is_not_needed(dashboard: Dashboard, request_bytes: bytes) -> None:
    headers = raw(dashboard, request_bytes).headers
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]
    (policy,) = headers.get_all("Content-Security-Policy") or []
    assert "frame-ancestors 'self'" in policy
    (scripts,) = (each for each in policy.split("; ") if each.startswith("script-src"))
    assert "'unsafe-inline'" not in scripts
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


def live(dashboard: Dashboard, origin: str, path: str = "/api/live", **headers: str) -> ClientConnection:
    url, headers = dashboard.url.replace("http", "ws") + path, {"Cookie": _cookies[dashboard.url]} | headers
    return connect(url, origin=Origin(origin), additional_headers=headers, proxy=None)


@pytest.mark.parametrize("path", ["/api/live", "/jorge/api/live", "/_stcore/stream"])
def test_the_public_page_may_open_a_socket_whatever_host_the_proxy_names(dashboard: Dashboard, path: str) -> None:
    for origin in (PUBLIC, "https://OFFICE.example.com:8443", dashboard.url):
        with live(dashboard, origin, path):
            pass


@pytest.mark.parametrize("path", ["/api/live", "/_stcore/stream"])
@pytest.mark.parametrize(
    "origin", ["https://office.example.com", "http://office.example.com:8443", "https://evil.example", "null"]
)
def test_a_refused_socket_says_why_in_its_answer_in_the_log_and_to_who_asks(
    dashboard: Dashboard, path: str, origin: str
) -> None:
    host = dashboard.url.removeprefix("http://")
    reason = (
        f"the page {origin!r} is not the host {host!r} that the proxy names:"
        " set JORGE_PUBLIC_URL to the address in the browser"
    )
    with pytest.raises(InvalidStatus) as refused, live(dashboard, origin, path):
        pass
    assert refused.value.response.status_code == 403
    assert reason in (refused.value.response.body or b"").decode()
    assert f"a socket was refused at {path}: {reason}" in dashboard.log
    asked = get(dashboard, "/jorge/api/live", "POST", Origin=origin)
    assert (asked.status_code, asked.json()["error"]["detail"]) == (403, reason)


def test_a_page_under_a_foreign_name_says_what_to_set(dashboard: Dashboard) -> None:
    answer = get(dashboard, "/", Host="wall.example", Accept="text/html")
    assert answer.status_code == 403
    assert "the host 'wall.example' is not allowed here: set JORGE_PUBLIC_URL" in answer.text
    assert "a page was refused: the host 'wall.example'" in dashboard.log
    assert get(dashboard, "/health", Host="10.0.0.7").status_code == 200, "a health check knows no name"


def test_who_asks_where_the_upgrade_was_lost_is_told_that(dashboard: Dashboard) -> None:
    asked = get(dashboard, "/api/live", "POST", Origin=PUBLIC)
    assert asked.status_code == 426
    assert "the proxy before the dashboard drops it" in asked.json()["error"]["detail"]


def test_each_of_several_allowed_hosts_is_allowed(served: Served, tmp_path: Path) -> None:
    add_user(served, "hosts")
    with behind_login(served, tmp_path, STREAMLIT_SERVER_ALLOWED_HOSTS="a.example,b.example") as dashboard:
        _cookies[dashboard.url] = cookie_of(dashboard, "hosts")
        for host in ("a.example", "b.example:8443", "localhost", "127.0.0.1:3000"):
            assert get(dashboard, "/", Host=host).status_code == 200
            assert raw(dashboard, handshake("/_stcore/stream", Host=host, Origin=f"http://{host}")).status == 101
        assert get(dashboard, "/", Host="c.example").status_code == 403


def test_the_health_check_can_fail(tmp_path: Path) -> None:
    with Served(tmp_path) as server, before(server, tmp_path, JORGE_FALLBACK_TO_POLLING="0") as dashboard:
        wait_until(lambda: get(dashboard, "/health/ready").status_code == 200)
        server.stop()
        wait_until(lambda: get(dashboard, "/health/ready").status_code == 503)
        assert get(dashboard, "/health/ready").headers["Retry-After"] == "5"
        assert get(dashboard, "/health").status_code == 200
