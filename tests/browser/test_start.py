"""From one command to the first event on the screen, and to nothing left running."""

import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import requests

from tests.dashboard_process import Dashboard
from tests.served import free_port


def surroundings(folder: Path, port: int) -> dict[str, str]:
    return {
        "JORGE_STORE_URL": f"sqlite:///{folder / 'events.db'}",
        "JORGE_SOCKET_URL": f"ws://127.0.0.1:{port}",
        "JORGE_PORT": str(port),
        "JORGE_DEMO": "0",
    }


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until_free(port: int) -> bool:
    for _ in range(200):
        if is_free(port):
            return True
        subprocess.run(["sleep", "0.05"], check=True)
    return False


def test_the_printed_line_publishes_when_pasted(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: the printed line was not pasted")
    with Dashboard(tmp_path, **surroundings(tmp_path, free_port())) as dashboard:
        line = re.search(r"^ +(curl .*)$", dashboard.log, re.MULTILINE)
        assert line is not None, dashboard.log
        subprocess.run(["bash", "-c", line[1]], check=True, capture_output=True, timeout=30)
        figures = requests.get(f"{dashboard.url}/api/dashboard/metrics", timeout=5)
        assert figures.status_code == 200


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running(tmp_path: Path, end: signal.Signals) -> None:
    port = free_port()
    with Dashboard(tmp_path, **surroundings(tmp_path, port)) as dashboard:
        assert not is_free(port)
        dashboard.process.send_signal(end)
        dashboard.process.wait(30)
        assert wait_until_free(port), "the event server has ended too"


def test_a_port_that_another_program_holds_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        dashboard = Dashboard(tmp_path, **surroundings(tmp_path, port))
        dashboard.start()
        assert dashboard.process.wait(60) == 2
    assert f"port {port} on 127.0.0.1 is held by another program" in dashboard.log
    assert "Traceback" not in dashboard.log


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    dashboard = Dashboard(tmp_path, JORGE_COMMISSION_RATE="6")
    dashboard.start()
    assert dashboard.process.wait(60) == 2
    assert "commission_rate" in dashboard.log.lower()
    assert "Traceback" not in dashboard.log
