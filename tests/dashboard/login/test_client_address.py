"""From where a request comes: what proxies say, and whom to believe."""

from ipaddress import ip_network
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from jorge_data.dashboard.login.client_address import client_address, is_passed_on_by

PROXY = (ip_network("10.0.0.5/32"), ip_network("127.0.0.0/8"))


def asked(peer: str, *forwarded: str, server: str = "192.0.2.1") -> HTTPConnection:
    """Return a request as uvicorn hands it on: from loopback, it has put what is forwarded in the client's place."""
    scope: dict[str, Any] = {"type": "http", "server": (server, 3000), "client": (peer, 40_000)}
    return HTTPConnection({**scope, "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded]})


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        (asked("198.51.100.9"), "198.51.100.9"),
        (asked("198.51.100.9", "203.0.113.7"), "198.51.100.9"),
        (asked("10.0.0.5", "203.0.113.7"), "203.0.113.7"),
        (asked("10.0.0.5", "6.6.6.6, 203.0.113.7"), "203.0.113.7"),
        (asked("10.0.0.5", "6.6.6.6", "203.0.113.7"), "203.0.113.7"),
        (asked("10.0.0.5", "203.0.113.7:5123"), "203.0.113.7"),
        (asked("10.0.0.5", "[2001:db8::7]:5123"), "2001:db8::7"),
        (asked("10.0.0.5", "6.6.6.6, unknown"), "10.0.0.5"),
        (asked("::ffff:10.0.0.5", "203.0.113.7"), "203.0.113.7"),
        # Who came to loopback is on this machine, though uvicorn says what he said.
        (asked("203.0.113.7", "203.0.113.7", server="127.0.0.1"), "203.0.113.7"),
        (asked("6.6.6.6", "6.6.6.6, 203.0.113.7", server="127.0.0.1"), "203.0.113.7"),
    ],
)
def test_the_address_is_that_which_the_last_trusted_proxy_saw(connection: HTTPConnection, address: str) -> None:
    assert client_address(connection, PROXY) == address


@pytest.mark.parametrize(
    ("connection", "is_trusted"),
    [
        (asked("10.0.0.5"), True),
        (asked("10.0.0.5", "203.0.113.7"), True),
        (asked("198.51.100.9"), False),
        (asked("198.51.100.9", "10.0.0.5"), False),
        # From this machine to an address of its own: uvicorn has put 10.0.0.5 where the peer was.
        (asked("10.0.0.5", "10.0.0.5"), False),
        (asked("10.0.0.5", "10.0.0.5, 10.0.0.5"), False),
        (asked("10.0.0.5", "10.0.0.5", server="127.0.0.1"), True),
    ],
)
def test_who_says_that_he_is_a_trusted_proxy_is_none_for_that(connection: HTTPConnection, is_trusted: bool) -> None:
    assert is_passed_on_by(connection, PROXY) is is_trusted


def test_where_nothing_is_trusted_nothing_said_is_believed() -> None:
    assert not is_passed_on_by(asked("127.0.0.1", server="127.0.0.1"), ())
    assert client_address(asked("203.0.113.7", "203.0.113.7", server="127.0.0.1"), ()) == "127.0.0.1"
