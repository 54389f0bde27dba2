"""The callback: LangGraph calls it at each node, and it publishes what the bot does."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from langgraph.callbacks import GraphCallbackHandler, GraphInterruptEvent
from langgraph.errors import GraphBubbleUp, GraphInterrupt

from jorge_data.bots.langgraph.mapping import Rule, as_state
from jorge_data.bots.langgraph.runs import EventPublisher, Run, Runs, Trace, TraceReport

log = logging.getLogger("jorge_data.bots.langgraph")

Callback = TypeVar("Callback", bound=Callable[..., None])
_NODE = "graph:step:"  # the tag that a node has, and neither a router nor what runs inside a node
_LOGGED_FAULTS = 10


def _harmless(callback: Callback) -> Callback:
    """Keep a callback's own fault from the graph; LangChain would, but would write a line for each."""

    @wraps(callback)
    def call(handler: "ProgressHandler", *args: Any, **kwargs: Any) -> None:
        try:
            callback(handler, *args, **kwargs)
        except Exception as error:
            handler.faults += 1
            if handler.faults <= _LOGGED_FAULTS:
                log.warning("%s failed: %s", callback.__name__, error)

    return cast(Callback, call)


class ProgressHandler(GraphCallbackHandler):
    """Publishes every run of a graph: what it does, where it waits, how it ended.

        graph = graph.with_config(callbacks=[ProgressHandler(publisher, bot_type="jorge-seller", mapping=[STALL])])
        graph.invoke(state, {"metadata": {"contact_id": "c-1"}, "configurable": {"thread_id": "c-1"}})

    A run is a `bot_status_update` "active" at its start, "processing" at the start and, with its time, at the end of
    each node (inside a subgraph "outer/inner"), then "completed", "error" once, or "idle" where it waits at an
    interrupt ("waiting: node") or was stopped. `mapping` makes further events of the state. The state after a node is
    what it was given and what it wrote over it: reducers are not applied.
    Contact and conversation are `contact_id` and `conversation_id` (else `thread_id`) of the run's metadata.
    One handler serves any number of runs at once. A fault of its own is counted in `faults`, and the graph goes on.
    """

    run_inline = True
    """LangChain then calls this on the event loop itself: in order, and cheaper than on a thread."""

    def __init__(
        self,
        publisher: EventPublisher,
        *,
        bot_type: str,
        mapping: Iterable[Rule] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        self._report = TraceReport(publisher, bot_type, mapping)
        self._clock = clock
        self._runs = Runs()
        self.faults = 0

    @property
    def open_runs(self) -> int:
        """How many runs, of graphs and of what is in them, have begun and not ended."""
        return len(self._runs)

    @_harmless
    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        is_node = any(tag.startswith(_NODE) for tag in tags or ())
        existing = self._runs.trace_of(parent_run_id)
        trace = existing or _trace(run_id, inputs, metadata or {})
        step = _step(metadata or {}) if is_node else ""
        self._runs.begin(run_id, Run(trace, step, self._clock(), inputs if is_node else None))
        if is_node:
            self._report.status(trace, "processing", step)
        elif not existing:
            self._report.status(trace, "active")

    @_harmless
    def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> None:
        run = self._runs.end(run_id)
        if run and run.step:
            self._end(run, outputs)
        elif run and run.trace.root == run_id:
            self._report.status(run.trace, *(_waiting(run.trace) if run.trace.is_waiting else ("completed", None)))

    @_harmless
    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        run = self._runs.end(run_id)
        if not run:
            return
        if isinstance(error, GraphInterrupt):
            run.trace.wait(run.step)
        elif isinstance(error, GraphBubbleUp):  # a Command for the graph around this one
            if run.step:
                self._end(run, error.args[0] if error.args else None)
        elif run.step:
            run.trace.fail(error, run.step)
        if run.trace.root == run_id:
            self._stop(run.trace, error)

    @_harmless
    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Track a tool that runs in a node: a graph that it calls is part of the same trace."""
        trace = self._runs.trace_of(parent_run_id)
        if trace:
            self._runs.begin(run_id, Run(trace))

    @_harmless
    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._runs.end(run_id)

    @_harmless
    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._runs.end(run_id)

    @_harmless
    def on_interrupt(self, event: GraphInterruptEvent) -> None:
        trace = self._runs.trace_of(event.run_id)
        if trace:
            trace.is_waiting = True

    def _end(self, run: Run, outputs: Any) -> None:
        took_ms = round((self._clock() - run.began) * 1000, 3)
        self._report.status(run.trace, "processing", run.step, processing_time_ms=took_ms)
        self._report.state(run.trace, run.state, outputs, took_ms)

    def _stop(self, trace: Trace, error: BaseException) -> None:
        """Publish that a run stopped before its end."""
        if isinstance(error, GraphInterrupt) or (trace.is_waiting and not isinstance(error, Exception)):
            self._report.status(trace, *_waiting(trace))
        elif not isinstance(error, Exception):  # cancelled, or the reader of the stream is gone
            self._report.status(trace, "idle", "stopped")
        else:
            message = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()[:4000]
            self._report.status(trace, "error", trace.failed_at(error), error_message=message)


def _trace(run_id: UUID, inputs: Any, metadata: Mapping[str, Any]) -> Trace:
    contact = metadata.get("contact_id") or as_state(inputs).get("contact_id")
    conversation = metadata.get("conversation_id") or metadata.get("thread_id")
    return Trace(run_id, str(contact) if contact else None, str(conversation) if conversation else None)


def _step(metadata: Mapping[str, Any]) -> str:
    """Return a node's name, behind those of the nodes whose subgraphs it is in."""
    namespace = str(metadata.get("langgraph_checkpoint_ns") or metadata.get("langgraph_node") or "?")
    return "/".join(part.split(":")[0] for part in namespace.split("|"))


def _waiting(trace: Trace) -> tuple[str, str]:
    return "idle", f"waiting: {', '.join(trace.waiting)}" if trace.waiting else "waiting"
