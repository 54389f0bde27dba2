"""Small real graphs for the tests of the LangGraph handler."""

import operator
from collections.abc import Callable
from importlib.metadata import version
from itertools import count, pairwise
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from packaging.version import Version
from typing_extensions import TypedDict

from jorge_data.bots.langgraph import ProgressHandler, Rule
from tests.bots.recording import RecordingPublisher

LANGGRAPH = Version(version("langgraph"))
"""What the tests run on: `test_langgraph_versions.py` runs them on others as well."""

TELLS_BREAKPOINTS = Version("1.1.8") <= LANGGRAPH
"""Before, a handler hears nothing of a graph that stops at a breakpoint, and takes it for completed."""

MERGES_CALLBACKS = Version("1.2.4") <= LANGGRAPH
"""Before, callbacks and metadata that come with a call take the place of those of `with_config`."""


def needs(release: str) -> pytest.MarkDecorator:
    """Mark a test of what LangGraph can do from a release on."""
    return pytest.mark.skipif(Version(release) > LANGGRAPH, reason=f"LangGraph can do it from {release} on")


Node = Callable[["State"], Any]


class State(TypedDict, total=False):
    """What the graphs of these tests keep."""

    answered: int
    temperature: str
    stall_detected: bool
    detected_stall_type: str
    log: Annotated[list[str], operator.add]


class Watched:
    """A handler whose clock moves on by a millisecond at each reading, and what it published."""

    def __init__(self, *mapping: Rule) -> None:
        self.events = RecordingPublisher()
        ticks = count()
        self.handler = ProgressHandler(
            self.events, bot_type="seller", mapping=mapping, clock=lambda: next(ticks) / 1000
        )

    def attach(self, graph: Any) -> Any:
        return graph.with_config(callbacks=[self.handler], metadata={"contact_id": "c-1"})

    def call(self, name: str = "t-1", handlers: int = 1) -> Any:
        """Return the config of a call to which the handler is given, so many times."""
        return {**thread(name), "callbacks": [self.handler] * handlers, "metadata": {"contact_id": "c-1"}}


def write(**update: Any) -> Any:
    """Return a node that writes this to the state."""
    return lambda state: update


def ask(state: State) -> State:
    """Wait for an answer and note it."""
    return {"log": [interrupt("What price would make you feel good about selling?")]}


def fail(state: State) -> State:
    raise RuntimeError("no comparable sales")


def line(**nodes: Any) -> Any:
    """Return a graph of nodes in a row, which remembers where it stopped."""
    graph = StateGraph(State)
    names = [START, *nodes, END]
    for name, node in nodes.items():
        graph.add_node(name, node)
    for name, following in pairwise(names):
        graph.add_edge(name, following)
    return graph.compile(checkpointer=InMemorySaver())


def thread(name: str = "t-1") -> Any:
    return {"configurable": {"thread_id": name}}
