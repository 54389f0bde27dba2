"""Faults of the store: held, full, failing, read for long, restored from a backup, without power."""

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import requests

from bench.chaos.faults.fault import Fault, NotHere
from bench.chaos.model import Log
from bench.chaos.stage import Stage, server
from tests.served import Served, bot_status
from tests.server.clients import events_of, receive, subscribe
from tests.toxics import Toxic

BUSY_S = 10.0
SLOW_READER_S = 20.0
DISK = 160 << 20
SUBSCRIPTIONS = 60
SUBSCRIBERS = 4


def store_file(served: Served) -> Path:
    return Path(served.environment["JORGE_STORE_URL"].removeprefix("sqlite:///"))


@contextmanager
def own(folder: Path) -> Iterator[Served]:
    with server(folder) as served:
        yield served


@contextmanager
def opened(served: Served) -> Iterator[sqlite3.Connection]:
    """Open the store as another program would."""
    with contextlib.closing(sqlite3.connect(store_file(served), timeout=30, isolation_level=None)) as connection:
        yield connection


def busy(stage: Stage) -> None:
    """Another program holds the write lock for ten seconds: nothing is acknowledged that is not kept."""
    with opened(stage.served) as connection:
        connection.execute("BEGIN IMMEDIATE")
        before = stage.acknowledged
        time.sleep(BUSY_S)
        answered = sum(publisher.most for publisher in stage.publishers)  # committed before, answered meanwhile
        stage.check(stage.acknowledged - before <= answered, "events were acknowledged without a commit")
        connection.execute("ROLLBACK")
    stage.heal()


def slow_transaction(stage: Stage) -> None:
    """Transactions that wait behind a slow one commit in the order of their positions: a poller never sees a hole."""
    ends, holes = threading.Event(), [0, 0]
    watcher = threading.Thread(target=watch_positions, args=(stage, ends, holes))
    watcher.start()
    for _ in range(5):
        with opened(stage.served) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(stage.chance.uniform(0.3, 1.0))
            connection.execute("ROLLBACK")
        stage.heal()
        stage.flow(5)
    ends.set()
    watcher.join(30)
    stage.facts.append(f"{holes[1]} looks at the log")
    stage.check(not holes[0], f"a lower position became visible later {holes[0]} times")


def watch_positions(stage: Stage, ends: threading.Event, holes: list[int]) -> None:
    """Poll as fast as it goes: each page must begin behind the one before."""
    url, top = f"{stage.served.url}/events", stage.top()
    epoch = stage.epoch()
    with requests.Session() as session:
        session.headers.update(stage.place.headers)
        while not ends.is_set():
            query = {"location": stage.location, "after": f"{epoch}:{top}"}
            page = session.get(url, params=query, timeout=30).json()
            seqs = [event["seq"] for event in page["events"]]
            holes[0] += seqs != list(range(top + 1, top + 1 + len(seqs))) or not page["recovered"]
            holes[1] += 1
            top = seqs[-1] if seqs else top


def switch_to_live(stage: Stage) -> None:
    """Subscribe from anywhere in the log while events are published: replay goes over to live without a seam."""
    stage.publish(1_500)
    epoch = stage.epoch()
    wrong: list[str] = []
    seeds = [stage.chance.randrange(1 << 30) for _ in range(SUBSCRIBERS)]
    threads = [threading.Thread(target=subscribe_often, args=(stage, epoch, seed, wrong)) for seed in seeds]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        stage.publish(stage.chance.randrange(1, 20))
    stage.heal()
    stage.facts.append(f"{SUBSCRIBERS * SUBSCRIPTIONS} subscriptions while events came")
    stage.check(not wrong, f"{len(wrong)} subscriptions with a seam: {wrong[:2]}")


def subscribe_often(stage: Stage, epoch: str, seed: int, wrong: list[str]) -> None:
    chance = Random(seed)
    for _ in range(SUBSCRIPTIONS):
        start = max(0, stage.top() - chance.choice([0, 1, 3, 20, 300, 1_200]))
        with stage.served.connect(additional_headers=stage.place.headers) as client:
            verdict = subscribe(client, stage.location, after={"epoch": epoch, "seq": start})
            seqs: list[int] = []
            while len(seqs) < verdict["top"] - start + 5:
                frame = receive(client, 30)
                seqs += [event["seq"] for event in events_of(frame)] if frame["type"] in ("event", "events") else []
        if not verdict["recovered"] or seqs != list(range(start + 1, start + 1 + len(seqs))):
            wrong.append(f"after {start}: {verdict['recovered']}, {seqs[:3]}…{seqs[-3:]}")


