"""A server whose clock is wrong: which fault is named, what is kept meanwhile, and what still works."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from jorge_data.bots import Publisher
from jorge_data.bots.spool import Spool
from jorge_data.bots.spool_sender import SpoolSender
from jorge_data.cli.doctor import examine
from jorge_data.events.timestamps import in_words
from jorge_data.server.clock_watch import ClockWatch
from jorge_data.server.readiness import Readiness
from jorge_data.settings import Settings
from tests.faketime import clock_off_by
from tests.served import Served, bot_status
from tests.waiting import wait_until

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
ALL: dict[str, str | int] = {"location": "default", "after": "oldest", "limit": 100}


def at(server: Served, **environment: str) -> Served:
    """Return the same server anew, by another clock."""
    server.environment = {
        name: value for name, value in server.environment.items() if name not in clock_off_by("+0") or name == "TZ"
    } | environment
    server.start()
    return server


def steps(server: Served) -> list[str]:
    return [event["data"]["current_step"] for event in server.get("/events", **ALL)["events"]]


def test_a_bots_events_wait_for_a_server_whose_clock_is_behind_and_arrive_once_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with Served(tmp_path / "server", **clock_off_by("-3h")) as server:
        spool = tmp_path / "spool.db"
        with Publisher(server.url, server.token(ttl_s=86_400), source="tests", spool=spool) as publisher:
            for number in range(5):
                publisher.bot_status(bot_type="jorge-seller", status="processing", current_step=f"step-{number}")
            assert not publisher.flush(60)
            trouble = str(publisher.trouble)
            assert trouble.startswith("the event server's clock is 3 h behind this machine's (")
            assert trouble.endswith("): events wait until one is set right")
            assert (publisher.pending, publisher.refused()) == (5, [])
        assert steps(server) == []
        server.stop()
        at(server)
        with Publisher(server.url, server.token(), source="tests", spool=spool) as publisher:
            assert publisher.flush(60)
            assert publisher.refused() == []
        assert steps(server) == [f"step-{number}" for number in range(5)]


def test_what_is_later_than_both_clocks_is_set_aside(served: Served, tmp_path: Path) -> None:
    """As after an hour in which the bot's own clock was wrong."""
    future = bot_status(time=(datetime.now(UTC) + timedelta(days=400)).isoformat(), locationid="clock-set-aside")
    good = bot_status(locationid="clock-set-aside")
    spool = Spool(tmp_path / "spool.db", 10)
    for event in (future, good):
        spool.add(orjson.dumps({"time": datetime.now(UTC).isoformat(), **event}))
    sender = SpoolSender(spool, served.url, served.token(), None)
    try:
        assert sender.flush(60)
        ((body, reason),) = spool.refused()
    finally:
        sender.close(10)
        spool.close()
    assert orjson.loads(body)["id"] == future["id"]
    assert orjson.loads(reason)["code"] == "clock"
    assert served.get("/events", location="clock-set-aside", after="oldest")["top"] == 1


def test_a_refusal_for_the_time_says_both_and_that_one_is_wrong(served: Served) -> None:
    before = datetime.now(UTC)
    ahead = before + timedelta(hours=3)
    answer = served.post([bot_status(time=ahead.isoformat())])
    error = answer.json()["results"][0]["error"]
    assert (answer.status_code, error["code"]) == (422, "clock")
    assert "more than 5 minutes ahead of the clock here, by 3 h: it says 2" in error["detail"]
    assert before <= datetime.fromisoformat(error["now"]) <= datetime.now(UTC)
    both = served.post([bot_status(time=ahead.isoformat(), type="nonsense")]).json()["results"][0]["error"]
    assert (both["code"], len(both["faults"])) == ("invalid_event", 2)


def test_a_server_whose_clock_is_behind_knows_it_by_what_it_has_stored(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        server.post([bot_status()]).raise_for_status()
        server.stop()
        at(server, **clock_off_by("-3h"))
        wait_until(lambda: "this machine's clock is 3 h behind the newest event it has stored" in server.log)
        figures = server.get("/api/dashboard/metrics", location="default")
        assert figures["freshness_s"] is None
        # A token of a right clock is good: `iat` is three hours ahead.
        assert server.session.get(f"{server.url}/events", headers=server.bearer(), timeout=10).ok


def test_doctor_names_the_clock_that_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Served(tmp_path, **clock_off_by("-3h")) as server:
        address = f"ws://127.0.0.1:{server.port}"
        settings = Settings.model_validate({"socket_url": address, "token_secret": server.secret})
        (clock,) = [finding for finding in examine(settings) if finding.subject == "clock"]
    assert (clock.passed, clock.detail) == (False, "the event server's is 3 h behind this machine's")


def test_a_token_that_ended_by_a_clock_that_is_ahead_is_told_both_times(tmp_path: Path) -> None:
    with Served(tmp_path, **clock_off_by("+3h")) as server:
        answer = server.session.get(f"{server.url}/events", headers=server.bearer(ttl_s=600), timeout=10)
        assert answer.status_code == 401
        assert "the token has expired: it ended at 2" in answer.json()["error"]["detail"]
        assert ", and here it is 2" in answer.json()["error"]["detail"]


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ([timedelta(0)], "ok"),
        ([timedelta(hours=-3)], "degraded"),
        ([timedelta(seconds=-59)], "ok"),
        ([timedelta(0), timedelta(hours=3), timedelta(0)], "degraded"),  # set back while it runs
        ([timedelta(hours=-3), timedelta(0)], "ok"),  # and set right
    ],
)
def test_the_part_clock_is_what_the_latest_times_say(shown: list[timedelta], state: str) -> None:
    readiness, times = Readiness(), iter(shown)
    watch = ClockWatch(readiness.report, lambda: NOW + next(times), NOW)
    for _ in shown:
        watch.check()
    (part,) = readiness.parts()
    assert (part.name, part.state) == ("clock", state)
    assert ("behind the newest event it has stored: set it right" in part.why) == (state == "degraded")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (-300, "5 min"), (10_796, "3 h"), (5_399, "90 min"), (864_000, "10 d")],
)
def test_how_far_clocks_are_apart_is_said_in_one_word_and_a_unit(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
