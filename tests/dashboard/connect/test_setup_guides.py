"""A newcomer pastes what the Connect page prints, as it stands: each line works, and its light turns green."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest

from jorge_data.dashboard.connect.setup_guides import (
    GHL_EVENTS,
    GHL_SCOPES,
    SHELL,
    SetupGuide,
    SetupStep,
    listening,
    setup_guides,
)
from jorge_data.dashboard.connect.source_status import SourceLight, source_lights
from jorge_data.events import parse_moment
from jorge_data.settings import Settings, read_settings
from tests.npm_clients import NODE, NODE_MODULES, environment, needs_node
from tests.redis import RedisServer
from tests.served import Served, bot_status
from tests.server.websocket.test_wscat import WSCAT
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
OFFICE = "newcomer"
SECRETS = {"JORGE_WORKFLOW_SECRET": "the-workflow-s-secret", "JORGE_RETELL_API_KEY": "key_of-retell"}
TESTED_ELSEWHERE = (".venv/bin/python -m ", 'redis-cli -u "$JORGE_REDIS_URL" MONITOR')


class Desk(NamedTuple):
    """A newcomer's shell before a running system."""

    server: Served
    settings: Settings
    environment: dict[str, str]

    def guide(self, title: str) -> SetupGuide:
        return next(guide for guide in setup_guides(self.settings) if guide.title == title)

    def paste(self, step: SetupStep) -> str:
        """Run what a step prints, and return what it answers."""
        command = ["bash", "-c", step.code] if step.language == SHELL else [sys.executable, "-c", step.code]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def lights(self) -> dict[str, SourceLight]:
        inputs = {source["name"]: source for source in self.server.get("/api/sources")["sources"]}
        return {light.title: light for light in source_lights(setup_guides(self.settings), inputs, self.newest())}

    def newest(self) -> dict[str, datetime]:
        events = self.server.get("/events", location=OFFICE, after="oldest")["events"]
        return {event["source"]: parse_moment(event["time"]) for event in events}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with (
        RedisServer(tmp_path_factory.mktemp("redis")) as redis,
        Served(folder, JORGE_REDIS_URL=redis.url, JORGE_LOCATION=OFFICE, **SECRETS) as server,
    ):
        wait_until(lambda: bool(redis.client.exists("jorge_events")))
        environment = {
            **os.environ,
            **SECRETS,
            "JORGE_REDIS_URL": redis.url,
            "TOKEN": server.token("publisher", OFFICE),
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(folder),
            "NO_PROXY": "127.0.0.1",
        }
        socket_url = server.url.replace("http", "ws")
        yield Desk(server, read_settings(_env_file=None, socket_url=socket_url, location=OFFICE), environment)


def is_pasted(step: SetupStep) -> bool:
    return step.language != "text" and bool(step.code) and not step.code.startswith(TESTED_ELSEWHERE)


@pytest.mark.parametrize(
    ("title", "light"),
    [
        ("curl", "curl"),
        ("Python", "Python"),
        ("LangGraph", "LangGraph"),
        ("GoHighLevel", "GHL workflow"),
        ("Retell", "Retell"),
        ("Redis", "Redis"),
    ],
)
def test_what_is_pasted_turns_its_light_green(desk: Desk, title: str, light: str) -> None:
    assert desk.lights()[light].state == "awaited"
    for step in filter(is_pasted, desk.guide(title).steps):
        desk.paste(step)
    wait_until(lambda: desk.lights()[light].state == "active")


@pytest.mark.parametrize(("public", "is_warned"), [("", True), ("https://bots.example.com", False)])
def test_gohighlevels_guide_says_what_to_do_there_and_what_to_set_here(public: str, is_warned: bool) -> None:
    settings = read_settings(_env_file=None, public_url=public)
    steps = next(guide for guide in setup_guides(settings) if guide.title == "GoHighLevel").steps
    said = "\n".join(f"{step.words}\n{step.code}" for step in steps)
    needed = ("JORGE_WORKFLOW_SECRET=", "JORGE_GHL_TOKEN=", "JORGE_GHL_LOCATION=", ".env", "docs/integrations.md")
    clicks = ("Automation, Workflows", "Settings, Private Integrations", "/location/", "No token of step 1")
    assert [each for each in (*needed, *clicks) if each not in said] == []
    assert ("JORGE_PUBLIC_URL" in said) is is_warned


