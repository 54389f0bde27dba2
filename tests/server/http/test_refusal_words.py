"""No refusal tells where this machine keeps what, or what the server is made of: no path, no link of a library."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.served import bot_status
from tests.server.auth.matrix import ROUTES, Office
from tests.server.clients import receive
from tests.waiting import wait_until

FOLDER = "folder-of-the-canary"
TOLD = re.compile(
    rf"{FOLDER}|site-packages|Traceback|File \\?\"|\.py\b|/root/|/home/|/usr/|/tmp/|object at 0x"
    r"|pydantic|sqlalche|errors\.pydantic\.dev|sqlite3\.|orjson|jsonschema|httptools|starlette|uvicorn|pyarrow"
)
JUNK = ("", "\x00", "1_0", "9" * 400, "\ud7ff", "../../etc/passwd", "'; --", "%ff", "{}", "e1:9", "nan")
NAMES = ("location", "kind", "where", "limit", "after", "from", "to", "step", "cursor", "before", "types", "subject")
BODIES = (
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 5_000,
    b"{}",
    b"[]",
    b"null",
    b'{"role": 1e400, "subject": [], "ttl_s": "1_0", "location": {}}',
    b'{"type": "conversation_event", "data": {"body": 7}, "time": "yesterday", "id": {}}',
    b'[{"exp": ' + b"9" * 5_000 + b"}]",
    b"\x1f\x8b\x08junk",
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office(tmp_path_factory.mktemp(FOLDER), anonymous=False) as office:
        yield office


def told(text: str) -> list[str]:
    return TOLD.findall(text)


@pytest.mark.parametrize(("method", "path"), [key for key in ROUTES if key[1].startswith(("/api", "/events", "/web"))])
def test_a_refusal_of_a_route_has_no_path_and_no_link(method: str, path: str, office: Office) -> None:
    known = re.sub(r"\{[^}]*\}", "x", path)
    queries = [urlencode({name: junk}) for name, junk in product(NAMES, JUNK[:4])] if method == "GET" else [""]
    for query in ["", *queries]:
        if "stream" in path and "after" not in query:
            continue  # what is right there never ends
        answer = office.ask(method, f"{known}?{query}", "admin", stream="stream" in path)
        if answer.status_code >= 400:
            assert told(answer.text) == [], (query, answer.text)
            assert answer.status_code != 500, (query, answer.text)
        answer.close()
    for body, encoding in product(BODIES if method in ("POST", "PUT") else (), ("", "gzip", "br")):
        headers = {"Content-Type": "application/json"} | ({"Content-Encoding": encoding} if encoding else {})
        answer = office.ask(method, known, "admin", data=body, headers=headers)
        assert told(answer.text) == [], (body, answer.text)
        assert answer.status_code != 500, (body, answer.text)


@pytest.mark.parametrize("path", ["/nothing", "/api/", "/events/../../etc", "/api/series/%2e%2e/", "//etc/passwd"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "TRACE"])
def test_what_is_no_route_says_its_own_address_alone(method: str, path: str, office: Office) -> None:
    assert told(office.ask(method, path, "admin").text.replace(path, "")) == []


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "." * 2_000, "é"])
def test_a_bad_token_is_refused_in_our_own_words(token: str, office: Office) -> None:
    headers = {"Authorization": f"Bearer {token}".encode()}
    assert told(office.session.get(f"{office.url}/events", headers=headers, timeout=10).text) == []


def test_the_socket_refuses_in_our_own_words(office: Office) -> None:
    frames: list[Any] = ["{", "[]", "7", "\x00", "[" * 5_000, '{"type": "subscribe", "after": "x"}']
    frames += ['{"type": "subscribe", "types": [7]}', '{"type": "publish", "events": {"time": []}}', '{"type": "auth"}']
    for frame in frames:
        with ExitStack() as stack:
            client = office.connect(stack, "admin")
            client.send(frame)
            assert told(str(receive(client))) == []


def test_a_store_that_fails_says_so_without_its_path(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    with Office(folder, anonymous=False) as office:
        store = next(folder.rglob("*.db"))
        store.rename(store.with_name("gone"))
        wait_until(lambda: office.publish(bot_status()).status_code == 503)
        assert told(office.publish(bot_status()).text) == []
        for path in ("/events?location=default&after=oldest", "/api/series?kind=lead_bot_sequence_update", "/health"):
            assert told(office.ask("GET", path, "admin").text) == []
