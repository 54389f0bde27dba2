"""The architecture, held: who imports whom, what `docs/architecture.md` says of it, and what nobody does."""

import ast
import importlib
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from itertools import takewhile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jorge_data"
FILES = sorted(PACKAGE.rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text()

ROOMS = {
    "errors": set(),
    "part_state": set(),
    "permissions": set(),
    "settings": {"errors", "events", "http_client", "metrics", "public_address", "store_url", "permissions"},
    "public_address": set(),
    "logs": set(),
    "memory": set(),
    "store_url": set(),
    "forwarding": set(),
    "http_client": {"errors"},
    "backoff": set(),
    "spreadsheet": set(),
    "events": {"errors"},
    "metrics": {"events", "telephone"},
    "charts": {"metrics"},  # how the office writes numbers and dates
    "store": {"events", "errors", "store_url", "telephone"},
    "vendors": {"events", "errors", "http_client", "backoff", "telephone"},
    "server": {"store", "vendors", "events", "errors", "settings", "metrics", "memory", "backoff", "permissions"}
    | {"forwarding", "part_state", "public_address", "spreadsheet"},
    "bots": {"events", "errors", "http_client", "backoff"},
    "telephone": set(),
    "progress": set(),
    "feed": {"events", "errors", "http_client", "backoff"},
    "dashboard": {"feed", "metrics", "charts", "events", "errors", "settings", "memory", "backoff", "permissions"}
    | {"forwarding", "http_client", "part_state", "public_address", "spreadsheet", "telephone"},
    "demo": {"bots", "progress", "events", "errors", "backoff"},
    # A CRM's own export is translated by its vendor.
    "files": {"bots", "progress", "events", "errors", "vendors", "spreadsheet"},
    "cli": {"errors", "settings", "logs", "events", "server", "bots", "demo", "files", "progress", "http_client"}
    | {"permissions", "store", "vendors"},
    "__main__": {"cli", "errors"},
}
"""Each room and the rooms it imports; the server's reach into `metrics` is one pure function for all snapshots."""

_PAGE = {"context", "query", "ui"}
_HTTP = {
    "alerts",
    "context",
    "websocket",
    "query",
    "ghl_sync",
    "ingest",
    "rollup",
    "webhook",
    "log",
    "auth",
    "requests",
} | {
    "alerts",
    "socket_io",
    "users",
}
INSIDE = {
    "dashboard": {
        "query": set(),
        "push": {"login"},  # by whose token an office is followed
        # Who is in stands in the context; the gate before the routes and the login's own pages know it again.
        "login": {"allowed_hosts", "context", "http_middleware"},
        "event_publisher": {"query"},
        "server_health": {"query"},
        "context": {"event_publisher", "login", "push", "query", "server_health"},
        "ui": {"context", "event_publisher", "login", "push", "query"},  # what is marked on charts is an event
        "audit": {"query", "ui"},
        "command_center": {"context", "ui", "push"},  # the wall itself, and the very buffer that its feed fills
        "connect": _PAGE | {"startup_message"},  # the `curl` line that a start prints, too
        "conversations": _PAGE,
        "explore": {"context", "query", "ui"},
        "lead_sequences": {"query", "ui"},
        "ml_confidence": _PAGE | {"event_publisher"},  # a label is published as a person's action is
        "properties": _PAGE,
        "response": _PAGE,
        "revenue": _PAGE,
        "seller_qualification": {"query", "ui"},
        "system": _PAGE | {"push"},  # it shows how the push itself is
        "allowed_hosts": set(),
        "child_process": set(),
        "startup_message": set(),
        "embedded_server": {"child_process"},
        "http_middleware": {"allowed_hosts", "ui"},
        "early_wall": {"context", "http_middleware", "push", "ui"},
        "http_routes": {"allowed_hosts", "context", "http_middleware", "login", "push", "search", "websocket"},
        "search": {"context", "query", "ui"},
        "streamlit_options": {"login", "ui"},
        "websocket": {"allowed_hosts", "context", "http_middleware", "push"},
        "streamlit_script": {"ui"},
        "lifespan": {"child_process", "context", "embedded_server", "login", "startup_message", "streamlit_options"},
    },
    "server": {
        "auth": set(),
        "log": set(),
        "users": {"auth"},
        "telemetry": {"readiness"},
        "readiness": set(),
        "descriptors": set(),
        "doorway": {"descriptors", "readiness", "telemetry"},
        "clock_watch": {"readiness"},
        "source_settings": set(),
        "requests": {"log"},
        "ingest": {"auth", "telemetry"},
        "rollup": {"readiness", "telemetry"},
        "webhook": {"telemetry"},
        "ghl_sync": {"webhook"},
        "query": {"requests", "rollup"},
        "alerts": {"query", "rollup"},
        "figures": {"log", "query", "rollup", "users"},  # items say their owners by name
        "redis_source": {"auth", "ingest", "telemetry"},
        "privacy": {"auth", "log", "rollup", "webhook"},
        "context": {
            "auth",
            "doorway",
            "figures",
            "ghl_sync",
            "ingest",
            "log",
            "own_components",
            "privacy",
            "readiness",
            "rollup",
            "source_settings",
            "telemetry",
            "users",
            "webhook",
        },
        "own_components": {"readiness"},
        "views_file": set(),
        "parts": {"context", "readiness"},
        "background_tasks": {"clock_watch", "context", "descriptors", "ghl_sync", "log", "parts", "privacy", "webhook"},
        "websocket": {"auth", "context", "doorway", "figures", "ingest", "log", "requests"},
        "socket_io": {"auth", "context", "doorway", "log", "requests", "websocket"},
        "http": _HTTP | {"privacy", "doorway", "own_components", "source_settings", "telemetry"},
        "main": {"descriptors", "doorway", "own_components"}
        | {"auth", "background_tasks", "context", "http", "ingest", "log", "readiness", "redis_source", "rollup"}
        | {"source_settings", "telemetry", "users", "views_file", "webhook", "websocket"},
    },
    "metrics": {
        "commission": set(),
        "office_locale": set(),
        "colleagues": {"formatting"},
        "names": {"formatting"},
        "formatting": {"office_locale"},
        "office_hours": set(),
        "rules": {"commission", "office_hours"},
        "targets": {"rules"},
        "statistics": {"commission", "formatting", "names", "targets"},
        "definitions": {"formatting"},
        "entities": {"commission", "formatting", "office_hours", "rules", "statistics"},
        "alerts": {"entities", "formatting", "office_hours", "statistics", "targets"},
        "wall": {"colleagues", "definitions", "entities", "formatting", "names", "targets"},
    },
    "store": {
        "event_filter": set(),
        "log_page": set(),
        "audit_entry": set(),
        "erasure": set(),
        "delivery": set(),
        "credential": {"audit_entry"},
        "user": {"audit_entry"},
        "saved_view": {"audit_entry"},
        "rollup_types": {"event_filter"},
        "log_view": {"event_filter", "log_page", "rollup_types"},
        # A store has the archive's files beside it: they are the same for every store.
        "base": {"archive", "audit_entry", "credential", "delivery", "erasure", "log_page", "log_view", "rollup_types"}
        | {"saved_view", "user"},
        "archive": {"event_filter", "sql", "sqlite"},
        "postgresql": {"archive", "audit_entry", "base", "log_page", "rollup_types", "sql"},
        "sql": {"archive", "audit_entry", "base", "credential", "delivery", "erasure", "event_filter", "log_page"}
        | {"rollup_types", "saved_view", "user"},
        "sqlite": {"archive", "audit_entry", "base", "delivery", "log_page", "rollup_types", "sql"},
        "migrations": {"sql"},
    },
    "vendors": {
        "base": set(),
        **{name: set() for name in ("body", "moments", "money", "phone")},
        "gohighlevel": {"base", "moments", "money", "phone"},
        "retell": {"base", "phone"},
    },
}
"""Inside the rooms that have rooms of their own: each folder or file there, and which of the others it imports."""

OUTSIDE = {
    "login": {"errors", "forwarding", "http_client", "permissions", "settings"},
    "query": {"charts", "errors", "events", "feed", "http_client", "metrics"},
    "push": {"errors", "events", "feed", "metrics", "part_state", "permissions"},
    "ui": {"spreadsheet", "telephone", "charts", "errors", "events", "metrics", "permissions"},
}
"""What the shared folders of the dashboard import beside it; those of a page: what `ui` does, and the settings."""

LIBRARIES = {
    "streamlit": {"app", "pages", "dashboard"},
    "plotly": {"charts"},
    "pandas": {"charts", "metrics", "dashboard"},
    "fastapi": {"server"},
    "uvicorn": {"server"},
    "websockets": {"server"},
    "socketio": {"server"},
    "engineio": {"server"},
    "prometheus_client": {"server", "dashboard"},
    "jwt": {"server"},
    "argon2": {"server"},
    "cryptography": {"vendors"},
    "redis": {"server"},
    "authlib": {"dashboard"},
    "httpx2": {"dashboard"},
    "starlette": {"server", "dashboard", "app", "forwarding"},  # the routes of st.App are Starlette's
    "requests": {"http_client", "bots", "cli", "dashboard", "feed", "vendors"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "sqlite3": {"store", "bots"},
    "psycopg": {"store"},
    "tenacity": {"backoff", "bots", "vendors", "server"},
    "langgraph": {"bots"},
    "websocket": {"feed"},
    "structlog": {"logs"},
    "rich": {"progress"},
    "typer": {"cli"},
    "pyarrow": {"files", "store", "server"},
    "openpyxl": {"files"},
    "ijson": {"files"},
    "charset_normalizer": {"files"},
}
"""Which rooms know a library."""

DEFERRED = {("jorge_data.store.archive.archive", "jorge_data.store.archive.day_file")}
"""Imports within functions, which alone may close a circle: Arrow, 80 MB, is loaded when it is first needed."""

NAMED_TWICE = {
    "Span": "a half-open time of which figures are asked, and an outage of the demo's day, in seconds",
    "Entities": "what a fold takes states from (`metrics`), and the reader of the store that gives them",
}
"""Public classes of one name in two modules, each with its reason."""

FORBIDDEN = re.compile(
    r"unsafe_allow_html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|time\.sleep\(|\bpickle\b"
)
HTTP_CALLS = re.compile(r"^(Session|session|request|get|options|head|post|put|patch|delete)$")
BROWSER = [path for path in PACKAGE.rglob("*") if path.suffix in (".js", ".html", ".css")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = frozenset(map(module_name, FILES))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "jorge_data" and len(parts) > 1 else parts[0]


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else node.module for name in names)


def imported_parts(path: Path) -> Iterator[list[str]]:
    """Yield the parts of the name of every module of ours that a file imports, without the package's."""
    yield from (name.split(".")[1:] for name in imports(path) if name.startswith("jorge_data."))


def test_every_room_imports_the_rooms_that_are_drawn() -> None:
    drawn = {name: set(others) for name, others in ROOMS.items()}
    real: dict[str, set[str]] = {}
    for path in FILES:
        if path != PACKAGE / "__init__.py":
            real.setdefault(room(path), set()).update(parts[0] for parts in imported_parts(path))
    assert {name: others - {name} for name, others in real.items()} == drawn


@pytest.mark.parametrize("name", INSIDE)
def test_inside_a_room_imports_are_as_drawn(name: str) -> None:
    real: dict[str, set[str]] = {}
    for path in FILES:
        within = path.relative_to(PACKAGE).with_suffix("").parts
        if within[0] == name and within[1] != "__init__":
            others = (parts[1] for parts in imported_parts(path) if parts[0] == name and len(parts) > 1)
            real.setdefault(within[1], set()).update(others)
    assert {part: others - {part} for part, others in real.items()} == INSIDE[name]


def test_a_page_knows_no_other_page() -> None:
    whole = {
        "early_wall",
        "streamlit_script",
        "streamlit_options",
        "http_middleware",
        "search",
    }  # these know the list of all pages
    pages = {part for part, others in INSIDE["dashboard"].items() if "ui" in others} - whole
    assert len(pages) == len(PAGES) - 1
    others = [
        f"{path.relative_to(ROOT)} imports {'.'.join(parts)}"
        for path in PAGES
        for parts in imported_parts(path)
        if len(parts) > 1 and parts[1] in pages - {path.stem}
    ]
    assert others == []


def test_the_dashboard_reaches_out_of_its_rooms_as_drawn() -> None:
    real: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        if room(path) == "dashboard" and path.parent != PACKAGE / "dashboard":
            real[path.parent.name].update(parts[0] for parts in imported_parts(path) if parts[0] != "dashboard")
    assert {part: real.pop(part) for part in OUTSIDE} == OUTSIDE
    beyond = {page: others - OUTSIDE["ui"] - {"settings"} for page, others in real.items()}
    assert {page: others for page, others in beyond.items() if others} == {}


def test_no_module_is_imported_in_a_circle() -> None:
    graph = {
        module_name(path): {
            name
            for name in imports(path)
            if name in MODULES and name != module_name(path) and (module_name(path), name) not in DEFERRED
        }
        for path in FILES
    }
    TopologicalSorter(graph).prepare()  # raises CycleError with the modules of the circle


def test_what_may_close_a_circle_is_imported_within_functions() -> None:
    for importer, imported in DEFERRED:
        body = tree(ROOT / f"{importer.replace('.', '/')}.py").body
        at_once = [node.module for node in body if isinstance(node, ast.ImportFrom)]
        assert imported not in at_once


def test_the_two_halves_meet_only_on_the_wire() -> None:
    meetings = [
        f"{path.relative_to(ROOT)} imports {'.'.join(parts)}"
        for path in [*PAGES, *FILES]
        if room(path) in ("app", "pages", "dashboard", "feed", "charts")
        for parts in imported_parts(path)
        if parts[0] in ("server", "store", "vendors")
    ]
    assert meetings == []


def test_a_library_is_known_where_it_belongs_and_nowhere_else() -> None:
    real: dict[str, set[str]] = {name: set() for name in LIBRARIES}
    for path in [*PAGES, *FILES]:
        for name in imports(path):
            if name.split(".")[0] in real:
                real[name.split(".")[0]].add(room(path))
    assert real == LIBRARIES


def test_a_store_is_known_by_what_every_store_promises() -> None:
    """Whoever is given a store asks what `base` promises: another engine is then another folder, and nothing else."""
    beyond = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in FILES
        if room(path) != "store"
        for name in imports(path)
        if name.startswith("jorge_data.store.")
    ]
    assert beyond == []
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in FILES if room(path) != "store"}
    assert [name for name, text in texts.items() if "SQLiteStore" in text] == []


