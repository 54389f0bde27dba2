"""People: added by an admin, as `users add` adds them, and logged in before a dashboard that has a login."""

from pathlib import Path
from urllib.parse import urlsplit

import requests
from playwright.sync_api import BrowserContext, Page

from jorge_data.permissions import Person
from tests.dashboard_process import Dashboard, before
from tests.served import Served

PASSWORD = "correct horse battery staple"


def behind_login(server: Served, folder: Path, login: str = "users", **environment: str) -> Dashboard:
    """Return a dashboard into which people log in, before a server that runs already; it makes its own tokens."""
    given = {"JORGE_LOGIN": login, "JORGE_TOKEN": "", "JORGE_TOKEN_SECRET": server.secret}
    return before(server, folder, **given | environment)


def add_user(
    server: Served,
    name: str,
    role: Person = "manager",
    location: str | None = None,
    agent_id: str | None = None,
    login: str = "password",
) -> None:
    """Add a user in a role, at every office or at one; who logs in by a password has chosen PASSWORD."""
    user = {"name": name, "display_name": name.title(), "role": role, "location": location, "agent_id": agent_id}
    invited = _post(server, "/api/users", {**user, "login": login}, server.bearer("admin"))
    if login == "password":
        chosen = {"invitation": invited["invitation"], "password": PASSWORD}
        _post(server, "/api/invitations/use", chosen, server.bearer("dashboard"))


def change_user(server: Served, name: str, act: str) -> dict[str, str]:
    """Disable, enable or reset a user; return what is answered."""
    return _post(server, f"/api/users/{name}/{act}", {}, server.bearer("admin"))


def _post(server: Served, path: str, body: object, headers: dict[str, str]) -> dict[str, str]:
    answer = server.session.post(server.url + path, json=body, headers=headers, timeout=20)
    assert answer.ok, answer.text
    told: dict[str, str] = answer.json()
    return told


def post_login(
    url: str, name: str, password: str = PASSWORD, verify: str | bool = True, **headers: str
) -> requests.Response:
    """Return what is answered to the form of the login page, as a browser sends it."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    form = {"name": name, "password": password}
    given = {"Origin": origin} | headers
    return requests.post(f"{url}/login", data=form, headers=given, allow_redirects=False, timeout=20, verify=verify)


def cookie_of(dashboard: Dashboard, name: str) -> str:
    """Log a user in; return the cookie that he comes by from now on, as a browser sends it."""
    answer = post_login(dashboard.url, name)
    assert answer.status_code == 303, answer.text
    return answer.headers["Set-Cookie"].partition(";")[0]


def log_in(context: BrowserContext, url: str, name: str) -> Page:
    """Log a user in by the login page of a dashboard; return the tab, which goes on to the first page."""
    page = context.new_page()
    page.goto(f"{url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def early_wall(dashboard: Dashboard, cookie: str = "", path: str = "/", **headers: str) -> str:
    """Return the wall that the first page's own HTML carries for who comes by a cookie; empty where it carries none."""
    given = {"Accept": "text/html", "Cookie": cookie} | headers
    answer = requests.get(dashboard.url + path, headers=given, allow_redirects=False, timeout=20)
    _, mark, rest = answer.text.partition('<script id="early-data" type="application/json">')
    assert "early-data" not in answer.text or answer.headers["Cache-Control"] == "no-store"
    return rest.partition("</script>")[0] if mark else ""
