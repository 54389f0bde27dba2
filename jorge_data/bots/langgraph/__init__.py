"""Show a LangGraph bot as it runs, without a change to its nodes; needs the extra `langgraph`."""

from jorge_data.bots.langgraph.costs import Prices
from jorge_data.bots.langgraph.mapping import STALL, Rule
from jorge_data.bots.langgraph.progress import ProgressHandler

__all__ = ["STALL", "Prices", "ProgressHandler", "Rule"]
