"""However a graph is called, and whatever is in it, the office sees the same."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from jorge_data.bots.langgraph.runs import Run, Runs, Trace, TraceReport
from tests.bots.graphs import MERGES_CALLBACKS, State, Watched, ask, fail, line, needs, thread, write
from tests.bots.recording import RecordingPublisher

SEEN = [("active", None), ("processing", "one"), ("processing", "one"), ("completed", None)]


def invoke(graph: Any, config: Any) -> None:
    graph.invoke({}, config)


def ainvoke(graph: Any, config: Any) -> None:
    asyncio.run(graph.ainvoke({}, config))


def stream(graph: Any, config: Any) -> None:
    list(graph.stream({}, config, stream_mode=["values", "updates", "custom"], subgraphs=True))


def astream(graph: Any, config: Any) -> None:
    async def read() -> None:
        async for _ in graph.astream({}, config, stream_mode="tasks"):
            pass

    asyncio.run(read())


def stream_v2(graph: Any, config: Any) -> None:
    list(graph.stream({}, config, version="v2"))


def events(graph: Any, config: Any) -> None:
    async def read() -> None:
        async for _ in graph.astream_events({}, config, version="v2"):
            pass

    asyncio.run(read())


def events_v3(graph: Any, config: Any) -> None:
    async def read() -> None:
        async for _ in await graph.astream_events({}, config, version="v3"):
            pass

    asyncio.run(read())


def in_a_chain(graph: Any, config: Any) -> None:
    (RunnableLambda(lambda state: state) | graph).invoke({}, config)


CALLS = [invoke, ainvoke, stream, astream, stream_v2, events, in_a_chain]
WITH_CALLBACKS = [events, in_a_chain]
"""These call the graph with callbacks of their own."""

EXPERIMENTAL = pytest.param(
    events_v3, marks=[needs("1.2"), pytest.mark.filterwarnings("ignore:The v3 streaming protocol")]
)


@pytest.mark.parametrize("call", [*CALLS, EXPERIMENTAL])
def test_however_it_is_called_the_office_sees_the_same(call: Callable[[Any, Any], None]) -> None:
    watched = Watched()
    call(line(one=write(answered=1)), watched.call())
    assert watched.events.statuses == SEEN
    assert watched.handler.open_runs == 0
    assert watched.handler.faults == 0


@pytest.mark.parametrize("call", [*CALLS, EXPERIMENTAL])
def test_a_graph_that_has_the_handler_is_seen_however_it_is_called(call: Callable[[Any, Any], None]) -> None:
    watched = Watched()
    call(watched.attach(line(one=write(answered=1))), thread())
    assert watched.events.statuses == (SEEN if MERGES_CALLBACKS or call not in WITH_CALLBACKS else [])


def test_the_callers_own_callbacks_are_called_beside() -> None:
    watched, other = Watched(), Watched()
    graph = watched.attach(line(one=write(answered=1)))
    graph.invoke({}, {**thread(), "callbacks": [other.handler]})
    assert watched.events.statuses == (SEEN if MERGES_CALLBACKS else [])
    assert other.events.statuses == SEEN


def test_an_interrupt_of_an_asynchronous_run_is_waiting() -> None:
    watched = Watched()

    async def ask_nicely(state: State) -> State:
        return ask(state)

    async def bot() -> None:
        graph = watched.attach(line(price=ask_nicely))
        await graph.ainvoke({}, thread())
        await graph.ainvoke(Command(resume="480k"), thread())

    asyncio.run(bot())
    assert [step for step in watched.events.statuses if step[0] in ("idle", "completed", "error")] == [
        ("idle", "waiting: price"),
        ("completed", None),
    ]


def test_a_subgraph_is_part_of_its_graph() -> None:
    watched = Watched()
    watched.attach(line(qualify=line(score=write(answered=1)))).invoke({}, thread())
    assert watched.events.statuses == [
        ("active", None),
        ("processing", "qualify"),
        ("processing", "qualify/score"),
        ("processing", "qualify/score"),
        ("processing", "qualify"),
        ("completed", None),
    ]


def test_a_graph_waits_where_its_subgraph_waits() -> None:
    watched = Watched()
    watched.attach(line(qualify=line(price=ask))).invoke({}, thread())
    assert watched.events.statuses[-1] == ("idle", "waiting: qualify/price")


def test_a_graph_that_a_tool_calls_is_part_of_the_graph_around() -> None:
    inner = line(score=write(answered=1))

    @tool
    def lookup(address: str, config: RunnableConfig) -> str:
        """Look an address up."""
        return str(inner.invoke({}, config))

    def use(state: State, config: RunnableConfig) -> State:
        return {"log": [lookup.invoke({"address": "1 Main St"}, config)]}

    watched = Watched()
    watched.attach(line(use=use)).invoke({}, thread())
    assert [status for status, _ in watched.events.statuses].count("completed") == 1
    assert [status for status, _ in watched.events.statuses].count("active") == 1
    assert watched.handler.open_runs == 0


def test_parallel_branches_are_each_told() -> None:
    graph = StateGraph(State)
    names = [f"branch-{number}" for number in range(8)]
    for name in names:
        graph.add_node(name, write(log=[name]))
        graph.add_edge(START, name)
        graph.add_edge(name, END)
    watched = Watched()
    watched.attach(graph.compile()).invoke({})
    steps = [step for status, step in watched.events.statuses if status == "processing"]
    assert sorted(step for step in steps if step) == sorted(names * 2)
    assert watched.events.statuses[-1] == ("completed", None)
    assert watched.handler.open_runs == 0


def test_branches_that_wait_are_all_named() -> None:
    graph = StateGraph(State)
    graph.add_node("price", ask)
    graph.add_node("timeline", ask)
    graph.add_edge(START, "price")
    graph.add_edge(START, "timeline")
    watched = Watched()
    watched.attach(line(interview=graph.compile())).invoke({}, thread())
    status, step = watched.events.statuses[-1]
    assert status == "idle"
    assert sorted((step or "").removeprefix("waiting: ").split(", ")) == ["interview/price", "interview/timeline"]


def test_many_contacts_at_once_are_not_mixed_up() -> None:
    watched = Watched()
    graph = watched.attach(line(one=write(answered=1), two=write(answered=2)))

    async def bot() -> None:
        await asyncio.gather(
            *(graph.ainvoke({}, {**thread(f"t-{n}"), "metadata": {"contact_id": f"c-{n}"}}) for n in range(20))
        )

    asyncio.run(bot())
    for number in range(20):
        mine = [d for d in watched.events.of("bot_status_update") if d["contact_id"] == f"c-{number}"]
        assert [data["status"] for data in mine] == ["active", *["processing"] * 4, "completed"]


def test_a_reader_who_goes_away_has_stopped_the_bot() -> None:
    watched = Watched()
    chunks = watched.attach(line(one=write(answered=1), two=write(answered=2))).stream({}, thread())
    next(chunks)
    chunks.close()
    assert watched.events.statuses[-1] == ("idle", "stopped")
    assert watched.handler.open_runs == 0


def test_runs_that_never_end_are_forgotten_in_time() -> None:
    runs = Runs(size=3)
    report = TraceReport(RecordingPublisher(), "seller", ())
    traces = [Trace(uuid4(), None, None) for _ in range(10)]
    for trace in traces:
        runs.begin(trace.root, Run(trace, report))
    assert len(runs) == 3
    assert runs.end(traces[0].root) is None
    assert runs.end(traces[-1].root) is not None


def test_a_task_is_a_step_of_its_workflow() -> None:
    @task
    def score(answered: int) -> int:
        return answered + 1

    @entrypoint()
    def qualify(answered: int) -> int:
        return score(answered).result()

    watched = Watched()
    assert qualify.invoke(1, watched.call()) == 2
    assert watched.events.statuses == [
        ("active", None),
        ("processing", "qualify"),
        ("processing", "qualify/score"),
        ("processing", "qualify/score"),
        ("processing", "qualify"),
        ("completed", None),
    ]
    assert watched.handler.open_runs == 0


def test_a_workflow_waits_where_it_asks() -> None:
    @entrypoint(checkpointer=InMemorySaver())
    async def qualify(answered: int) -> Any:
        return interrupt("What price would make you feel good about selling?")

    async def bot() -> Any:
        await qualify.ainvoke(1, watched.call())
        assert watched.events.statuses[-1] == ("idle", "waiting: qualify")
        return await qualify.ainvoke(Command(resume="480k"), watched.call())

    watched = Watched()
    assert asyncio.run(bot()) == "480k"
    assert watched.events.statuses[-1] == ("completed", None)


@needs("1.2")
def test_a_node_that_takes_too_long_is_named_where_it_is() -> None:
    async def wait(state: State) -> None:
        await asyncio.Event().wait()

    graph = StateGraph(State)
    graph.add_node("score", wait, timeout=0.001)
    graph.add_edge(START, "score")
    for around, step in ((graph.compile(), "score"), (line(qualify=graph.compile()), "qualify/score")):
        watched = Watched()
        with pytest.raises(Exception, match="run timeout"):
            asyncio.run(around.ainvoke({}, watched.call()))
        assert watched.events.statuses[-1] == ("error", step)
        assert watched.handler.open_runs == 0


@needs("1.2")
def test_a_failure_that_an_error_handler_takes_is_none() -> None:
    graph = StateGraph(State)
    graph.add_node("score", fail, error_handler=write(answered=0))
    graph.add_edge(START, "score")
    watched = Watched()
    assert graph.compile().invoke({}, watched.call())["answered"] == 0
    assert {status for status, _ in watched.events.statuses} == {"active", "processing", "completed"}


@needs("1.2")
def test_a_run_that_is_drained_has_stopped() -> None:
    from langgraph.runtime import RunControl

    control = RunControl()

    def one(state: State) -> State:
        control.request_drain("deployment")
        return {"answered": 1}

    watched = Watched()
    with pytest.raises(Exception, match="deployment"):
        line(one=one, two=write(answered=2)).invoke({}, watched.call(), control=control)
    assert watched.events.statuses[-1] == ("idle", "stopped")


def test_bots_without_langgraph_can_publish() -> None:
    script = "import sys; sys.modules['langgraph'] = sys.modules['langchain_core'] = None; import jorge_data.bots"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
