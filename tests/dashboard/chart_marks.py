"""The marks of a page's charts, as the browser gets them: the value of each, and the drill link of a click on it."""

import base64
import json
from typing import Any, NamedTuple

import numpy as np
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.metrics.names import label_words
from tests.dashboard.app_context import here


class Mark(NamedTuple):
    """A mark that opens something."""

    shows: float
    opens: str


def marks(app: AppTest, key: str) -> list[Mark]:
    """Return the marks of one chart that open something; fails where the page has no such chart."""
    drawn = [mark for trace in _bars(app, key) for mark in _marks(trace)]
    return [mark for mark in drawn if mark.opens and mark.shows]


def bar_values(app: AppTest, key: str, name: str) -> list[float]:
    """Return the heights of the bars of one name, which the legend has in words."""
    return next(_numbers(trace["y"]) for trace in _bars(app, key) if trace["name"] == label_words(name))


def labels(app: AppTest, key: str) -> list[str]:
    """Return the labels of a ranking's bars."""
    return [label for trace in _bars(app, key) for label in trace["y"]]


def positions(app: AppTest, key: str) -> list[str]:
    """Return what upright bars stand over."""
    return [str(position) for trace in _bars(app, key) for position in trace["x"]]


def rows_behind(context: AppContext, mark: Mark) -> int:
    """Return how many rows a click on a mark lists."""
    return here(context).client.table(TableRequest.read(mark.opens, context.settings.location)).total


def _bars(app: AppTest, key: str) -> list[dict[str, Any]]:
    (chart,) = (each for each in app.get("plotly_chart") if f"-chart_{key}_" in each.proto.id)
    return [trace for trace in json.loads(chart.proto.spec)["data"] if trace["type"] == "bar"]


def _marks(trace: dict[str, Any]) -> list[Mark]:
    if "base" in trace:  # a matrix draws every cell as high as the others, and writes the number into it
        shown = [float(text.replace(",", "")) for text in trace["text"]]
    else:
        shown = _numbers(trace["x" if trace.get("orientation") == "h" else "y"])
    return [Mark(value, token) for value, (token,) in zip(shown, trace["customdata"], strict=True)]


def _numbers(values: Any) -> list[float]:
    """Return plotly's numbers, which it writes as a list or as bytes with their type."""
    if isinstance(values, dict):
        return [float(value) for value in np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])]
    return [float(value) for value in values]
