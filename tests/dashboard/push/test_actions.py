"""Every button that is pressed on the wall has an answer within 5 s; run by node, whose timers the test moves."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard import push

ACTIONS = Path(push.__file__).parent / "frontend" / "actions.js"
SCRIPT = """
const { mock } = require("node:test");
mock.timers.enable({ apis: ["setTimeout"] });
const shown = [], sent = [], posted = [];
let now = 0;
const link = {
  works: WORKS,
  send(act) { sent.push([now, act]); return this.works; },
  async ask(name, act) { posted.push([now, act]); return ANSWER; },
};
const actions = new Actions(link, (item, what) => shown.push([now, what]));
const pass = async (ms) => {
  for (let i = 0; i < ms; i += 100) {
    mock.timers.tick(100);
    now += 100;
    await new Promise(setImmediate);
  }
};
(async () => { STEPS; console.log(JSON.stringify({ shown, sent, posted })); })();
"""
NO_ANSWER = "Not saved yet: nobody answers. Press it again: it is saved once"
SILENT = "{ status: 0, body: null }"
PRESS = 'actions.press("hot:dana", "assigned")'


def run(steps: str, works: bool = True, answer: str = SILENT) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the times of an action were not tried")
    script = SCRIPT.replace("WORKS", json.dumps(works)).replace("ANSWER", answer).replace("STEPS", steps)
    program = ACTIONS.read_text(encoding="utf-8") + script
    ran = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def test_where_nobody_answers_the_buttons_are_back_within_5_s_and_say_so() -> None:
    for works in (True, False):
        shown = run(f"{PRESS}; await pass(10000)", works)["shown"]
        assert shown[0][1]["busy"]
        (at, last) = shown[-1]
        assert at <= 5000
        assert (last["busy"], last["text"]) == (
            False,
            "Not saved yet: nobody answers. Press it again: it is saved once",
        )


def test_http_is_asked_at_once_without_a_socket_and_soon_beside_a_silent_one() -> None:
    assert run(f"{PRESS}; await pass(5000)", works=False)["posted"][0][0] <= 100
    assert 1000 <= run(f"{PRESS}; await pass(5000)")["posted"][0][0] <= 2000


def test_an_answer_by_http_is_shown_and_gives_the_buttons_back_where_the_wall_is_not_live() -> None:
    answer = '{ status: 200, body: { type: "done", ref: act.ref, item: act.item } }'
    shown = run(f"{PRESS}; await pass(1000)", works=False, answer=answer)["shown"]
    assert shown[-1][1] == {"busy": False, "text": "Saved", "done": True}


def test_pressed_again_it_is_the_same_action_until_somebody_said_what_became_of_it() -> None:
    twice = run(f"{PRESS}; await pass(5000); {PRESS}; await pass(5000)")
    assert len({act["ref"] for _, act in [*twice["sent"], *twice["posted"]]}) == 1
    done = 'actions.answered({ type: "done", ref: sent[0][1].ref, item: "hot:dana" })'
    after = run(f"{PRESS}; {done}; {PRESS}")
    assert len({act["ref"] for _, act in after["sent"]}) == 2


def test_put_off_until_another_moment_after_no_answer_it_is_another_action() -> None:
    snooze = 'actions.press("hot:dana", "snoozed", { until: "2026-11-24T%s:00:00Z" }); await pass(5000)'
    sent = run(f"{snooze % 15}; {snooze % 18}; {snooze % 15}")["sent"]
    first, second, again = (act["ref"] for _, act in sent)
    assert (first != second, first == again) == (True, True)


def test_that_it_was_saved_after_all_is_said_when_it_is_known() -> None:
    done = 'actions.answered({ type: "done", ref: sent[0][1].ref, item: "hot:dana" })'
    shown = run(f"{PRESS}; await pass(6000); {done}")["shown"]
    assert shown[-1][1]["text"] == "Saved"


def test_a_refusal_is_shown_as_it_was_said() -> None:
    answer = '{ status: 401, body: { error: { detail: "load it again" } } }'
    shown = run(f"{PRESS}; await pass(1000)", works=False, answer=answer)["shown"]
    assert shown[-1][1] == {"busy": False, "text": "Not saved: load it again"}
