"""What a bot may rely on when it publishes, with a server that misbehaves by script."""

import asyncio
import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from jorge_data.bots import Publisher
from jorge_data.bots.publisher import default_spool
from jorge_data.errors import EventRefused, Forbidden, SpoolFull, SpoolTaken, Unauthenticated
from tests.bots.intake import Intake
from tests.served import free_port

IDLE = {"bot_type": "lead-bot", "status": "idle"}
NO = {"error": {"code": "invalid", "detail": "not for us"}}


@pytest.fixture
def publisher(intake: Intake, tmp_path: Path) -> Iterator[Publisher]:
    with Publisher(intake.url, "t0ken", source="lead-bot", location="austin", spool=tmp_path / "spool.db") as opened:
        yield opened


def nobody(folder: Path, **options: Any) -> Publisher:
    """Return a publisher whose server does not answer."""
    return Publisher(f"http://127.0.0.1:{free_port()}", "t", source="bot", spool=folder / "spool.db", **options)


def steps(intake: Intake) -> list[str]:
    return [event["data"]["current_step"] for event in intake.stored.values()]


def test_an_event_arrives_as_it_was_said(intake: Intake, publisher: Publisher) -> None:
    before = datetime.now(UTC)
    identifier = publisher.publish("bot_status_update", IDLE, subject="c-1")
    assert publisher.flush()
    event = intake.stored[identifier]
    assert before <= datetime.fromisoformat(event.pop("time")) <= datetime.now(UTC)
    assert event == {
        "id": identifier,
        "source": "lead-bot",
        "locationid": "austin",
        "type": "bot_status_update",
        "subject": "c-1",
        "data": IDLE,
    }
    assert intake.authorization == {"Bearer t0ken"}


def test_time_and_id_may_be_the_bots_own(intake: Intake, publisher: Publisher) -> None:
    moment = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
    assert publisher.publish("bot_status_update", IDLE, time=moment, id="mine") == "mine"
    assert publisher.flush()
    assert intake.stored["mine"]["time"] == "2026-05-01T09:30:00+00:00"


@pytest.mark.parametrize(
    ("kind", "data", "envelope", "fault"),
    [
        ("bot_status", IDLE, {}, r"/type is 'bot_status': allowed: jorge_qualification_progress, "),
        ("bot_status_update", {**IDLE, "status": "busy"}, {}, r"/data/status is 'busy': Input should be 'active', "),
        ("bot_status_update", {**IDLE, "note": math.nan}, {}, r"/data/note is nan: not a finite number"),
        ("bot_status_update", {**IDLE, "note": {1: 2}}, {}, r"/data/note is 1: JSON has no form for it"),
        ("bot_status_update", {**IDLE, "note": [Decimal(1)]}, {}, r"/data/note/0 is Decimal\('1'\): JSON has no form"),
        ("bot_status_update", {**IDLE, "note": "\ud800"}, {}, r"/data/note is '\\ud800': a lone surrogate"),
        ("bot_status_update", {**IDLE, "note": "x" * 70_000}, {}, r"one event may have 65536 bytes"),
        ("bot_status_update", IDLE, {"time": "yesterday"}, r"/time is 'yesterday': "),
        ("bot_status_update", IDLE, {"time": datetime(2026, 5, 1)}, r"/time is '2026-05-01T00:00:00': "),
        ("bot_status_update", IDLE, {"time": datetime.now(UTC) + timedelta(hours=1)}, r"more than 5 minutes ahead"),
        ("bot_status_update", IDLE, {"id": ""}, r"/id is '': allowed: text of 1–128 characters"),
    ],
)
def test_a_wrong_event_is_refused_where_the_bot_stands(
    publisher: Publisher, kind: str, data: dict[str, Any], envelope: dict[str, Any], fault: str
) -> None:
    with pytest.raises(EventRefused, match=fault):
        publisher.publish(kind, data, **envelope)
    assert publisher.pending == 0


def test_a_retry_sends_the_same_ids(intake: Intake, publisher: Publisher) -> None:
    intake.script.extend([(0, {}, None), (503, {}, {}), (429, {}, {})])
    identifier = publisher.publish("bot_status_update", IDLE)
    assert publisher.flush()
    assert {event["id"] for publish in intake.publishes for event in publish} == {identifier}
    assert len(intake.publishes) == 4


def test_order_is_kept_over_failures(intake: Intake, publisher: Publisher) -> None:
    intake.script.extend([(503, {}, {})] * 2)
    expected = [f"step-{number}" for number in range(1200)]
    for step in expected:
        publisher.publish("bot_status_update", {**IDLE, "current_step": step})
    assert publisher.flush()
    assert steps(intake) == expected
    assert max(len(publish) for publish in intake.publishes) <= 500


