"""An ordinary nginx before an event server that lets its own machine read: nobody reads through it without a token."""

import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect

from tests.proxies import nginx_command
from tests.served import Served, free_port
from tests.server.clients import receive
from tests.waiting import wait_for_start

WAYS = {
    "nothing set": "",
    "forwarding headers": "proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $remote_addr;",
    "the client's host": "proxy_set_header Host $host;",
    "http 1.1": "proxy_http_version 1.1;",
    "the recipe for sockets": "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;"
    ' proxy_set_header Connection "upgrade";',
}


@pytest.fixture(scope="module")
def ports(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed: reading through it was not tried")
    folder = tmp_path_factory.mktemp("nginx")
    ports = {way: free_port() for way in WAYS}
    sites = "".join(
        f"server {{ listen 127.0.0.1:{ports[way]}; location / {{ {lines} proxy_pass {served.url}; }} }}\n"
        for way, lines in WAYS.items()
    )
    log = folder / "log"
    with log.open("w") as writing:
        nginx = subprocess.Popen(nginx_command(folder, sites), stdout=writing, stderr=writing)
    wait_for_start(nginx, lambda: status(next(iter(ports.values())), "/health") == 200, log.read_text)
    yield ports
    nginx.terminate()
    nginx.wait(20)


def status(port: int, path: str, **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_read_through_it_without_a_token(served: Served, ports: dict[str, int], way: str) -> None:
    for path in ("/events", "/api/table?kind=contacts", "/api/dashboard/metrics", "/metrics", "/docs", "/openapi.json"):
        assert status(ports[way], path) == 401, path
    assert status(ports[way], "/events", **served.bearer("viewer")) == 200
    assert served.session.get(f"{served.url}/events", timeout=5).status_code == 200, "on this machine it is read"


def test_a_socket_through_it_is_asked_for_its_token(ports: dict[str, int]) -> None:
    with connect(f"ws://127.0.0.1:{ports['the recipe for sockets']}/ws", proxy=None) as client:
        assert receive(client)["auth"] == "required"
