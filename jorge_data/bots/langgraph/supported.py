"""What is taken from LangGraph, in each version that the handler is for; another is refused in one sentence."""

from importlib.metadata import PackageNotFoundError, version
from uuid import UUID

MAJOR = "1"
"""1.0, 1.1 and 1.2 are tested; a later 1 is taken, because LangGraph promises that it goes on like them."""


def refusal(installed: str | None) -> str | None:
    """Return why the version of LangGraph that is installed (None: none is) cannot be used; None where it can."""
    if installed is not None and installed.partition(".")[0] == MAJOR:
        return None
    found = "none is installed" if installed is None else f"{installed} is installed"
    return f"jorge_data.bots.langgraph needs langgraph>=1.0,<2, and {found}: pip install 'langgraph>=1.0,<2'"


def installed_version() -> str | None:
    try:
        return version("langgraph")
    except PackageNotFoundError:
        return None


if _refusal := refusal(installed_version()):
    raise ImportError(_refusal, name="langgraph")

from langchain_core.runnables.config import var_child_runnable_config  # noqa: E402 - only where it can be used
from langgraph.errors import GraphBubbleUp, GraphInterrupt  # noqa: E402

try:
    from langgraph.callbacks import GraphCallbackHandler
except ModuleNotFoundError:  # before 1.1.8, which tells a handler of no breakpoint
    from langchain_core.callbacks import BaseCallbackHandler as GraphCallbackHandler  # type: ignore[assignment]

__all__ = ["GraphBubbleUp", "GraphCallbackHandler", "GraphInterrupt"]


def enclosing_run() -> UUID | None:
    """Return the run within which this is called; None outside of any.

    Before 1.2.4 LangGraph does not say so itself of a graph that a node calls with callbacks of its own.
    """
    callbacks = (var_child_runnable_config.get() or {}).get("callbacks")
    return getattr(callbacks, "parent_run_id", None)


def failed_node(error: BaseException) -> str | None:
    """Return the node that an error of LangGraph's own names: after a time limit, or where a node cancelled itself."""
    node = getattr(error, "node", None)
    return node if isinstance(node, str) and type(error).__module__ == "langgraph.errors" else None
