"""The demo's command beside a real server: it clears its own office and fills it, where reading takes a token too."""

import subprocess
import sys
from pathlib import Path

from tests.served import Served, bot_status
from tests.waiting import wait_until


def test_the_demo_begins_its_office_anew_where_nothing_is_read_without_a_token(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        server.post([bot_status(locationid="demo")])
        before = server.get("/events", location="demo")["epoch"]
        environment = server.environment | {"JORGE_SOCKET_URL": server.url.replace("http", "ws")}
        command = [sys.executable, "-m", "jorge_data", "demo"]
        with subprocess.Popen(command, env=environment, cwd=tmp_path, stdin=subprocess.PIPE) as demo:
            try:
                wait_until(lambda: demo.poll() is not None or server.get("/events", location="demo")["top"] > 1)
                assert demo.poll() is None, "it goes on"
                assert server.get("/events", location="demo")["epoch"] != before
                acts = {entry["act"] for entry in server.get("/api/audit", limit=1000)["entries"]}
                assert "location.remove" in acts
                assert acts.isdisjoint({"contact.change", "label.set", "needs.act"})
            finally:
                demo.kill()
