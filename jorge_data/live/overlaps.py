"""Conversations that overlap the period: asked by their edges, so that it costs the same however many there are."""

from dataclasses import replace

from jorge_data.live.query import Query
from jorge_data.live.question import Question, equals
from jorge_data.live.told import Told, Value, value_or_refusal
from jorge_data.metrics.analysis.overlap import overlapping
from jorge_data.metrics.definitions.conversations import EVENT

EDGE = "conversation_edge"
BEGUN, OVER = "begun", "over"
EARLIER, EVENTS = " earlier", "talked"


def questions(query: Query) -> dict[str, Question]:
    """Return the questions for the edges, of the period and of the one before where it is compared."""
    asked = _edges(query)
    earlier = _edges(query.before) if query.compare else {}
    return asked | {name + EARLIER: each for name, each in earlier.items()} | {EVENTS: query.series(EVENT)}


@value_or_refusal
def active(told: Told, query: Query) -> Value:
    """Return how many conversations overlap the period, and the events that happened in it."""
    now = overlapping(told.series(BEGUN).value, told.series(OVER).value)
    names = [name + EARLIER for name in (BEGUN, OVER)] if query.compare else []
    before = overlapping(*(told.series(name).value for name in names)) if names else None
    n = told.series(EVENTS).n
    return Value(now, before, n, query.rows(EVENT))


def _edges(query: Query) -> dict[str, Question]:
    begun, over = (query.series(EDGE, where=(equals("edge", edge),)) for edge in ("first", "last"))
    return {BEGUN: replace(begun, start=None), OVER: replace(over, start=None, end=query.start)}
