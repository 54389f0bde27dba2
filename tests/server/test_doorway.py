"""The doorway: who goes where there is no room, and by which address a connection is counted."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI

from jorge_data.server import doorway
from jorge_data.server.descriptors import Descriptors
from jorge_data.server.doorway import address_of, capacity
from jorge_data.server.readiness import Readiness
from tests.chaos.test_crowds import are_open, crowd, dial
from tests.server.inside import Inside
from tests.waiting import wait_until

GET = b"GET /health HTTP/1.1\r\nHost: test\r\n"


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "YOUNG_S", 0.1)
    monkeypatch.setattr(doorway, "LOOKED_AT_EVERY_S", 0.05)
    monkeypatch.setattr(doorway, "MOST_WAITING_OF_AN_ADDRESS", 5)


@pytest.mark.usefixtures("_impatient")
def test_an_address_of_which_too_many_wait_loses_the_oldest_and_another_none(tmp_path: Path) -> None:
    with Inside(tmp_path) as server, ExitStack() as stack:
        other = dial(server.port, stack, GET, source="127.0.0.2")
        half = crowd(server.port, stack, 12, GET)
        wait_until(lambda: are_open(half) == 5)
        assert are_open(half[-5:]) == 5
        other.sendall(b"\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200 ")


@pytest.mark.usefixtures("_impatient")
def test_who_is_cut_with_half_a_request_is_told_to_come_back(tmp_path: Path) -> None:
    with Inside(tmp_path) as server, ExitStack() as stack:
        first, *_ = crowd(server.port, stack, 12, GET)
        head, _, body = first.recv(1 << 16).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: " in head
    assert json.loads(body)["error"]["code"] == "unavailable"


def test_that_some_are_turned_away_is_said_and_that_it_is_over_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorway, "LOOKED_AT_EVERY_S", 0.05)
    monkeypatch.setattr(doorway, "CROWDED_FOR_S", 0.5)
    monkeypatch.setattr(doorway, "MOST_WAITING", 0)
    with Inside(tmp_path, {"max_clients": 1}) as server, ExitStack() as stack:
        app = server.config.app
        assert isinstance(app, FastAPI)
        readiness: Readiness = app.state.context.readiness

        def state() -> str:
            return next(part.state for part in readiness.parts() if part.name == "connections")

        assert state() == "ok"
        crowd(server.port, stack, doorway.HEADROOM + 10, b"")
        wait_until(lambda: state() == "degraded")
        wait_until(lambda: state() == "ok")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1%eth0", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
    ],
)
def test_an_address_is_its_own_and_of_ipv6_its_network(host: str, address: str) -> None:
    assert address_of((host, 1)) == address


@pytest.mark.parametrize("limit", [64, 128, 256, 1024, 4096, 20_000, 65_536])
@pytest.mark.parametrize("clients", [1, 20, 5_000, 100_000])
def test_there_is_room_within_the_descriptors_for_all_kinds(limit: int, clients: int) -> None:
    room = capacity(clients, Descriptors(limit))
    assert 0 < room.live <= room.served < room.most < limit
    assert room.most + Descriptors(limit).backlog(room.most) <= limit - 34  # of the idle server


def test_a_server_of_the_usual_size_has_room_for_all_that_it_is_set_to() -> None:
    assert capacity(5_000, Descriptors(20_000)) == (6_100, 5_100, 5_000)


def test_a_socket_that_nobody_knows_has_an_address_too() -> None:
    assert address_of(None) == ""
