from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event as Flag
from zoneinfo import ZoneInfo

import pytest

from jorge_data.bots import Client
from jorge_data.demo import Player, run
from jorge_data.demo.run import Patience
from jorge_data.errors import Unauthenticated
from jorge_data.events import Reception, admit, parse_date, parse_moment
from tests.bots.intake import Intake, Json

AUSTIN = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
AWAY: tuple[int, dict[str, str], Json] = (503, {}, {"error": {"code": "unavailable", "detail": "restarting"}})


class Theatre:
    """A clock that moves only while somebody waits; the play ends after so many seconds."""

    def __init__(self, ends_after_s: float) -> None:
        self.now = NOW
        self._end = NOW + timedelta(seconds=ends_after_s)

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        return self.now >= self._end


def played(intake: Intake, seconds: float, speed: float = 1.0) -> list[Json]:
    theatre = Theatre(seconds)
    with Client(intake.url, "t", give_up_s=0) as client:
        Player(client, theatre.clock, theatre.wait).play(7, speed, AUSTIN, "a")
    return list(intake.kept.values())


def times(events: list[Json]) -> list[datetime]:
    return [parse_moment(event["time"]) for event in events]


def test_the_location_is_cleared_then_history_then_live(intake: Intake) -> None:
    told = times(played(intake, 60))
    assert intake.requests[0] == ("DELETE", "/api/locations/demo", None)
    past, live = [at for at in told if at < NOW], [at for at in told if at >= NOW]
    assert 6_000 <= len(past) <= 8_000
    assert NOW - max(past) < timedelta(seconds=10)
    assert 30 <= len(live) <= 60
    assert told == sorted(told)


def test_the_history_comes_in_full_batches(intake: Intake) -> None:
    played(intake, 0)
    sizes = [len(publish) for publish in intake.publishes]
    assert all(size == 500 for size in sizes[: sum(sizes) // 500])


def test_no_event_is_ahead_of_its_time_and_each_is_admitted(intake: Intake) -> None:
    for event in played(intake, 15, speed=20):
        assert parse_moment(event["time"]) <= NOW + timedelta(seconds=15)
        admit(event, Reception(NOW + timedelta(seconds=15)))


def test_speed_is_how_fast_the_day_passes(intake: Intake) -> None:
    live = [at for at in times(played(intake, 15, speed=20)) if at >= NOW]
    assert 5 * 30 <= len(live) <= 5 * 60


def test_the_history_has_deals_won_this_month_open_deals_and_steps_due_today(intake: Intake) -> None:
    events = [event["data"] for event in played(intake, 0)]
    month_began = NOW.astimezone(AUSTIN).replace(day=1, hour=0, minute=0, second=0)
    won = [parse_moment(each["closed_at"]) for each in events if each.get("status") == "won"]
    assert any(month_began <= at <= NOW for at in won)
    assert len({each["deal_id"] for each in events if each.get("deal_id") and each["status"] == "open"}) >= 5
    today = NOW.astimezone(AUSTIN).date()
    due = [each["next_action_date"] for each in events if len(each.get("next_action_date") or "") == 10]
    assert sum(parse_date(date) == today for date in due) >= 10
    assert any(parse_date(date) < today for date in due)


def test_a_server_that_is_away_costs_no_event_and_no_rush(intake: Intake) -> None:
    intake.script.extend([AWAY] * 20)
    events = played(intake, 240)
    numbers = [int(event["id"].removeprefix("a-")) for event in events if parse_moment(event["time"]) >= NOW]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) <= 4 * 60


def test_an_outage_in_the_middle_is_waited_for_with_the_same_events(intake: Intake) -> None:
    theatre, waits = Theatre(300), count()

    def wait(seconds: float) -> bool:
        if next(waits) == 20:
            intake.script.extend([AWAY] * 10)
        return theatre.wait(seconds)

    with Client(intake.url, "t", give_up_s=0) as client:
        Player(client, theatre.clock, wait).play(7, 1.0, AUSTIN, "a")
    sent = [event["id"] for publish in intake.publishes for event in publish]
    assert len(sent) - len(intake.kept) == 10
    live = [int(name.removeprefix("a-")) for name, event in intake.kept.items() if parse_moment(event["time"]) >= NOW]
    assert live == list(range(live[0], live[0] + len(live)))
    told = times(list(intake.kept.values()))
    assert told == sorted(told)


def test_in_auto_mode_a_real_event_ends_the_demo_before_it_clears_anything(intake: Intake) -> None:
    intake.locations = [{"location": "austin", "epoch": "e", "top": 1, "oldest": 1}]
    run(intake.url, "t", mode="auto", home="austin", seed=7, speed=1, zone=AUSTIN, stop=Flag())
    assert intake.requests == [("GET", "/api/locations", None)]


def test_an_empty_office_the_demo_and_other_offices_are_not_real(intake: Intake) -> None:
    intake.locations = [
        {"location": "austin", "top": 0},
        {"location": "demo", "top": 900},
        {"location": "boise", "top": 9},
    ]
    theatre = Theatre(1e6)
    with Client(intake.url, "t", give_up_s=0) as client:
        assert Patience(client, "austin", theatre.clock, theatre.wait).wait(12) is False
    assert theatre.now == NOW + timedelta(seconds=12)
    assert len(intake.requests) == 3


def test_a_real_event_is_noticed_within_five_seconds_of_waiting(intake: Intake) -> None:
    theatre = Theatre(1e6)

    def wait(seconds: float) -> bool:
        intake.locations = [{"location": "austin", "top": 1}]
        return theatre.wait(seconds)

    with Client(intake.url, "t", give_up_s=0) as client:
        assert Patience(client, "austin", theatre.clock, wait).wait(3600) is True
    assert theatre.now - NOW <= timedelta(seconds=5)


def test_a_server_that_is_away_is_not_taken_for_a_real_event(intake: Intake) -> None:
    intake.script.append(AWAY)
    theatre = Theatre(1e6)
    with Client(intake.url, "t", give_up_s=0) as client:
        assert Patience(client, "austin", theatre.clock, theatre.wait).wait(1) is False


def test_stopping_ends_the_run_at_once(intake: Intake) -> None:
    stop = Flag()
    stop.set()
    run(intake.url, "t", mode="1", home="austin", seed=7, speed=1, zone=AUSTIN, stop=stop)
    assert intake.requests == []


def test_demo_off_does_nothing(intake: Intake) -> None:
    run(intake.url, "t", mode="0", home="austin", seed=7, speed=1, zone=AUSTIN, stop=Flag())
    assert intake.requests == []


def test_a_refused_token_ends_the_run_with_the_servers_words(intake: Intake) -> None:
    intake.script.append((401, {}, {"error": {"code": "unauthenticated", "detail": "the token is not ours"}}))
    with pytest.raises(Unauthenticated, match="the token is not ours"):
        run(intake.url, "t", mode="1", home="austin", seed=7, speed=1, zone=AUSTIN, stop=Flag())
