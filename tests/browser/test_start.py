"""From one command to the first event on the screen, and to nothing left running."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
import requests

from tests.dashboard_process import ROOT, Dashboard
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
    port = free_port()
    with Dashboard(tmp_path, **surroundings(tmp_path, port)) as dashboard:
        lines = re.findall(r"^ +((?:TOKEN=|curl ).*)$", dashboard.log, re.MULTILINE)
        assert len(lines) == 2, dashboard.log
        environment = os.environ | surroundings(tmp_path, port)
        pasted = "\n".join(lines).replace(".venv/bin/python", sys.executable)
        done = subprocess.run(["bash", "-c", pasted], env=environment, cwd=ROOT, capture_output=True, timeout=60)
        assert b'"seq":' in done.stdout, done.stderr
        figures = requests.get(f"{dashboard.url}/api/dashboard/metrics", timeout=5)
        assert figures.status_code == 200


TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


def test_a_token_is_printed_on_a_terminal_and_into_no_file(tmp_path: Path) -> None:
    with Dashboard(tmp_path, **surroundings(tmp_path, free_port())) as dashboard:
        assert "Publish an event:" in dashboard.log
        assert TOKEN.search(dashboard.log) is None
    ours, theirs = pty.openpty()
    dashboard = Dashboard(tmp_path, **surroundings(tmp_path, free_port()))
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    process = subprocess.Popen(command, cwd=ROOT, env=dashboard.environment, stdout=theirs, stderr=theirs)
    try:
        os.close(theirs)
        shown = b""
        while b"curl" not in shown:
            shown += os.read(ours, 1 << 16)
        token = TOKEN.search(shown.decode())
        assert token is not None
        claims = json.loads(urlsafe_b64decode(token[0].split(".")[1] + "=="))
        assert (claims["role"], claims["exp"] - claims["iat"]) == ("publisher", 12 * 3600)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        os.close(ours)


def test_the_embedded_server_lets_this_machine_read_and_no_proxy(tmp_path: Path) -> None:
    port = free_port()
    events = f"http://127.0.0.1:{port}/events"
    with Dashboard(tmp_path, **surroundings(tmp_path, port)):
        assert requests.get(events, timeout=5).status_code == 200
        for sign in ({"X-Forwarded-For": "203.0.113.7"}, {"Via": "1.1 proxy.example"}):
            assert requests.get(events, headers=sign, timeout=5).status_code == 401
    public = {"JORGE_PUBLIC_URL": "https://office.example.com", "JORGE_LOGIN": "users"}
    for asked in (
        public,
        {"JORGE_LOGIN": "users"},
        {"JORGE_ANONYMOUS": "off"},
        {"JORGE_ORIGINS": "https://crm.example.com"},
    ):
        with Dashboard(tmp_path, **surroundings(tmp_path, port), **asked):
            assert requests.get(events, timeout=5).status_code == 401


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
