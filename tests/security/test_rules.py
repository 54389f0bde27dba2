"""What no file of ours does: rules that a linter or a look at the tree holds, and that they do hold."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from jorge_data.dashboard.ui.rows import _printed

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "jorge_data").rglob("*.py"))]


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Return each call of a name or an attribute of that name, with its file."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name == getattr(node.func, "attr", getattr(node.func, "id", None)):
                yield str(path.relative_to(ROOT)), node


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('f"SELECT * FROM events WHERE location = {name}"', 1),
        ('"SELECT * FROM events WHERE location = " + name', 1),
        ('"SELECT * FROM events WHERE location = %s" % name', 1),
        ('"SELECT * FROM events WHERE location = ?"', 0),
    ],
)
def test_sql_that_is_put_together_from_text_fails_the_lint(tmp_path: Path, statement: str, code: int) -> None:
    (tmp_path / "query.py").write_text(f'name = "a"\nstatement = {statement}\n')
    options = ("--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet")
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, "S608" in run.stdout) == (code, bool(code)), run.stdout + run.stderr


def test_what_is_let_off_that_rule_says_so_in_its_line_and_is_ours_alone() -> None:
    let_off = [path for path in FILES if "noqa: S608" in path.read_text()]
    assert all(path.is_relative_to(ROOT / "jorge_data" / "store") for path in let_off)


def test_no_markup_of_an_event_reaches_a_page() -> None:
    for option in ("unsafe_allow_html", "unsafe_allow_javascript"):
        assert [str(path) for path in FILES if re.search(rf"{option}\s*=\s*True", path.read_text())] == []
    # Rows on paper are a table of our own: the one on the screen is a canvas, which a printer leaves blank.
    written = [str(file) for file, call in calls("html") if ast.unparse(call.func) == "st.html"]
    assert written == ["jorge_data/dashboard/ui/rows.py"]
    assert "<img" not in _printed(pd.Series(["<img src=x onerror=alert(1)>"], name="name"), {})[0]


def test_every_request_of_ours_goes_by_the_one_client_that_follows_no_redirect() -> None:
    methods = ("get", "post", "put", "delete", "request", "Session", "urlopen")
    direct = {f"requests.{method}" for method in methods} | {"urllib.request.urlopen", "urlopen"}
    others = [
        (file, ast.unparse(call.func))
        for method in methods
        for file, call in calls(method)
        if ast.unparse(call.func) in direct
    ]
    assert others == []


def test_nothing_that_comes_from_outside_is_unpickled_or_evaluated() -> None:
    for name in ("eval", "exec", "loads", "load"):
        for file, call in calls(name):
            function = ast.unparse(call.func)
            assert function not in ("eval", "exec", "pickle.loads", "pickle.load", "marshal.loads", "yaml.load"), file
