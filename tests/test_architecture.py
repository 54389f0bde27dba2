"""The plan of the house, held: who may import whom, how large things may be, and what nobody does."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jorge_data"
FILES = sorted(PACKAGE.rglob("*.py"))
DASHBOARD = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]

ROOMS = {
    "errors": set(),
    "permissions": set(),
    "settings": {"errors", "events", "metrics", "store_url", "permissions"},
    "logs": set(),
    "memory": set(),
    "store_url": set(),
    "bearer": set(),
    "backoff": set(),
    "events": {"errors"},
    "metrics": {"events"},
    "charts": set(),
    "store": {"events", "errors", "store_url"},
    "vendors": {"events", "errors", "bearer", "backoff"},
    "server": {"store", "vendors", "events", "errors", "settings", "metrics", "memory", "backoff", "permissions"},
    "bots": {"events", "errors", "bearer", "backoff"},
    "progress": set(),
    "feed": {"events", "errors", "bearer", "backoff"},
    "dashboard": {"feed", "metrics", "charts", "events", "errors", "settings", "memory", "backoff", "permissions"},
    "demo": {"bots", "progress", "events", "errors", "backoff"},
    "files": {"bots", "progress", "events", "errors"},
    "cli": {"errors", "settings", "logs", "events", "server", "bots", "demo", "files", "progress", "bearer"}
    | {"permissions"},
    "__main__": {"cli", "errors"},
}
"""Each room and the rooms it may import; the server's reach into `metrics` is one pure function for all snapshots."""

LIBRARIES = {
    "streamlit": {"app", "pages", "dashboard"},
    "streamlit_autorefresh": {"app", "pages", "dashboard"},
    "plotly": {"charts"},
    "pandas": {"charts", "metrics", "dashboard", "pages"},
    "fastapi": {"server"},
    "uvicorn": {"server"},
    "websockets": {"server"},
    "prometheus_client": {"server"},
    "jwt": {"server"},
    "cryptography": {"vendors"},
    "redis": {"server"},
    "starlette": {"server", "dashboard", "app"},  # the routes of st.App are Starlette's
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "sqlite3": {"store", "cli", "bots"},
    "tenacity": {"backoff", "bots", "vendors", "server"},
    "langgraph": {"bots"},
    "langchain_core": {"bots"},
    "websocket": {"feed"},
    "structlog": {"logs"},
    "rich": {"progress"},
    "typer": {"cli"},
    "pyarrow": {"files", "store", "server"},
}
"""Which rooms may know a library."""

FORBIDDEN = re.compile(
    r"unsafe_allow_html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|time\.sleep\(|\bpickle\b"
)
BROWSER = [path for path in PACKAGE.rglob("*") if path.suffix in (".js", ".html", ".css")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "jorge_data" and len(parts) > 1 else parts[0]


def imports(path: Path) -> Iterator[str]:
    """Return the full name of every module that a file imports, wherever in it."""
    for context in ast.walk(tree(path)):
        if isinstance(context, ast.Import):
            yield from (alias.name for alias in context.names)
        elif isinstance(context, ast.ImportFrom) and context.module:
            yield context.module
            if context.module == "jorge_data":
                yield from (f"jorge_data.{alias.name}" for alias in context.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (context for context in ast.walk(tree(path)) if isinstance(context, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_every_room_is_on_the_plan() -> None:
    assert {room(path) for path in FILES if path != PACKAGE / "__init__.py"} <= ROOMS.keys()


def test_a_room_imports_only_the_rooms_that_it_may() -> None:
    trespasses = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in FILES
        for name in imports(path)
        if name.startswith("jorge_data.")
        and (other := name.split(".")[1]) in ROOMS
        and other != room(path)
        and other not in ROOMS.get(room(path), set())
    ]
    assert trespasses == []


def test_the_two_halves_meet_only_on_the_wire() -> None:
    server_half = {"server", "store", "vendors"}
    meetings = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in [*DASHBOARD, *FILES]
        if room(path) in ("app", "pages", "dashboard", "feed", "charts")
        for name in imports(path)
        if name.startswith("jorge_data.") and name.split(".")[1] in server_half
    ]
    assert meetings == []


def test_a_library_is_known_only_where_it_belongs() -> None:
    strangers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in [*DASHBOARD, *FILES]
        for name in imports(path)
        if room(path) not in LIBRARIES.get(name.split(".")[0], {room(path)})
    ]
    assert strangers == []


def test_files_are_short() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in [*FILES, *DASHBOARD]}
    assert {name: count for name, count in lines.items() if count > 300} == {}
    assert median(lines.values()) <= 150


def test_tests_are_short_too() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_functions_are_short() -> None:
    lengths = {f"{path.relative_to(ROOT)}:{f.name}": length(f) for path in FILES for f in functions(path)}
    assert {name: count for name, count in lengths.items() if count > 40} == {}
    assert median(lengths.values()) <= 8


@pytest.mark.parametrize("path", [*FILES, *DASHBOARD, *BROWSER], ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_writes_html_from_text_nor_sleeps(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text()) == []


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in [*FILES, *DASHBOARD] if not ast.get_docstring(tree(path))] == []


def test_every_public_name_says_what_it_promises() -> None:
    """What is short enough to be its own description is let off: a few facts in a class, a step of the demo's day."""
    silent = [
        f"{path.relative_to(ROOT)}:{context.name}"
        for path in FILES
        if "migrations" not in path.parts
        for context in tree(path).body
        if isinstance(context, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not context.name.startswith("_")
        and not ast.get_docstring(context)
        and (context.end_lineno or 0) - context.lineno > (24 if room(path) == "demo" else 9)
    ]
    assert silent == []


def test_every_exported_name_exists() -> None:
    for path in FILES:
        if path.name == "__init__.py":
            module = importlib.import_module(module_name(path))
            names = getattr(module, "__all__", [])
            assert [name for name in names if not hasattr(module, name)] == [], module.__name__
            assert list(names) == sorted(set(names), key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_no_file_names_a_manager_a_helper_or_utilities() -> None:
    vague = re.compile(r"manager|handler|util|helper|common|misc")
    assert [path.name for path in FILES if vague.search(path.stem)] == []
