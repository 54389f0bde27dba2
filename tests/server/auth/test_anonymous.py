"""Reading without a token: asked for by name, on this machine alone, and ended by the first sign of forwarding."""

import http.client
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.served import Served
from tests.server.clients import receive


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of which nobody asked anything: its settings are the defaults."""
    server = Served(tmp_path_factory.mktemp("alone"))
    del server.environment["JORGE_ANONYMOUS"]
    with server:
        yield server


def status(server: Served, path: str, version: str = "HTTP/1.1", **headers: str) -> int:
    """Return what a request is answered with that says nothing but this."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection._http_vsn_str = version  # type: ignore[attr-defined]
    connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": f"127.0.0.1:{server.port}", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


READING = (
    "/events",
    "/events/stream?after=latest",
    "/api/locations",
    "/api/series",
    "/api/dashboard/metrics",
    "/metrics",
)


@pytest.mark.parametrize("path", READING)
def test_the_server_alone_lets_nobody_read_without_a_token(alone: Served, path: str) -> None:
    assert status(alone, path) == 401


FORWARDED = [
    {"Forwarded": "for=203.0.113.7"},
    {"X-Forwarded-For": "203.0.113.7"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "127.0.0.1"},
    {"X-Forwarded-Server": "a"},
    {"X-Real-IP": "203.0.113.7"},
    {"X-Client-IP": "127.0.0.1"},
    {"True-Client-IP": "203.0.113.7"},
    {"Via": "1.1 proxy"},
    {"CF-Connecting-IP": "203.0.113.7"},
    {"CF-Ray": "1"},
    {"CDN-Loop": "cloudflare"},
    {"X-Original-URL": "/events"},
    {"X-Amzn-Trace-Id": "Root=1"},
    {"X-Envoy-External-Address": "203.0.113.7"},
    {"Tailscale-User-Login": "ann@example.com"},
    {"Connection": "close"},
    {"Connection": "upgrade"},
    {"Connection": "keep-alive, Close"},
    {"Host": "office.example.com"},
    {"Host": "203.0.113.7"},
    {"Origin": "https://office.example.com"},
    {"Origin": "null"},
    {"Referer": "https://office.example.com/events"},
]


@pytest.mark.parametrize("headers", FORWARDED, ids=lambda headers: "-".join(next(iter(headers.items()))))
def test_the_first_sign_of_forwarding_ends_it(served: Served, headers: dict[str, str]) -> None:
    assert status(served, "/events") == 200
    assert status(served, "/events", **headers) == 401


def test_a_request_of_http_1_0_is_a_proxys(served: Served) -> None:
    assert status(served, "/events", "HTTP/1.0") == 401


def test_a_program_that_closes_its_connection_reads(served: Served) -> None:
    with urllib.request.urlopen(f"{served.url}/events", timeout=5) as answer:  # says so after all else
        assert answer.status == 200


def test_the_refusal_says_which_sign_it_was(served: Served, guarded: Served) -> None:
    for server, said in ((served, "; via shows that the request was forwarded"), (guarded, "")):
        answer = server.session.get(f"{server.url}/events", headers={"Via": "1.1 a"}, timeout=5)
        assert answer.json()["error"]["detail"] == (
            "a token is required: send it as `Authorization: Bearer <token>`; the dashboard's Connect page makes one, "
            f"and so does `python -m jorge_data token`{said}"
        )


def test_a_token_is_read_through_any_proxy(served: Served) -> None:
    headers = served.bearer("viewer") | {"Via": "1.1 a", "X-Forwarded-For": "203.0.113.7"}
    assert served.session.get(f"{served.url}/events", headers=headers, timeout=5).status_code == 200


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.7"}, {"Via": "1.1 a"}, {"Host": "a.example"}])
def test_a_forwarded_socket_is_asked_for_its_token(served: Served, headers: dict[str, str]) -> None:
    with served.connect(additional_headers=headers) as client:
        assert receive(client)["auth"] == "required"
    with served.connect() as client:
        assert receive(client)["auth"] == "ok"


@pytest.mark.parametrize(
    "environment",
    [{"JORGE_HOST": "0.0.0.0"}, {"JORGE_HOST": "::"}, {"JORGE_PUBLIC_URL": "https://office.example.com"}],
    ids=["all addresses", "all of IPv6", "a public address"],
)
def test_it_cannot_be_asked_for_where_others_come(tmp_path: Path, environment: dict[str, str]) -> None:
    server = Served(tmp_path, **environment)
    command = [sys.executable, "-m", "jorge_data", "serve"]
    ended = subprocess.run(command, env=server.environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "JORGE_ANONYMOUS is 'read'; allowed: off where" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_public_address_is_an_origin_like_our_own(tmp_path: Path) -> None:
    environment = {"JORGE_PUBLIC_URL": "https://office.example.com:8443/jorge", "JORGE_ANONYMOUS": "off"}
    with Served(tmp_path, **environment) as server:
        with server.connect(origin="https://Office.example.com:8443") as client:
            assert receive(client)["auth"] == "required"
        for foreign in ("https://office.example.com", "http://office.example.com:8443", "https://evil.example:8443"):
            with pytest.raises(InvalidStatus) as refused, server.connect(origin=foreign):
                pass
            assert refused.value.response.status_code == 403
