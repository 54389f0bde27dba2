"""What is running in a graph, and what is published of a walk through it: the bot's status and its mapped state."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from jorge_data.bots.langgraph.mapping import Rule, as_state, fields, required

MOST = 10_000
"""Runs that are remembered; of more, the oldest are forgotten, and their ends pass unseen."""


@dataclass
class Walk:
    """One run of a graph, from its start to its end, its failure, or where it waits."""

    root: UUID
    contact_id: str | None
    conversation_id: str | None
    waiting: list[str] = field(default_factory=list)
    is_waiting: bool = False
    failure: tuple[BaseException, str] | None = None
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    runs: set[UUID] = field(default_factory=set)

    def wait(self, step: str) -> None:
        """Note where the graph waits; the innermost step is the one that is told."""
        self.is_waiting = True
        if step and not any(inner.startswith(f"{step}/") for inner in self.waiting):
            self.waiting.append(step)

    def fail(self, error: BaseException, step: str) -> None:
        """Note where an error came from: it passes through every step around that one."""
        if self.failure is None or self.failure[0] is not error:
            self.failure = (error, step)

    def failed_at(self, error: BaseException) -> str | None:
        """Return where an error came from; None where it is the graph's own, as after too many steps."""
        return self.failure[1] if self.failure and self.failure[0] is error else None


@dataclass
class GraphRun:
    """One thing that runs: a graph, a node (which has a `step`), or something inside a node."""

    walk: Walk
    step: str = ""
    began: float = 0.0
    state: Any = None


class Runs:
    """Remembers runs; callbacks of parallel branches come from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()  # guards the runs and each walk's set of them
        self._runs: OrderedDict[UUID, GraphRun] = OrderedDict()

    def __len__(self) -> int:
        return len(self._runs)

    def walk_of(self, parent: UUID | None) -> Walk | None:
        with self._lock:
            run = self._runs.get(parent) if parent else None
            return run.walk if run else None

    def begin(self, run_id: UUID, run: GraphRun) -> None:
        with self._lock:
            self._runs[run_id] = run
            run.walk.runs.add(run_id)
            if len(self._runs) > self._most:
                oldest, forgotten = self._runs.popitem(last=False)
                forgotten.walk.runs.discard(oldest)

    def end(self, run_id: UUID) -> GraphRun | None:
        """Forget a run and return it; with the root of a walk, all that is left of the walk is forgotten."""
        with self._lock:
            run = self._runs.pop(run_id, None)
            if run:
                run.walk.runs.discard(run_id)
                for left in run.walk.runs if run.walk.root == run_id else ():
                    self._runs.pop(left, None)
            return run


class EventPublisher(Protocol):
    """What a report needs of `jorge_data.bots.Publisher`."""

    def publish(self, kind: str, data: Mapping[str, Any]) -> str: ...


class WalkReport:
    """Publishes for one bot, whatever number of walks it is on."""

    def __init__(self, publisher: EventPublisher, bot_type: str, rules: Iterable[Rule]) -> None:
        self._publisher = publisher
        self._bot_type = bot_type
        self._rules = tuple(rules)

    def status(self, walk: Walk, status: str, step: str | None = None, **more: Any) -> None:
        """Publish what the bot does now."""
        told = {"bot_type": self._bot_type, "status": status, "contact_id": walk.contact_id, "current_step": step}
        self._publisher.publish("bot_status_update", {name: value for name, value in told.items() if value} | more)

    def state(self, walk: Walk, given: Any, wrote: Any, took_ms: float) -> None:
        """Publish what the rules make of the state after a node: what it was given, and what it wrote over it."""
        if not self._rules:
            return
        written = as_state(wrote)
        state = as_state(given) | written
        for number, rule in enumerate(self._rules):
            data = rule.event(state, written)
            # The node around a subgraph writes again what the nodes inside have written: that is no news.
            if data is not None and walk.told.get(number) != data:
                walk.told[number] = data
                self._publish(rule, data, walk, took_ms)

    def _publish(self, rule: Rule, data: dict[str, Any], walk: Walk, took_ms: float) -> None:
        known = {
            "contact_id": walk.contact_id,
            "conversation_id": walk.conversation_id or walk.contact_id,
            "processing_time_ms": took_ms,
        }
        whole = {name: known[name] for name in fields(rule.kind).keys() & known.keys() if known[name]} | data
        if required(rule.kind) <= whole.keys():
            self._publisher.publish(rule.kind, whole)
