"""The handler on every LangGraph that it is for, and the sentence about another."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from jorge_data.bots.langgraph.supported import refusal
from tests.bots.graphs import LANGGRAPH

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv" / "langgraph"
"""Where `make machine` installs what `tests/langgraph` locks."""

ON_EVERY_VERSION = [
    f"tests/bots/test_{name}.py"
    for name in ("progress", "progress_modes", "progress_twice", "progress_costs", "mapping")
]


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an interpreter in the repository, to the end."""
    return subprocess.run([str(python), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_these_tests_run_on_the_newest() -> None:
    assert LANGGRAPH.release[:2] == (1, 2)


@pytest.mark.parametrize("release", ["1.0", "1.1"])
def test_the_handler_does_the_same_on_an_older_one(release: str) -> None:
    python = ENVIRONMENTS / release / "bin" / "python"
    if not python.exists():
        pytest.skip(f"LangGraph {release} is not installed: `make machine` installs it where pip reaches a registry")
    found = run(python, "-c", "from importlib.metadata import version; print(version('langgraph'))")
    assert found.stdout.startswith(f"{release}.")
    # The nearest conftest alone: that of all tests needs what is installed beside the newest.
    tests = run(python, "-m", "pytest", "-q", "--confcutdir=tests/bots", "-p", "no:cacheprovider", *ON_EVERY_VERSION)
    assert tests.returncode == 0, tests.stdout + tests.stderr


@pytest.mark.parametrize("installed", ["1.0.0", "1.0.6", "1.1.10", version("langgraph"), "1.3.0rc1"])
def test_what_can_be_used_is_used(installed: str) -> None:
    assert refusal(installed) is None


@pytest.mark.parametrize("installed", ["0.6.11", "2.0.0", "10.1"])
def test_another_version_is_one_sentence(installed: str, tmp_path: Path) -> None:
    metadata = tmp_path / f"langgraph-{installed}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: langgraph\nVersion: {installed}\n")
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import jorge_data.bots.langgraph"
    imported = run(Path(sys.executable), "-c", script)
    assert imported.returncode == 1
    assert imported.stderr.splitlines()[-1] == (
        f"ImportError: jorge_data.bots.langgraph needs langgraph>=1.0,<2, and {installed} is installed: "
        "pip install 'langgraph>=1.0,<2'"
    )


def test_none_is_one_sentence_too() -> None:
    assert refusal(None) == (
        "jorge_data.bots.langgraph needs langgraph>=1.0,<2, and none is installed: pip install 'langgraph>=1.0,<2'"
    )
