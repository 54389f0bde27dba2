"""Whatever fails in whichever route: the answer is one sentence and an id, and the log has the rest."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import requests
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from jorge_data.dashboard import http_routes
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login import routes as login_routes
from jorge_data.dashboard.login.gate import Gate
from jorge_data.dashboard.login.paths import SCRIPT
from jorge_data.settings import read_settings
from tests.server.auth.matrix import OWN, ROUTES, fill
from tests.server.inside import Inside

CANARY = "canary-7f3a"
ALONE = {("GET", "/"), ("OPTIONS", "/events"), ("GET", "/ws"), ("GET", "/docs/{name}")} | {
    (method, path) for method, path in ROUTES if method in ("GET", "OPTIONS") and path.startswith("/webhooks/")
}
"""Routes that ask nothing of the server around them, and so have nothing that could fail."""


class Broken:
    """The context of a process of which every part fails with what nobody may read."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"{CANARY}: /srv/jorge/{name}.py, SELECT * FROM {name}")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    with Inside(tmp_path_factory.mktemp("broken")) as inside:
        state: Any = inside.config.app.state  # type: ignore[union-attr]
        whole, state.context = state.context, Broken()
        yield inside
        state.context = whole


@pytest.mark.parametrize(
    ("method", "path"), [each for each in ROUTES if each not in ALONE and "socket.io" not in each[1]]
)
def test_an_exception_in_any_route_is_one_sentence_and_an_id(
    broken: Inside, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    route = ROUTES[method, path]
    address = fill(re.sub(r"\{(?!location)[^}]*\}", "x", route.path or path) + route.query, OWN)
    headers = {"Authorization": f"Bearer {broken.tokens.issue('admin', 'ann', 60)}"}
    body = fill(route.body, OWN) if route.body is not None else None
    with caplog.at_level(logging.ERROR):
        answer = requests.request(method, broken.url + address, json=body, headers=headers, timeout=10)
    assert answer.status_code == 500
    error = json.loads(answer.text)["error"]
    assert error.keys() == {"code", "detail"}
    said = re.fullmatch(r"something went wrong here; the log names it by ([0-9a-f-]{36})", error["detail"])
    assert said is not None
    assert CANARY not in answer.text + str(answer.headers)
    assert_logged(caplog, said[1])


def assert_logged(caplog: pytest.LogCaptureFixture, incident: str) -> None:
    (line,) = (record for record in caplog.records if incident in record.getMessage())
    assert line.exc_info is not None
    assert CANARY in str(line.exc_info[1])


def of_the_dashboard() -> list[tuple[str, Route]]:
    """Return the HTTP routes of a dashboard into which people log in, by method."""
    settings = [read_settings(_env_file=None, login=login, trusted_proxies="127.0.0.1") for login in ("users", "proxy")]
    both = [*(each for given in settings for each in login_routes.routes(given)), *http_routes.routes()]
    listed = [each for each in both if isinstance(each, Route) and each.path != SCRIPT]  # a file: nothing can fail
    return [(method, route) for route in listed for method in sorted(route.methods or ()) if method != "HEAD"]


OF_THE_DASHBOARD = of_the_dashboard()
IDS = [f"{method} {route.path} {route.endpoint.__name__}" for method, route in OF_THE_DASHBOARD]


def ask_broken(
    monkeypatch: pytest.MonkeyPatch, method: str, route: Route, accept: str, *before: Middleware
) -> tuple[int, str]:
    """Ask a dashboard of which every part fails; return what is answered."""
    monkeypatch.setattr(AppContext, "_current", Broken())
    app = Starlette(routes=[route], middleware=list(before), exception_handlers={Exception: http_routes.failed})
    headers = {"Origin": "http://localhost", "Accept": accept, "Content-Type": "application/json"}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if route.path.startswith("/login") else {}
    with TestClient(app, "http://localhost", raise_server_exceptions=False) as client:
        content = b"name=ann&password=x" if route.path.startswith("/login") else b'{"key":"k"}'
        answer = client.request(method, route.path, content=content, headers=headers)
    assert CANARY not in answer.text + str(answer.headers)
    assert "content-security-policy" in answer.headers
    return answer.status_code, answer.text


@pytest.mark.parametrize(("method", "route"), OF_THE_DASHBOARD, ids=IDS)
@pytest.mark.parametrize("behind_the_gate", [False, True])
def test_an_exception_in_any_route_of_the_dashboard_is_one_sentence_and_an_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, method: str, route: Route, behind_the_gate: bool
) -> None:
    before = (Middleware(Gate),) if behind_the_gate else ()
    status, text = ask_broken(monkeypatch, method, route, "*/*", *before)
    assert status == 500
    error = json.loads(text)["error"]
    assert error.keys() == {"code", "detail"}
    said = re.fullmatch(r"something failed here; the log of the dashboard names it by ([0-9a-f-]{36})", error["detail"])
    assert said is not None
    assert_logged(caplog, said[1])


def test_a_browser_is_told_so_in_a_page(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    method, route = OF_THE_DASHBOARD[0]
    status, text = ask_broken(monkeypatch, method, route, "text/html,*/*")
    said = re.search(r"<h1>Something failed here</h1>.*The log names it by ([0-9a-f-]{36})\.", text)
    assert status == 500
    assert said is not None
    assert_logged(caplog, said[1])
