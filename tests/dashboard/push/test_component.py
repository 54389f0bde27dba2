"""The component's own files: what they may not cost every page."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from streamlit.file_util import get_static_dir

from jorge_data.dashboard.push import component

OF_EVERY_PAGE = ("frame.css", "print.css")


def test_no_rule_of_every_page_asks_of_the_whole_page() -> None:
    """A browser looks all through the page for each such rule, whenever something on it changes."""
    for name in OF_EVERY_PAGE:
        rules = (Path(component.__file__).parent / "frontend" / name).read_text()
        assert re.findall(r'(?:stApp"\]|html|body):has\([^)]*\)', rules) == [], f"{name}: they belong into kiosk.css"


def test_what_is_loaded_ahead_is_among_streamlits_files() -> None:
    assert [name.partition(".")[0] for name in component.loaded_ahead()] == list(component.DRAWN_WITH)


BEFORE_STREAMLIT = """
const nodes = {}, left = [];
for (const id of ["early", "early-data"]) nodes[id] = { remove() { left.push(id); } };
const classes = [], shadow = { append() {}, querySelector() {} }, child = { content: "" };
Object.assign(nodes.early, { attachShadow: () => shadow, firstElementChild: child });
nodes.early.classList = { add: (name) => classes.push(name) };
nodes["early-data"].textContent = JSON.stringify({ title: "Dana" });
const drawn = [];
class Wall {
  constructor() { this.link = {}; this.list = { close() {} }; this.palette = { leave() {} }; }
  update({ data }) { drawn.push(data.title); }
  close() {}
}
globalThis.document = { getElementById: (id) => nodes[id] };
globalThis.addEventListener = globalThis.setTimeout = () => {};
"""


def paint_early(stored: str, path: str = "/") -> Any:
    """Return what early.js leaves: the title drawn, the nodes removed, the host's classes.

    `stored` is the JavaScript of the browser's storage.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script of the early wall was not tried")
    place = f"globalThis.location = {{ pathname: {json.dumps(path)} }};"
    place += f'Object.defineProperty(globalThis, "localStorage", {stored});'
    script = (Path(component.__file__).parent / "frontend" / "early.js").read_text()
    said = "console.log(JSON.stringify([drawn, left, classes]));"
    ran = subprocess.run([node, "-e", BEFORE_STREAMLIT + place + script + said], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def holding(**themes: str) -> str:
    """Return the storage of a browser in which somebody chose themes, each at a path."""
    kept = {key: json.dumps(theme) for key, theme in themes.items()}
    reader = f"Object.assign({json.dumps(kept)}, {{ getItem(key) {{ return this[key] ?? null; }} }})"
    return f"{{ value: Object.defineProperty({reader}, 'getItem', {{ enumerable: false }}) }}"


@pytest.mark.parametrize(("chosen", "taken"), [("Dark", ["dark"]), ("Light", ["light"]), ("System", [])])
def test_the_early_wall_has_the_theme_that_streamlit_will_take_and_none_of_another_path(
    chosen: str, taken: list[str]
) -> None:
    other, own = "stActiveTheme-/revenue-v2", "stActiveTheme-/office/-v2"
    for kept in ({other: "Dark", own: chosen}, {own: chosen, other: "Light"}):
        assert paint_early(holding(**kept), "/office/")[2] == [*taken, "painted"]
    assert paint_early(holding(**{other: "Dark"}), "/office/")[2] == ["painted"]


@pytest.mark.parametrize(
    "stored",
    ["{ get() { throw new Error('denied'); } }", "{ value: { getItem: () => '{' } }"],
    ids=["denied", "broken"],
)
def test_a_browser_that_keeps_nothing_sees_the_early_wall_all_the_same(stored: str) -> None:
    assert paint_early(stored) == [["Dana"], ["early-data"], ["painted"]]


def test_what_the_early_wall_was_given_does_not_stay_in_the_page() -> None:
    assert paint_early(holding())[1] == ["early-data"]


def test_streamlit_keeps_a_theme_by_the_key_that_the_early_wall_reads() -> None:
    files = (Path(get_static_dir()) / "static" / "js").glob("utils.*.js")
    kept = "".join(file.read_text(encoding="utf-8") for file in files)
    version = re.search(r"([\w$]+)=(\d+),([\w$]+)=`stActiveTheme-\$\{window\.location\.pathname\}`", kept)
    assert version is not None
    assert f"ACTIVE_THEME:`${{{version[3]}}}-v${{{version[1]}}}`" in kept
    script = (Path(component.__file__).parent / "frontend" / "early.js").read_text()
    assert f"`stActiveTheme-${{location.pathname}}-v{version[2]}`" in script