def test_what_only_one_engine_understands_stands_in_its_folder() -> None:
    # a copy of archived days is a SQLite in memory, whatever the store is
    homes = {"sqlite", "postgresql", "migrations", "archive"}
    spoken = re.compile(r"json_each|json_group_array|\bGLOB\b|INDEXED BY|CREATE TRIGGER|sqlite3|dialects\.sqlite")
    elsewhere = [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if room(path) == "store" and path.relative_to(PACKAGE / "store").parts[0] not in homes
        if spoken.search(path.read_text())
    ]
    assert elsewhere == []


def test_the_event_server_loads_no_library_of_the_dashboard() -> None:
    """pandas alone brings pyarrow and 80 MB, which a server holds for as long as it runs."""
    program = "import sys, jorge_data.server.main; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {"pandas", "pyarrow", "numpy", "plotly", "streamlit"} & set(answer.stdout.split()) == set()


def test_a_command_that_asks_the_server_loads_nothing_of_what_serves() -> None:
    """Two thirds of what a command takes was the import of a server that it did not start."""
    program = (
        "import sys\nfrom jorge_data.__main__ import main\ntry:\n main()\nexcept SystemExit:\n print(*sys.modules)"
    )
    for command in (["token", "--role", "viewer"], ["users", "list"], ["erase", "c-1"], ["keys", "list"]):
        given = {**os.environ, "PYTHONPATH": str(ROOT), "JORGE_TOKEN_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz"}
        given |= {"JORGE_SOCKET_URL": "ws://127.0.0.1:9"}  # where nobody listens
        run = [sys.executable, "-c", program, *command]
        answer = subprocess.run(run, capture_output=True, text=True, check=True, cwd="/", env=given)
        loaded = set(answer.stdout.split())
        assert "jorge_data.server.auth.tokens" in loaded, answer.stderr
        assert {"fastapi", "uvicorn", "sqlalchemy", "jorge_data.server.main"} & loaded == set(), command


