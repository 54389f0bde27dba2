"""Faults of the server's process: killed, asked to end, stopped, started cold before a crowd, short of descriptors."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.chaos.faults.fault import Fault, NotHere
from bench.chaos.readers import OnSocket
from bench.chaos.stage import Stage, metric, server
from tests.served import Served
from tests.server.clients import subscribe
from tests.toxics import Toxic

LIVE = 'jorge_clients{transport="websocket"}'
STOPPED_S = 40.0
BACK_WITHIN_S = 10.0
CROWD = 2_000
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def killed(stage: Stage) -> None:
    moments = ["before a commit", "after a commit, before its answer", "after an answer"]
    stage.chance.shuffle(moments)
    for moment in moments:
        stage.flow(10)
        again = sum(publisher.duplicates for publisher in stage.publishers)
        if moment == "after a commit, before its answer":
            answers_vanish_until_committed(stage)
        elif moment == "before a commit":
            time.sleep(stage.chance.uniform(0, 0.05))
        else:
            stage.flow(1)
        stage.served.kill()
        stage.heal()
        stage.inlet.cut(reset=True)  # what had vanished is gone with the process
        stage.served.start()
        stage.recovered()
        if moment == "after a commit, before its answer":
            stage.check(
                sum(publisher.duplicates for publisher in stage.publishers) > again,
                "no event that was committed and not answered was sent again",
            )


def answers_vanish_until_committed(stage: Stage) -> None:
    top = stage.top()
    stage.inlet.set(down=Toxic(black_hole=True))
    stage.wait(lambda: stage.top() > top + 3, "events are committed whose answers vanish")


def restarted(stage: Stage) -> None:
    for _ in range(2):
        stage.flow(10)
        known = len(stage.socket.codes)
        stage.served.stop()
        stage.heal()
        stage.served.start()
        start_s = time.monotonic() - stage.healed
        slowest = max(stage.recovered()) - start_s
        stage.check(
            slowest <= BACK_WITHIN_S, f"back {slowest:.1f} s after it listened: {BACK_WITHIN_S:g} s were promised"
        )
        stage.check(stage.socket.codes[known:] == [1012], f"closed with {stage.socket.codes[known:]}, not 1012")


def stopped(stage: Stage) -> None:
    before = metric(stage.served, LIVE)
    stage.served.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    time.sleep(STOPPED_S)
    states = stage.feed.states_since(began)
    stage.served.process.send_signal(signal.SIGCONT)
    stage.heal()
    stage.facts.append(f"the feed's states while stopped: {', '.join(states) or 'none other'}")
    stage.recovered()
    took = stage.wait(lambda: metric(stage.served, LIVE) == before, "no client is connected twice")
    stage.facts.append(f"one connection a client again after {took:.1f} s")


def crowd(stage: Stage) -> None:
    """Two thousand clients come back at once to a server that has just started.

    Their location is their own: at the load's rate, times two thousand, the machine would be measured and no fault.
    """
    location = f"{stage.location}-crowd"
    stage.publish(20, location)
    command = [sys.executable, "-m", "bench.chaos.crowd", str(stage.served.port), location, str(CROWD)]
    environment = {**os.environ, "JORGE_TOKEN": stage.served.token()}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        began = time.monotonic()
        assert process.stdout.readline() == "there\n", "the crowd did not get in"
        warm_s = time.monotonic() - began
        stage.flow(10)
        stage.served.kill()
        stage.heal()
        stage.served.start()
        listening = time.monotonic()
        start_s = listening - stage.healed
        print("go", file=process.stdin, flush=True)
        stage.publish(20, location)
        back = process.stdout.readline()
        assert back, "the crowd did not come back"
        waits = json.loads(back)
        stage.recovered()
        stage.publish(20, location)
        print(60, file=process.stdin, flush=True)
        verdict = json.loads(process.stdout.readline())
    stage.facts.append(
        f"{CROWD:,} clients: the first time all in after {warm_s:.1f} s; after the kill all back and recovered after "
        f"{waits['max']:.1f} s (p50 {waits['p50']:.1f}), a cold start among it; "
        f"{time.monotonic() - listening:.0f} s until all had everything"
    )
    within_s = BACK_WITHIN_S + warm_s + start_s  # what the crowd itself needs on this machine comes on top
    stage.check(waits["max"] <= within_s, f"the last of {CROWD} came back after {waits['max']:.1f} s")
    stage.check(verdict == {"lost": 0, "repeated": 0, "unrecovered": 0}, f"the crowd: {verdict}")


@contextmanager
def few_descriptors(folder: Path) -> Iterator[Served]:
    with server(folder) as served:
        yield served


def out_of_descriptors(stage: Stage) -> None:
    pid = stage.served.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    held = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (held + 20, before[1]))
    log = len(stage.served.log)
    with ExitStack() as stack:
        for _ in range(200):
            try:
                stack.enter_context(socket.create_connection(("127.0.0.1", stage.served.port), timeout=1))
            except OSError:
                break
        time.sleep(stage.chance.uniform(3, 5))
        lines = stage.served.log[log:].count("\n")
        stage.check(lines < 100, f"{lines} lines of log in a few seconds without descriptors")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    stage.heal()
    stage.facts.append(f"{lines} lines of log meanwhile")


@contextmanager
def with_a_clock(folder: Path) -> Iterator[Served]:
    """Run a server whose wall clock a file moves; its monotonic clock goes on."""
    if not FAKETIME.exists():
        raise NotHere("libfaketime is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clock").write_text("+0")
    with server(
        folder,
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(folder / "clock"),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    ) as served:
        yield served


def clock_jumps(stage: Stage) -> None:
    clock = stage.served.folder / "clock"
    ended = len(stage.socket.ended)
    jumps = ["+1h", "-1h", "+0"]
    for jump in jumps:
        clock.write_text(jump)
        stage.heal()
        stage.flow(20)
        time.sleep(stage.chance.uniform(1, 3))
    stage.check(len(stage.socket.ended) == ended, "a connection ended where only the wall clock had moved")


def turned_away(stage: Stage) -> None:
    """The log's ring holds 1,000 events: a reader that was away for longer is served from the store."""
    away = OnSocket(stage.place, f"{stage.location}-away")
    with away:
        stage.wait(lambda: away.cursor.seq >= 10, "a reader reads")
    stage.publish(stage.chance.randrange(1_200, 2_500))
    back = OnSocket(stage.place, f"{stage.location}-back")
    back.stretches = away.stretches
    stage.heal()
    stage.add_reader(back)
    stage.check(back.restarts == 0, "it could not resume from behind the ring")


