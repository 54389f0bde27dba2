"""The clients from npm that tests drive, as `make machine` installs them: in the environment, from tests/node."""

import os
import shutil
from pathlib import Path

import pytest

NODE_MODULES = Path(__file__).parents[1] / ".venv" / "node" / "node_modules"
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None or not NODE_MODULES.is_dir(), reason="no clients from npm: `make machine` installs them where npm is"
)
"""Marks a test that runs a client from npm."""


def environment() -> dict[str, str]:
    """Return the environment in which node finds the clients by `require`, and no proxy."""
    return {**os.environ, "NODE_PATH": str(NODE_MODULES), "NO_PROXY": "127.0.0.1"}
