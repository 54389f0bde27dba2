"""The query service: waits until the rollups cover what is committed, then answers as of one moment."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from jorge_data.errors import Behind
from jorge_data.events import Cursor
from jorge_data.events.timestamps import midnight, office_date
from jorge_data.metrics.entities import Rules
from jorge_data.server.query.answer import SKETCHED, Answer, figures, left_out, series
from jorge_data.server.query.from_events import from_events, is_derived, needs_events
from jorge_data.server.query.from_events_one_by_one import from_events_one_by_one
from jorge_data.server.query.from_rollups import from_rollups
from jorge_data.server.query.query_schema import scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import ALLOWED_MOMENTS, closed_span, time_buckets
from jorge_data.server.rollup.worker import Reached, RollupWorker
from jorge_data.store import LogView, Store, TimeRange

T = TypeVar("T")


async def run_query(rollup_worker: RollupWorker, store: Store, location: str, read: Callable[[LogView], T]) -> T:
    """Return what `read` makes of a view of all that is committed now; raise Behind where that takes too long."""
    reached = await rollup_worker.all_folded(location)
    return await asyncio.to_thread(_read, store, location, reached, read)


def _read(store: Store, location: str, reached: Reached, read: Callable[[LogView], T]) -> T:
    with store.view(location) as view:
        if reached.top and (view.watermark is None or view.position < Cursor(reached.epoch, reached.top)):
            raise Behind(f"the history of {location} is being counted anew", retry_after_s=2)
        return read(view)


def answer_series(view: LogView, query: SeriesQuery, rules: Rules) -> Answer:
    """Return the figures of a series query: from the rollups if they can answer it, else from the events."""
    span = closed_span(query.start, query.end)
    answer = _answer(view, query, span, rules)
    return replace(answer, left_out=left_out(view, query.kind, span))


def _answer(view: LogView, query: SeriesQuery, span: tuple[int, int], rules: Rules) -> Answer:
    if query.step != "all":
        clipped = _clip(view, query.kind, *span, rules)
        if clipped is None:
            return series(query, [], [], view.position, True)
        span = clipped
    buckets = time_buckets(*span, query.step, query.zone)
    if not needs_events(query):
        cells = from_rollups(view, query, buckets, rules)
    else:
        ranges = [TimeRange(number, bucket.start, bucket.end) for number, bucket in enumerate(buckets)]
        if not is_derived(query):
            return series(query, buckets, from_events(view, query, ranges), view.position, True)
        cells = from_events_one_by_one(view, query, ranges, rules)
    made = figures(cells, query.agg, scale_of(query.kind, query.measure))
    return series(query, buckets, made, view.position, query.agg not in SKETCHED)


def _clip(view: LogView, kind: str, start: int, end: int, rules: Rules) -> tuple[int, int] | None:
    """Return the part of a span in which there are facts of a kind, within ALLOWED_MOMENTS; None if none."""
    extent = view.rollups.extent(kind, "day")
    if extent is None:
        return None
    first, last = (max(ALLOWED_MOMENTS.start, min(day, ALLOWED_MOMENTS.stop)) for day in extent)
    after = midnight(office_date(last, rules.zone) + timedelta(days=1), rules.zone)
    start, end = max(first, start), min(after, end)
    return (start, end) if start < end else None
