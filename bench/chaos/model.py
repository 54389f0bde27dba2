"""What must be true of a location: the log against the acknowledgements, and each reader against the log."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bench.chaos.publishers import Bot, ChaosPublisher
from bench.chaos.readers import Reader, Stretch
from tests.served import Served

PAGE = 1000


@dataclass(frozen=True)
class Log:
    """A location's log as the server serves it when all is quiet."""

    epoch: str
    oldest: int
    top: int
    events: list[dict[str, Any]] = field(repr=False)

    @classmethod
    def read(cls, served: Served, location: str) -> "Log":
        events: list[dict[str, Any]] = []
        after = "oldest"
        while True:
            page = served.get("/events", location=location, after=after, limit=PAGE)
            events += page["events"]
            if not page["events"]:
                return cls(page["epoch"], page["oldest"], page["top"], events)
            after = f"{page['epoch']}:{page['events'][-1]['seq']}"

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.events]


@dataclass
class Verdict:
    """What became of what was published at one location."""

    published: int = 0
    acknowledged: int = 0
    lost: int = 0
    repeated: int = 0
    disordered: int = 0
    problems: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Verdict") -> "Verdict":
        for name in ("published", "acknowledged", "lost", "repeated", "disordered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems += other.problems
        return self

    @property
    def holds(self) -> bool:
        return not (self.lost or self.repeated or self.disordered or self.problems)


def judge(
    log: Log,
    publishers: Sequence[ChaosPublisher],
    bots: Sequence[Bot],
    readers: Sequence[Reader],
    departed: Sequence[Reader] = (),
    forgiven: frozenset[str] = frozenset(),
    restarts: int = 0,
) -> Verdict:
    """Compare; a restored backup cannot hold what is `forgiven`, and each reader may begin anew `restarts` times.

    Lost: acknowledged, and not in the log where it was said to be, or not given to a reader. Repeated: twice in the
    log, or given twice to a reader. Out of order: any other position than the next.
    """
    verdict = Verdict()
    of_bots = sum(len(bot.sent) for bot in bots)
    delivered = sum(len(bot.sent) for bot in bots if bot.delivered)
    verdict.published = sum(len(each.sent) for each in publishers) + of_bots
    verdict.acknowledged = sum(len(each.acked) for each in publishers) + delivered
    verdict.problems += [f"{bot.name}: not all was delivered: {bot.trouble}" for bot in bots if not bot.delivered]
    _judge_log(log, verdict)
    _judge_acknowledgements(log, publishers, bots, forgiven, verdict)
    for reader in [*readers, *departed]:
        _judge_reader(log, reader, restarts, verdict)
    for reader in readers:
        _judge_end(log, reader, verdict)
    return verdict


def _judge_log(log: Log, verdict: Verdict) -> None:
    seqs = [event["seq"] for event in log.events]
    if seqs != list(range(log.oldest, log.top + 1)) and log.top:
        verdict.disordered += 1
        verdict.problems.append(f"the log has holes between {log.oldest} and {log.top}: {len(seqs)} events")
    again = {each: times for each, times in Counter((e["source"], e["id"]) for e in log.events).items() if times > 1}
    verdict.repeated += len(again)
    verdict.problems += [f"{name} is {times} times in the log" for name, times in sorted(again.items())[:3]]


def _judge_acknowledgements(
    log: Log, publishers: Iterable[ChaosPublisher], bots: Iterable[Bot], forgiven: frozenset[str], verdict: Verdict
) -> None:
    places = {event["id"]: (event["epoch"], event["seq"]) for event in log.events}
    for publisher in publishers:
        for name, positions in publisher.acked.items():
            here = {seq for epoch, seq in positions if epoch == log.epoch}
            if len(here) > 1:
                verdict.disordered += 1
                verdict.problems.append(f"{name} was acknowledged at {sorted(here)} of one epoch")
            if name in forgiven or (here and min(here) < log.oldest):  # what retention has removed is not lost
                continue
            if name not in places or (here and places[name][1] not in here):
                verdict.lost += 1
                verdict.problems.append(f"{name} was acknowledged at {sorted(positions)} and is at {places.get(name)}")
        _judge_order([places[name][1] for name in publisher.acked if name in places], publisher.name, verdict)
    for bot in bots:
        missing = [name for name in bot.sent if name not in places and name not in forgiven]
        verdict.lost += len(missing)
        verdict.problems += [f"{bot.name}: {len(missing)} events are not in the log"] if missing else []
        _judge_order([places[name][1] for name in bot.sent if name in places], bot.name, verdict)


def _judge_order(seqs: list[int], name: str, verdict: Verdict) -> None:
    wrong = sum(after <= before for before, after in pairwise(seqs))
    verdict.disordered += wrong
    verdict.problems += (
        [f"{wrong} events of {name} stand in another order than they were published in"] if wrong else []
    )


def _judge_reader(log: Log, reader: Reader, restarts: int, verdict: Verdict) -> None:
    who = f"{reader.kind} reader {reader.name}"
    if reader.restarts > restarts:
        verdict.problems.append(f"{who} was told {reader.restarts} times that it cannot resume: {restarts} may be")
    for stretch in reader.stretches:
        _judge_stretch(log, stretch, who, verdict)


def _judge_end(log: Log, reader: Reader, verdict: Verdict) -> None:
    missed = log.top - reader.cursor.seq if log.top else 0
    if missed > 0 or (log.top and reader.cursor.epoch != log.epoch):
        verdict.lost += max(missed, 1)
        verdict.problems.append(
            f"{reader.kind} reader {reader.name} ends at {reader.cursor}, the log at {log.epoch}:{log.top}"
        )


def _judge_stretch(log: Log, stretch: Stretch, who: str, verdict: Verdict) -> None:
    epoch, last = stretch.start
    ids = {event["seq"]: event["id"] for event in log.events} if stretch.delivered else {}
    for each in stretch.delivered:
        if each.seq <= last and each.epoch == (epoch or each.epoch):
            verdict.repeated += 1
            verdict.problems.append(f"{who} was given {each.seq} after {last}")
        elif each.seq != last + 1 or each.epoch != (epoch or each.epoch):
            verdict.lost += max(0, each.seq - last - 1)
            verdict.disordered += each.seq - last - 1 <= 0 or each.epoch != (epoch or each.epoch)
            verdict.problems.append(f"{who} was given {each.epoch}:{each.seq} after {epoch}:{last}")
        elif each.epoch == log.epoch and ids.get(each.seq, each.id) != each.id:
            verdict.disordered += 1
            verdict.problems.append(f"{who} was given {each.id} at {each.seq}, where the log has {ids[each.seq]}")
        epoch, last = each.epoch, max(last, each.seq)