def test_what_the_server_refuses_is_kept_aside_and_the_rest_goes_on(intake: Intake, publisher: Publisher) -> None:
    fault = {"code": "invalid_event", "detail": "/time is too far ahead"}
    intake.script.append((422, {}, {"results": [{"id": "a", "error": fault}], **NO}))
    publisher.publish("bot_status_update", IDLE, id="a")
    assert publisher.flush()
    publisher.publish("bot_status_update", IDLE, id="b")
    assert publisher.flush()
    assert [(refused.event["id"], refused.reason) for refused in publisher.refused()] == [("a", fault)]
    assert list(intake.stored) == ["b"]
    publisher.discard_refused()
    assert publisher.refused() == []


def test_what_the_server_could_not_keep_now_is_tried_again_and_not_set_aside(
    intake: Intake, publisher: Publisher
) -> None:
    lacking = {"id": "a", "error": {"code": "not_kept", "detail": "try again"}}
    intake.script.append((207, {}, {"results": [lacking]}))
    publisher.publish("bot_status_update", IDLE, id="a")
    assert publisher.flush()
    assert (list(intake.stored), publisher.refused()) == (["a"], [])


def test_one_event_that_spoils_a_publish_is_found_and_kept_aside(intake: Intake, tmp_path: Path) -> None:
    intake.spoiler = "bad"
    with nobody(tmp_path) as publisher:
        for identifier in ("a", "b", "bad", "c", "d"):
            publisher.publish("bot_status_update", IDLE, id=identifier)
        publisher.close(0)
    with Publisher(intake.url, "t", source="bot", spool=tmp_path / "spool.db") as publisher:
        assert publisher.flush()
        assert [refused.event["id"] for refused in publisher.refused()] == ["bad"]
    assert list(intake.stored) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthenticated), (403, Forbidden)])
def test_a_refused_token_is_told_at_once_and_costs_no_event(
    intake: Intake, tmp_path: Path, status: int, kind: type[Exception]
) -> None:
    intake.script.append((status, {}, NO))
    bot = Publisher(intake.url, "bad", source="bot", spool=tmp_path / "spool.db")
    identifier = bot.publish("bot_status_update", IDLE)
    assert not bot.flush(60)
    assert isinstance(bot.trouble, kind)
    assert str(bot.trouble) == "not for us"
    assert bot.pending == 1
    bot.close()
    with Publisher(intake.url, "good", source="bot", spool=tmp_path / "spool.db") as mended:
        assert mended.flush()
        assert mended.trouble is None
    assert list(intake.stored) == [identifier]


def test_an_answer_that_is_not_the_event_servers_loses_nothing(intake: Intake, tmp_path: Path) -> None:
    intake.script.append((200, {}, {"results": []}))
    bot = Publisher(intake.url, "t", source="bot", spool=tmp_path / "spool.db")
    identifier = bot.publish("bot_status_update", IDLE)
    bot.close(0.01)
    with Publisher(intake.url, "t", source="bot", spool=tmp_path / "spool.db") as again:
        assert again.flush()
    assert list(intake.stored) == [identifier]


def test_a_full_spool_refuses_the_next_event(tmp_path: Path) -> None:
    publisher = nobody(tmp_path, limit=3)
    for _ in range(3):
        publisher.publish("bot_status_update", IDLE)
    with pytest.raises(SpoolFull, match="holds 3 events that are not delivered yet"):
        publisher.publish("bot_status_update", IDLE)
    assert publisher.pending == 3
    publisher.close(0)


def test_two_publishers_do_not_share_a_spool(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(SpoolTaken, match="is held by another publisher"):
        nobody(tmp_path)


def test_many_threads_publish_and_each_keeps_its_order(intake: Intake, publisher: Publisher) -> None:
    def publish_steps(name: str) -> None:
        for number in range(200):
            publisher.publish("bot_status_update", {**IDLE, "current_step": f"{name}:{number}"})

    threads = [Thread(target=publish_steps, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert publisher.flush()
    for name in "abcd":
        assert [step for step in steps(intake) if step[0] == name] == [f"{name}:{number}" for number in range(200)]


def test_it_is_used_from_asyncio_as_it_is(intake: Intake, tmp_path: Path) -> None:
    async def bot() -> str:
        async with Publisher(intake.url, "t", source="bot", spool=tmp_path / "spool.db") as publisher:
            identifier = publisher.publish("bot_status_update", IDLE)
            assert await publisher.aflush()
            assert publisher.pending == 0
        return identifier

    identifier = asyncio.run(bot())
    assert list(intake.stored) == [identifier]


def test_a_bot_that_ends_without_closing_has_delivered(intake: Intake, tmp_path: Path) -> None:
    script = f"""
from jorge_data.bots import Publisher
publisher = Publisher({intake.url!r}, "t", source="bot", spool={str(tmp_path / "spool.db")!r})
publisher.publish("bot_status_update", {IDLE!r}, id="last")
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert list(intake.stored) == ["last"]


def test_by_default_each_source_and_server_has_a_spool_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    paths = {default_spool(url, source) for url in ("http://a:8001", "http://b:8001") for source in ("x/y", "z")}
    assert len(paths) == 4
    assert {path.parent for path in paths} == {tmp_path / "jorge"}
    assert default_spool("http://a:8001/", "z") in paths