def same_event_twice(stage: Stage) -> None:
    """Answers come too late again and again, and two machines publish one event: it is one event."""
    duplicates = sum(publisher.duplicates for publisher in stage.publishers)
    stage.inlet.set(down=Toxic(black_hole=True))
    time.sleep(stage.chance.uniform(5, 7))
    stage.inlet.cut()
    stage.heal()
    stage.recovered()
    stage.check(sum(publisher.duplicates for publisher in stage.publishers) > duplicates, "no event was sent again")
    for number in range(20):
        bodies = [bot_status(n, id=f"twice-{number}", source="two-nodes", locationid=stage.location) for n in range(5)]
        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(lambda body: publish_once(stage, body), bodies))
        places = {answer["seq"] for answer in answers}
        fresh = sum(not answer["duplicate"] for answer in answers)
        stage.check((len(places), fresh) == (1, 1), f"twice-{number} stands at {places}, new {fresh} times")


def publish_once(stage: Stage, body: dict[str, object]) -> dict[str, int]:
    answer = requests.post(f"{stage.served.url}/events", json=body, headers=stage.served.bearer(), timeout=30)
    result: dict[str, int] = answer.json()["results"][0]
    return result


@contextmanager
def on_a_small_disk(folder: Path) -> Iterator[Served]:
    """Keep the store on a file system of its own, that can be filled."""
    disk = folder / "disk"
    disk.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        raise NotHere("a file system of its own cannot be mounted here: that takes root")
    try:
        with server(folder, JORGE_STORE_URL=f"sqlite:///{disk / 'events.db'}") as served:
            yield served
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def disk_full(stage: Stage) -> None:
    filler = store_file(stage.served).with_name("filler")
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    try:
        stage.wait(lambda: refuses(stage), "publishing is refused", 30)
        events = stage.served.get("/events", location=stage.location, after="oldest", limit=5)["events"]
        stage.check(len(events) == 5, "what is kept cannot be read while the disk is full")
        time.sleep(stage.chance.uniform(1, 3))
    finally:
        filler.unlink()
    stage.heal()


def refuses(stage: Stage) -> bool:
    """Return whether a large event is refused with 503, the answer for a store that cannot keep it."""
    event = bot_status(locationid=f"{stage.location}-filler")
    event["data"]["note"] = "x" * 60_000
    return stage.served.post(event).status_code == 503


