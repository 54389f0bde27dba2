"""Every route answers as it is described, whatever it is sent: `make security`, for a short while and by a seed."""

import re
from pathlib import Path

import pytest

from tests.security.fuzz import fuzz, serving


@pytest.mark.slow
def test_no_request_is_answered_otherwise_than_described(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        described = server.get("/openapi.json")["paths"]
        run = fuzz(server, "--seed", "15", "--phases", "fuzzing", "--max-examples", "3")
        assert run.returncode == 0, run.stdout + run.stderr
        assert server.process.poll() is None
        assert "incident" not in server.log
    tested = re.search(r"Tested: (\d+)", run.stdout)
    assert tested is not None
    assert int(tested[1]) == sum(map(len, described.values()))
