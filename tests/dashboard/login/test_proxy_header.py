"""A proxy that authenticates names the user: from the addresses that are set, and from no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, change_user, early_wall
from tests.served import Served, bot_status
from tests.waiting import wait_until

HEADER = "X-Forwarded-User"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("server"), JORGE_LOGIN="proxy", JORGE_ANONYMOUS="off") as server:
        add_user(server, "dana@example.com", "manager", login="other")
        add_user(server, "ben@example.com", "viewer", login="other")
        yield server


def before_proxy(server: Served, folder: Path, trusted: str) -> Dashboard:
    settings = {"JORGE_PROXY_HEADER": HEADER, "JORGE_TRUSTED_PROXIES": trusted}
    return behind_login(server, folder, "proxy", **settings)


@pytest.fixture(scope="module")
def dashboard(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with before_proxy(server, tmp_path_factory.mktemp("proxy"), "127.0.0.1") as dashboard:
        yield dashboard


def ask(dashboard: Dashboard, path: str = "/", cookie: str = "", **headers: str) -> requests.Response:
    given = {"Accept": "text/html", "Cookie": cookie} | {name.replace("_", "-"): to for name, to in headers.items()}
    return requests.get(dashboard.url + path, headers=given, allow_redirects=False, timeout=20)


def test_whom_the_proxy_names_comes_in_and_keeps_a_session(dashboard: Dashboard) -> None:
    answer = ask(dashboard, X_Forwarded_User="Dana@Example.com", X_Forwarded_For="203.0.113.7")
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    again = ask(dashboard, "/revenue", cookie, X_Forwarded_User="dana@example.com")
    assert (again.status_code, "Set-Cookie" in again.headers) == (200, False)


def test_the_cookie_alone_or_of_another_lets_nobody_in(dashboard: Dashboard) -> None:
    cookie = ask(dashboard, X_Forwarded_User="dana@example.com").headers["Set-Cookie"].partition(";")[0]
    assert ask(dashboard, "/revenue", cookie).status_code == 401, "the proxy names nobody"
    other = ask(dashboard, "/revenue", cookie, X_Forwarded_User="ben@example.com")
    assert other.status_code == 200
    assert other.headers["Set-Cookie"].partition(";")[0] != cookie, "each has a session of his own"
    data = requests.get(
        f"{dashboard.url}/api/dashboard/metrics", headers={"Cookie": cookie, HEADER: "ben@example.com"}, timeout=10
    )
    assert data.status_code == 401


def test_the_wall_in_the_html_is_of_whom_the_proxy_names_and_not_of_the_cookie(
    dashboard: Dashboard, server: Served
) -> None:
    contact = {"contact_id": "c1", "name": "Zelda Quill", "changed": {}}
    events = [bot_status(), {"type": "contact_update", "source": "tests", "data": contact}]
    assert server.post(events).status_code == 200
    dana, ben = {HEADER: "dana@example.com"}, {HEADER: "ben@example.com"}
    came = ask(dashboard, X_Forwarded_User="dana@example.com")
    cookie = came.headers["Set-Cookie"].partition(";")[0]
    wait_until(lambda: "Zelda Quill" in early_wall(dashboard, cookie, **dana))
    assert early_wall(dashboard, cookie) == "", "the proxy names nobody"
    wait_until(lambda: early_wall(dashboard, cookie, **ben) != "")
    assert "Zelda" not in early_wall(dashboard, cookie, **ben), "a viewer comes by a manager's cookie"


def test_who_was_not_added_or_is_disabled_does_not_come_in(dashboard: Dashboard, server: Served) -> None:
    stranger = ask(dashboard, X_Forwarded_User="stranger@example.com")
    assert stranger.status_code == 403
    assert "nobody has added you here" in stranger.text
    add_user(server, "gone@example.com", login="other")
    cookie = ask(dashboard, X_Forwarded_User="gone@example.com").headers["Set-Cookie"].partition(";")[0]
    change_user(server, "gone@example.com", "disable")
    wait_until(lambda: ask(dashboard, "/", cookie, X_Forwarded_User="gone@example.com").status_code == 403)


def test_two_names_are_none(dashboard: Dashboard) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=20)
    connection.putrequest("GET", "/")
    for name in ("dana@example.com", "ben@example.com"):
        connection.putheader(HEADER, name)
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


def test_the_header_from_elsewhere_is_refused_and_logged(server: Served, tmp_path: Path) -> None:
    with before_proxy(server, tmp_path, "10.0.0.5") as dashboard:
        for claimed in ("10.0.0.5", "203.0.113.7, 10.0.0.5"):
            answer = ask(dashboard, X_Forwarded_User="dana@example.com", X_Forwarded_For=claimed)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
        assert "named a user in X-Forwarded-User, and is not in JORGE_TRUSTED_PROXIES" in dashboard.log
        assert requests.get(f"{dashboard.url}/health", timeout=10).status_code == 200