def test_a_public_class_has_its_name_for_itself() -> None:
    modules = defaultdict(list)
    for path in FILES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(module_name(path))
    assert {name: where for name, where in modules.items() if len(where) > 1 and name not in NAMED_TWICE} == {}
    assert [name for name in NAMED_TWICE if len(modules[name]) < 2] == []


def test_every_request_to_another_server_goes_by_the_one_factory() -> None:
    """Proxies, authorities and the token are decided there; the websocket's options come from it too."""
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [*PAGES, *FILES]
        if path != PACKAGE / "http_client.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "requests"
        if HTTP_CALLS.match(node.attr)
    ]
    assert elsewhere == []
    others = {"httpx", "httpx2", "aiohttp", "urllib3", "http", "urllib.request", "certifi", "ssl"}
    importers = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for name in imports(path)
        if name in others or name.split(".")[0] in others
    }
    # Authlib asks the provider by a client of its own, made with our proxy and our authorities.
    assert importers == {"http_client.py", "dashboard/login/oidc.py"}


@pytest.mark.parametrize("path", [*FILES, *PAGES, *BROWSER], ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_writes_html_from_text_nor_sleeps(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text()) == []


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in [*FILES, *PAGES] if not ast.get_docstring(tree(path))] == []


def test_every_public_name_says_what_it_promises() -> None:
    """What is short enough to be its own description is let off: a few facts in a class, a step of the demo's day."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in FILES
        if "migrations" not in path.parts
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and (node.end_lineno or 0) - node.lineno > (24 if room(path) == "demo" else 9)
    ]
    assert silent == []


def test_no_migration_asks_what_changes_after_it() -> None:
    versions = [*(PACKAGE / "store" / "migrations").glob("*/*.py")]
    asking = [path.name for path in versions if re.search(r"^\s*(from|import) jorge_data", path.read_text(), re.M)]
    assert asking == [], "it must write the same for ever"


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


def drawn_tree() -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder of the document's tree with the names of the files that are described there."""
    folders: list[str] = []
    for line in DOCUMENT.partition("## The tree")[2].split("```\n")[1].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = list(takewhile(lambda word: word.endswith((".py", "/")), line.split()))
        if names[0].endswith("/"):
            folders = [*folders[:depth], names[0].rstrip("/")]
            yield ROOT.joinpath(*folders), []
        else:
            yield ROOT.joinpath(*folders[:depth]), names


