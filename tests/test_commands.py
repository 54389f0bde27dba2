"""The command line, as a person or a parent process uses it."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from jorge_data.__main__ import main
from jorge_data.server.auth.tokens import Tokens
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
