"""However often a bot's handlers are attached to a run, each event is published once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig

from jorge_data.bots import Publisher
from jorge_data.bots.langgraph import ProgressHandler, Rule
from tests.bots.graphs import State, Watched, line, thread, write
from tests.bots.intake import Intake
from tests.bots.recording import RecordingPublisher

SEEN = [("active", None), ("processing", "one"), ("processing", "one"), ("completed", None)]
NESTED = [
    ("active", None),
    ("processing", "qualify"),
    ("processing", "qualify/score"),
    ("processing", "qualify/score"),
    ("processing", "qualify"),
    ("completed", None),
]


def feedback(analysis: str = "a-1") -> Rule:
    """Return a rule with a function of its own, as each call of a bot's own code would make it."""
    return Rule(
        "intent_feedback", {"actual_category": lambda state: "seller"}, {"analysis_id": analysis}, when="answered"
    )


def test_a_handler_that_is_given_twice_tells_once() -> None:
    watched = Watched(feedback())
    line(one=write(answered=1)).invoke({}, watched.call(handlers=2))
    assert watched.events.statuses == SEEN
    assert len(watched.events.of("intent_feedback")) == 1


def test_a_handler_of_the_graph_and_of_the_call_tells_once() -> None:
    watched = Watched()
    watched.attach(watched.attach(line(one=write(answered=1)))).invoke({}, watched.call())
    assert watched.events.statuses == SEEN


def test_a_handler_of_a_graph_and_of_its_subgraph_tells_once() -> None:
    watched = Watched()
    watched.attach(line(qualify=watched.attach(line(score=write(answered=1))))).invoke({}, watched.call())
    assert watched.events.statuses == NESTED


@pytest.mark.parametrize("passed", ["nothing", "config", "handler"])
def test_a_graph_that_a_node_calls_is_told_once(passed: str) -> None:
    watched = Watched()
    inner = watched.attach(line(score=write(answered=1)))

    def qualify(state: State, config: RunnableConfig) -> State:
        given = {"nothing": None, "config": config, "handler": {"callbacks": [watched.handler]}}[passed]
        return {"answered": inner.invoke({}, {**thread(), **(given or {})})["answered"]}

    watched.attach(line(qualify=qualify)).invoke({}, watched.call())
    statuses = [(status, step and step.removeprefix("qualify/")) for status, step in watched.events.statuses]
    assert statuses == [(status, step and step.removeprefix("qualify/")) for status, step in NESTED]
    assert watched.handler.open_runs == 0


def test_a_graph_that_a_node_awaits_is_told_once() -> None:
    watched = Watched()
    inner = watched.attach(line(score=write(answered=1)))

    async def qualify(state: State) -> State:
        return {"answered": (await inner.ainvoke({}, {"callbacks": [watched.handler]}))["answered"]}

    asyncio.run(watched.attach(line(qualify=qualify)).ainvoke({}, watched.call()))
    assert watched.events.statuses == NESTED


@pytest.mark.parametrize("call", ["invoke", "ainvoke"])
def test_two_handlers_of_a_bot_tell_once_with_the_rules_of_both(call: str) -> None:
    events = RecordingPublisher()
    handlers = [
        ProgressHandler(events, bot_type="seller", mapping=[feedback(), *more])
        for more in ([], [feedback("a-2")], [feedback("a-2")])
    ]
    graph = line(one=write(answered=1))
    config: Any = {**thread(), "callbacks": handlers}
    if call == "invoke":
        graph.invoke({}, config)
    else:
        asyncio.run(graph.ainvoke({}, config))
    assert events.statuses == SEEN
    assert [data["analysis_id"] for data in events.of("intent_feedback")] == ["a-1", "a-2"]
    assert {handler.faults for handler in handlers} == {0}
    assert handlers[0].open_runs == 0


def test_a_handler_of_the_graph_and_another_of_its_subgraph_tell_once() -> None:
    events = RecordingPublisher()
    outer, inner = (ProgressHandler(events, bot_type="seller") for _ in range(2))
    subgraph = line(score=write(answered=1)).with_config(callbacks=[inner])
    line(qualify=subgraph).invoke({}, {**thread(), "callbacks": [outer]})
    assert events.statuses == NESTED


def test_two_bots_on_one_run_each_tell_it() -> None:
    events = RecordingPublisher()
    handlers: list[Any] = [ProgressHandler(events, bot_type=bot) for bot in ("seller", "buyer")]
    line(one=write(answered=1)).invoke({}, {**thread(), "callbacks": handlers})
    for bot in ("seller", "buyer"):
        mine = [data for data in events.of("bot_status_update") if data["bot_type"] == bot]
        assert [(data["status"], data.get("current_step")) for data in mine] == SEEN


def test_runs_on_many_threads_at_once_are_each_told_once() -> None:
    events = RecordingPublisher()
    handlers: list[Any] = [ProgressHandler(events, bot_type="seller") for _ in range(2)]
    graph = line(qualify=line(score=write(answered=1)).with_config(callbacks=handlers))

    def run(number: int) -> None:
        graph.invoke({}, {**thread(f"t-{number}"), "callbacks": handlers, "metadata": {"contact_id": f"c-{number}"}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(40)))
    for number in range(40):
        mine = [data for data in events.of("bot_status_update") if data["contact_id"] == f"c-{number}"]
        assert [(data["status"], data.get("current_step")) for data in mine] == NESTED
    assert handlers[0].open_runs == 0


def test_two_publishers_of_one_bot_to_one_office_tell_once(intake: Intake, tmp_path: Path) -> None:
    publishers = [
        Publisher(intake.url, "token", source="seller", location=location, spool=tmp_path / f"{number}.db")
        for number, location in enumerate(["a", "a", "b"])
    ]
    handlers: list[Any] = [ProgressHandler(publisher, bot_type="seller") for publisher in publishers]
    line(one=write(answered=1)).invoke({}, {**thread(), "callbacks": handlers})
    for publisher in publishers:
        publisher.close()
    locations = [event["locationid"] for event in intake.stored.values()]
    assert [locations.count(location) for location in ("a", "b")] == [4, 4]