def test_the_tree_in_the_document_is_the_one_on_disk() -> None:
    drawn = list(drawn_tree())
    assert [str(folder / name) for folder, names in drawn for name in names if not (folder / name).is_file()] == []
    code = {path.parent for path in [*FILES, *BROWSER]} | {PACKAGE / "store" / "migrations"}
    assert {folder for folder, _ in drawn if PACKAGE in (folder, *folder.parents)} == code
    assert [str(folder) for folder, _ in drawn if not folder.is_dir()] == []


def walked() -> list[tuple[str, str]]:
    """Return the file and the name of each function that the document's walks pass."""
    rows = re.findall(r"^\| `([^`]+\.(?:py|js))` \| (.+?) \|", DOCUMENT, re.MULTILINE)
    return [(file, name) for file, names in rows for name in re.findall(r"`([^`]+)`", names)]


def has(module: ModuleType, name: str) -> bool:
    within: object = module
    for part in name.split("."):
        if not hasattr(within, part):
            return part in getattr(within, "__annotations__", {})
        within = getattr(within, part)
    return True


@pytest.mark.parametrize(("file", "name"), walked())
def test_the_walks_pass_functions_that_exist(file: str, name: str) -> None:
    path = ROOT / file if file.startswith(("pages/", "app")) else PACKAGE / file
    if path.suffix == ".js" or path in PAGES:  # a page cannot be imported: it is a script
        assert re.search(rf"\b{re.escape(name)}\b", path.read_text())
    else:
        assert has(importlib.import_module(module_name(path)), name)


def test_what_the_document_names_exists() -> None:
    assert len(walked()) > 60
    names = set(re.findall(r"`([\w./]+)`", DOCUMENT.replace("```", "")))
    paths = {name for name in names if "/" in name[1:] and not name.startswith("/")}
    assert [name for name in paths if not (ROOT / name).exists() and not (PACKAGE / name).exists()] == []
    dotted = {
        name
        for name in names - paths
        if re.fullmatch(r"[a-z_]+(\.\w+)+", name) and not name.endswith((".py", ".js", ".md"))
    }
    assert [name for name in dotted if not resolves(name)] == []


def resolves(name: str) -> bool:
    """Return whether a name, written from the package on, is that of a module or of something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(["jorge_data", *parts[:count]])
        if module in MODULES:
            return count == len(parts) or has(importlib.import_module(module), ".".join(parts[count:]))
    return False
