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


def run(script: str, steps: str, before: str = "") -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script of the work loop was not tried")
    program = f"{before}{''.join((FRONTEND / each).read_text(encoding='utf-8') for each in script.split())}{steps}"
    ran = subprocess.run([node, "-e", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_mail_of_a_card_goes_where_python_says_whatever_the_address_holds() -> None:
    mail = {"kind": "mail", "href": "mailto:mei@example.com%3Fbcc%3Dspy@example.com"}
    data = {"email": "mei@example.com?bcc=spy@example.com", "ways": [mail]}
    shown = f'Card.prototype.value.call({{ data: {json.dumps(data)} }}, "email", {{}}).children[0].href'
    assert run("card.js", f"{CARD}console.log(JSON.stringify({shown}))") == mail["href"]


PAGE = """
class Element {
  constructor(tag) { Object.assign(this, { tag, children: [], dataset: {}, value: "", classList: { toggle() {} } }); }
  set defaultValue(text) { this.value = this.default = text; }
  get defaultValue() { return this.default ?? ""; }
  append(...nodes) {
    for (const node of nodes) if (node instanceof Element) node.parentNode = this, this.children.push(node);
  }
  replaceChildren(...nodes) { this.children = []; this.append(...nodes); }
  find(is) { return is(this) ? this : this.children.map((each) => each.find(is)).find(Boolean); }
  querySelector() { return null; }
  querySelectorAll() { return []; }
  getRootNode() { return document; }
  contains(node) { return Boolean(node && this.find((each) => each === node)); }
  addEventListener() {}
  removeEventListener() {}
  remove() {}
  focus() { document.activeElement = this; }
}
const el = (tag, cls, text) => Object.assign(new Element(tag), { className: cls, textContent: text });
const button = (text, onclick, cls) => Object.assign(el("button", cls, text), { onclick });
const setText = (node, text) => { node.textContent = text; };
const numbers = { format: String }, dated = numbers, hourMinute = numbers, MARK = {};
globalThis.CSS = { escape: String };
globalThis.document = Object.assign(el("document"), { body: el("body"), createElement: (tag) => el(tag) });
const matchMedia = () => el("media");
"""
LIST = """
const said = [], sent = [], timers = [];
globalThis.setTimeout = (act) => timers.push(act);
const link = { works: true, send(act) { sent.push(act); return true; }, ask: async () => ({ status: 0 }) };
const wall = {
  root: el("div"), card: { items: [], node: el("section"), paint() {} }, now: () => 5000,
  data: { me: "ann", acts: true, people: [] },
  say(title) { said.push(title.map(([, text]) => text).join("")); },
  announce() {}, acted() {}, aged: () => el("span"),
};
const parts = {}, section = Object.assign(el("section"), { querySelector: (css) => (parts[css] ??= el(css)) });
const list = new NeedsList(wall, section), items = [];
wall.actions_of = new Actions(link, (...what) => list.note(...what));
const choices = [
  { key: "6", label: "Note", says: "", action: "noted" },
  { key: "3", label: "Appointment", says: "", action: "called", outcome: "appointment" },
];
list.needs = { items, done: { items: [] }, snoozes: [] };
function row(item) {
  const node = el("div"), need = { item, name: item, says: "", events: [], ways: [], phone: "", choices, since_ms: 1 };
  items.push(need);
  node.isConnected = true;
  parts[".list"] ??= el("div");
  parts[".list"].append(node);
  list.paintRow(node, need);
  return node;
}
const formOf = (node) => node.find((each) => each.tag === "form");
const write = (item, node, text) => { list.open(item, "note"); formOf(node).field.value = text; };
const submit = (node) => formOf(node).onsubmit({ preventDefault() {} });
const answer = (type, more) => {
  const { ref, item } = sent.at(-1);
  wall.actions_of.answered({ type, ref, item, ...more });
};
"""


def loop(steps: str) -> Any:
    """Return what steps on a list of the work loop print, over a page that is no more than what it is told."""
    return run("needs.js actions.js", f"{LIST}{steps}", PAGE)


def test_a_note_that_is_refused_keeps_its_words_and_one_that_is_saved_is_closed() -> None:
    steps = """
    const a = row("a");
    write("a", a, "call her mother");
    submit(a);
    const waits = formOf(a)?.field.value;
    answer("refused", { detail: "the disk is full" });
    const refused = [formOf(a)?.field.value, document.activeElement === formOf(a)?.field];
    submit(a);
    answer("done");
    console.log(JSON.stringify([waits, refused, Boolean(formOf(a)), sent.map(({ note }) => note), said]));
    """
    words = "call her mother"
    assert loop(steps) == [words, [words, True], False, [words, words], ["a: noted"]]


def test_an_appointment_begins_with_what_the_office_says_and_is_sent_as_it_stands_there() -> None:
    steps = """
    const a = row("a");
    const ends = { min: "2026-11-24T12:05", max: "2027-11-25T12:00" };
    list.needs.appointment = { default: "2026-11-25T10:00", ...ends, clock: "Chicago time" };
    list.open("a", "appointment");
    const { value, min, max } = formOf(a).field, { textContent } = formOf(a).children[0];
    submit(a);
    console.log(JSON.stringify([value, min, max, textContent, sent[0].outcome, sent[0].until]));
    """
    at, ends = "2026-11-25T10:00", ["2026-11-24T12:05", "2027-11-25T12:00"]
    assert loop(steps) == [at, *ends, "When is the appointment? (Chicago time)", "appointment", at]


def test_what_is_done_to_another_item_leaves_a_note_that_is_being_written() -> None:
    steps = """
    const a = row("a"), b = row("b");
    write("a", a, "half a no");
    list.take(items[1]);
    answer("done");
    const taken = formOf(a)?.field.value;
    list.called(items[1]);
    timers.at(-1)();
    const called = Boolean(formOf(a));
    list.open("a", "note");
    console.log(JSON.stringify([taken, called, formOf(a).field.value]));
    """
    assert loop(steps) == ["half a no", False, "half a no"]


def test_a_digit_is_the_outcome_that_is_asked_for_and_nothing_that_the_page_does_with_it() -> None:
    steps = """
    const a = row("a"), heard = [];
    a.matches = () => false;
    list.selected = "a";
    wall.root.isConnected = true;
    const press = (key) => {
      let stopped = false;
      const stop = { preventDefault() {}, stopImmediatePropagation() { stopped = true; } };
      document.querySelector = () => null;
      list.digit({ key, composedPath: () => [a], ...stop });
      heard.push(stopped);
    };
    press("6");
    list.open("a", "outcome");
    for (const key of ["2", "d", "6"]) press(key);
    press("1");
    console.log(JSON.stringify([heard, list.opened]));
    """
    assert loop(steps) == [[False, True, False, True, False], {"item": "a", "part": "note"}]


def test_without_a_note_of_its_own_undo_takes_back_the_newest_of_today_that_is_ones_own() -> None:
    steps = """
    const done = [["c", "Cy", "bob", 4000], ["d", "Dana", "ann", 3000]];
    list.needs.done.items = done.map(([item, name, id, at_ms]) => ({ item, name, by: { id }, at_ms }));
    list.undo();
    answer("done");
    list.undo();
    console.log(JSON.stringify([sent.map(({ item, action }) => [item, action]), said]));
    """
    assert loop(steps) == [[["d", "undone"]], ["Dana: taken back", "There is nothing to undo."]]


def test_that_it_was_saved_after_all_is_said_with_the_way_back() -> None:
    steps = """
    row("a");
    list.take(items[0]);
    answer("refused", { again: true, detail: "nobody answers" });
    const late = sent.at(-1);
    list.act(items[0], "snoozed", { until: "2026-11-24T15:00:00Z" }, "snoozed, 1 hour");
    wall.actions_of.answered({ type: "done", ref: late.ref, item: "a" });
    console.log(JSON.stringify([said, list.acted]));
    """
    assert loop(steps) == [["a: yours now"], [{"item": "a", "name": "a"}]]


def test_a_row_is_painted_anew_where_what_the_viewer_may_do_has_changed() -> None:
    steps = """
    const a = row("a"), seen = [];
    list.paint = list.paintDone = () => seen.push(a.__json);
    const use = (more) => { a.__json = "as painted"; list.use({ ...wall.data, writes: { tag: "en-US" }, ...more }); };
    for (const more of [{}, {}, { people: [["bob", "Bob"]] }, { people: [["bob", "Bob"]] }, { acts: false }]) use(more);
    console.log(JSON.stringify(seen.filter((_, at) => at % 2)));
    """
    assert loop(steps) == ["", "as painted", "", "as painted", ""]


def test_without_a_clipboard_the_focus_stays_and_what_is_not_copied_is_not_said_to_be() -> None:
    steps = """
    delete globalThis.navigator;
    Object.assign(Element.prototype, { select() { this.focus(); } });
    const inner = el("button");
    document.body = Object.assign(el("body"), { shadowRoot: { activeElement: inner } });
    (async () => {
      const focused = [];
      for (const works of [true, false]) {
        document.activeElement = document.body;
        document.execCommand = () => works;
        await list.copyOf("(512) 555-0142", "Dana");
        focused.push(document.activeElement === inner);
      }
      console.log(JSON.stringify([focused, said]));
    })();
    """
    assert loop(steps) == [[True, True], ["(512) 555-0142 is copied", "(512) 555-0142 could not be copied"]]


def test_what_stands_whole_on_screen_or_paper_says_how_many_are_not_sent() -> None:
    steps = """
    const keyed = () => {}, items_of = (n) => Array.from({ length: n }, (_, at) => ({ item: String(at) }));
    const shown = [], note = () => shown.push([parts[".unlisted"].textContent, parts[".foot"].hidden]);
    list.needs = { count: 150, groups: [], nobodys: 0, by_owner: {}, items: items_of(100) };
    list.print(false);
    note();
    list.print(true);
    note();
    list.print(false);
    note();
    list.unfold(true);
    note();
    list.needs = { count: 150, groups: [], nobodys: 0, by_owner: { ann: 9 }, items: items_of(100) };
    list.needs.items[0].owner = { id: "ann" };
    list.filter = "mine";
    list.unfold(false);
    note();
    console.log(JSON.stringify(shown));
    """
    more = "and 50 more, when these are dealt with"
    mine = "and 8 more, when these are dealt with"
    assert loop(steps) == [["", False], [more, False], ["", False], [more, False], [mine, False]]


def test_who_waits_longest_comes_first_when_asked_and_the_keys_go_that_way() -> None:
    steps = """
    const groups = [{ key: "sale", count: 2 }, { key: "answer", count: 1 }], shown = [];
    const keyed = (_, rows) => shown.push(rows.map((n) => n.item ?? n.heading));
    const of = (item, group, since_ms) => ({ item, group, since_ms });
    const waits = [of("a", "sale", 9), of("b", "sale", 5), of("c", "answer", 1)];
    list.needs = { count: 3, groups, nobodys: 3, by_owner: {}, items: waits };
    Object.assign(wall, { paintPosition() {} });
    for (const order of ["cost", "wait"]) list.sort(order), shown.push(list.of("all").map(({ item }) => item));
    console.log(JSON.stringify([shown, parts[".hint"].textContent]));
    """
    shown = [["sale", "a", "b", "answer", "c"], ["a", "b", "c"], ["c", "b", "a"], ["c", "b", "a"]]
    assert loop(steps) == [shown, "who waits longest comes first, whatever it costs"]


@pytest.mark.parametrize(
    ("chosen", "mine", "nobodys", "says"),
    [
        ("mine", 0, 3, "Nothing is yours. Take something of nobody’s."),
        ("mine", 2, 3, "2 wait, behind those that are on this list: deal with some of All first."),
        ("nobodys", 0, 0, "Somebody is at everything."),
        ("nobodys", 0, 1, "1 waits, behind those that are on this list: deal with some of All first."),
    ],
)
def test_an_empty_list_never_says_other_than_the_count_over_it(chosen: str, mine: int, nobodys: int, says: str) -> None:
    needs = {"count": 150, "groups": [], "nobodys": nobodys, "by_owner": {"ann": mine}, "items": []}
    steps = f"""
    const keyed = (_, [row]) => console.log(JSON.stringify(row.title));
    list.needs = {json.dumps(needs)};
    list.filter = {json.dumps(chosen)};
    list.paint();
    """
    assert loop(steps) == says


def test_a_list_that_is_left_hears_nothing_more() -> None:
    steps = """
    const part = { children: [] }, section = { querySelector: () => part, addEventListener() {} };
    const list = new NeedsList({ root: { addEventListener() {} } }, section), heard = document.n;
    list.close();
    console.log(JSON.stringify([heard, document.n]));
    """
    assert run("needs.js", LISTENED + steps) == [3, 0]