def test_the_scopes_and_events_of_the_guide_are_those_that_the_documents_name() -> None:
    documented = (ROOT / "docs" / "integrations.md").read_text()
    assert [scope for scope in GHL_SCOPES if f"`{scope}`" not in documented] == []
    named = {f"{subject}{event}" for subject, event in (each.split(" ") for each in events_of_the_guide())}
    told = set(re.findall(r"`([A-Z][A-Za-z]+)`", documented))
    told |= {f"Opportunity{end}" for end in re.findall(r"`…([A-Z][A-Za-z]+)`", documented)}
    assert named - told == set()


def events_of_the_guide() -> list[str]:
    """Return each event of the guide as its subject, empty where it is named whole, and the rest of its name."""
    pairs = []
    for listed in "; ".join(GHL_EVENTS).split("; "):
        subject, _, names = listed.rpartition(": ")
        pairs += [f"{subject} {name}" for name in names.split(", ")]
    return pairs


def test_nothing_that_was_pasted_was_refused(desk: Desk) -> None:
    answers = [desk.paste(step) for title in ("curl", "Python") for step in desk.guide(title).steps]
    assert ['"seq":' in answers[0], answers[1]] == [True, "delivered\n"]
    assert desk.server.get("/api/deliveries", location=OFFICE, state="failed")["deliveries"] == []


@pytest.mark.parametrize("number", [pytest.param(0, marks=needs_node), 1], ids=["websocket", "stream"])
def test_what_is_published_is_heard_where_the_page_says(desk: Desk, number: int) -> None:
    step = listening(desk.settings)[number]
    if step.code.startswith("wscat"):
        step = step._replace(code=step.code.replace("wscat", WSCAT, 1))
    environment = desk.environment | {"TOKEN": desk.server.token("agent", OFFICE)}
    command = ["bash", "-c", f"exec {step.code}"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as listener:
        assert listener.stdout is not None
        assert any('"subscribed"' in line for line in listener.stdout)
        desk.paste(desk.guide("curl").steps[0])
        assert any('"current_step":"hello"' in line for line in listener.stdout)
        listener.kill()


class FrontEnd:
    """The lines that the page prints for a front end, run by node as they stand."""

    def __init__(self, folder: Path, settings: Settings, token: str) -> None:
        (folder / "node_modules").symlink_to(NODE_MODULES)
        program = folder / "front_end.mjs"
        program.write_text(listening(settings)[2].code)
        assert NODE is not None
        self.process = subprocess.Popen(
            [NODE, str(program)],
            env=environment() | {"TOKEN": token},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.process.kill()
        self.process.communicate()

    def shown(self, count: int) -> list[str]:
        assert self.process.stdout is not None
        return [next(self.process.stdout).strip() for _ in range(count)]


def statuses(*numbers: int) -> list[dict[str, Any]]:
    return [bot_status(number, locationid=OFFICE) for number in numbers]


@needs_node
def test_the_lines_for_a_front_end_tell_what_happens_and_resume_after_the_server_was_killed(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        settings = read_settings(_env_file=None, socket_url=server.url.replace("http", "ws"), location=OFFICE)
        with FrontEnd(tmp_path, settings, server.token("agent")) as front_end:
            metrics = f"{server.url}/metrics"
            live = 'jorge_clients{transport="socket.io"} 1.0'
            wait_until(lambda: live in server.session.get(metrics, headers=server.bearer(), timeout=5).text)
            server.post(statuses(0, 1))
            shown = front_end.shown(2)
            server.kill()
            server.start()
            server.post(statuses(2))
            shown += front_end.shown(1)
    assert shown == [f"jorge-seller processing step-{number}" for number in range(3)]


@needs_node
def test_the_lines_for_a_front_end_say_why_they_may_not(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        settings = read_settings(_env_file=None, socket_url=server.url.replace("http", "ws"), location=OFFICE)
        with FrontEnd(tmp_path, settings, server.token("agent", "elsewhere")) as front_end:
            assert front_end.process.stderr is not None
            assert next(front_end.process.stderr) == (
                f"the token is bound to the location 'elsewhere', not to '{OFFICE}'\n"
            )


def test_the_lines_for_a_front_end_are_in_the_contract_as_they_stand() -> None:
    code = listening(read_settings(_env_file=None))[2].code
    assert f"```js\n{code}```\n" in (ROOT / "docs" / "events.md").read_text()


def test_the_page_prints_no_secret(desk: Desk) -> None:
    printed = "".join(step.code + step.words for guide in setup_guides(desk.settings) for step in guide.steps)
    assert not [name for name, secret in desk.environment.items() if name in SECRETS and secret in printed]


@pytest.mark.parametrize("tool", ["curl", "openssl", "redis-cli"])
def test_what_the_lines_need_is_here(tool: str) -> None:
    assert shutil.which(tool), f"{tool} is not installed: what was printed was not pasted"
