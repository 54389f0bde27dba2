"""Children are tried with small programs of Python; each says on a pipe that it is up, and its end closes that pipe."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jorge_data.backoff import Backoff
from jorge_data.dashboard.child_process import Child


def parent_program(fifo: Path) -> str:
    return textwrap.dedent(f"""
        import sys, time
        from jorge_data.dashboard.child_process import Child
        child = "import os, sys; f = open({str(fifo)!r}, 'w'); f.write('up'); f.flush(); sys.stdin.buffer.read()"
        Child("tiny", [sys.executable, "-c", child]).start()
        time.sleep(60)
    """)


def test_a_child_dies_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    parent = subprocess.Popen([sys.executable, "-c", parent_program(fifo)], cwd=Path(__file__).parents[2])
    with fifo.open() as line:
        assert line.read(2) == "up"
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
        assert line.read() == "", "the child's end of the pipe is closed: it is gone"


def test_stopping_a_child_ends_it_by_the_end_of_its_input() -> None:
    child = Child("tiny", [sys.executable, "-c", "import sys; sys.stdin.buffer.read()"])
    child.start()
    child.stop()
    assert child.exit_code == 0


def test_a_child_that_ignores_the_end_of_its_input_is_asked_then_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.dashboard.child_process.GRACE_S", 0.1)
    child = Child("stubborn", [sys.executable, "-c", "import time; time.sleep(60)"])
    child.start()
    child.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_child_that_fails_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    program = f"f = open({str(fifo)!r}, 'w'); f.write('x'); f.close(); raise SystemExit(3)"
    child = Child("frail", [sys.executable, "-c", program], backoff=Backoff(cap_s=0))
    child.start()
    for _ in range(3):
        with fifo.open() as line:
            assert line.read()
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)  # so that a life that has just begun need not wait for us
    child.stop()
    os.close(reader)
    assert "frail ended with code 3" in caplog.text


def test_a_child_that_has_done_its_work_is_left_alone() -> None:
    child = Child("done", [sys.executable, "-c", ""])
    child.start()
    child._thread.join(10)
    assert child.exit_code == 0
    child.stop()
