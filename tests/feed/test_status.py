from dataclasses import dataclass
from datetime import timedelta

from jorge_data.feed.consumer import Guard
from jorge_data.feed.status_reporter import TRANSITIONS, Meter, StatusReporter
from tests.feed.recorder import Recorder


@dataclass
class SetClock:
    now: float = 1_000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def test_a_state_is_dated_from_when_it_began() -> None:
    clock, recorder = SetClock(), Recorder()
    reporter = StatusReporter("office", clock, Guard(recorder))
    reporter.show("connected", "live")
    clock.now += 60
    reporter.show("disconnected", "one reason")
    clock.now += 60
    reporter.show("disconnected", "another", retry_in_s=5)
    first, second, third = recorder.statuses
    assert second.since - first.since == timedelta(seconds=60)
    assert third.since == second.since
    assert third.retry_at == third.since + timedelta(seconds=65)


def test_the_log_keeps_transitions_and_not_their_repetition() -> None:
    clock = SetClock()
    reporter = StatusReporter("office", clock, Guard(Recorder()))
    for detail in ("one", "two", "two", "three", "three"):
        reporter.show("connecting", detail)
    assert [entry.detail for entry in reporter.log()] == ["one", "two", "three"]


def test_the_log_is_bounded() -> None:
    reporter = StatusReporter("office", SetClock(), Guard(Recorder()))
    for number in range(TRANSITIONS + 2):
        reporter.show("connecting", str(number))
    assert [entry.detail for entry in reporter.log()] == [str(number) for number in range(2, TRANSITIONS + 2)]


def test_the_meter_forgets_what_is_older_than_a_minute() -> None:
    clock = SetClock()
    meter = Meter(clock.monotonic)
    for _ in range(200):
        meter.add(10)
        clock.now += 0.5
    assert meter.per_minute() == 60 * 20 - 20
    clock.now += 61
    assert meter.per_minute() == 0


def test_silence_is_told_by_the_steady_clock_in_heartbeats_of_the_server() -> None:
    clock = SetClock()
    reporter = StatusReporter("office", clock, Guard(Recorder()))
    assert (reporter.status.silent_s, reporter.status.late, reporter.status.lost) == (None, False, False)
    reporter.heard(10)
    for heartbeat_s in (25.0, 2.0):
        reporter.beats(heartbeat_s)
        reporter.heard(10)
        for share, late, lost in ((1.19, False, False), (1.21, True, False), (1.41, True, True)):
            silence = reporter.status.silent_s
            clock.now += share * heartbeat_s - (silence or 0.0)
            assert (reporter.status.late, reporter.status.lost) == (late, lost)
