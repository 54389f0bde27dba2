"""The example is run as its first line says, against a real server."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served

LOCATION = "examples"


def run(server: Served, spool: Path, *options: str, replies: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "examples.seller_bot", "--url", server.url, "--location", LOCATION]
    return subprocess.run(
        [*command, "--pause", "0", "--spool", str(spool), *options],
        env=server.environment,
        cwd=Path(__file__).parents[2],
        input=replies,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def events(served: Served, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the server has after the three sellers of the example."""
    done = run(served, tmp_path_factory.mktemp("bot") / "spool.db")
    assert (done.returncode, done.stderr) == (0, "")
    page = served.get("/events", location=LOCATION, after="oldest", limit=500)
    assert page["events"], done.stdout
    events: list[dict[str, Any]] = page["events"]
    return events


def of(events: list[dict[str, Any]], kind: str, seller: str) -> list[dict[str, Any]]:
    return [
        event["data"]
        for event in events
        if event["type"] == kind and event["data"].get("contact_id", "").startswith(f"{seller}-")
    ]


def test_each_question_answered_is_progress(events: list[dict[str, Any]]) -> None:
    progress = of(events, "jorge_qualification_progress", "dana")
    assert [data["questions_answered"] for data in progress] == [1, 2, 3, 4]
    assert [data["seller_temperature"] for data in progress] == ["cold", "cold", "warm", "hot"]
    assert progress[-1]["estimated_value"] == 480_000
    assert all(data["derived"] for data in progress)


def test_a_seller_whose_timeline_does_not_work_is_warm(events: list[dict[str, Any]]) -> None:
    assert of(events, "jorge_qualification_progress", "ruth")[-1]["seller_temperature"] == "warm"


def test_a_seller_who_stalls_is_handed_to_a_human(events: list[dict[str, Any]]) -> None:
    turns = [data for data in of(events, "conversation_event", "miguel") if data["kind"] != "message"]
    assert [(data["kind"], data.get("stall_type")) for data in turns] == [
        ("stall_detected", "thinking"),
        ("stall_detected", "agent"),
        ("stall_detected", "get_back"),
        ("handoff", None),
    ]


def test_the_bot_is_seen_at_its_steps_and_waiting(events: list[dict[str, Any]]) -> None:
    seen = of(events, "bot_status_update", "dana")
    assert [data["current_step"] for data in seen if data["status"] == "idle"] == ["waiting: ask_question"] * 4
    assert {data.get("current_step") for data in seen} >= {"analyze_intent", "score_seller", "execute_follow_up"}
    assert seen[-1]["status"] == "completed"
    assert "error" not in {data["status"] for data in seen}


def test_whoever_types_is_the_seller(served: Served, tmp_path: Path) -> None:
    done = run(served, tmp_path / "spool.db", "--typed", replies="A new job\nYes\nNew roof\n500k\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Jorge will call you today" in done.stdout
