"""What the office sees of a real LangGraph run."""

import asyncio
import logging
from typing import Any

import pytest
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, StateGraph
from langgraph.types import Command, RetryPolicy

from jorge_data.bots.langgraph import STALL, Rule
from tests.bots.graphs import TELLS_BREAKPOINTS, State, Watched, ask, fail, line, thread, write

PROGRESS = Rule(
    "jorge_qualification_progress",
    {
        "questions_answered": "answered",
        "current_question": lambda state: min(state["answered"], 3),
        "seller_temperature": "temperature",
        "next_step": lambda state: f"Q{state['answered'] + 1}",
    },
    constants={"confrontational_effectiveness": 50, "stall_detected": False},
)


def test_a_run_is_told_step_by_step() -> None:
    watched = Watched()
    result = watched.attach(line(analyze=write(answered=1), reply=write(log=["hello"]))).invoke({}, thread())
    assert result == {"answered": 1, "log": ["hello"]}
    assert watched.events.statuses == [
        ("active", None),
        ("processing", "analyze"),
        ("processing", "analyze"),
        ("processing", "reply"),
        ("processing", "reply"),
        ("completed", None),
    ]
    times = [data.get("processing_time_ms") for data in watched.events.of("bot_status_update")]
    assert times == [None, None, 1.0, None, 1.0, None]
    assert {data["contact_id"] for data in watched.events.of("bot_status_update")} == {"c-1"}
    assert {data["bot_type"] for data in watched.events.of("bot_status_update")} == {"seller"}


def test_an_interrupt_is_waiting_and_not_a_failure() -> None:
    watched = Watched()
    graph = watched.attach(line(greet=write(answered=0), price=ask))
    graph.invoke({}, thread())
    assert watched.events.statuses[-2:] == [("processing", "price"), ("idle", "waiting: price")]
    graph.invoke(Command(resume="480k"), thread())
    assert watched.events.statuses[-4:] == [
        ("active", None),
        ("processing", "price"),
        ("processing", "price"),
        ("completed", None),
    ]
    assert "error" not in {status for status, _ in watched.events.statuses}


def test_a_breakpoint_is_waiting_too() -> None:
    watched = Watched()
    watched.attach(line(one=write(answered=1), two=write(answered=2))).invoke({}, thread(), interrupt_before=["two"])
    assert watched.events.statuses[-1] == (("idle", "waiting") if TELLS_BREAKPOINTS else ("completed", None))


def test_a_failure_is_counted_once_and_reaches_the_caller() -> None:
    watched = Watched()
    with pytest.raises(RuntimeError, match="no comparable sales"):
        watched.attach(line(analyze=write(answered=1), generate_cma=fail)).invoke({}, thread())
    errors = [data for data in watched.events.of("bot_status_update") if data["status"] == "error"]
    assert [(data["current_step"], data["error_message"]) for data in errors] == [
        ("generate_cma", "RuntimeError: no comparable sales")
    ]
    assert watched.events.statuses[-1][0] == "error"


def test_a_failure_inside_a_subgraph_is_told_where_it_came_from() -> None:
    watched = Watched()
    with pytest.raises(RuntimeError):
        watched.attach(line(qualify=line(score=fail))).invoke({}, thread())
    assert [step for step in watched.events.statuses if step[0] == "error"] == [("error", "qualify/score")]


def test_a_router_that_fails_is_a_failure_of_its_node() -> None:
    graph = StateGraph(State)
    graph.add_node("analyze", write(answered=1))
    graph.add_edge(START, "analyze")
    graph.add_conditional_edges("analyze", fail, ["analyze"])
    watched = Watched()
    with pytest.raises(RuntimeError):
        watched.attach(graph.compile()).invoke({})
    assert [step for step in watched.events.statuses if step[0] == "error"] == [("error", "analyze")]


def test_a_retry_that_succeeds_is_no_failure() -> None:
    attempts: list[int] = []

    def flaky(state: State) -> State:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("the CRM hung up")
        return {"answered": 1}

    graph = StateGraph(State)
    graph.add_node("sync", flaky, retry_policy=RetryPolicy(initial_interval=0.001, jitter=False))
    graph.add_edge(START, "sync")
    watched = Watched()
    watched.attach(graph.compile()).invoke({})
    assert len(attempts) == 2
    assert {status for status, _ in watched.events.statuses} == {"active", "processing", "completed"}


