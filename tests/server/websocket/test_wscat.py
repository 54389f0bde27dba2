"""The guide's own first check: `wscat -c ws://localhost:8001` shows that somebody answers."""

import json
import subprocess

from tests.npm_clients import NODE_MODULES, environment, needs_node
from tests.served import Served

WSCAT = str(NODE_MODULES / ".bin" / "wscat")


@needs_node
def test_wscat_shows_connected_first_and_at_once(served: Served) -> None:
    command = [WSCAT, "--no-color", "-c", f"ws://127.0.0.1:{served.port}"]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as wscat:
        assert wscat.stdout is not None
        greeting = json.loads(wscat.stdout.readline())
        wscat.kill()
    assert greeting == {**greeting, "type": "connected", "auth": "ok"}
