"""A wall over a store, without a server and a feed: its figures are asked as the event server asks them."""

import asyncio
from datetime import datetime
from typing import Any

import orjson

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.events import Cursor, Event
from jorge_data.metrics import Targets
from jorge_data.server.figures.reader import FiguresReader
from jorge_data.server.figures.sections import SECTIONS
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import LogView, Store


def fold(store: Store, location: str, targets: Targets) -> None:
    """Fold a log up to its top."""
    worker = RollupWorker(store, targets, Telemetry())
    worker.start()
    try:
        asyncio.run(worker.all_folded(location, 60))
    finally:
        worker.close()


def read_figures(view: LogView, targets: Targets, now: datetime) -> dict[str, Any]:
    """Return a folded log's figures at a moment, with the names of its contacts, as a new reader is told them."""
    reader = FiguresReader(view, targets, now)
    sections = {name: section(reader) for name, section in SECTIONS.items()}
    told = {**sections, "names": view.names_since(0), "counting": None}
    decoded: dict[str, Any] = orjson.loads(orjson.dumps(told))
    return decoded


def wall_over(
    store: Store, location: str, events: list[Event], targets: Targets, now: datetime
) -> tuple[LocationState, dict[str, Any]]:
    """Return the state of a wall that was delivered these events and the figures of now, and those figures."""
    with store.view(location) as view:
        figures, as_of = read_figures(view, targets, now), Cursor(view.epoch, view.position.seq)
    state = LocationState(location, targets, lambda: None, now.timestamp)
    state.deliver(events, now.timestamp())
    state.take_figures(figures, as_of)
    return state, figures
