"""Where a fault is played: a server, a location of its own, load of every kind on it, and proxies on both ways."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Self

from bench.chaos.model import Log, Verdict, judge
from bench.chaos.publishers import Bot, ChaosPublisher, Place, Sender, chaos_publishers
from bench.chaos.readers import OnFeed, OnSocket, Reader, readers
from tests.served import Served, bot_status
from tests.toxics import Proxy
from tests.waiting import wait_until

TOKEN_S = 86_400.0
PATIENCE_S = 90.0
"""How long recovery is waited for: longer than the longest wait of a client between two attempts."""


class Stage:
    """One location under load, from the block's begin on; its proxies are its own, the server is not."""

    def __init__(self, served: Served, location: str, chance: Random, folder: Path, bot: bool = True) -> None:
        self.served = served
        self.location = location
        self.chance = chance
        self.folder = folder
        self.inlet = Proxy(served.port, seed=chance.randrange(1 << 30))
        self.outlet = Proxy(served.port, seed=chance.randrange(1 << 30))
        self.publishers: list[ChaosPublisher] = []
        self.bots: list[Bot] = []
        self.readers: list[Reader] = []
        self.departed: list[Reader] = []
        self.facts: list[str] = []
        self.problems: list[str] = []
        self.forgiven: frozenset[str] = frozenset()
        self.restarts = 0
        self.healed = 0.0
        self.times: list[float] = []
        self._measured = 0.0
        self._with_bot = bot
        self._stack = contextlib.ExitStack()
        self._loads = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.inlet)
            stack.enter_context(self.outlet)
            stack.push(self._loads)
            self.place = self.place_by(self.inlet.port, self.outlet.port)
            for reader in readers(self.place, self.location):
                self.add_reader(reader)
            for publisher in chaos_publishers(self.place, self.location):
                self.publishers.append(self._loads.enter_context(publisher))
            if self._with_bot:
                bot = Bot(self.place, f"{self.location}-bot", self.folder / f"{self.location}.spool")
                self.bots.append(self._loads.enter_context(bot))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self.inlet.heal()
        self.outlet.heal()
        self._stack.close()

    def place_by(self, publish_port: int, read_port: int) -> Place:
        return Place(self.location, publish_port, read_port, self.served.token(ttl_s=TOKEN_S))

    def add_reader(self, reader: Reader) -> None:
        """Start one more reader, which is judged with the others."""
        self.readers.append(self._loads.enter_context(reader))

    @property
    def feed(self) -> OnFeed:
        return next(reader for reader in self.readers if isinstance(reader, OnFeed))

    @property
    def socket(self) -> OnSocket:
        return next(reader for reader in self.readers if isinstance(reader, OnSocket))

    @property
    def acknowledged(self) -> int:
        return sum(len(publisher.acked) for publisher in self.publishers)

    def wait(self, condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> float:
        """Return how many seconds it took until something came true; fail, saying what, where it does not."""
        began = time.monotonic()
        try:
            wait_until(condition, patience_s)
        except AssertionError:
            raise AssertionError(f"{what}: not within {patience_s:g} s") from None
        return time.monotonic() - began

    def flow(self, count: int = 10) -> None:
        """Return when so many more events were acknowledged."""
        goal = self.acknowledged + count
        self.wait(lambda: self.acknowledged >= goal, f"{count} more events acknowledged")

    def settle_in(self) -> None:
        """Return when every publisher and every reader works."""
        self.wait(lambda: all(each.acked for each in self.publishers), "every publisher is acknowledged")
        self.wait(lambda: all(reader.cursor.seq for reader in self.readers), "every reader reads")

    def heal(self) -> None:
        """Say that the fault is over from now on, as far as it is for us to end it: recovery counts from here."""
        self.inlet.heal()
        self.outlet.heal()
        self.healed = time.monotonic()

    def heal_all(self) -> None:
        """End what a fault that broke off may have left: a network that is spoilt, a server that is not there."""
        self.inlet.heal()
        self.outlet.heal()
        if self.served.process.poll() is not None:
            self.served.start()

    def catch_up(self, reader: Reader) -> None:
        """Let a reader come to where the log is now, and leave: it is judged as far as it came."""
        top = self.top()
        self.wait(lambda: reader.cursor.seq >= top, f"{reader.name} comes to {top}")
        reader.__exit__(None, None, None)
        self.readers.remove(reader)
        self.departed.append(reader)

    def top(self) -> int:
        """Return the position of the newest event."""
        return int(self.served.get("/events", location=self.location, after="latest", limit=1)["top"])

    def epoch(self) -> str:
        """Return the name of the log's life."""
        return str(self.served.get("/events", location=self.location, after="latest", limit=1)["epoch"])

    def publish(self, count: int, location: str | None = None, **attributes: Any) -> list[dict[str, Any]]:
        """Publish so many events at once, past the proxies; return where they stand."""
        results: list[dict[str, Any]] = []
        for start in range(0, count, 500):
            numbers = range(start, min(count, start + 500))
            events = [bot_status(n, locationid=location or self.location, **attributes) for n in numbers]
            answer = self.served.post(events)
            assert answer.status_code == 200, answer.text[:300]
            results += answer.json()["results"]
        return results

    def check(self, holds: bool, problem: str) -> None:
        """Note a problem where something that must hold does not; the fault goes on."""
        if not holds:
            self.problems.append(problem)

    def recovered(self) -> list[float]:
        """Wait until everybody works again; return after how many seconds each did."""
        since = self.healed
        times: list[float] = []
        for publisher in self.publishers:
            moments = publisher.acked_at
            self.wait(partial(_any_since, moments, since), f"{publisher.name} is acknowledged again")
            times.append(next(moment for moment in moments if moment >= since) - since)
        for reader in self.readers:
            self.wait(partial(self._reads_again, reader, since), f"{reader.name} reads again")
            times.append((reader.first_since(self.sent(since), since) or since) - since)
        if since != self._measured:
            self._measured = since
            self.times += times
        return times

    def _reads_again(self, reader: Reader, since: float) -> bool:
        return reader.first_since(self.sent(since), since) is not None

    def sent(self, since: float = 0.0) -> set[str]:
        """Return what was published since a moment."""
        everybody: list[Sender] = [*self.publishers, *self.bots]
        return {name for each in everybody for name, at in list(each.sent.items()) if at >= since}

    def end(self) -> Verdict:
        """Stop publishing, let every reader come to the end of the log, and judge."""
        stopped: list[str] = []
        senders: list[Sender] = [*self.publishers, *self.bots]
        for each in senders:
            try:
                each.__exit__(None, None, None)
            except AssertionError:
                stopped.append(f"{each.name} still waits for an acknowledgement")
        log = Log.read(self.served, self.location)
        with contextlib.suppress(AssertionError):  # who has not come to the end is judged by name
            wait_until(lambda: all(self._at_top(reader, log) for reader in self.readers), PATIENCE_S)
        for reader in self.readers:
            reader.__exit__(None, None, None)
        verdict = judge(log, self.publishers, self.bots, self.readers, self.departed, self.forgiven, self.restarts)
        verdict.problems[:0] = [*stopped, *self.problems]
        return verdict

    def _at_top(self, reader: Reader, log: Log) -> bool:
        return not log.top or (reader.cursor.epoch == log.epoch and reader.cursor.seq >= log.top)


def _any_since(moments: Sequence[float], since: float) -> bool:
    return bool(moments) and moments[-1] >= since


@contextlib.contextmanager
def server(folder: Path, **environment: str) -> Iterator[Served]:
    """Run a server of a fault's own, whose log tells what it did."""
    folder.mkdir(parents=True, exist_ok=True)
    with Served(folder, JORGE_LOG_LEVEL="info", **environment) as served:
        yield served


def metric(served: Served, sample: str) -> float:
    """Return a number of the server's metrics; 0 where it has none of this name yet."""
    answer = served.session.get(f"{served.url}/metrics", headers=served.bearer(), timeout=10)
    for line in answer.text.splitlines():
        name, _, value = line.rpartition(" ")
        if name == sample:
            return float(value)
    return 0.0
