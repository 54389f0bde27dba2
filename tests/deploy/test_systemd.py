"""The units of systemd in `deploy/`: systemd understands each word, and each process may do little."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jorge_data.settings import read_settings
from tests.dashboard_process import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
EXPOSED = 2.5
"""The most that `systemd-analyze security` may say of a unit, from 0 (may do nothing) to 10 (may do all)."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: the units were not checked")
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def written(unit: Path, word: str) -> list[str]:
    return re.findall(rf"^{word}=(.*)$", unit.read_text(), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path) -> None:
    here = tmp_path / unit.name
    here.write_text(unit.read_text().replace("/opt/jorge/.venv/bin/python", sys.executable))
    checked = analyze("verify", str(here))
    assert (checked.returncode, [line for line in checked.stderr.splitlines() if here.stem in line]) == (0, [])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_a_unit_may_do_is_little(unit: Path) -> None:
    checked = analyze("security", "--offline=true", f"--threshold={EXPOSED * 10:.0f}", str(unit))
    assert checked.returncode == 0, checked.stdout[-300:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_a_unit_starts_is_what_stands_here(unit: Path) -> None:
    [command], [folder] = written(unit, "ExecStart"), written(unit, "WorkingDirectory")
    assert folder == "/opt/jorge"
    assert command.startswith("/opt/jorge/.venv/bin/python -m ")
    asked = [sys.executable, *command.split()[1:], "--help"]
    started = subprocess.run(
        asked, cwd=ROOT, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert started.returncode == 0, started.stderr
    [given] = written(unit, "Environment")
    names = dict(each.split("=", 1) for each in given.split())
    values = {name.removeprefix("JORGE_").lower(): value for name, value in names.items() if name.startswith("JORGE_")}
    read_settings(_env_file=None, **values)
