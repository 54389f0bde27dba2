"""Asking: a question waits until the rollups cover what is committed, then is answered as of one moment."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from jorge_data.errors import Behind
from jorge_data.events import Cursor
from jorge_data.events.timestamps import midnight, office_date
from jorge_data.metrics.entities import Rules
from jorge_data.server.query.answer import Answer, figures, series
from jorge_data.server.query.from_events import from_events, is_derived, needs_events
from jorge_data.server.query.from_events_one_by_one import from_events_one_by_one
from jorge_data.server.query.from_rollups import from_rollups
from jorge_data.server.query.planner import plan
from jorge_data.server.query.query_schema import scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import NAMED, time_buckets, whole
from jorge_data.server.rollup.worker import Reached, RollupWorker
from jorge_data.store import LogView, Store, Stretch

T = TypeVar("T")

NOWHERE = Cursor("", 0)


async def ask(rollup_worker: RollupWorker, store: Store, location: str, answer: Callable[[LogView], T]) -> T:
    """Answer from a view that covers everything that is committed now; raise Behind where it takes too long."""
    reached = await rollup_worker.all_folded(location)
    return await asyncio.to_thread(_answer, store, location, reached, answer)


def _answer(store: Store, location: str, reached: Reached, answer: Callable[[LogView], T]) -> T:
    with store.view(location) as view:
        mark = view.watermark
        if reached.top and (mark is None or mark.cursor < Cursor(reached.epoch, reached.top)):
            raise Behind(f"the history of {location} is being counted anew: try again", retry_after_s=2)
        return answer(view)


def position_of(view: LogView) -> Cursor:
    """Return the position of the log up to which a view's answers hold."""
    return view.watermark.cursor if view.watermark else NOWHERE


def answer_series(view: LogView, question: SeriesQuery, rules: Rules) -> Answer:
    """Answer a question of figures."""
    span = whole(question.start, question.end)
    if question.step != "all":
        inhabited = clip(view, question.kind, *span, rules)
        if inhabited is None:
            return series(question, [], [], position_of(view), True)
        span = inhabited
    cut = time_buckets(*span, question.step, question.zone)
    sketched = question.agg in ("p50", "p95", "p99", "bins")
    if not needs_events(question):
        planned = plan(cut, rules.zone, view.watermark.minutes_from if view.watermark else 0)
        counted = from_rollups(view, question, planned, rules)
    else:
        stretches = [Stretch(number, slot.start, slot.end) for number, slot in enumerate(cut)]
        if not is_derived(question):
            return series(question, cut, from_events(view, question, stretches), position_of(view), True)
        counted = from_events_one_by_one(view, question, stretches, rules)
    told = figures(counted, question.agg, scale_of(question.kind, question.measure))
    return series(question, cut, told, position_of(view), not sketched)


def clip(view: LogView, kind: str, start: int, end: int, rules: Rules) -> tuple[int, int] | None:
    """Return the part of a span in which there are facts of a kind, of the years that may be named; None if none."""
    extent = view.rollups.extent(kind, "day")
    if extent is None:
        return None
    first, last = (max(NAMED.start, min(bucket, NAMED.stop)) for bucket in extent)
    beyond = midnight(office_date(last, rules.zone) + timedelta(days=1), rules.zone)
    return (max(first, start), min(beyond, end)) if max(first, start) < min(beyond, end) else None
