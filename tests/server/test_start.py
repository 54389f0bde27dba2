"""A start that cannot be is one sentence and exit code 2, and a second server on one store says who holds it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.served import Served, bot_status, free_port

ROOT = Path(__file__).parents[2]


def serve(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a server that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", "serve"],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("JORGE_")},
            "PYTHONPATH": str(ROOT),
            "JORGE_PORT": str(free_port()),
            "JORGE_STORE_URL": f"sqlite:///{folder / 'events.db'}",
            **environment,
        },
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_one_sentence(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    assert ended.returncode == 2, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, ended.stderr
    for word in words:
        assert word in lines[0]


def test_a_second_server_on_one_store_says_who_holds_it_and_ends(tmp_path: Path) -> None:
    with Served(tmp_path) as first:
        assert_one_sentence(serve(tmp_path), f"is held by process {first.process.pid} on ", "since")
        first.post(bot_status(1)).raise_for_status()
        first.kill()
        first.start()
        assert first.get("/events", after="oldest")["top"] == 1


def test_older_code_on_a_newer_store_is_told_so(tmp_path: Path) -> None:
    with Served(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert_one_sentence(serve(tmp_path), "was written by a newer version of this program")


@pytest.mark.parametrize("secret", ["", "0123456789abcdefghijklmnopqrstuvwxyz"])
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, secret: str) -> None:
    (tmp_path / "file").touch()
    ended = serve(tmp_path / "file", JORGE_TOKEN_SECRET=secret)
    assert_one_sentence(ended, str(tmp_path / "file"), "cannot be")


def test_an_archive_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "archive").touch()
    ended = serve(tmp_path, JORGE_RETENTION="archive")
    assert_one_sentence(ended, str(tmp_path / "archive"), "cannot be used as the archive")
