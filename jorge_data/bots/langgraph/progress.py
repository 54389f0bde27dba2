"""The callback: LangGraph calls it at each node, and it publishes what the bot does."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from jorge_data.bots.langgraph.costs import ModelCall, Prices, cost_fields, cost_of, price_of, used_by
from jorge_data.bots.langgraph.mapping import Rule, as_state
from jorge_data.bots.langgraph.runs import EventPublisher, Run, Trace, TraceReport, runs_of_bot
from jorge_data.bots.langgraph.supported import GraphBubbleUp, GraphCallbackHandler, GraphInterrupt, enclosing_run

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult
    from langgraph.callbacks import GraphInterruptEvent

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
    The end of a step has the tokens of the models that it called itself; the last event of a run has the rest, as of
    attempts that failed: over a run's events each token stands once. Tokens are as the models count them in
    `usage_metadata`; `prices` makes `cost_usd` of them, and where a call's price is not known there is none.
    Contact and conversation are `contact_id` and `conversation_id` (else `thread_id`) of the run's metadata.
    One handler serves any number of runs at once. Attached twice, or beside another of the same bot and destination, it
    publishes each event once. A fault of its own is counted in `faults`, and the graph goes on.
    LangGraph before 1.2.4 drops what `with_config` was given where a call has callbacks or metadata of its own: there,
    give the handler with the call (`{"callbacks": [handler]}`). Before 1.1.8 it tells no handler of a breakpoint
    (`interrupt_before`, `interrupt_after`): such a run is "completed". An `interrupt` is waiting in every version.
    """

    run_inline = True
    """LangChain then calls this on the event loop itself: in order, and cheaper than on a thread."""

    def __init__(
        self,
        publisher: EventPublisher,
        *,
        bot_type: str,
        mapping: Iterable[Rule] = (),
        prices: Prices | None = None,
        script_version: str | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        if script_version is not None and not 1 <= len(script_version) <= 128:
            raise ValueError(f"script_version is {script_version!r}: allowed are 1 to 128 characters")
        self._report = TraceReport(publisher, bot_type, tuple(mapping), price_of(prices), script_version)
        self._clock = clock
        self._runs = runs_of_bot(publisher, bot_type)
        self.faults = 0

    @property
    def open_runs(self) -> int:
        """How many runs of this bot, of graphs and of what is in them, have begun and not ended."""
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
        metadata = metadata or {}
        parent = self._runs.get(parent_run_id or enclosing_run())
        trace = parent.trace if parent else _trace(run_id, inputs, metadata)
        around = parent.namespace if parent else ""
        namespace = str(metadata.get("langgraph_checkpoint_ns") or around)
        # A task of the functional API has no tag of its own, but a namespace.
        is_step = any(tag.startswith(_NODE) for tag in tags or ()) or bool(parent and namespace != around)
        step = _step(namespace, metadata) if is_step else ""
        within = parent.innermost_step if parent else None
        report = parent.report.joined(self._report) if parent else self._report
        run = Run(trace, report, step, self._clock(), inputs if is_step else None, namespace, within)
        if not self._runs.begin(run_id, run):
            return
        if is_step:
            report.status(trace, "processing", step)
        elif not parent:
            report.status(trace, "active")

    @_harmless
    def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> None:
        run = self._runs.end(run_id)
        if run and run.step:
            self._end(run, outputs)
        elif run and run.trace.root == run_id:
            end = _waiting(run.trace) if run.trace.is_waiting else ("completed", None)
            run.report.status(run.trace, *end, **cost_fields(run.trace.calls))

    @_harmless
    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        run = self._runs.end(run_id)
        if not run:
            return
        if run.step and isinstance(error, GraphBubbleUp) and not isinstance(error, GraphInterrupt):
            self._end(run, error.args[0] if error.args else None)  # a Command for the graph around this one
        else:
            run.trace.calls.extend(run.calls)
            if isinstance(error, GraphInterrupt):
                run.trace.wait(run.step)
            elif run.step:
                run.trace.fail(error, run.step)
        if run.trace.root == run_id:
            _stop(run, error)

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
        self._track(run_id, parent_run_id)

    @_harmless
    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._runs.end(run_id)

    @_harmless
    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._runs.end(run_id)

    @_harmless
    def on_retriever_start(
        self,
        serialized: dict[str, Any],
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Track a retriever that runs in a node: the models that it asks are the node's."""
        self._track(run_id, parent_run_id)

    @_harmless
    def on_retriever_end(self, documents: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._runs.end(run_id)

    @_harmless
    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._runs.end(run_id)

    @_harmless
    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list["BaseMessage"]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._track(run_id, parent_run_id, str((metadata or {}).get("ls_model_name") or ""))

    @_harmless
    def on_llm_start(
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Track a model of plain text, which does not say what it uses: the cost of its step is then not known."""
        self._track(run_id, parent_run_id)

    @_harmless
    def on_llm_end(self, response: "LLMResult", *, run_id: UUID, **kwargs: Any) -> None:
        run = self._runs.end(run_id)
        if run:
            _spend(run, response)

    @_harmless
    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Count what a model had used when it failed, where it said so."""
        run = self._runs.end(run_id)
        if run and used_by(kwargs.get("response"))[1]:
            _spend(run, kwargs["response"])

    @_harmless
    def on_interrupt(self, event: "GraphInterruptEvent") -> None:
        run = self._runs.get(event.run_id)
        if run:
            run.trace.is_waiting = True

    def _track(self, run_id: UUID, parent_run_id: UUID | None, model: str = "") -> None:
        parent = self._runs.get(parent_run_id)
        if parent:
            report, within = parent.report.joined(self._report), parent.innermost_step
            run = Run(parent.trace, report, namespace=parent.namespace, within=within, model=model)
            self._runs.begin(run_id, run)

    def _end(self, run: Run, outputs: Any) -> None:
        took_ms = round((self._clock() - run.began) * 1000, 3)
        run.report.status(run.trace, "processing", run.step, processing_time_ms=took_ms, **cost_fields(run.calls))
        run.report.state(run.trace, run.state, outputs, took_ms)


def _spend(run: Run, response: "LLMResult") -> None:
    name, usage = used_by(response)
    call = ModelCall()
    run.spend(call)  # first: without a price, the tokens still count
    if usage:
        call.tokens_in, call.tokens_out = int(usage["input_tokens"]), int(usage["output_tokens"])
        call.cost = cost_of(run.report.price, [model for model in (name, run.model) if model], usage)


def _stop(run: Run, error: BaseException) -> None:
    """Publish that the run of a whole trace stopped before its end."""
    trace, report, cost = run.trace, run.report, cost_fields(run.trace.calls)
    if isinstance(error, GraphInterrupt) or (trace.is_waiting and not isinstance(error, Exception)):
        report.status(trace, *_waiting(trace), **cost)
    elif isinstance(error, GraphBubbleUp) or not isinstance(error, Exception):
        # Drained by whoever runs it, cancelled, or the reader of the stream is gone.
        report.status(trace, "idle", "stopped", **cost)
    else:
        message = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()[:4000]
        report.status(trace, "error", trace.failed_at(error), error_message=message, **cost)


def _trace(run_id: UUID, inputs: Any, metadata: Mapping[str, Any]) -> Trace:
    contact = metadata.get("contact_id") or as_state(inputs).get("contact_id")
    conversation = metadata.get("conversation_id") or metadata.get("thread_id")
    return Trace(run_id, str(contact) if contact else None, str(conversation) if conversation else None)


def _step(namespace: str, metadata: Mapping[str, Any]) -> str:
    """Return a step's name, behind those of the steps that it is in."""
    parts = (namespace or str(metadata.get("langgraph_node") or "?")).split("|")
    return "/".join(part.split(":")[0] for part in parts)


def _waiting(trace: Trace) -> tuple[str, str]:
    return "idle", f"waiting: {', '.join(trace.waiting)}" if trace.waiting else "waiting"
