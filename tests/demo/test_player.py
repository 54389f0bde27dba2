from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from threading import Event as Flag
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.bots import Client
from jorge_data.demo import Player, run
from jorge_data.demo.history import HistoryId, earlier, history
from jorge_data.demo.run import RealEventWatch
from jorge_data.demo.story import DEAL_KINDS, HOUR
from jorge_data.errors import Unauthenticated
from jorge_data.events import Reception, admit, parse_date, parse_moment
from jorge_data.progress import ShowProgress, StartProgress, silent
from tests.bots.intake import Intake, Json

AUSTIN = ZoneInfo("America/Chicago")
DAYS = 6
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)
AWAY: tuple[int, dict[str, str], Json] = (503, {}, {"error": {"code": "unavailable", "detail": "restarting"}})


class Theatre:
    """A clock that moves only while somebody waits; the play ends after so many seconds."""

    def __init__(self, ends_after_s: float, begins: datetime = NOW) -> None:
        self.now = begins
        self._end = begins + timedelta(seconds=ends_after_s)

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        return self.now >= self._end


def player(client: Client, theatre: Theatre, progress: StartProgress = silent, days: int = DAYS) -> Player:
    return Player(client, theatre.clock, theatre.wait, progress, days, back=0)


def played(intake: Intake, seconds: float, speed: float = 1.0, seed: int = 7, at: datetime = NOW) -> list[Json]:
    theatre = Theatre(seconds, at)
    with Client(intake.url, "t", give_up_s=0) as client:
        player(client, theatre).play(seed, speed, AUSTIN)
    return list(intake.stored.values())


def coming(number: int) -> list[str]:
    """Return the ids of the first live events of a play that begins now."""
    stream = history(HistoryId(7, NOW.astimezone(AUSTIN) - timedelta(hours=1)), DAYS)
    live = (event["id"] for offset, event in stream if round(offset, 3) >= HOUR)
    return list(islice(live, number))


def times(events: list[Json]) -> list[datetime]:
    return [parse_moment(event["time"]) for event in events]


def test_the_location_is_cleared_then_history_then_live(intake: Intake) -> None:
    moments = times(played(intake, 600))
    assert intake.requests[1] == ("DELETE", "/api/locations/demo", None)
    past, live = [at for at in moments if at < NOW], [at for at in moments if at >= NOW]
    assert past[0] < NOW - timedelta(days=DAYS)
    assert NOW - max(past) < timedelta(minutes=4)
    assert 30 <= len(live) <= 200
    assert live == sorted(live)


