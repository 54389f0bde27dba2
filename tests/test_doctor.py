"""`doctor`: every fault is told at once, each with what to do, and what is set is tried."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jorge_data.cli.doctor import Finding, examine
from jorge_data.settings import Settings
from tests.http_server import HttpServer
from tests.redis import RedisServer
from tests.served import Served, free_port
from tests.server.ghl_sync.api import LOCATION, TOKEN, FakeGHL
from tests.test_commands import FAULTLESS, SECRET, _elsewhere, jorge

__all__ = ["_elsewhere"]


def at(port: int, **given: str | int) -> Settings:
    """Return settings whose server is at this port."""
    url = f"ws://127.0.0.1:{port}"
    return Settings.model_validate({"port": port, "socket_url": url, "token_secret": SECRET} | given)


def failures(settings: Settings) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(settings) if not finding.passed}


@contextmanager
def foreign_server(body: bytes) -> Iterator[int]:
    """Answer every GET with this body, as some other program would."""
    with HttpServer(lambda request: (200, {"Content-Type": "application/json"}, body)) as server:
        yield server.port


def test_the_doctor_finds_nothing_where_nothing_is_amiss(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        url = f"ws://127.0.0.1:{server.port}"
        run = jorge("doctor", JORGE_SOCKET_URL=url, JORGE_TOKEN=server.token("viewer"), **FAULTLESS)
    assert run.returncode == 0, run.stdout
    assert all(line.startswith("ok ") for line in run.stdout.splitlines())
    subjects = {line[5:].partition(":")[0] for line in run.stdout.splitlines()}
    assert subjects == {"python", "sqlite", "store", "token secret", "event server", "clock", "token", "dashboard"} | {
        "parts of the server"
    }


def test_the_doctor_names_what_is_amiss_and_what_to_do() -> None:
    with foreign_server(b'{"service": "somebody"}') as port:
        url = f"ws://127.0.0.1:{port}"
        run = jorge("doctor", JORGE_PORT=str(port), JORGE_SOCKET_URL=url, JORGE_TOKEN_SECRET="weak")
    assert run.returncode == 1
    assert f"FAIL event server: what answers at http://127.0.0.1:{port} is not our event server" in run.stdout
    assert "-> another program holds the port: set JORGE_PORT" in run.stdout
    assert "FAIL token secret: JORGE_TOKEN_SECRET is '<4 bytes, 4 distinct>'" in run.stdout


@pytest.mark.parametrize("body", [b"[]", b"not json", b"", b"\xff"])
def test_the_doctor_takes_no_other_server_for_ours(body: bytes) -> None:
    with foreign_server(body) as port:
        assert failures(at(port)).keys() == {"event server"}


def test_the_doctor_knows_a_held_port_from_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as holder:
        holder.settimeout(10)
        port = holder.getsockname()[1]

        def hang_up() -> None:
            for _ in range(2):
                holder.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert "is held, and does not answer as our server" in failures(at(port))["event server"].detail
        thread.join()
    assert failures(at(free_port())) == {}


def test_the_doctor_survives_a_store_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database, whatever its name says" * 100)
    assert "not a database" in failures(at(free_port(), store_url=f"sqlite:///{broken}"))["store"].detail
    under_a_file = f"sqlite:///{broken}/events.db"
    assert "cannot be written" in failures(at(free_port(), store_url=under_a_file))["store"].detail


def test_the_doctor_tries_the_dashboards_token(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        finding = failures(at(server.port, token="eyJ0.eyJ0.forged"))["token"]
        assert "the server refuses it" in finding.detail
        assert failures(at(server.port, token="ünsendable-ж"))["token"].detail.startswith("it cannot be sent")


def told(*arguments: str, **environment: str) -> list[str]:
    """Return the lines that the doctor prints of what is amiss, without those of its versions."""
    run = jorge("doctor", *arguments, JORGE_SOCKET_URL=f"ws://127.0.0.1:{free_port()}", **FAULTLESS, **environment)
    assert run.returncode in (0, 1), run.stderr
    return [line for line in run.stdout.splitlines() if not line.startswith("ok ")]


def test_the_doctor_tells_every_wrong_setting_at_once_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("JORGE_ZONE=Mars/Olympus\n")
    lines = told(JORGE_MAX_CLIENTS="many", SOCKET_IO_TIMEOUT="5 s", JORGE_WORKFLOW_SECRET="short")
    assert lines[:3] == [
        "FAIL settings: JORGE_MAX_CLIENTS is 'many'; allowed: a valid integer",
        "FAIL settings: JORGE_ZONE is 'Mars/Olympus'; allowed: an IANA time zone, as in America/Chicago",
        "FAIL settings: SOCKET_IO_TIMEOUT is '5 s'; allowed: a valid integer",
    ]
    assert lines[3].startswith("FAIL webhooks: JORGE_WORKFLOW_SECRET is '<5 characters>'")


def test_a_value_that_is_wrong_beside_another_is_told_too() -> None:
    lines = told(JORGE_COMMISSION_RATES="2025-01-01=5", JORGE_COMMISSION_RATE="6")
    assert {line.split()[2] for line in lines} == {"JORGE_COMMISSION_RATES", "JORGE_COMMISSION_RATE"}


def test_the_doctor_knows_a_name_that_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("JORGE_MONTLY_TARGET=30000\nJORGE_ZONE=America/Denver\n")
    assert told(JORGE_XYZZY="1", JORGE_CHILD="0") == [
        "FAIL settings: JORGE_MONTLY_TARGET sets nothing",
        "     -> did you mean JORGE_MONTHLY_TARGET?",
        "FAIL settings: JORGE_XYZZY sets nothing",
        "     -> remove it; the README has a table of all settings",
    ]


def found(subject: str, **given: str) -> Finding:
    return next(finding for finding in examine(at(free_port(), **given)) if finding.subject == subject)


def test_the_doctor_tries_the_redis_that_is_set(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as redis:
        assert (
            str(found("Redis", redis_url=redis.url)) == "ok   Redis: it answers; the stream begins with its first event"
        )
        redis.add("jorge_events", event="{}")
        assert str(found("Redis", redis_url=redis.url)) == "ok   Redis: it answers"
        redis.client.set("other", "text")
        assert found("Redis", redis_url=redis.url, redis_stream="other").detail == "other holds a string, and no stream"
    assert found("Redis", redis_url=redis.url).detail.startswith("Redis: Error")
    secret = found("Redis", redis_url="http://user:hidden@localhost")
    assert (secret.passed, "hidden" in str(secret)) == (False, False)


def test_the_doctor_asks_gohighlevel_as_the_synchronization_would() -> None:
    with FakeGHL() as ghl:
        given = {"ghl_base_url": ghl.url, "ghl_location": LOCATION}
        assert found("GoHighLevel", ghl_token=TOKEN, **given).passed
        refused = found("GoHighLevel", ghl_token="wrong-secret", **given)
        assert "Invalid JWT" in refused.detail
        assert "wrong-secret" not in str(refused)
        for listing in ("/contacts/", "/opportunities/search"):
            ghl.out_of_scope = {listing}
            refused = found("GoHighLevel", ghl_token=TOKEN, **given)
            assert f"401: {listing}: The token is not authorized for this scope." in refused.detail
        assert {query["limit"] for path, query in ghl.asked if path == "/contacts/"} == {"1"}
        ghl.out_of_scope = set()
        ghl.failures.append((503, {}))
        assert not found("GoHighLevel", ghl_token=TOKEN, **given).passed
        assert found("GoHighLevel", ghl_location=LOCATION).detail == "JORGE_GHL_TOKEN is not set"
    assert not found("GoHighLevel", ghl_token=TOKEN, **given).passed


def test_what_webhooks_are_known_by_is_checked_where_it_is_set() -> None:
    assert found("webhooks", workflow_secret="0123456789abcdef").passed
    assert not found("webhooks", ghl_public_key="no key").passed
