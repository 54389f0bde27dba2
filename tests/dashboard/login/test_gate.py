"""What stands before every route: a real dashboard with a login, asked by people who are in, and by strangers."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import streamlit as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from jorge_data.dashboard.early_wall import script_path
from jorge_data.dashboard.login.gate import Reruns
from jorge_data.dashboard.login.paths import LOGIN_PAGES
from jorge_data.permissions import Role
from tests.dashboard_process import Dashboard
from tests.people import PASSWORD, add_user, behind_login, change_user, cookie_of, early_wall, post_login
from tests.served import Served, bot_status
from tests.waiting import wait_until

WITHIN_S = 5.0
"""How soon what is open of an ended session is closed, as the product promises it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("server"), JORGE_ANONYMOUS="off") as server:
        yield server


@pytest.fixture(scope="module")
def dashboard(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with behind_login(server, tmp_path_factory.mktemp("gate")) as dashboard:
        yield dashboard


def ask(dashboard: Dashboard, path: str, cookie: str = "", method: str = "GET", **headers: str) -> requests.Response:
    given = headers | ({"Cookie": cookie} if cookie else {})
    return requests.request(method, dashboard.url + path, headers=given, allow_redirects=False, timeout=20)


def open_socket(dashboard: Dashboard, path: str, cookie: str = "", **options: Any) -> ClientConnection:
    given = {"Cookie": cookie} if cookie else {}
    url = dashboard.url.replace("http", "ws") + path
    client: ClientConnection = connect(url, additional_headers=given, proxy=None, **options)
    return client


def paths() -> list[str]:
    """Return an address of every route that the dashboard serves, Streamlit's own as well."""
    given = {"{path:path}": "x", "{file_id:path}": "x.csv", "{session_id}": "s", "{file_id}": "f"}
    listed = [str(route.path) for route in streamlit_routes() if hasattr(route, "path")]
    for name, value in given.items():
        listed = [path.replace(name, value) for path in listed]
    own = ["/", "/revenue", "/api/live", "/api/act", "/api/dashboard/metrics", "/metrics", "/nonsense"]
    own.append("/static/js/index.js")
    return sorted({*listed, *own} - {"", "/_stcore/health", "/health", "/health/ready"})


def streamlit_routes() -> list[Any]:
    app = st.App("jorge_data/dashboard/streamlit_script.py")
    return list(app._build_starlette_app().routes)


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def test_no_route_answers_a_stranger_by_any_method(dashboard: Dashboard) -> None:
    asked = paths()
    assert len(asked) > 15
    odd = ["/login/../_stcore/host-config", "//login", "/login%2f", "/LOGIN", "/login/", "/health/../", "/health/x"]
    for path in [*asked, *odd]:
        for method in METHODS:
            status = ask(dashboard, path, method=method).status_code
            assert status in (401, 404, 400), (method, path, status)
    assert ask(dashboard, "/static/js/x.js", "jorge_session=guessed.guessed").status_code == 401


def test_prometheus_reads_by_a_token_that_may_and_by_no_cookie(server: Served, dashboard: Dashboard) -> None:
    add_user(server, "prometheus", "admin")
    inside = cookie_of(dashboard, "prometheus")
    asked: dict[Role, int] = {"manager": 200, "publisher": 403, "viewer": 403}
    for role, status in asked.items():
        answer = ask(dashboard, "/metrics", **server.bearer(role))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store"), role
    for headers in (
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic eDp5"},
    ):
        assert ask(dashboard, "/metrics", inside, **headers).status_code == 401
    text = ask(dashboard, "/metrics", **server.bearer("manager")).text
    assert 'jorge_part_state{part="event-server"} 0.0' in text
    assert 'jorge_dashboard_request_seconds_count{outcome="ok"}' in text
    assert "process_open_fds" in text


@pytest.mark.parametrize("path", ["/_stcore/stream", "/api/live", "/nonsense"])
def test_no_socket_opens_for_a_stranger(dashboard: Dashboard, path: str) -> None:
    for cookie in ("", "jorge_session=guessed.guessed"):
        with pytest.raises(InvalidStatus) as refused, open_socket(dashboard, path, cookie):
            pass
        assert refused.value.response.status_code == 401


def test_a_stranger_is_told_whether_all_is_well_and_no_more(dashboard: Dashboard, server: Served) -> None:
    wait_until(lambda: ask(dashboard, "/health/ready").status_code == 200)
    assert set(ask(dashboard, "/health").json()) == {"service", "status", "ready"}
    add_user(server, "health")
    assert {"parts", "version"} <= set(ask(dashboard, "/health", cookie_of(dashboard, "health")).json())


def test_a_stranger_who_opens_a_page_is_led_to_the_login_and_back(dashboard: Dashboard, server: Served) -> None:
    add_user(server, "back")
    led = ask(dashboard, "/revenue?range=7+d&location=x", Accept="text/html")
    assert (led.status_code, led.headers["Location"]) == (303, "/login?next=%2Frevenue%3Frange%3D7%2Bd%26location%3Dx")
    answer = requests.post(
        dashboard.url + led.headers["Location"],
        {"name": "back", "password": PASSWORD},
        headers={"Origin": dashboard.url},
        allow_redirects=False,
        timeout=20,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/revenue?range=7+d&location=x")


def test_the_pages_of_the_login_forbid_a_browser_what_is_not_needed_and_are_not_kept(dashboard: Dashboard) -> None:
    for path in ("/login", "/login/invitation", "/login/first"):
        answer = ask(dashboard, path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert "style=" not in answer.text
    assert {"/login", "/login/invitation", "/login/first", "/login/password"} <= LOGIN_PAGES


def test_nobody_is_told_which_of_the_two_was_wrong(dashboard: Dashboard, server: Served) -> None:
    add_user(server, "told")
    add_user(server, "gone")
    change_user(server, "gone", "disable")
    tries = [("told", "not the password"), ("nobody-of-this-name", PASSWORD), ("gone", PASSWORD)]
    answers = [post_login(dashboard.url, name, password) for name, password in tries]
    assert {answer.status_code for answer in answers} == {401}
    texts = {answer.text.replace(f'value="{name}"', "") for answer, (name, _) in zip(answers, tries, strict=True)}
    assert len(texts) == 1
    assert "This name and this password do not let you in." in texts.pop()
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_a_form_of_another_site_is_refused(dashboard: Dashboard, server: Served) -> None:
    add_user(server, "forms")
    cookie = cookie_of(dashboard, "forms")
    for path in ("/login", "/login/invitation", "/login/first", "/login/password"):
        for origin in ("https://evil.example", "null", "http://127.0.0.1:1", None):
            form = {"name": "forms", "password": PASSWORD, "again": PASSWORD, "old": PASSWORD}
            headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
            answer = requests.post(dashboard.url + path, form, headers=headers, allow_redirects=False, timeout=20)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False), (path, origin)


def test_a_form_that_is_none_is_refused_and_so_is_one_too_long(dashboard: Dashboard) -> None:
    headers = {"Origin": dashboard.url}
    assert requests.post(f"{dashboard.url}/login", json={}, headers=headers, timeout=20).status_code == 415
    long = {"name": "a" * 9000, "password": "b"}
    assert requests.post(f"{dashboard.url}/login", long, headers=headers, timeout=20).status_code == 413


def test_brute_force_is_slowed_and_says_when_to_try_again(dashboard: Dashboard, server: Served) -> None:
    add_user(server, "guessed")
    statuses = [post_login(dashboard.url, "guessed", f"guess number {n}") for n in range(15)]
    slowed = statuses[-1]
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) > 0
    assert "Too many attempts. Try again in" in slowed.text
    assert post_login(dashboard.url, "guessed").status_code == 429, "not even the right one is looked at"


def ends_within(socket: ClientConnection, since: float) -> int:
    """Return the code with which a socket is closed; raise TimeoutError where it is not, within what is promised."""
    while True:
        try:
            socket.recv(timeout=max(0.1, since + WITHIN_S - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0


@pytest.mark.parametrize("act", ["disable", "reset", "grants", "log out everywhere", "password"])
def test_an_ended_session_closes_what_is_open_and_lets_in_no_more(
    dashboard: Dashboard, server: Served, act: str
) -> None:
    name = f"ends-{act.replace(' ', '-')}"
    add_user(server, name)
    cookie, other = cookie_of(dashboard, name), cookie_of(dashboard, name)
    stack = ExitStack()
    socket = stack.enter_context(open_socket(dashboard, "/_stcore/stream", cookie))
    wall = stack.enter_context(open_socket(dashboard, "/api/live", cookie, origin=Origin(dashboard.url)))
    assert ask(dashboard, "/revenue", cookie).status_code == 200
    began = time.monotonic()
    if act == "grants":
        url = f"{server.url}/api/users/{name}/grants"
        grants = {"grants": [{"location": None, "role": "viewer", "agent_id": None}]}
        assert server.session.put(url, json=grants, headers=server.bearer(), timeout=10).ok
    elif act == "log out everywhere":
        end = {"session": other.partition("=")[2], "everywhere": True}
        headers = server.bearer("dashboard")
        assert server.session.post(f"{server.url}/api/sessions/end", json=end, headers=headers, timeout=10).ok
    elif act == "password":
        form = {"old": PASSWORD, "password": "another horse battery", "again": "another horse battery"}
        headers = {"Cookie": other, "Origin": dashboard.url}
        changed = requests.post(f"{dashboard.url}/login/password", form, headers=headers, timeout=20)
        assert "Your password is changed" in changed.text
    else:
        change_user(server, name, act)
    assert [ends_within(each, began) for each in (socket, wall)] == [4401, 4401]
    stack.close()
    assert ask(dashboard, "/revenue", cookie).status_code == 401
    assert ask(dashboard, "/api/dashboard/metrics", cookie).status_code == 401
    with pytest.raises(InvalidStatus), open_socket(dashboard, "/_stcore/stream", cookie):
        pass
    assert ask(dashboard, "/revenue", other).status_code == (200 if act == "password" else 401)


def test_a_page_of_another_program_on_this_machine_opens_no_socket_with_the_cookie(
    dashboard: Dashboard, server: Served
) -> None:
    """A cookie is of every port of a name: a browser sends it along from there."""
    add_user(server, "ports")
    cookie = cookie_of(dashboard, "ports")
    for path in ("/_stcore/stream", "/api/live"):
        with (
            pytest.raises(InvalidStatus) as refused,
            open_socket(dashboard, path, cookie, origin=Origin("http://127.0.0.1:8080")),
        ):
            pass
        assert refused.value.response.status_code == 403


def tell_of(server: Served, name: str, location: str, agent: str) -> None:
    """Tell of an agent's seller who is hot, and wants to be called."""
    contact = {"contact_id": name.lower()}
    rated = {"current_question": 3, "questions_answered": 4, "seller_temperature": "hot", "stall_detected": False}
    told: list[tuple[str, dict[str, Any]]] = [
        ("contact_update", {"name": name, "changed": {}, "assigned_to": agent}),
        ("jorge_qualification_progress", {**rated, "confrontational_effectiveness": 80, "next_step": "call"}),
    ]
    events = [{"type": kind, "source": "tests", "locationid": location, "data": contact | data} for kind, data in told]
    assert server.post(events).status_code == 200


def test_the_wall_in_the_pages_own_html_is_of_who_is_in_and_of_what_he_may_see(
    dashboard: Dashboard, server: Served
) -> None:
    for seller, location, agent in (
        ("Annes", "default", "a-ann"),
        ("Bens", "default", "a-ben"),
        ("Foreign", "far", ""),
    ):
        tell_of(server, seller, location, agent)
    assert server.post(bot_status()).status_code == 200  # which a viewer sees as well
    grants: list[tuple[str, Any, str, str | None]] = [
        *(("boss", "manager", "default", None), ("ann", "agent", "default", "a-ann")),
        *(
            ("looker", "viewer", "default", None),
            ("afar", "manager", "far", None),
            ("leaver", "manager", "default", None),
        ),
    ]
    for name, role, location, agent_id in grants:
        add_user(server, f"wall-{name}", role, location, agent_id)
    cookies = {name: cookie_of(dashboard, f"wall-{name}") for name, *_ in grants}

    def sellers(name: str, path: str = "/") -> set[str]:
        carried = early_wall(dashboard, cookies[name], path)
        return {seller for seller in ("Annes", "Bens", "Foreign") if f'"{seller}"' in carried}

    wait_until(lambda: sellers("boss") == {"Annes", "Bens"})
    wait_until(lambda: sellers("ann") == {"Annes"})
    wait_until(lambda: sellers("afar") == {"Foreign"})
    wait_until(lambda: early_wall(dashboard, cookies["looker"]) != "")
    assert sellers("looker") == set()
    assert "annes" not in early_wall(dashboard, cookies["looker"])
    assert sellers("boss", "/?location=default") == {"Annes", "Bens"}, "his own office by its name, which is open"
    for name, location in (("boss", "far"), ("ann", "far"), ("looker", "far"), ("afar", "default")):
        assert early_wall(dashboard, cookies[name], f"/?location={location}") == "", (name, location)
    for path in ("/", "/index.html", "/?location=default", "/login", "/login?next=/"):
        for cookie in ("", "jorge_session=guessed.guessed"):
            assert early_wall(dashboard, cookie, path) == "", "a stranger"
            assert "Annes" not in ask(dashboard, path, cookie, Accept="text/html").text
    assert early_wall(dashboard, cookies["boss"], "/login") == ""

    answer = server.session.post(
        f"{server.url}/api/contacts/annes/erase?location=default", headers=server.bearer("admin"), timeout=120
    )
    assert '"done":true' in answer.text
    wait_until(lambda: "Annes" not in early_wall(dashboard, cookies["boss"]), WITHIN_S)
    assert sellers("boss") == {"Bens"}
    assert "Annes" not in early_wall(dashboard, cookies["ann"])

    wait_until(lambda: sellers("leaver") == {"Bens"})
    end = {"session": cookies["leaver"].partition("=")[2], "everywhere": False}
    headers = server.bearer("dashboard")
    assert server.session.post(f"{server.url}/api/sessions/end", json=end, headers=headers, timeout=10).ok
    change_user(server, "wall-boss", "disable")
    for name in ("leaver", "boss"):
        wait_until(lambda name=name: early_wall(dashboard, cookies[name]) == "", WITHIN_S)  # type: ignore[misc]


def test_the_script_of_the_wall_in_the_html_is_for_who_is_in_and_kept_like_streamlits_files(
    dashboard: Dashboard, server: Served
) -> None:
    add_user(server, "script")
    assert ask(dashboard, f"/{script_path()}").status_code == 401
    answer = ask(dashboard, f"/{script_path()}", cookie_of(dashboard, "script"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_doors_of_streamlit_that_are_not_used_are_shut_for_who_is_in_too(dashboard: Dashboard, server: Served) -> None:
    add_user(server, "doors")
    cookie = cookie_of(dashboard, "doors")
    doors = ("/_stcore/upload_file/a/b", "/_stcore/agent/mcp", "/_stcore/metrics", "/auth/login", "/oauth2callback")
    for path in doors:
        assert {ask(dashboard, path, cookie, method).status_code for method in ("GET", "PUT", "DELETE")} == {404}, path
    assert ask(dashboard, "/revenue", cookie).headers["Cache-Control"] == "no-store"


def test_a_streamlit_session_is_not_gone_on_with_by_another_login(dashboard: Dashboard, server: Served) -> None:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    add_user(server, "first")
    add_user(server, "second")
    first, again, second = (cookie_of(dashboard, name) for name in ("first", "first", "second"))

    def session_of(cookie: str, known: str = "", **headers: str) -> str:
        """Return the id of the session that Streamlit opens, or goes on with."""
        offered = [Subprotocol("streamlit"), Subprotocol("x"), *([Subprotocol(known)] if known else [])]
        url = dashboard.url.replace("http", "ws") + "/_stcore/stream"
        given = {"Cookie": cookie} | headers
        with connect(url, additional_headers=given, proxy=None, subprotocols=offered, max_size=None) as socket:
            socket.send(rerun())
            while True:
                message = ForwardMsg.FromString(bytes(socket.recv(timeout=30, decode=False)))
                if message.HasField("new_session"):
                    return str(message.new_session.initialize.session_id)

    mine = session_of(first)
    assert session_of(first, mine) == mine, "a tab that comes back goes on"
    for cookie in (second, again):
        assert session_of(cookie, mine) != mine
        assert session_of(cookie, mine, **{"X-Jorge-Session": "x", "X_Jorge_Session": "y"}) != mine


def rerun(is_auto: bool = False, **widgets: dict[str, Any]) -> bytes:
    """Return what a tab sends to have its page run anew: by the clock, or with the states of widgets, by their keys."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.is_auto_rerun = is_auto
    for key, state in widgets.items():
        message.rerun_script.widget_states.widgets.add(id=f"$$ID-0f-{key}", **state)
    return bytes(message.SerializeToString())


def test_a_page_that_refreshes_itself_is_nobody_and_whoever_presses_something_is_somebody() -> None:
    reruns, link = Reruns(), {"json_trigger_value": '[{"event":"link","value":"no_socket"}]'}
    counted, again = {"json_value": "1"}, {"json_value": "2"}
    opened = {"json_trigger_value": '[{"event":"open","value":{"page":"revenue"}}]'}
    pressed: dict[str, Any] = {"trigger_value": True}
    done = [
        (rerun(), False, "the page was opened, or has connected anew"),
        (rerun(is_auto=True), False, "a part that refreshes itself"),
        (rerun(wall=link), False, "the wall says that its connection is gone"),
        (rerun(autorefresh=counted), False, "the clock of a page without a connection"),
        (rerun(autorefresh=again), False, "the same, five seconds later"),
        (rerun(autorefresh=again, button=pressed), True, "somebody presses a button, and the count stands"),
        (rerun(autorefresh=again, wall=opened), True, "somebody opens a tile"),
        (rerun(autorefresh={"json_value": "3"}), False, "the clock goes on"),
        (rerun(), True, "somebody turns to another page"),
        (b"no message", False, "nothing that Streamlit knows"),
    ]
    for data, is_of_person, why in done:
        assert reruns.is_of_person({"type": "websocket.receive", "bytes": data}, "/_stcore/stream") == is_of_person, why
    act = {"type": "websocket.receive", "text": '{"type":"act","action":"acknowledged"}'}
    assert reruns.is_of_person(act, "/api/live")
    assert not reruns.is_of_person(act | {"text": '{"type":"painted","v":3}'}, "/api/live")


def test_the_first_link_works_once_and_carries_the_name(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server, behind_login(server, tmp_path) as dashboard:
        wait_until(lambda: "First admin" in dashboard.log)
        link = next(line.split()[2] for line in dashboard.log.splitlines() if "First admin" in line)
        address, _, invitation = link.partition("#")
        assert address == f"http://localhost:{dashboard.port}/login/first"
        form = {"invitation": invitation, "name": "Founder", "password": PASSWORD, "again": PASSWORD}

        def use(**changed: str) -> requests.Response:
            headers = {"Origin": f"http://localhost:{dashboard.port}"}
            return requests.post(address, form | changed, headers=headers, allow_redirects=False, timeout=20)

        assert "The two passwords are not the same." in use(again="another one").text
        assert use(password="short", again="short").status_code == 422
        used = use()
        assert (used.status_code, used.headers["Location"]) == (303, "/")
        cookie = used.headers["Set-Cookie"].partition(";")[0]
        assert ask(dashboard, "/revenue", cookie).status_code == 200
        assert "This link has ended" in use(name="somebody-else").text
        assert post_login(dashboard.url, "founder").status_code == 303, "a name has one spelling"
        with behind_login(server, tmp_path) as again:
            assert ask(again, "/revenue", cookie).status_code == 200, "another start asks the server who is in"
            assert "First admin" not in again.log


def test_while_the_event_server_is_away_who_is_in_stays_in_and_nobody_else_comes_in(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server, behind_login(server, tmp_path) as dashboard:
        add_user(server, "dana")
        cookie = cookie_of(dashboard, "dana")
        with open_socket(dashboard, "/_stcore/stream", cookie) as socket:
            server.stop()
            refused = post_login(dashboard.url, "dana")
            assert refused.status_code == 503
            assert "Logins cannot be checked now" in refused.text
            page = ask(dashboard, "/revenue", f"{cookie}0", Accept="text/html")
            assert (page.status_code, page.headers["Refresh"]) == (503, "5")
            assert ask(dashboard, "/revenue", cookie).status_code == 200
            server.start()
            assert ask(dashboard, "/revenue", cookie).status_code == 200
            change_user(server, "dana", "disable")
            assert ends_within(socket, time.monotonic()) == 4401


def test_a_session_ends_when_it_is_not_used_and_at_the_latest(tmp_path: Path) -> None:
    hours = 8 / 3600
    limits = {"JORGE_SESSION_IDLE_HOURS": str(hours), "JORGE_SESSION_HOURS": str(3 * hours)}
    with Served(tmp_path, JORGE_ANONYMOUS="off", **limits) as server, behind_login(server, tmp_path) as dashboard:
        add_user(server, "idle")
        began = time.monotonic()
        used, idle = cookie_of(dashboard, "idle"), cookie_of(dashboard, "idle")
        with open_socket(dashboard, "/_stcore/stream", idle) as socket:
            closed = 0
            while not closed:
                assert ask(dashboard, "/revenue", used).status_code == 200
                for itself in ("/_stcore/host-config", "/static/js/x.js"):  # what a page asks for is nobody's use
                    ask(dashboard, itself, idle)
                ask(dashboard, "/revenue", idle, **{"Sec-Fetch-Dest": "empty"})
                with suppress(TimeoutError):
                    closed = ends_within(socket, began - WITHIN_S)  # looks, and goes on
            assert closed == 4401, "an open tab alone is no use"
        wait_until(lambda: ask(dashboard, "/revenue", used).status_code == 401)
        assert time.monotonic() - began >= 3 * 8 - 1
