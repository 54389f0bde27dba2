"""Where the dashboard starts without a login, and where it does not."""

from pathlib import Path
from typing import Any

import pytest
import requests

from jorge_data.dashboard.login.start_check import check_login
from jorge_data.errors import SettingsError
from jorge_data.settings import read_settings
from tests.dashboard_process import Dashboard, before
from tests.people import add_user, behind_login, post_login
from tests.served import Served
from tests.tls import Authority
from tests.waiting import wait_until

OIDC = {"oidc_metadata_url": "https://id.example.com/.well-known/openid-configuration", "oidc_client_id": "jorge"}
PROXY = {"proxy_header": "X-Forwarded-User", "trusted_proxies": "10.0.0.5"}


HTTPS = {"public_url": "https://office.example.com"}


def check(address: str | None, certificate: str | None = None, **given: Any) -> None:
    check_login(read_settings(_env_file=None, **given), address, certificate)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_on_this_machine_alone_no_login_is_needed(address: str) -> None:
    check(address)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.0.2.7", "office.example.com", "unix:///x.sock"])
def test_anywhere_else_one_is(address: str | None) -> None:
    with pytest.raises(SettingsError, match="JORGE_LOGIN is ''; allowed: users, oidc or proxy"):
        check(address)
    for login in ({"login": "users"}, {"login": "oidc", **OIDC}, {"login": "proxy", **PROXY}):
        check(address, **login, **HTTPS)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("0.0.0.0", ""), (None, ""), ("::", ""), ("192.0.2.7", "")),
        *(("127.0.0.1", "http://office.example.com"), ("0.0.0.0", "http://192.0.2.7:3000")),
    ],
)
@pytest.mark.parametrize("login", ["users", "oidc", "proxy"])
def test_no_password_and_no_session_goes_over_a_network_in_the_open(
    monkeypatch: pytest.MonkeyPatch, address: str | None, public: str, login: str
) -> None:
    monkeypatch.setenv("JORGE_UNENCRYPTED", "0")  # reading it from the settings below sets it for clients of bots
    given: dict[str, Any] = {"login": login, "public_url": public, **OIDC, **PROXY}
    with pytest.raises(SettingsError, match=r"JORGE_PUBLIC_URL is .*; allowed: the https:// .*STREAMLIT_SERVER_SSL_"):
        check(address, **given)
    if public:  # it is a proxy that browsers speak to
        with pytest.raises(SettingsError, match="JORGE_PUBLIC_URL"):
            check(address, certificate="office.pem", **given)
    else:
        check(address, certificate="office.pem", **given)
    check(address, unencrypted=True, **given)
    check("0.0.0.0", **given | HTTPS)


@pytest.mark.parametrize("public", ["", "http://127.0.0.1:3000", "http://localhost:3000/jorge"])
def test_on_this_machine_a_login_needs_no_certificate(public: str) -> None:
    check("127.0.0.1", login="users", public_url=public)


def test_behind_a_public_address_one_is() -> None:
    with pytest.raises(SettingsError, match=r"reached at https://office\.example\.com"):
        check("127.0.0.1", public_url="https://office.example.com")
    check("127.0.0.1", public_url="https://office.example.com", login="users")


@pytest.mark.parametrize(("login", "needed"), [("oidc", name) for name in OIDC] + [("proxy", name) for name in PROXY])
def test_a_login_that_lacks_something_is_named_with_it(login: str, needed: str) -> None:
    given = {name: value for name, value in (OIDC | PROXY).items() if name != needed}
    with pytest.raises(SettingsError, match=f"JORGE_{needed.upper()} is ''; allowed: with JORGE_LOGIN={login}"):
        check("127.0.0.1", login=login, **given)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("login", "password", "''"),
        ("oidc_metadata_url", "http://id.example.com/x", "https://"),
        ("oidc_metadata_url", "id.example.com", "https://"),
        ("trusted_proxies", "10.0.0.5,proxy.example", "addresses or networks"),
        ("proxy_header", "X User", "the name of a header"),
    ],
)
def test_a_wrong_setting_of_the_login_is_named_with_what_is_allowed(name: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name} is '{value}'; allowed: .*{allowed}"):
        read_settings(_env_file=None, **{name: value})


