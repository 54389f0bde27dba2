"""No secret in any log line: each one that either process knows or is sent is a canary, and no log holds one."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
import requests
from websockets.exceptions import WebSocketException

from tests.dashboard_process import Dashboard, before
from tests.served import Served, bot_status

CANARIES = {
    "JORGE_WORKFLOW_SECRET": "canary-of-the-workflow",
    "JORGE_RETELL_API_KEY": "canary-of-the-voice-bot",
    "JORGE_GHL_TOKEN": "canary-of-the-crm",
    "JORGE_GHL_LOCATION": "office",
    "JORGE_GHL_BASE_URL": "http://127.0.0.1:9/canary-free",
    "JORGE_REDIS_URL": "redis://office:canary-of-redis@127.0.0.1:9/0",
}
SENT = {
    "Authorization": "Basic Y2FuYXJ5OnBhc3N3b3JkLWNhbmFyeQ==",
    "Cookie": "jorge_session=canary-of-a-session.canary-of-its-signature",
    "X-Api-Key": "canary-of-a-key",
    "X-Jorge-Webhook-Secret": "canary-of-nobody",
    "X-GHL-Signature": "canary-of-a-signature",
}
PASSWORDS: list[tuple[str, Any]] = [
    ("/api/sessions", {"name": "ann", "password": "canary-of-a-password", "address": "203.0.113.7"}),
    ("/api/sessions/password", {"session": "canary-of-a-session", "old": "canary-old", "new": "canary-new"}),
    ("/api/invitations/use", {"invitation": "canary-of-a-link", "password": "canary-of-a-password", "address": "a"}),
    ("/api/sessions", {"name": 7, "password": "canary-of-a-password"}),
    ("/events", [bot_status(0, type="nonsense", data={"token": "canary-of-an-event"})]),
    ("/webhooks/ghl/workflow", {"contact_id": "canary-of-a-contact"}),
]


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("talkative")
    with Served(folder, JORGE_LOG_LEVEL="debug", JORGE_ANONYMOUS="off", **CANARIES) as server:
        yield server


@pytest.fixture(scope="module")
def beside(talkative: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with before(talkative, tmp_path_factory.mktemp("beside"), JORGE_LOG_LEVEL="debug") as dashboard:
        yield dashboard


def say_everything(url: str, token: str) -> None:
    """Send each secret wherever it could stand, with a token that holds and with one that does not."""
    for by in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {token}x"}, {}):
        headers = {**SENT, **by}
        for path, body in PASSWORDS:
            requests.post(url + path, json=body, headers=headers, timeout=10)
        for path in ("/", "/events", "/health", "/api/act", "/login", "/nonsense/canary-of-a-path"):
            requests.get(f"{url}{path}?token={token}&secret=canary-of-a-query", headers=headers, timeout=10)


def assert_no_canary(log: str, *secrets: str) -> None:
    assert log
    for secret in secrets:
        assert secret not in log
    lines = [
        line for line in log.splitlines() if "canary" in line.replace("canary-free", "").replace("canary-of-a-path", "")
    ]
    assert lines == []


def test_the_event_server_writes_no_secret(talkative: Served) -> None:
    token = talkative.token("admin")
    say_everything(talkative.url, token)
    with ExitStack() as stack, suppress(WebSocketException):
        talkative.connect(stack, f"/?token={token}", additional_headers={**SENT, "Authorization": f"Bearer {token}"})
        talkative.connect(stack, origin="https://evil.example", additional_headers=SENT)
    assert_no_canary(talkative.log, talkative.secret, token, token.rpartition(".")[2])


def test_the_dashboard_writes_no_secret(talkative: Served, beside: Dashboard) -> None:
    token = beside.environment["JORGE_TOKEN"]
    say_everything(beside.url, token)
    assert_no_canary(beside.log + talkative.log, talkative.secret, token, token.rpartition(".")[2])


def test_no_figure_for_machines_and_no_description_holds_one(talkative: Served) -> None:
    by = talkative.bearer()
    for path in ("/metrics", "/health", "/api/system", "/openapi.json", "/api/sources", "/api/audit"):
        answer = talkative.session.get(talkative.url + path, headers=by, timeout=10)
        assert answer.status_code == 200
        assert "canary-of" not in answer.text
        assert talkative.secret not in answer.text
