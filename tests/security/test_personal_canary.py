"""No person in what either process says of itself: its log, its metrics, its health, its doctor, its error pages.

Both run at the level debug, know a person by events and webhooks, are asked about it in every way, and fail.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.dashboard.streamlit_tab import StreamlitTab, open_tab
from tests.dashboard_process import Dashboard, before
from tests.served import Served
from tests.server.privacy.person import CONTACT, OFFICE, PERSONAL, WORKFLOW, erase, event, live_through, message
from tests.server.privacy.test_canary import QUERY, provoke

PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}),
    ("qualification", {}),
    ("sequences", {}),
    ("ml", {}),
    ("revenue", {}),
    ("conversations", {"contact": CONTACT}),
    ("conversations", {"contact": QUERY}),
    ("conversations", {"q": QUERY}),
    ("properties", {}),
    ("explore", {"kind": "contacts", "q": QUERY, "where": f"name:eq:{QUERY}"}),
    ("explore", {"kind": QUERY, "range": QUERY}),
    ("system", {}),
    ("audit", {"text": QUERY}),
    (QUERY, {"location": QUERY}),
)
"""Pages with the links that somebody may have saved of them, good and bad."""


def personal_in(content: str) -> list[str]:
    return [text for text in PERSONAL if text in content]


def beyond(content: str) -> str:
    """Return what an answer says of a person beyond what was asked: who asks may read his own words again."""
    return " ".join(text for text in personal_in(content) if text.strip("+") not in QUERY)


@contextmanager
def both(folder: Path) -> Iterator[tuple[Served, Dashboard]]:
    for name in ("server", "dashboard"):
        (folder / name).mkdir()
    with (
        Served(folder / "server", **WORKFLOW, JORGE_LOG_LEVEL="debug", JORGE_ANONYMOUS="off") as served,
        before(served, folder / "dashboard", JORGE_LOG_LEVEL="debug", JORGE_LOCATION=OFFICE) as dashboard,
    ):
        yield served, dashboard


def look_at_all(tab: StreamlitTab, files: int = 0) -> bytes:
    """Open every page and all that opens in it, take so many files of each along; return what was drawn."""
    content = b""
    for path, link in PAGES:
        drawn = tab.run(path, **{"location": OFFICE, **link})
        content += drawn.and_then(tab.run(path, sorted(drawn.popovers), **{"location": OFFICE, **link})).content
        for file in list(drawn.downloads.values())[:files]:
            content += tab.download(file)
    return content


def error_pages(dashboard: Dashboard) -> Iterator[requests.Response]:
    """Ask the dashboard's own routes for what they refuse, with the person in each question."""
    url, origin = dashboard.url, {"Origin": dashboard.url}
    given: Any
    for path in (f"/api/dashboard/metrics?location={QUERY}", f"/{QUERY}", f"/media/{QUERY}", f"/login/{QUERY}"):
        yield requests.get(url + path, timeout=20)
    for given in (
        {"json": {"key": QUERY, "item": QUERY, "action": QUERY}},
        {"data": f'{{"key": "{QUERY}'},
        {"json": [QUERY]},
    ):
        yield requests.post(f"{url}/api/act", headers=origin, timeout=20, **given)
        yield requests.post(f"{url}/api/live", headers=origin, timeout=20, **given)


def speak_to_wall(dashboard: Dashboard) -> None:
    """Send the wall's socket what it cannot read, with the person in it."""
    for said in (QUERY, json.dumps({"type": QUERY, "ticket": QUERY}), json.dumps({"audience": [QUERY]})):
        with suppress(WebSocketException, TimeoutError), ExitStack() as stack:
            address = f"{dashboard.url.replace('http', 'ws', 1)}/api/live"
            socket = stack.enter_context(connect(address, origin=Origin(dashboard.url), proxy=None))
            socket.send(said)
            socket.recv(2)


def test_a_person_is_in_no_log_metric_health_doctor_or_error_page_of_either_process(tmp_path: Path) -> None:
    with both(tmp_path) as (served, dashboard):
        live_through(served)
        provoke(served)
        ways = {"refused publish": beyond(served.post([message(80, QUERY, kind="whistled")]).text)}
        with open_tab(dashboard.url, "") as tab:
            drawn = look_at_all(tab, files=2)
            assert set(personal_in(drawn.decode("utf-8", "replace"))) > {"Zebediah", "beekeeper"}, "people see it"
            served.post([event(81, "contact_update", {"contact_id": CONTACT, "name": QUERY, "changed": {}})])
            speak_to_wall(dashboard)
            for number, answer in enumerate(error_pages(dashboard)):
                ways[f"error {number}"] = beyond(answer.text)
            for url in (served.url, dashboard.url):
                for path in ("/metrics", "/health", "/health/ready"):
                    ways[url + path] = requests.get(url + path, headers=served.bearer(), timeout=20).text
            for path in ("/api/refusals", "/api/deliveries", f"/api/contacts/{CONTACT}/timeline", "/api/audit"):
                by, at = served.bearer("viewer"), {"location": OFFICE}
                ways[f"a third reader of {path}"] = requests.get(served.url + path, at, headers=by, timeout=20).text
            doctor = [sys.executable, "-m", "jorge_data", "doctor"]
            ways["doctor"] = subprocess.run(
                doctor, env=served.environment, capture_output=True, text=True, timeout=120, check=False
            ).stdout
            assert "ok  " in ways["doctor"]
            assert erase(served)["done"]
            look_at_all(tab)
            served.kill()
            look_at_all(tab)
            for number, answer in enumerate(error_pages(dashboard)):
                ways[f"error without a server {number}"] = beyond(answer.text)
        served.start()
        ways["log of the server"], ways["log of the dashboard"] = served.log, dashboard.log
    assert "Command Center" in ways["log of the dashboard"]
    assert {way: found for way, content in ways.items() if (found := personal_in(content))} == {}
