"""The runs of a graph, and what is published of them: the bot's status and events from its state."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

from jorge_data.bots.langgraph.costs import ModelCall, Price
from jorge_data.bots.langgraph.mapping import Rule, as_state, fields, required
from jorge_data.bots.langgraph.supported import failed_node
from jorge_data.bots.publisher import Publisher

MAX_RUNS = 10_000
"""Open runs of a bot that are tracked; of more, the oldest are dropped, and their ends are not published."""


@dataclass
class Trace:
    """One run of a graph with all that runs in it, from its start to its end, its failure, or where it waits."""

    root: UUID
    contact_id: str | None
    conversation_id: str | None
    waiting: list[str] = field(default_factory=list)
    is_waiting: bool = False
    failure: tuple[BaseException, str] | None = None
    published: dict[int, dict[str, Any]] = field(default_factory=dict)
    calls: list[ModelCall] = field(default_factory=list)  # those that no step's end has published
    runs: set[UUID] = field(default_factory=set)

    def wait(self, step: str) -> None:
        """Record where the graph waits; the innermost step is the one that is published."""
        self.is_waiting = True
        if step and not any(inner.startswith(f"{step}/") for inner in self.waiting):
            self.waiting.append(step)

    def fail(self, error: BaseException, step: str) -> None:
        """Record where an error came from: it passes through every step around that one."""
        if self.failure is None or self.failure[0] is not error:
            self.failure = (error, self._place(error, step) or step)

    def failed_at(self, error: BaseException) -> str | None:
        """Return where an error came from; None where it is the graph's own, as after too many steps."""
        return self.failure[1] if self.failure and self.failure[0] is error else self._place(error, "")

    def _place(self, error: BaseException, step: str) -> str | None:
        """Return the step within this one that an error of LangGraph's own names."""
        node = failed_node(error)
        if node and self.failure and self.failure[1].split("/")[-1] == node:  # told of it as it was cancelled
            return self.failure[1]
        return f"{step}/{node}".lstrip("/") if node else None


class EventPublisher(Protocol):
    """What a report needs of `jorge_data.bots.Publisher`."""

    def publish(self, kind: str, data: Mapping[str, Any]) -> str: ...


@dataclass
class TraceReport:
    """Publishes the traces of one bot."""

    publisher: EventPublisher
    bot_type: str
    rules: tuple[Rule, ...] = ()
    price: Price | None = None
    script_version: str | None = None

    def joined(self, other: "TraceReport") -> "TraceReport":
        """Return the report of two handlers of one bot: this one's, and what the other has besides."""
        if other is self:
            return self
        return replace(
            self,
            rules=(*self.rules, *(rule for rule in other.rules if rule not in self.rules)),
            price=self.price or other.price,
            script_version=self.script_version or other.script_version,
        )

    def status(self, trace: Trace, status: str, step: str | None = None, **more: Any) -> None:
        """Publish what the bot does now."""
        data = {
            "bot_type": self.bot_type,
            "status": status,
            "contact_id": trace.contact_id,
            "current_step": step,
            "script_version": self.script_version,
        }
        self.publisher.publish("bot_status_update", {name: value for name, value in data.items() if value} | more)

    def state(self, trace: Trace, inputs: Any, outputs: Any, took_ms: float) -> None:
        """Publish the events that the rules make of the state after a node: its inputs, overwritten by its outputs."""
        if not self.rules:
            return
        written = as_state(outputs)
        state = as_state(inputs) | written
        events: list[tuple[str, dict[str, Any]]] = []
        for rule in self.rules:
            data = rule.event(state, written)
            # The node around a subgraph writes again what the nodes inside have written.
            if data is None or trace.published.get(id(rule)) == data:
                continue
            trace.published[id(rule)] = data
            # Two handlers may have the same rule, made twice with functions of their own.
            if (rule.kind, data) not in events:
                events.append((rule.kind, data))
                self._publish(rule, data, trace, took_ms)

    def _publish(self, rule: Rule, data: dict[str, Any], trace: Trace, took_ms: float) -> None:
        of_trace = {
            "contact_id": trace.contact_id,
            "conversation_id": trace.conversation_id or trace.contact_id,
            "processing_time_ms": took_ms,
            "script_version": self.script_version,
        }
        names = fields(rule.kind).keys() & of_trace.keys()
        data = {name: of_trace[name] for name in names if of_trace[name]} | data
        if required(rule.kind) <= data.keys():
            self.publisher.publish(rule.kind, data)


@dataclass
class Run:
    """One thing that runs: a graph, a node (which has a `step`), or something inside a node."""

    trace: Trace
    report: TraceReport
    step: str = ""
    began: float = 0.0
    state: Any = None
    namespace: str = ""
    within: "Run | None" = None
    """The innermost step that this is in."""
    model: str = ""
    calls: list[ModelCall] = field(default_factory=list)
    is_open: bool = True

    @property
    def innermost_step(self) -> "Run | None":
        return self if self.step else self.within

    def spend(self, call: ModelCall) -> None:
        """Add a model's call to the step that it was made in, which publishes it; to the trace, outside of any."""
        step = self.within
        (step.calls if step and step.is_open else self.trace.calls).append(call)


class Runs:
    """The open runs of a bot by id; callbacks of parallel branches come from several threads."""

    def __init__(self, size: int = MAX_RUNS) -> None:
        self._size = size
        self._lock = Lock()  # guards the runs, each trace's set of them, and what reports them
        self._runs: OrderedDict[UUID, Run] = OrderedDict()

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, run_id: UUID | None) -> Run | None:
        with self._lock:
            return self._runs.get(run_id) if run_id else None

    def begin(self, run_id: UUID, run: Run) -> bool:
        """Add a run; False where it has begun already, for a handler is attached twice or another of the bot's is.

        That run is then reported for both, with the rules of both.
        """
        with self._lock:
            if begun := self._runs.get(run_id):
                begun.report = begun.report.joined(run.report)
                return False
            self._runs[run_id] = run
            run.trace.runs.add(run_id)
            if len(self._runs) > self._size:
                oldest, dropped = self._runs.popitem(last=False)
                dropped.trace.runs.discard(oldest)
            return True

    def end(self, run_id: UUID) -> Run | None:
        """Remove a run and return it; with the root of a trace, all other runs of the trace are removed."""
        with self._lock:
            run = self._runs.pop(run_id, None)
            if run:
                run.is_open = False
                run.trace.runs.discard(run_id)
                for other in run.trace.runs if run.trace.root == run_id else ():
                    self._runs.pop(other, None)
            return run


_bots: WeakValueDictionary[tuple[object, str], Runs] = WeakValueDictionary()
_bots_lock = Lock()


def runs_of_bot(publisher: EventPublisher, bot_type: str) -> Runs:
    """Return the runs of a bot, which all its handlers share that publish to one destination."""
    # By identity where we know no destination: a handler holds both its publisher and the runs.
    destination = publisher.destination if isinstance(publisher, Publisher) else id(publisher)
    with _bots_lock:
        return _bots.setdefault((destination, bot_type), Runs())