def io_error(stage: Stage) -> None:
    """Writes beyond a size fail, as on a broken device: the process may write no larger file."""
    pid, before = stage.served.process.pid, resource.prlimit(stage.served.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    took = stage.wait(lambda: refuses(stage), "publishing is refused", 30)
    time.sleep(stage.chance.uniform(1, 3))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    stage.heal()
    stage.facts.append(f"refused with 503 after {took:.1f} s")


def long_reader(stage: Stage) -> None:
    """Another program reads one moment for long, while much is written: the WAL grows, and shrinks again."""
    wal = store_file(stage.served).with_name("events.db-wal")
    largest = 0
    with opened(stage.served) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM logs").fetchone()
        began = time.monotonic()
        while time.monotonic() - began < SLOW_READER_S or largest < 64 << 20:
            events = [bot_status(n, locationid=f"{stage.location}-big") for n in range(16)]
            for event in events:
                event["data"]["note"] = "x" * 50_000
            answer = stage.served.post(events)
            stage.check(answer.status_code == 200, f"publishing was refused: {answer.status_code}")
            largest = max(largest, wal.stat().st_size)
            time.sleep(0.1)
        connection.execute("COMMIT")
    stage.heal()
    stage.recovered()
    stage.facts.append(f"the WAL grew to {largest / 1e6:.0f} MB")
    stage.wait(lambda: wal.stat().st_size < largest / 2 or reset(stage, wal), "the WAL is used from its start again")


def reset(stage: Stage, wal: Path) -> bool:
    """Return whether the WAL is written from its start again, which leaves its size: its salt is another then."""
    with wal.open("rb") as file:
        salt = file.read(24)[16:]
    stage.publish(20, f"{stage.location}-big")
    with wal.open("rb") as file:
        return file.read(24)[16:] != salt


def restored(stage: Stage) -> None:
    """A backup is restored, and the log grows beyond where readers were: none of them resumes in it unawares."""
    way = stage.chance.choice(sorted(WAYS))
    take, bring_back = WAYS[way]
    backup = stage.folder / f"{stage.location}-backup"
    stage.flow(30)
    stage.restarts = 1
    kept = {name for publisher in stage.publishers for name in publisher.acked}
    take(stage.served, backup)
    stage.flow(50)
    stage.inlet.shut()
    epoch = stage.epoch()
    stage.wait(lambda: all(reader.cursor.seq >= stage.top() for reader in stage.readers), "readers are at the top")
    stage.served.stop()
    bring_back(stage.served, backup)
    stage.served.start()
    there = set(Log.read(stage.served, stage.location).ids)
    answered = {name for publisher in stage.publishers for name in publisher.acked}
    stage.forgiven = frozenset(answered.union(*(bot.sent for bot in stage.bots)) - there)
    stage.check(kept <= there, f"{len(kept - there)} events from before the backup are not in it")
    stage.inlet.open()
    stage.heal()
    stage.recovered()
    stage.flow(60)
    stage.facts.append(f"restored by {way}: {len(stage.forgiven)} events left out")
    stage.check(stage.epoch() != epoch, "the restored log has the epoch of the one that it replaced")
    told = [reader.kind for reader in stage.readers if not reader.restarts]
    stage.check(not told, f"not told that they cannot resume: {', '.join(told)}")


def back_up(served: Served, target: Path) -> None:
    run = jorge(served, "backup", str(target))
    assert run.returncode == 0, run.stderr


def restore(served: Served, backup: Path) -> None:
    run = jorge(served, "restore", str(backup))
    assert run.returncode == 0, run.stderr


def copy_database(served: Served, backup: Path) -> None:
    store = store_file(served)
    for name in ("-wal", "-shm"):
        store.with_name(store.name + name).unlink(missing_ok=True)
    (database,) = backup.glob("*.db")
    shutil.copy(database, store)


def copy_folder(served: Served, target: Path) -> None:
    """Copy all that stands beside the store, while nobody has it open."""
    served.stop()
    target.mkdir()
    for file in served.folder.glob("events.db*"):
        shutil.copy2(file, target)
    served.start()


def copy_folder_back(served: Served, backup: Path) -> None:
    for file in served.folder.glob("events.db*"):
        file.unlink()
    for file in backup.iterdir():
        shutil.copy2(file, served.folder)


WAYS: dict[str, tuple[Callable[[Served, Path], None], Callable[[Served, Path], None]]] = {
    "the command": (back_up, restore),
    "a copy of the backup's database": (back_up, copy_database),
    "a copy of the folder": (copy_folder, copy_folder_back),
}


def jorge(served: Served, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jorge_data", *arguments]
    return subprocess.run(
        command, env=served.environment, cwd=served.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def power_cut(stage: Stage) -> None:
    """Writes that were not synced are dropped: a store of its own, on a file system that forgets them."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/store/test_power_cut.py"]
    run = subprocess.run(command, cwd=root, env=dict(os.environ), capture_output=True, text=True)
    stage.heal()
    summary = run.stdout.strip().splitlines()[-1:] or [run.stderr[-200:]]
    stage.facts.append(f"tests/store/test_power_cut.py: {summary[0].strip('= ')}")
    stage.check(run.returncode == 0, run.stdout[-600:])


FAULTS = (
    Fault("F2", "power cut", power_cut, seconds=15),
    Fault("F13", "a backup is restored, and the log grows beyond it", restored, "company", own, seconds=20),
    Fault("F14", "publish while replay goes over to live", switch_to_live, "alone", seconds=25),
    Fault("F15", "answers too late, and one event from two machines", same_event_twice, seconds=15),
    Fault("F16", "a slow transaction before others (on SQLite)", slow_transaction, "company", own, seconds=10),
    Fault("F19", f"the store is held for {BUSY_S:g} s", busy, "company", own, seconds=15),
    Fault("F19", "disk full", disk_full, "company", on_a_small_disk, seconds=15),
    Fault("F19", "writes fail", io_error, "company", own, seconds=10),
    Fault("F19", f"a reader of {SLOW_READER_S:g} s, a WAL above 64 MB", long_reader, "alone", own, seconds=35),
)
