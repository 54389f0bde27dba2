"""Liveness and limits: what only shows with shorter pings, fewer connections, or a store that breaks."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from jorge_data.errors import StoreError
from jorge_data.server.http import server_sent_events
from jorge_data.server.websocket import connection, protocol
from jorge_data.store import SQLiteStore
from tests.served import bot_status
from tests.server.clients import closing, next_events, receive, subscribe
from tests.server.inside import Inside


def dial(server: Inside, stack: ExitStack) -> ClientConnection:
    return stack.enter_context(connect(f"ws://127.0.0.1:{server.port}", proxy=None))


def publish(server: Inside, count: int = 1) -> None:
    headers = {"Authorization": f"Bearer {server.tokens.issue('admin', 'ann', 60)}"}
    events = [bot_status(number) for number in range(count)]
    requests.post(f"{server.url}/events", json=events, headers=headers, timeout=10).raise_for_status()


def test_heartbeats_tell_how_far_one_was_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    with Inside(tmp_path) as server, ExitStack() as stack:
        client = dial(server, stack)
        receive(client)
        assert {**receive(client), "time": ""} == {"type": "heartbeat", "top": None, "time": ""}
        while subscribe(client, "default")["type"] == "heartbeat":
            pass
        publish(server, 3)
        next_events(client, 3)
        heartbeat = receive(client)
        assert (heartbeat["type"], heartbeat["top"], heartbeat["prev"]) == ("heartbeat", 3, 3)


def test_a_heartbeat_tells_what_was_served_and_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    with Inside(tmp_path) as server, ExitStack() as stack:
        client = dial(server, stack)
        while subscribe(client, "default", types=["system_health_update"])["type"] != "subscribed":
            pass
        publish(server, 3)
        while (heartbeat := receive(client)).get("top") != 3:
            pass
        assert heartbeat["prev"] == 0


def test_a_stream_is_kept_warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_sent_events, "HEARTBEAT_S", 0.05)
    with Inside(tmp_path) as server, requests.get(f"{server.url}/events/stream", stream=True, timeout=5) as answer:
        assert any(line == ": heartbeat" for line in answer.iter_lines(decode_unicode=True))


def test_the_round_trip_of_pings_is_measured(tmp_path: Path) -> None:
    with Inside(tmp_path, ws_ping_interval=0.05) as server, ExitStack() as stack:
        client = dial(server, stack)
        receive(client)
        count = 0
        while not count:
            text = requests.get(f"{server.url}/metrics", timeout=5).text
            count = int(float(re.findall(r"^jorge_ping_seconds_count (\S+)", text, re.MULTILINE)[0]))


TOO_MANY = "too many connections: try again in a moment"


def test_a_full_house_turns_sockets_away_and_goes_on_taking_events(tmp_path: Path) -> None:
    with Inside(tmp_path, {"max_clients": 3}) as server, ExitStack() as stack:
        seated = [dial(server, stack) for _ in range(3)]
        for client in seated:
            subscribe(client, "default")
        with pytest.raises(InvalidStatus) as refused:
            dial(server, stack)
        response = refused.value.response
        assert (response.status_code, 1 <= int(response.headers["Retry-After"]) <= 5) == (503, True)
        assert json.loads(response.body or b"") == {"error": {"code": "unavailable", "detail": TOO_MANY}}
        publish(server)
        assert [len(next_events(client, 1)) for client in seated] == [1, 1, 1]


def test_a_reader_whose_log_cannot_be_read_is_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the disk is gone")

    with Inside(tmp_path) as server, ExitStack() as stack:
        for _ in range(5):
            publish(server, 500)
        requests.get(f"{server.url}/api/dashboard/metrics", timeout=5).raise_for_status()
        client = dial(server, stack)
        subscribed = subscribe(client, "default")
        monkeypatch.setattr(SQLiteStore, "read", broken)
        subscribe(client, "default", after={"epoch": subscribed["epoch"], "seq": 1})
        assert closing(client)[0] == 4010


def test_plain_sends_serve_as_well_where_the_protocol_is_not_the_one_we_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol.FanOutProtocol, "cut", None)
    with Inside(tmp_path) as server, ExitStack() as stack:
        client = dial(server, stack)
        subscribe(client, "default")
        publish(server, 5)
        assert len(next_events(client, 5)) == 5
        client.send(json.dumps({"type": "auth", "token": "rubbish"}))
        assert closing(client)[0] == 4501


@pytest.mark.anyio
async def test_this_uvicorn_is_the_one_that_fan_out_knows() -> None:
    assert await protocol.works()
