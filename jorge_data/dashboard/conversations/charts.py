"""The charts of conversations: what each draws, its headline and its words."""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.chart_card import chart_card, largest
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.definitions.conversations import FIGURES
from jorge_data.metrics.formatting import number
from jorge_data.metrics.names import label_words


def messages(page_data: PageData, query: PageQuery) -> None:
    """Draw the messages by direction over time."""
    what = f"messages by who wrote, by {query.each}, {query.label}, n = {number(page_data.series('directions').n)}"
    build = partial(charts.bars, split="direction", order=("inbound", "outbound"))
    frame = page_data.frame("directions")
    frame = frame.assign(direction=frame["direction"].replace("", "without direction"))
    chart_card(frame, build, key="directions", finding="Messages", what=what)


def sentiment(page_data: PageData, query: PageQuery) -> None:
    """Draw the events that carry a sentiment, by sentiment."""
    n = page_data.series("sentiment").n
    what = f"turns of conversations whose mood was noted, and share, {query.label}, n = {number(n)}"
    build = partial(charts.ranking, label="sentiment")
    frame, nothing = largest(page_data.frame("sentiment")), FIGURES["sentiment"].absent
    chart_card(frame, build, key="sentiment", finding="How contacts feel", what=what, nothing=nothing)


def outcomes(page_data: PageData, query: PageQuery) -> None:
    """Draw the contacts who were heard of, by what became of them."""
    listed = page_data.frame("outcomes")
    frame = largest(
        listed.assign(outcome=[label_words(each) for each in listed["outcome"].replace("", "no follow-up")])
    )
    what = f"contacts heard of {query.during}, by what became of them by now, and share"
    build = partial(charts.ranking, label="outcome", meaning=True)
    chart_card(frame, build, key="contact_outcomes", finding="What became of them", what=what)


CHARTS = (messages, outcomes, sentiment)
"""In the order in which the page shows them."""
