"""The wall in the first page's own HTML: whose it is, when there is none, and what it cannot break."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit.starlette import App

from jorge_data.dashboard import early_wall
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.http_middleware import OwnPagesAlone
from jorge_data.dashboard.login.gate import Gate
from tests.dashboard.app_context import context_with, here
from tests.served import Served, bot_status
from tests.waiting import wait_until

NAME = "</script><b>Ann"
READ = {"Accept": "text/html", "Host": "localhost"}


@pytest.fixture(scope="module")
def browser(served: Served) -> Iterator[TestClient]:
    """Yield what reads a page as Streamlit's is sent, once the office's feed stands."""
    page = HTMLResponse(
        "<html><head></head><body><p>page</p></body></html>", headers={"cache-control": "no-cache", "etag": "1"}
    )
    page.headers["last-modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
    named: dict[str, Any] = {"bot_type": "jorge-seller", "status": "active", "contact_id": "c1", "contact_name": NAME}
    with context_with(served, bot_status() | {"data": named}):
        app = Starlette(routes=[*early_wall.routes(), Route("/revenue", page), Mount("/", page)])
        guarded = OwnPagesAlone(Gate(app), "", early=early_wall.early_wall)
        with TestClient(guarded, "http://localhost", headers=READ, client=("127.0.0.1", 1)) as browser:
            wait_until(lambda: b"early" in browser.get("/").content)
            yield browser


def carried(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="early-data" type="application/json">(.*?)</script>', html)
    assert found is not None
    data: dict[str, Any] = orjson.loads(found[1])
    return data


def test_the_first_page_carries_its_tiles_and_is_kept_by_nobody(browser: TestClient) -> None:
    response = browser.get("/")
    data = carried(response.text)
    assert [tile["key"] for tile in data["frame"]["view"]["kpis"]][:2] == ["hot", "conversations"]
    assert data["frame"]["connection"]["state"] == "live"
    assert "ticket" not in data
    assert response.headers["cache-control"] == "no-store"
    assert response.text.endswith("</script></body></html>")


def test_its_script_is_kept_and_has_another_address_when_it_changes(browser: TestClient) -> None:
    source = re.search(r'<script src="\./(.*?)"', browser.get("/").text)
    assert source is not None
    response = browser.get(source[1])
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert "export default" not in response.text


def test_a_script_that_does_not_come_leaves_nothing_before_the_page(browser: TestClient) -> None:
    assert "#early:not(.painted){display:none}" in browser.get("/").text


def test_who_has_the_page_already_gets_it_as_it_is_now(browser: TestClient) -> None:
    kept = browser.get("/", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "If-None-Match": "1"})
    assert kept.status_code == 200
    assert carried(kept.text)
    assert not {"etag", "last-modified"} & set(kept.headers)


def test_a_name_ends_no_script(browser: TestClient) -> None:
    html = browser.get("/").text
    assert html.count("</script>") == 3  # where the server is, the data, the wall's script
    assert "\\u003c/script>" in html
    assert NAME in orjson.dumps(carried(html)).decode()


@pytest.mark.parametrize("path", ["/revenue", "/?kiosk=1", "/?location=nobodys-office"])
def test_other_pages_and_what_is_not_known_carry_none(browser: TestClient, path: str) -> None:
    response = browser.get(path)
    assert "early" not in response.text
    assert response.headers["cache-control"] == "no-cache"


def test_a_link_opens_no_office(browser: TestClient) -> None:
    for number in range(3):
        browser.get(f"/?location=led-here-{number}")
    assert not any(here().locations.is_open(f"led-here-{number}") for number in range(3))


def test_without_the_gate_nobody_is_in(browser: TestClient) -> None:
    page = Starlette(routes=[Mount("/", HTMLResponse("<html><head></head><body></body></html>"))])
    with TestClient(
        OwnPagesAlone(page, "", early=early_wall.early_wall), "http://localhost", headers=READ
    ) as open_to_all:
        assert "early" not in open_to_all.get("/").text


def test_who_asks_for_no_page_gets_none(browser: TestClient) -> None:
    assert "early" not in browser.get("/", headers={"Accept": "application/json"}).text


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_who_reads_no_page_is_not_noted_as_having_looked(
    method: str, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(UserContext, "note_presence", lambda context, location: noted.append(location))
    assert "early" not in browser.request(method, "/").text
    assert noted == []
    browser.get("/")
    assert len(noted) == 1


def test_both_themes_name_every_colour_of_the_wall(browser: TestClient) -> None:
    style = re.search(r"<style>(.*?)</style>", browser.get("/").text, re.DOTALL)
    assert style is not None
    assert "None" not in style[1]
    assert style[1].count("--st-gray-color:#") == 3  # light, and dark by choice and by the machine's


def test_its_script_is_asked_for_before_streamlits_files(browser: TestClient) -> None:
    head = browser.get("/").text.partition("<head>")[2]
    assert head.startswith(f'<link rel="preload" as="script" fetchpriority="high" href="./{early_wall.script_path()}">')


def test_streamlit_lets_its_script_be_where_it_is() -> None:
    App("app.py", routes=early_wall.routes())  # it refuses a path of its own
