"""OpenID Connect before a real provider process: who comes in, in whose name, and for how long."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.dashboard_process import Dashboard
from tests.oidc_provider import OidcProviderMock
from tests.people import add_user, behind_login, change_user, early_wall
from tests.served import Served
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProviderMock]:
    with OidcProviderMock(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("server"), JORGE_LOGIN="oidc", JORGE_ANONYMOUS="off") as server:
        for name in ("dana@example.com", "dora@example.com", "ella@example.com", "subject-7"):
            add_user(server, name, login="other")
        yield server


def with_provider(server: Served, provider: OidcProviderMock, folder: Path) -> Dashboard:
    settings = {"JORGE_OIDC_METADATA_URL": provider.metadata_url, "JORGE_OIDC_CLIENT_ID": "jorge"}
    return behind_login(server, folder, "oidc", **settings, JORGE_OIDC_CLIENT_SECRET="a-secret-of-oidc")


@pytest.fixture(scope="module")
def dashboard(
    server: Served, provider: OidcProviderMock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    with with_provider(server, provider, tmp_path_factory.mktemp("oidc")) as dashboard:
        yield dashboard


class Browser:
    """Goes to the provider and comes back, as a browser does that keeps cookies."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard, self.session = dashboard, requests.Session()

    def to_provider(self, page: str = "/") -> str:
        """Return the address at the provider to which the login leads."""
        answer = self.session.get(
            f"{self.dashboard.url}/login/oidc", params={"next": page}, allow_redirects=False, timeout=20
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def come_back(self, at_provider: str, sub: str) -> requests.Response:
        """Log in at the provider; return what the dashboard answers to who comes back."""
        answer = self.session.post(at_provider, {"sub": sub}, allow_redirects=False, timeout=20)
        assert answer.headers["Location"].startswith(f"{self.dashboard.url}/login/oidc/callback"), answer.text
        return self.session.get(answer.headers["Location"], allow_redirects=False, timeout=20)

    def log_in(self, sub: str, page: str = "/") -> requests.Response:
        return self.come_back(self.to_provider(page), sub)

    def status(self, path: str = "/revenue") -> int:
        return self.session.get(self.dashboard.url + path, allow_redirects=False, timeout=20).status_code


def test_who_shows_the_provider_who_he_is_comes_in_by_his_verified_address(
    dashboard: Dashboard, provider: OidcProviderMock
) -> None:
    provider.knows("s-1", email="dana@example.com", email_verified=True)
    browser = Browser(dashboard)
    assert browser.status() == 401
    answer = browser.log_in("s-1", "/revenue?range=7+d")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/revenue?range=7+d")
    assert browser.status() == 200


def test_the_way_to_the_provider_has_state_nonce_and_a_proof_of_the_same_browser(dashboard: Dashboard) -> None:
    query = parse_qs(urlsplit(Browser(dashboard).to_provider()).query)
    assert {"state", "nonce", "code_challenge"} <= set(query)
    assert (query["code_challenge_method"], query["response_type"]) == (["S256"], ["code"])
    assert query["redirect_uri"] == [f"{dashboard.url}/login/oidc/callback"]


@pytest.mark.parametrize("claims", [{}, {"email_verified": False}])
def test_an_address_that_is_not_verified_is_nobodys(
    dashboard: Dashboard, provider: OidcProviderMock, claims: dict[str, object]
) -> None:
    provider.knows("s-2", email="dana@example.com", **claims)
    browser = Browser(dashboard)
    answer = browser.log_in("s-2")
    assert answer.status_code == 401
    assert "Nobody has added s-2 here" in answer.text
    assert browser.status() == 401


def test_who_has_no_address_comes_in_by_his_subject(dashboard: Dashboard, provider: OidcProviderMock) -> None:
    provider.knows("subject-7")
    browser = Browser(dashboard)
    assert browser.log_in("subject-7").status_code == 303
    assert browser.status() == 200


def came_in(server: Served) -> str:
    """Return who came in last."""
    (entry,) = server.get("/api/audit", limit=1, act="session.begin")["entries"]
    return str(entry["by"])


def test_an_account_is_whose_it_was_first_whatever_address_it_has_later(
    dashboard: Dashboard, provider: OidcProviderMock, server: Served
) -> None:
    """Nor does whoever has the address later come in by it, until an admin says that it is another's."""
    provider.knows("s-1", email="dana@example.com", email_verified=True)
    provider.knows("s-20", email="ella@example.com", email_verified=True)
    for sub in ("s-1", "s-20"):
        assert Browser(dashboard).log_in(sub).status_code == 303
    assert came_in(server) == "ella@example.com"
    for changed in ({"email": "dana@example.com", "email_verified": True}, {"email": "dana@example.com"}, {}):
        provider.knows("s-20", **changed)
        assert Browser(dashboard).log_in("s-20").status_code == 303, changed
        assert came_in(server) == "ella@example.com", changed
    provider.knows("s-21", email="ella@example.com", email_verified=True)
    refused = Browser(dashboard).log_in("s-21")
    assert (refused.status_code, "another account came in by that name before" in refused.text) == (401, True)
    (entry,) = server.get("/api/audit", limit=1, act="session.refuse", by="ella@example.com")["entries"]
    assert "by another account of the login provider" in entry["what"]
    assert change_user(server, "ella@example.com", "reset")["issuer"] is None
    assert Browser(dashboard).log_in("s-21").status_code == 303
    assert came_in(server) == "ella@example.com"
    assert Browser(dashboard).log_in("s-20").status_code == 401


def test_a_login_that_another_browser_began_or_that_was_refused_lets_nobody_in(
    dashboard: Dashboard, provider: OidcProviderMock
) -> None:
    provider.knows("s-1", email="dana@example.com", email_verified=True)
    begun = Browser(dashboard).to_provider()
    other = Browser(dashboard)
    assert other.come_back(begun, "s-1").status_code == 401
    assert other.status() == 401
    browser = Browser(dashboard)
    state = parse_qs(urlsplit(browser.to_provider()).query)["state"][0]
    back = f"{dashboard.url}/login/oidc/callback"
    for query in ({"error": "access_denied", "state": state}, {"code": "guessed", "state": state}, {}):
        answer = browser.session.get(back, params=query, allow_redirects=False, timeout=20)
        assert (answer.status_code, "Try again" in answer.text) == (401, True), query
    assert "<script>" not in browser.session.get(back, params={"error": "<script>"}, timeout=20).text


def test_the_login_ends_when_the_identity_does(server: Served, tmp_path: Path) -> None:
    with (
        OidcProviderMock(tmp_path, token_max_age_s=8) as provider,
        with_provider(server, provider, tmp_path) as dashboard,
    ):
        provider.knows("s-1", email="dora@example.com", email_verified=True)
        browser = Browser(dashboard)
        answer = browser.log_in("s-1")
        age = next(each for each in answer.headers["Set-Cookie"].split("; ") if each.startswith("Max-Age="))
        assert int(age.removeprefix("Max-Age=")) <= 8
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        url = f"{dashboard.url}/revenue"
        wait_until(lambda: requests.get(url, headers={"Cookie": cookie}, timeout=10).status_code == 401)


def test_the_wall_in_the_html_is_for_who_came_in_by_the_provider_alone(
    dashboard: Dashboard, server: Served, provider: OidcProviderMock
) -> None:
    contact = {"contact_id": "c1", "name": "Zelda Quill", "changed": {}}
    assert server.post({"type": "contact_update", "source": "tests", "data": contact}).status_code == 200
    provider.knows("s-early", email="early@example.com", email_verified=True)
    add_user(server, "early@example.com", login="other")
    browser = Browser(dashboard)
    browser.log_in("s-early")
    cookie = "; ".join(f"{each.name}={each.value}" for each in browser.session.cookies)
    wait_until(lambda: "Zelda Quill" in early_wall(dashboard, cookie))
    assert early_wall(dashboard) == ""
    change_user(server, "early@example.com", "disable")
    wait_until(lambda: early_wall(dashboard, cookie) == "", 5)


def test_who_is_disabled_here_is_out_whatever_the_provider_says(
    dashboard: Dashboard, provider: OidcProviderMock, server: Served
) -> None:
    add_user(server, "gone@example.com", login="other")
    provider.knows("s-9", email="gone@example.com", email_verified=True)
    browser = Browser(dashboard)
    assert browser.log_in("s-9").status_code == 303
    change_user(server, "gone@example.com", "disable")
    wait_until(lambda: browser.status() == 401)
    assert browser.log_in("s-9").status_code == 401


def test_a_provider_that_does_not_answer_is_said(server: Served, tmp_path: Path) -> None:
    with OidcProviderMock(tmp_path) as provider:
        pass
    with with_provider(server, provider, tmp_path) as dashboard:
        answer = requests.get(f"{dashboard.url}/login/oidc", timeout=20)
        assert (answer.status_code, "Your company&#x27;s login does not answer" in answer.text) == (503, True)
