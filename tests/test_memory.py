"""What a process holds when it has started is what it holds for ever."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

CHURN = """
import sys

import psutil

import jorge_data.dashboard.context
from jorge_data import memory

process = psutil.Process()
memory.limit_malloc()
memory.presize_intern_table()
settled = process.memory_info().rss
for number in range(400_000):
    sys.intern(f"{number} comes and goes")
print(process.memory_info().rss - settled)
"""


def test_names_that_come_and_go_cost_a_dashboard_nothing_once_it_has_started() -> None:
    done = subprocess.run([sys.executable, "-c", CHURN], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 500_000