@contextmanager
def forgetful(folder: Path) -> Iterator[Served]:
    with server(folder, JORGE_RETENTION="delete", JORGE_RETENTION_DAYS="1") as served:
        yield served


def away_for_longer_than_retention(stage: Stage) -> None:
    location = f"{stage.location}-old"
    old = (datetime.now(UTC) - timedelta(days=4)).isoformat()
    epoch = stage.publish(200, location, time=old)[0]["epoch"]
    stage.publish(20, location)
    stage.wait(lambda: folded(stage.served, location) >= 220, "the rollups cover what is to be deleted")
    stage.served.stop()
    stage.heal()
    stage.served.start()  # retention runs at the start, then each hour
    stage.wait(lambda: bounds(stage.served, location)["oldest"] > 200, "old events were deleted")
    frame = subscribed(stage.served, location, {"epoch": epoch, "seq": 50})
    stage.check(frame["recovered"] is False, "a reader in the deleted part was told that it was recovered")
    stage.check(isinstance(frame["snapshot"], dict), "it was given no snapshot to begin with")
    frame = subscribed(stage.served, location, {"epoch": epoch, "seq": 205})
    stage.check(frame["recovered"] is True, "a reader behind the deleted part was not recovered")


def folded(served: Served, location: str) -> int:
    position = served.get("/api/dashboard/metrics", location=location)["position"]
    return int(position["seq"]) if position else 0


def bounds(served: Served, location: str) -> dict[str, int]:
    page = served.get("/events", location=location, after="latest", limit=1)
    return {name: page[name] for name in ("oldest", "top")}


def subscribed(served: Served, location: str, after: dict[str, object]) -> dict[str, object]:
    with ExitStack() as stack:
        client = served.connect(stack, additional_headers=served.bearer())
        return subscribe(client, location, after=after)


FAULTS = (
    Fault("F1", "SIGKILL before a commit, before its answer, after it", killed, "alone", seconds=15),
    Fault("F3", "SIGTERM and start, twice", restarted, "alone", bounds_time=True, seconds=12),
    Fault("F4", f"SIGSTOP for {STOPPED_S:g} s", stopped, "alone", bounds_time=True, seconds=60),
    Fault("F10", f"{CROWD:,} clients at once before a cold server", crowd, "alone", bounds_time=True, seconds=30),
    Fault("F12", "away for longer than the ring", turned_away, seconds=8),
    Fault("F12", "away for longer than retention", away_for_longer_than_retention, "company", forgetful, seconds=12),
    Fault("F21", "the clock jumps by an hour, both ways", clock_jumps, "company", with_a_clock, seconds=15),
    Fault("F24", "descriptors used up", out_of_descriptors, "company", few_descriptors, seconds=12),
)
