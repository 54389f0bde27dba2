"""The documentation is under test: what it lists is what there is, and what it shows works."""

import ast
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from bench.chaos.faults import FAULTS, MIX
from jorge_data.dashboard.connect.setup_guides import setup_guides
from jorge_data.dashboard.http_routes import PARTS
from jorge_data.dashboard.push.connection_status import Shown
from jorge_data.server.readiness import PartName
from jorge_data.settings import read_settings
from scripts import meaning_tables
from scripts.settings_table import environment, table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
DECISIONS = (ROOT / "docs" / "decisions.md").read_text()


def anchors(document: Path) -> list[str]:
    """Return the anchors of a document's headings, as a viewer of Markdown makes them."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def test_the_readme_lists_every_setting_as_it_is() -> None:
    listed = README.split("<!-- settings: python -m scripts.settings_table -->\n")[1].split("<!-- end of settings -->")[
        0
    ]
    assert listed == table()


def test_the_example_environment_lists_every_setting_as_it_is() -> None:
    assert (ROOT / ".env.example").read_text() == environment()


def test_the_tables_of_what_vendors_words_mean_are_those_of_the_code() -> None:
    page = meaning_tables.PAGE.read_text()
    assert meaning_tables.written(page) == page


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(((?!https?:)[^)]+)\)", document.read_text())
    broken = []
    for link in links:
        file, _, anchor = link.partition("#")
        target = document.parent / file if file else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_decision_is_in_the_index_once_under_its_subject() -> None:
    index, _, body = DECISIONS.partition("\n## ")
    subjects = re.findall(r"^\*\*(.+)\*\*$|^- \[.+\]\(#(.+)\)$", index, re.MULTILINE)
    headings = re.findall(r"^(#+) (.+)$", f"## {body}", re.MULTILINE)
    written = [
        title if mark == "##" else re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for mark, title in headings
    ]
    assert [subject or anchor for subject, anchor in subjects] == written
    assert len(written) == len(set(written))


def test_every_make_target_that_the_readme_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"(?:`|^ +)make ([a-z-]+)|`(bench-[a-z]+|soak[a-z-]*)`", README, re.MULTILINE)
    named = {name for pair in targets for name in pair if name}
    assert {"run", "test", "bench-live", "soak-hour"} <= named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_requirement_says_why_it_is_here() -> None:
    files = sorted((ROOT / "requirements").glob("*.in"))
    lines = [line for file in files for line in file.read_text().splitlines() if line and not line.startswith("#")]
    assert len(lines) > 20
    assert [line for line in lines if "  #" not in line] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_python_file_that_a_document_names_is_here(document: Path) -> None:
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", document.read_text()))
    files = [f"/{path.relative_to(ROOT)}" for path in ROOT.rglob("*.py") if ".venv" not in path.parts]
    assert [name for name in named if not any(file.endswith(f"/{name}") for file in files)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_is_here(document: Path) -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", document.read_text()))
    assert [f"{file}::{test}" for file, test in named if not _is_defined(ROOT / file, test)] == []


def _is_defined(file: Path, test: str) -> bool:
    return file.exists() and bool(re.search(rf"^(async )?def {test}\(", file.read_text(), re.MULTILINE))


def test_every_promise_names_its_tests_and_every_fault_is_listed_as_it_is_played() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text()
    promised, shown = (
        text.split(f"## {title}\n")[1].split("\n## ")[0] for title in ("What is promised", "How each is shown")
    )
    promises = [f"G{number}" for number in range(1, 17)]
    assert re.findall(r"^\| (G\d+) \| \*\*", promised, re.MULTILINE) == promises
    assert re.findall(r"^\| (G\d+) \| `tests/", shown, re.MULTILINE) == promises
    played_as = text.split("## make chaos\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\| (F\d+) \|.*\|(.*)\|$", played_as, re.MULTILINE)
    assert [number for number, _ in listed] == [f"F{number}" for number in range(1, 31)]
    absent = {number for number, note in listed if note.startswith(" not here")}
    assert {number for number, _ in listed} - absent == {fault.number for fault in [*FAULTS, MIX]}


def test_every_point_of_the_security_checklist_names_its_tests() -> None:
    rows = re.findall(r"^\| ([SP]\d+) \|(.*)\|(.*)\|$", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE)
    points = [*(f"S{number}" for number in range(1, 25)), *(f"P{number}" for number in range(1, 11))]
    assert [number for number, _, _ in rows] == points
    assert all(re.fullmatch(r" `tests/[\w/]+\.py::\w+`( · `tests/[\w/]+\.py::\w+`)* ", tests) for _, _, tests in rows)


def test_each_part_of_both_processes_and_each_state_of_the_connection_has_its_row_of_what_to_do() -> None:
    rows = re.findall(r"^\| ([\w-]+)", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert {*get_args(PartName), *PARTS} <= set(rows)
    assert {state.capitalize() for state in get_args(Shown)} <= set(rows)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_method_that_a_document_names_is_here(document: Path) -> None:
    classes = [
        node
        for path in (ROOT / "jorge_data").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    methods = {
        f"{each.name}.{node.name}"
        for each in classes
        for node in each.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    named = set(re.findall(r"`([A-Z]\w+\.[a-z]\w*)`", document.read_text()))
    assert sorted(named - methods) == []


def test_the_event_of_the_readme_turns_a_light_of_the_connect_page_green() -> None:
    body = re.search(r"curl http://localhost:8001/events .*? -d '(\{.*?\}\})'", README, re.DOTALL)
    assert body is not None
    source = json.loads(body[1])["source"]
    assert source in {guide.source for guide in setup_guides(read_settings(_env_file=None)) if guide.title == "curl"}