def test_a_graph_that_walks_in_circles_fails_at_no_step() -> None:
    graph = StateGraph(State)
    graph.add_node("again", write(answered=1))
    graph.add_edge(START, "again")
    graph.add_conditional_edges("again", lambda state: "again", ["again"])
    watched = Watched()
    with pytest.raises(GraphRecursionError):
        watched.attach(graph.compile()).invoke({}, {"recursion_limit": 3})
    assert watched.events.statuses[-1] == ("error", None)
    assert watched.events.of("bot_status_update")[-1]["error_message"].startswith("GraphRecursionError: ")


def test_the_state_becomes_events_as_declared() -> None:
    watched = Watched(PROGRESS, STALL)
    watched.attach(
        line(
            analyze=write(answered=1),
            detect_stall=write(stall_detected=True, detected_stall_type="agent"),
            score=write(temperature="warm"),
            reply=write(log=["and?"]),
        )
    ).invoke({}, thread("talk-7"))
    assert watched.events.of("jorge_qualification_progress") == [
        {
            "contact_id": "c-1",
            "current_question": 1,
            "questions_answered": 1,
            "seller_temperature": "warm",
            "next_step": "Q2",
            "confrontational_effectiveness": 50,
            "stall_detected": False,
        }
    ]
    assert watched.events.of("conversation_event") == [
        {"contact_id": "c-1", "conversation_id": "talk-7", "kind": "stall_detected", "stall_type": "agent"}
    ]


def test_what_a_subgraph_wrote_is_told_once() -> None:
    watched = Watched(PROGRESS)
    watched.attach(line(qualify=line(score=write(temperature="hot", answered=4)))).invoke({}, thread())
    assert len(watched.events.of("jorge_qualification_progress")) == 1


def test_an_analysis_has_the_time_of_its_node() -> None:
    rule = Rule(
        "intent_analysis_complete",
        {"confidence_score": lambda state: 0.9},
        constants={"intent_category": "seller", "urgency_level": "active", "ml_features_triggered": []},
        when="answered",
    )
    watched = Watched(rule)
    watched.attach(line(analyze=write(answered=1))).invoke({}, thread())
    assert [data["processing_time_ms"] for data in watched.events.of("intent_analysis_complete")] == [1.0]


def test_a_fault_of_its_own_never_reaches_the_graph(caplog: pytest.LogCaptureFixture) -> None:
    class Mute:
        def publish(self, kind: str, data: Any) -> str:
            raise OSError("disk full")

    watched = Watched(Rule("intent_feedback", {"analysis_id": lambda state: 1 / 0}, when="answered"))
    result = watched.attach(line(analyze=write(answered=1))).invoke({}, thread())
    assert result == {"answered": 1, "log": []}
    assert watched.handler.faults == 1
    assert "on_chain_end failed: division by zero" in caplog.text
    watched.handler._report.publisher = Mute()
    assert watched.attach(line(**{f"n{n}": write(answered=n) for n in range(20)})).invoke({}, thread())
    assert watched.handler.faults == 1 + 42
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 10


def test_nothing_is_remembered_of_what_has_ended() -> None:
    watched = Watched()
    for number in range(50):
        watched.attach(line(one=write(answered=1))).invoke({}, thread(str(number)))
        watched.attach(line(price=ask)).invoke({}, thread(str(number)))
        with pytest.raises(RuntimeError):
            watched.attach(line(bad=fail)).invoke({}, thread(str(number)))
    assert watched.handler.open_runs == 0


def test_a_cancelled_run_has_stopped() -> None:
    watched = Watched()
    begun = asyncio.Event()

    async def slow(state: State) -> State:
        begun.set()
        await asyncio.Event().wait()
        return {}

    async def bot() -> None:
        task = asyncio.ensure_future(watched.attach(line(slow=slow)).ainvoke({}, thread()))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(bot())
    assert watched.events.statuses[-1] == ("idle", "stopped")
    assert watched.handler.open_runs == 0
