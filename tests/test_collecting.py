"""The garbage collector rests while tests are collected, and in no process longer than that."""

import os
import subprocess
import sys
from pathlib import Path

from tests.dashboard_process import ROOT

PLUGIN = """
import gc

def pytest_sessionfinish(session):
    who = "worker" if hasattr(session.config, "workerinput") else "main"
    with open({told!r}, "a") as told:
        told.write(f"{{who}} {{gc.isenabled()}}\\n")
"""


def test_the_garbage_collector_is_on_again_also_where_nothing_is_collected(tmp_path: Path) -> None:
    told = tmp_path / "told"
    (tmp_path / "tells_of_gc.py").write_text(PLUGIN.format(told=str(told)))
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "-p", "no:cacheprovider", "-p", "tells_of_gc"]
    run = subprocess.run(
        [*command, "tests/test_backoff.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert set(told.read_text().splitlines()) == {"main True", "worker True"}
