"""Parts of the work loop's script that need no browser; run by node, over elements that note what they are told."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard import push

FRONTEND = Path(push.__file__).parent / "frontend"
CARD = """
function el(tag, cls, text) { return { tag, text, children: [], append(...nodes) { this.children.push(...nodes); } }; }
function button(text) { return el("button", "", text); }
function named(node) { return node; }
"""
LISTENED = """
function matchMedia() {
  const counted = { n: 0, addEventListener() { this.n += 1; }, removeEventListener() { this.n -= 1; } };
  return (globalThis.document ??= counted);
}
"""


def run(script: str, steps: str) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script of the work loop was not tried")
    program = f"{(FRONTEND / script).read_text(encoding='utf-8')}{steps}"
    ran = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_the_mail_of_a_card_goes_where_python_says_whatever_the_address_holds() -> None:
    mail = {"kind": "mail", "href": "mailto:mei@example.com%3Fbcc%3Dspy@example.com"}
    data = {"email": "mei@example.com?bcc=spy@example.com", "ways": [mail]}
    shown = f'Card.prototype.value.call({{ data: {json.dumps(data)} }}, "email", {{}}).children[0].href'
    assert run("card.js", f"{CARD}console.log(JSON.stringify({shown}))") == mail["href"]


def test_a_list_that_is_left_hears_nothing_more() -> None:
    steps = """
    const part = { children: [] }, section = { querySelector: () => part, addEventListener() {} };
    const list = new NeedsList({ root: { addEventListener() {} } }, section), heard = document.n;
    list.close();
    console.log(JSON.stringify([heard, document.n]));
    """
    assert run("needs.js", LISTENED + steps) == [2, 0]
