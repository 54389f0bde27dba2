"""Asking: a question waits until the rollups cover what is committed, then is answered as of one moment."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from jorge_data.errors import Behind
from jorge_data.events import Cursor
from jorge_data.events.timestamps import midnight, office_date
from jorge_data.metrics.facts import Rules
from jorge_data.server.folding import Folding, Reached
from jorge_data.server.history.answer import Answer, figures, series
from jorge_data.server.history.catalogue import scale_of
from jorge_data.server.history.cells import cells
from jorge_data.server.history.plan import plan
from jorge_data.server.history.question import Question
from jorge_data.server.history.raw import is_derived, needs_events, raw
from jorge_data.server.history.singly import singly
from jorge_data.server.history.slots import NAMED, slots, whole
from jorge_data.store import Store, Stretch, View

T = TypeVar("T")

NOWHERE = Cursor("", 0)


async def ask(folding: Folding, store: Store, location: str, answer: Callable[[View], T]) -> T:
    """Answer from a view that covers everything that is committed now; raise Behind where it takes too long."""
    reached = await folding.all_folded(location)
    return await asyncio.to_thread(_answer, store, location, reached, answer)


def _answer(store: Store, location: str, reached: Reached, answer: Callable[[View], T]) -> T:
    with store.view(location) as view:
        mark = view.watermark
        if reached.top and (mark is None or mark.cursor < Cursor(reached.epoch, reached.top)):
            raise Behind(f"the history of {location} is being counted anew: try again", retry_after_s=2)
        return answer(view)


def position_of(view: View) -> Cursor:
    """Return the position of the log up to which a view's answers hold."""
    return view.watermark.cursor if view.watermark else NOWHERE


def answer_series(view: View, question: Question, rules: Rules) -> Answer:
    """Answer a question of figures."""
    span = whole(question.start, question.end)
    if question.step != "all":
        inhabited = clip(view, question.kind, *span, rules)
        if inhabited is None:
            return series(question, [], [], position_of(view), True)
        span = inhabited
    cut = slots(*span, question.step, question.zone)
    sketched = question.agg in ("p50", "p95", "p99", "bins")
    if not needs_events(question):
        planned = plan(cut, rules.zone, view.watermark.minutes_from if view.watermark else 0)
        counted = cells(view, question, planned, rules)
    else:
        stretches = [Stretch(number, slot.start, slot.end) for number, slot in enumerate(cut)]
        if not is_derived(question):
            return series(question, cut, raw(view, question, stretches), position_of(view), True)
        counted = singly(view, question, stretches, rules)
    told = figures(counted, question.agg, scale_of(question.kind, question.measure))
    return series(question, cut, told, position_of(view), not sketched)


def clip(view: View, kind: str, start: int, end: int, rules: Rules) -> tuple[int, int] | None:
    """Return the part of a span in which there are facts of a kind, of the years that may be named; None if none."""
    extent = view.rollups.extent(kind, "day")
    if extent is None:
        return None
    first, last = (max(NAMED.start, min(bucket, NAMED.stop)) for bucket in extent)
    beyond = midnight(office_date(last, rules.zone) + timedelta(days=1), rules.zone)
    return (max(first, start), min(beyond, end)) if max(first, start) < min(beyond, end) else None
