from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events import Event
from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities.bot import Bot
from tests.metrics.entities.memory_store import MemoryStore, fold_each
from tests.metrics.entities.random_logs import logs
from tests.metrics.live_location import HOUR, MINUTE, NOON, LiveLocation

SILENT_AFTER_S = 900.0


def bot(store: MemoryStore, name: str = "lead-bot") -> Bot:
    return Bot.load(name, store.states["bot", name])


def stands(location: LiveLocation, now: datetime = NOON) -> tuple[str, datetime]:
    """Return the bot's state, and since when."""
    folded = bot(fold_each(location.events))
    state = folded.state(micros(now), SILENT_AFTER_S)
    since = folded.since(state, SILENT_AFTER_S)
    return state, NOON + (since - micros(NOON)) / 60e6 * MINUTE


def test_a_bot_is_in_a_state_since_the_first_report_that_said_so(location: LiveLocation) -> None:
    for minutes, status in ((50, "idle"), (40, "active"), (30, "processing"), (20, "active")):
        location.bot("lead-bot", status, NOON - minutes * MINUTE)
    assert stands(location, NOON - 20 * MINUTE) == ("working", NOON - 40 * MINUTE)
    location.bot("lead-bot", "completed", NOON - 35 * MINUTE)
    assert stands(location, NOON - 20 * MINUTE) == ("working", NOON - 30 * MINUTE)


def test_one_that_works_and_sends_nothing_is_silent_and_its_own_work_breaks_the_silence(location: LiveLocation) -> None:
    location.bot("lead-bot", "active", NOON - HOUR)
    assert stands(location) == ("silent", NOON - 45 * MINUTE)
    location.step(at=NOON - 10 * MINUTE)
    assert stands(location) == ("working", NOON - HOUR)


def test_one_without_a_report_is_idle_since_its_newest_event(location: LiveLocation) -> None:
    location.step(at=NOON - HOUR)
    assert stands(location) == ("idle", NOON - HOUR)


def test_only_a_bot_that_works_can_fall_silent(location: LiveLocation) -> None:
    location.bot("lead-bot", "error", NOON - HOUR, error_message="time\nout")
    assert stands(location) == ("error", NOON - HOUR)
    report = bot(fold_each(location.events)).report
    assert report is not None
    assert report.error == "time out"


@settings(deadline=None, max_examples=200)
@given(logs, st.lists(st.integers(0, 25), max_size=3))
def test_since_is_that_of_all_reports_in_order_of_time(events: list[Event], cuts: list[int]) -> None:
    store = MemoryStore()
    edges = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    for start, end in pairwise(edges):
        store.fold(events[start:end])
    for name in ("jorge-seller", "lead-bot"):
        reports = sorted(
            (event.time, event.seq, event.data["status"])
            for event in events
            if event.type == "bot_status_update" and event.data["bot_type"] == name
        )
        if reports:
            states = {"active": "working", "processing": "working", "error": "error"}
            kinds = [states.get(status, "idle") for _, _, status in reports]
            first = next((at for at in range(len(kinds), 0, -1) if kinds[at - 1] != kinds[-1]), 0)
            folded = bot(store, name)
            assert folded.reported_state == kinds[-1]
            assert folded.since(folded.reported_state, SILENT_AFTER_S) == micros(reports[first][0])
