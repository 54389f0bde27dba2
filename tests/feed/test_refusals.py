"""The server says no, or goodbye: what comes back by itself, what waits for a person, and in what words."""

import socket
from dataclasses import replace

import orjson
import pytest

from tests.feed.conftest import QUICK, Follow
from tests.feed.fake_server import FakeConnection, FakeServer, serve_log
from tests.feed.recorder import Recorder


@pytest.mark.parametrize("code", [1012, 4008, 4010, 4429])
def test_it_comes_back_after_a_code_that_says_so(
    code: int, server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    def close(client: FakeConnection) -> None:
        client.begin()
        client.connection.close(code, "come back")

    server.scripts.append(close)
    follow()
    status = recorder.wait_for_detail(f"closed the connection: {code} come back")
    assert status.state == "connecting"
    recorder.wait_for_state("connected", times=2)


@pytest.mark.parametrize(("code", "words"), [(4401, "expired"), (4501, "token"), (4503, "token"), (4509, "4509 no")])
def test_it_waits_long_after_a_code_that_says_not_to_come_back(
    code: int, words: str, server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.scripts.append(lambda client: client.connection.close(code, "no"))
    feed = follow(timing=replace(QUICK, fatal_s=3600))
    status = recorder.wait_for_state("error")
    assert words in status.detail
    assert status.retry_at is not None
    assert (status.retry_at - status.since).total_seconds() == pytest.approx(3600)
    feed.retry_now()
    recorder.wait_for_state("connected")


@pytest.mark.parametrize(("http_status", "words"), [(401, "token"), (403, "token"), (404, "no event server")])
def test_a_first_request_that_is_refused_is_an_error_with_a_sentence(
    http_status: int, words: str, server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.http_status = http_status
    follow()
    assert words in recorder.wait_for_state("error").detail
    server.http_status = 200
    recorder.wait_for_state("connected")


def test_a_server_that_is_down_is_retried_until_it_is_up(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        feed = follow(port=nobody.getsockname()[1], attempts=1000)
        status = recorder.wait_for_detail("refused")
    assert status.state == "connecting"
    assert status.retry_at is not None
    assert feed.log()[0].detail.startswith("connecting to ws://127.0.0.1:")


def test_a_server_that_wants_a_token_is_an_error_where_there_is_none(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.scripts.append(lambda client: client.send(type="connected", auth="required"))
    follow()
    assert "token" in recorder.wait_for_state("error").detail


def test_the_auth_frame_carries_the_token_where_the_header_was_lost(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    frames: list[dict[str, str]] = []

    def ask(client: FakeConnection) -> None:
        client.send(type="connected", auth="required")
        frames.append(orjson.loads(client.connection.recv()))
        serve_log(client)

    server.scripts.append(ask)
    follow(token="canary", attempts=1000)
    recorder.wait_for_state("connected")
    assert frames == [{"type": "auth", "token": "canary"}]
