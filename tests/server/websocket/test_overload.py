"""Overload: webhooks are asked to come back with the one answer that the platform heeds, and nobody waits for ever."""

import re
import socket
from pathlib import Path

import orjson
import pytest
import requests

from jorge_data.server import doorway
from jorge_data.server.http import webhooks
from jorge_data.server.webhook import delivery_receiver
from jorge_data.store.sql import writing
from tests.served import bot_status
from tests.server.inside import Inside
from tests.server.webhook.ghl import PEM, contact, signature
from tests.waiting import wait_until

BEGUN = b"POST /webhooks/ghl HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{"


def send(server: Inside) -> requests.Response:
    body = orjson.dumps(contact("a"))
    headers = {"X-GHL-Signature": signature(body)}
    return requests.post(f"{server.url}/webhooks/ghl", data=body, headers=headers, timeout=10)


def test_a_full_house_turns_others_away_and_takes_webhooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "HEADROOM", 0)
    with Inside(tmp_path, {"ghl_public_key": PEM, "max_clients": 1}) as server:
        with requests.get(f"{server.url}/events/stream", stream=True, timeout=10):
            refused = requests.get(f"{server.url}/api/locations", timeout=10)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
            assert 1 <= int(refused.headers["Retry-After"]) <= 5
            assert requests.get(f"{server.url}/health", timeout=10).status_code == 200
            assert send(server).status_code == 200
        wait_until(lambda: requests.get(f"{server.url}/api/locations", timeout=10).ok)


def test_webhooks_have_places_of_their_own_and_are_asked_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_receiver, "MOST_AT_ONCE", 1)
    with Inside(tmp_path, {"ghl_public_key": PEM}) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            slow.sendall(BEGUN)
            wait_until(lambda: send(server).status_code == 429)
            refused = send(server)
            assert (refused.headers["Retry-After"], "1 deliveries are being received" in refused.text) == ("30", True)
        wait_until(lambda: send(server).status_code == 200)


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "READ_WITHIN_S", 0.05)
    with Inside(tmp_path) as server, socket.create_connection(("127.0.0.1", server.port), 10) as slow:
        slow.sendall(BEGUN)
        assert slow.recv(1000).startswith(b"HTTP/1.1 429 ")


def test_who_leaves_in_the_middle_is_counted_and_no_incident(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Inside(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as disconnected:
            disconnected.sendall(BEGUN)
        wait_until(lambda: left(server) == 1)
    assert "incident" not in caplog.text


def test_what_the_store_cannot_keep_beside_what_it_can_is_told_apart_from_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "QUEUE", 3)
    events = [bot_status(locationid="kept"), *(bot_status(locationid="too-much") for _ in range(4))]
    with Inside(tmp_path) as server:
        headers = {"Authorization": f"Bearer {server.tokens.issue('admin', 'test', 60)}"}
        answer = requests.post(f"{server.url}/events", json=events, headers=headers, timeout=10)
        noted = requests.get(f"{server.url}/api/refusals?location=too-much", headers=headers, timeout=10).json()
    assert answer.status_code == 207
    committed, *others = answer.json()["results"]
    assert committed["seq"] == 1
    assert {other["error"]["code"] for other in others} == {"not_kept"}
    assert noted["total"] == 0


def left(server: Inside) -> int:
    text = requests.get(f"{server.url}/metrics", timeout=10).text
    sample = re.search(r'^jorge_requests_refused_total\{code="left"\} (\S+)', text, re.MULTILINE)
    return int(float(sample[1])) if sample else 0