@pytest.mark.parametrize(
    "elsewhere",
    [{"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}, {"JORGE_PUBLIC_URL": "https://office.example.com"}],
    ids=["on every address", "behind a proxy"],
)
def test_it_does_not_start_and_says_in_one_sentence_what_to_set(tmp_path: Path, elsewhere: dict[str, str]) -> None:
    dashboard = Dashboard(tmp_path, **elsewhere)
    dashboard.start()
    assert dashboard.process.wait(60) == 2
    assert dashboard.log.count("JORGE_LOGIN is ''; allowed: users, oidc or proxy") == 1
    assert "Traceback" not in dashboard.log


def test_with_a_login_it_does_not_start_where_passwords_go_in_the_open(served: Served, tmp_path: Path) -> None:
    dashboard = behind_login(served, tmp_path, STREAMLIT_SERVER_ADDRESS="0.0.0.0")
    dashboard.start()
    assert dashboard.process.wait(60) == 2
    assert dashboard.log.count("JORGE_PUBLIC_URL is ''; allowed: the https:// address of a proxy with TLS") == 1
    assert "Traceback" not in dashboard.log


def test_with_a_certificate_it_starts_and_its_cookie_is_never_sent_in_the_open(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.server("localhost")
    certificate = str(next(tmp_path.glob("server-*.pem")))
    files = {"STREAMLIT_SERVER_SSL_CERT_FILE": certificate, "STREAMLIT_SERVER_SSL_KEY_FILE": certificate}
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        dashboard = behind_login(server, tmp_path, STREAMLIT_SERVER_ADDRESS="0.0.0.0", **files)
        dashboard.url, dashboard.authority = f"https://localhost:{dashboard.port}", str(authority.file)
        with dashboard:
            wait_until(lambda: f"First admin      {dashboard.url}/login/first#" in dashboard.log)
            assert f"Command Center   {dashboard.url}\n" in dashboard.log
            add_user(server, "dana")
            answer = post_login(dashboard.url, "dana", verify=dashboard.authority)
            assert (answer.status_code, "Secure" in answer.headers["Set-Cookie"].split("; ")) == (303, True)


def test_with_a_login_it_starts_there(served: Served, tmp_path: Path) -> None:
    allowed = {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "JORGE_UNENCRYPTED": "1"}
    with behind_login(served, tmp_path, **allowed) as dashboard:
        answer = requests.get(f"{dashboard.url}/revenue", headers={"Accept": "text/html"}, timeout=10)
        assert (answer.status_code, "Password" in answer.text) == (200, True)


SIGNS = [
    *({"X-Forwarded-For": "203.0.113.7"}, {"Via": "1.1 proxy.example"}, {"Forwarded": "for=203.0.113.7"}),
    *({"X-Real-IP": "203.0.113.7"}, {"CF-Connecting-IP": "203.0.113.7"}, {"Origin": "https://evil.example"}),
    *({"Tailscale-User-Login": "dana"}, {"Referer": "https://office.example.com/"}),
]


def test_without_a_login_what_was_forwarded_is_refused_with_what_to_set(served: Served, tmp_path: Path) -> None:
    with before(served, tmp_path) as dashboard:
        for path in ("/", "/revenue", "/_stcore/host-config", "/api/dashboard/metrics", "/static/js/x.js", "/nonsense"):
            for sign in SIGNS:
                answer = requests.get(dashboard.url + path, headers=sign, timeout=10)
                assert answer.status_code == 403, (path, sign)
                assert "set JORGE_LOGIN" in answer.json()["error"]["detail"]
                assert next(iter(sign)).lower() in answer.json()["error"]["detail"]
            assert requests.get(dashboard.url + path, timeout=10).status_code in (200, 404)
        for health in ("/health", "/_stcore/health"):
            assert requests.get(dashboard.url + health, headers=SIGNS[0], timeout=10).status_code == 200
        followed = {"Referer": "https://wiki.example.com/", "Sec-Fetch-Mode": "navigate"}
        assert requests.get(dashboard.url, headers=followed, timeout=10).status_code == 200, "a link on another's page"
        page = requests.get(dashboard.url, headers=SIGNS[0] | {"Accept": "text/html"}, timeout=10)
        assert "set JORGE_LOGIN" in page.text
        assert "a request was refused at /: x-forwarded-for shows" in dashboard.log
