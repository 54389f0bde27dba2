"""The page that describes the routes: for who is on this machine, or has a token; its files are all ours."""

import re
from collections.abc import Iterator

import pytest

from tests.served import Served

PATHS = ("/docs", "/docs/begin.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/openapi.json")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {"JORGE_PUBLIC_URL": "https://office.example.com", "JORGE_ANONYMOUS": "off"}
    with Served(tmp_path_factory.mktemp("public"), **environment) as server:
        yield server


@pytest.mark.parametrize("path", PATHS)
def test_on_this_machine_it_is_open(guarded: Served, path: str) -> None:
    assert guarded.session.get(guarded.url + path, timeout=5).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.7"}, {"Host": "office.example.com"}])
def test_through_a_proxy_it_takes_a_token(guarded: Served, path: str, headers: dict[str, str]) -> None:
    assert guarded.session.get(guarded.url + path, headers=headers, timeout=5).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_off_loopback_it_takes_a_token(public: Served, path: str) -> None:
    for headers, status in (({}, 401), (public.bearer("publisher"), 403), (public.bearer("viewer"), 200)):
        assert public.session.get(public.url + path, headers=headers, timeout=5).status_code == status


def test_it_loads_nothing_from_elsewhere_and_from_no_root(guarded: Served) -> None:
    page = guarded.session.get(f"{guarded.url}/docs", timeout=5).text
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(loaded) == 4
    for address in loaded:
        assert re.fullmatch(r"docs/[a-z0-9.-]+", address), "relative, and so right beneath any path"
        assert guarded.session.get(f"{guarded.url}/{address}", timeout=5).status_code == 200


def test_the_root_leads_to_it_from_beneath_any_path(guarded: Served) -> None:
    answer = guarded.session.get(guarded.url, allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["location"]) == (307, "docs")


@pytest.mark.parametrize("name", ["nonsense.js", "__init__.py", "..%2Fmain.py", "%2e%2e%2fmain.py"])
def test_it_has_no_other_file(guarded: Served, name: str) -> None:
    assert guarded.session.get(f"{guarded.url}/docs/{name}", timeout=5).status_code == 404
