"""The command line, as a person or a parent process uses it."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from jorge_data.__main__ import main
from jorge_data.cli.doctor import Finding, examine
from jorge_data.server.auth.tokens import Tokens
from jorge_data.settings import Settings
from tests.http_server import HttpServer
from tests.served import Served, free_port

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
FAULTLESS = {"JORGE_TOKEN_SECRET": SECRET}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In an empty folder, with nothing set."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("JORGE_", "NEXT_PUBLIC_", "SOCKET_IO_")):
            monkeypatch.delenv(name)


def jorge(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def sentence(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a refused command says."""
    assert run.returncode == 2, run.stderr
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    return line


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


def test_a_token_is_printed_alone() -> None:
    arguments = ["token", "--role", "agent", "--location", "north", "--ttl", "90s", "--subject", "ann"]
    run = jorge(*arguments, **FAULTLESS)
    assert (run.returncode, run.stderr) == (0, "")
    claims = Tokens(SECRET).verify(run.stdout.removesuffix("\n"))
    assert (claims.subject, claims.role, claims.location) == ("ann", "agent", "north")


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    tokens = [jorge("token").stdout.strip() for _ in range(2)]
    path = tmp_path / "var" / "token-secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text()
    assert len(secret) == 64
    assert [Tokens(secret).verify(token).role for token in tokens] == ["publisher", "publisher"]
    assert secret not in "".join(tokens)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ttl", "1 week"], "--ttl is '1 week'; allowed: a whole number and a unit: 90s, 15m, 12h, 30d"),
        (["--ttl", "0d"], "--ttl is '0d'; allowed: a whole number and a unit: 90s, 15m, 12h, 30d"),
        (["--ttl", "9" * 30 + "d"], f"--ttl is '{'9' * 30}d'; allowed: a whole number and a unit: 90s, 15m, 12h, 30d"),
        (["--role", "boss"], "--role is 'boss'; allowed: publisher, dashboard, viewer, agent, manager, admin"),
        (["--location", "a b"], "--location is 'a b'; allowed: 1–128 letters, digits and . _ ~ -"),
        (["--location", ""], "--location is ''; allowed: 1–128 letters, digits and . _ ~ -"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["jorge_data", "token", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"{message}\n")


def test_a_wrong_setting_is_one_sentence_that_names_it() -> None:
    message = sentence(jorge("serve", NEXT_PUBLIC_SOCKET_URL="localhost"))
    assert message == "NEXT_PUBLIC_SOCKET_URL is 'localhost'; allowed: a websocket address, as in ws://localhost:8001"


def test_the_schema_is_printed_as_json() -> None:
    run = jorge("schema")
    assert (run.returncode, run.stderr) == (0, "")
    Draft202012Validator.check_schema(json.loads(run.stdout))


def test_a_port_that_is_held_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        message = sentence(jorge("serve", "--port", str(port), **FAULTLESS))
    assert message.startswith(f"port {port} on 127.0.0.1 is held by another program: end it, or set JORGE_PORT")


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("", "JORGE_TOKEN_SECRET is ''; allowed: a secret of your own wherever the server is not on loopback"),
        ("short", "JORGE_TOKEN_SECRET is '<5 bytes, 5 distinct>'; allowed: 32 bytes or more of chance"),
        ("a" * 40, "JORGE_TOKEN_SECRET is '<40 bytes, 1 distinct>'; allowed: 32 bytes or more of chance"),
    ],
)
def test_a_server_for_others_insists_on_a_strong_secret(secret: str, message: str, tmp_path: Path) -> None:
    run = jorge("serve", "--port", str(free_port()), JORGE_HOST="0.0.0.0", JORGE_TOKEN_SECRET=secret)
    assert sentence(run).startswith(message)
    assert not (tmp_path / "var" / "token-secret").exists()


def test_a_child_ends_when_its_parent_lets_go(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(15) == 0


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