def test_the_history_comes_in_full_batches(intake: Intake) -> None:
    played(intake, 0)
    sizes = [len(publish) for publish in intake.publishes]
    assert all(size == 500 for size in sizes[: sum(sizes) // 500])


def test_a_second_start_is_immediate_and_adds_nothing_of_the_past(intake: Intake) -> None:
    first = played(intake, 0)
    before = len(intake.requests)
    assert played(intake, 0, at=SOON)[len(first) :] == []
    assert [method for method, _, _ in intake.requests[before:]] == ["GET", "GET", "POST"]


def test_a_second_start_goes_on_with_the_stories_of_the_first(intake: Intake) -> None:
    """Nobody begins anew: a seller who has answered all four questions would be asked the first again."""
    first = played(intake, 600)
    again = played(intake, 600, at=NOW + timedelta(seconds=601))[len(first) :]
    named = [event["id"] for event in first]
    assert again
    assert {event["id"] for event in again}.isdisjoint(named)
    assert {HistoryId.of(event["id"]) for event in [*first, *again]} == {HistoryId.of(named[0])}


def test_after_a_pause_the_history_goes_on_from_where_it_was(intake: Intake) -> None:
    count_before = len(played(intake, 600))
    again = NOW + timedelta(hours=20)
    fresh = times(played(intake, 0, at=again)[count_before:])
    meanwhile = [at for at in fresh if at < again]
    assert len(meanwhile) > 300
    assert min(meanwhile) > NOW + timedelta(seconds=580)
    assert meanwhile == sorted(meanwhile)


def test_the_older_months_follow_beside_the_live_day_and_go_on_after_a_restart(intake: Intake) -> None:
    def play(seconds: float, at: datetime) -> set[str]:
        theatre = Theatre(seconds, at)
        with Client(intake.url, "t", give_up_s=0) as client:
            Player(client, theatre.clock, theatre.wait, days=3, back=8).play(7, 1.0, AUSTIN)
        return wanted & intake.stored.keys()

    older = earlier(HistoryId(7, NOW.astimezone(AUSTIN) - timedelta(hours=1)), 3, 8)
    wanted = {event["id"] for offset, event in older if offset < 0 and event["type"] not in DEAL_KINDS}
    assert 0 < len(play(2, NOW)) < len(wanted)
    assert play(300, NOW + timedelta(seconds=3)) == wanted
    sent = Counter(event["id"] for publish in intake.publishes for event in publish if event["id"] in wanted)
    assert sum(often > 1 for often in sent.values()) < 20, "what was told is not told again, but for one of each batch"


def test_a_story_of_the_older_months_is_told_whole_so_that_nobody_waits_for_its_end(intake: Intake) -> None:
    theatre = Theatre(60)
    with Client(intake.url, "t", give_up_s=0) as client:
        Player(client, theatre.clock, theatre.wait, days=3, back=30).play(7, 1.0, AUSTIN)
    older = earlier(HistoryId(7, NOW.astimezone(AUSTIN) - timedelta(hours=1)), 3, 30)
    wanted = {event["id"] for offset, event in older if offset < 0 and event["type"] not in DEAL_KINDS}
    batches = [[event["id"] for event in publish if event["id"] in wanted] for publish in intake.publishes]
    told_in = Counter(story for batch in batches for story in {name.rpartition("-")[0] for name in batch})
    assert len([batch for batch in batches if batch]) > 4
    assert [story for story, often in told_in.items() if often > 1] == []


@pytest.mark.parametrize("otherwise", [{"seed": 8}, {"at": NOW + timedelta(days=4)}])
def test_another_history_or_one_too_old_to_go_on_from_is_told_anew(intake: Intake, otherwise: Any) -> None:
    played(intake, 0)
    before = len(intake.requests)
    played(intake, 0, **otherwise)
    assert [method for method, _, _ in intake.requests[before:]][:4] == ["GET", "GET", "DELETE", "POST"]


def test_a_history_that_was_broken_off_is_told_anew(intake: Intake) -> None:
    played(intake, 0)
    intake.stored = dict(islice(intake.stored.items(), 1_000))
    before = len(intake.requests)
    played(intake, 0)
    assert [method for method, _, _ in intake.requests[before:]][:3] == ["GET", "GET", "DELETE"]


def test_how_far_the_history_is_told_is_shown(intake: Intake) -> None:
    shown: list[float] = []

    @contextmanager
    def progress(work: str) -> Iterator[ShowProgress]:
        yield lambda share, note: shown.append(share)

    theatre = Theatre(0)
    with Client(intake.url, "t", give_up_s=0) as client:
        player(client, theatre, progress).play(7, 1.0, AUSTIN)
    assert shown == sorted(shown)
    assert shown[-1] == 1
    paths = [path for method, path, _ in intake.requests if method == "POST"]
    assert paths == [*(f"/events?location=demo&loaded={share:.3f}" for share in shown), "/events"]


def test_no_event_is_ahead_of_its_time_and_each_is_admitted(intake: Intake) -> None:
    for event in played(intake, 15, speed=20):
        assert parse_moment(event["time"]) <= NOW + timedelta(seconds=15)
        admit(event, Reception(NOW + timedelta(seconds=15)))


def test_speed_is_how_fast_the_day_passes(intake: Intake) -> None:
    slow, fast = (
        [at for at in times(played(intake, 120, speed=speed, seed=seed)) if at >= NOW]
        for seed, speed in ((7, 1), (8, 20))
    )
    assert 3 * len(slow) < len(fast) < 40 * len(slow)


def test_the_history_has_deals_won_this_month_open_deals_and_steps_due_today(intake: Intake) -> None:
    theatre = Theatre(0)
    with Client(intake.url, "t", give_up_s=0) as client:
        player(client, theatre, days=30).play(7, 1.0, AUSTIN)
    events = [event["data"] for event in intake.stored.values()]
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
    live = [event["id"] for event in events if parse_moment(event["time"]) >= NOW]
    assert live == coming(len(live))
    assert 10 <= len(live) <= 4 * 40


def test_an_outage_in_the_middle_is_waited_for_with_the_same_events(intake: Intake) -> None:
    theatre, waits = Theatre(600), count()

    def wait(seconds: float) -> bool:
        if next(waits) == 20:
            intake.script.extend([AWAY] * 10)
        return theatre.wait(seconds)

    with Client(intake.url, "t", give_up_s=0) as client:
        Player(client, theatre.clock, wait, days=DAYS, back=0).play(7, 1.0, AUSTIN)
    sent = [event["id"] for publish in intake.publishes for event in publish]
    assert len(sent) - len(intake.stored) == 10
    live = [name for name, event in intake.stored.items() if parse_moment(event["time"]) >= NOW]
    assert live == coming(len(live))
    moments = [at for at in times(list(intake.stored.values())) if at >= NOW]
    assert moments == sorted(moments)


def test_in_auto_mode_a_real_event_ends_the_demo_before_it_clears_anything(intake: Intake) -> None:
    intake.locations = [{"location": "austin", "epoch": "e", "top": 1, "oldest": 1}]
    run(intake.url, "t", "p", mode="auto", home="austin", seed=7, speed=1, zone=AUSTIN, stop=Flag())
    assert intake.requests == [("GET", "/api/locations", None)]


def test_an_empty_office_the_demo_and_other_offices_are_not_real(intake: Intake) -> None:
    intake.locations = [
        {"location": "austin", "top": 0},
        {"location": "demo", "top": 900},
        {"location": "boise", "top": 9},
    ]
    theatre = Theatre(1e6)
    with Client(intake.url, "t", give_up_s=0) as client:
        assert RealEventWatch(client, "austin", theatre.clock, theatre.wait).wait(12) is False
    assert theatre.now == NOW + timedelta(seconds=12)
    assert len(intake.requests) == 3


def test_a_real_event_is_noticed_within_five_seconds_of_waiting(intake: Intake) -> None:
    theatre = Theatre(1e6)

    def wait(seconds: float) -> bool:
        intake.locations = [{"location": "austin", "top": 1}]
        return theatre.wait(seconds)

    with Client(intake.url, "t", give_up_s=0) as client:
        assert RealEventWatch(client, "austin", theatre.clock, wait).wait(3600) is True
    assert theatre.now - NOW <= timedelta(seconds=5)


def test_a_server_that_is_away_is_not_taken_for_a_real_event(intake: Intake) -> None:
    intake.script.append(AWAY)
    theatre = Theatre(1e6)
    with Client(intake.url, "t", give_up_s=0) as client:
        assert RealEventWatch(client, "austin", theatre.clock, theatre.wait).wait(1) is False


def test_stopping_ends_the_run_at_once(intake: Intake) -> None:
    stop = Flag()
    stop.set()
    run(intake.url, "t", "p", mode="1", home="austin", seed=7, speed=1, zone=AUSTIN, stop=stop)
    assert intake.requests == []


def test_demo_off_does_nothing(intake: Intake) -> None:
    run(intake.url, "t", "p", mode="0", home="austin", seed=7, speed=1, zone=AUSTIN, stop=Flag())
    assert intake.requests == []


def test_a_refused_token_ends_the_run_with_the_servers_words(intake: Intake) -> None:
    intake.script.append((401, {}, {"error": {"code": "unauthenticated", "detail": "the token is not ours"}}))
    with pytest.raises(Unauthenticated, match="the token is not ours"):
        run(intake.url, "t", "p", mode="1", home="austin", seed=7, speed=1, zone=AUSTIN, stop=Flag())
