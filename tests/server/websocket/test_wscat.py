"""The guide's own first check: `wscat -c ws://localhost:8001` shows that somebody answers."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.served import Served

INSTALLED = Path(__file__).parents[3] / ".venv" / "wscat" / "node_modules" / ".bin" / "wscat"
WSCAT = shutil.which("wscat") or (str(INSTALLED) if INSTALLED.exists() else None)


@pytest.mark.skipif(WSCAT is None, reason="wscat is not installed: `make machine` installs it where npm is")
def test_wscat_shows_connected_first_and_at_once(served: Served) -> None:
    assert WSCAT is not None
    command = [WSCAT, "--no-color", "-c", f"ws://127.0.0.1:{served.port}"]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as wscat:
        assert wscat.stdout is not None
        greeting = json.loads(wscat.stdout.readline())
        wscat.kill()
    assert greeting == {**greeting, "type": "connected", "auth": "ok"}
