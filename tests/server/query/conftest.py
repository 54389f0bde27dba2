"""A store whose past is folded, and the questions that are asked of it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from jorge_data.metrics.entities import Rules
from jorge_data.server.query.entity_lists import answer_list
from jorge_data.server.query.series_request import read_series
from jorge_data.server.query.service import answer_series, ask
from jorge_data.server.query.table import answer_table
from jorge_data.server.query.table_request import read_table
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import Commit, SQLiteStore
from tests.server.query.past import candidates, events

Json = dict[str, Any]
RULES = Rules()


@dataclass
class Archive:
    """A store, what folds it, and what was published to its one location."""

    store: SQLiteStore
    rollup_worker: RollupWorker
    published: list[Json]

    def publish(self, some: list[Json]) -> None:
        for start in range(0, len(some), 300):
            self.store.append("default", candidates(some[start : start + 300])).result(30)
        self.published += some

    def series(self, *query: tuple[str, str], **named: str) -> Json:
        """Ask for figures; a name that Python keeps for itself ends in an underscore."""
        question = read_series(_params(query, named), RULES.zone)
        return asyncio.run(
            ask(self.rollup_worker, self.store, "default", lambda view: answer_series(view, question, RULES))
        ).as_json()

    def table(self, *query: tuple[str, str], **named: str) -> Json:
        """Ask for rows."""
        listing = read_table(_params(query, named))
        if listing.kind in ("contacts", "deals"):
            page = ask(self.rollup_worker, self.store, "default", lambda view: answer_list(view, listing, RULES))
        else:
            page = ask(self.rollup_worker, self.store, "default", lambda view: answer_table(view, listing, RULES))
        return asyncio.run(page).as_json()

    def pages(self, *query: tuple[str, str], **named: str) -> Iterator[Json]:
        """Yield page after page."""
        page = self.table(*query, **named)
        yield page
        while page["next"]:
            page = self.table(*query, **named, cursor=page["next"])
            yield page


def _params(query: tuple[tuple[str, str], ...], named: dict[str, str]) -> QueryParams:
    return QueryParams([*query, *((name.rstrip("_"), value) for name, value in named.items())])


Opened = Callable[[], Archive]


@contextmanager
def archive(path: Path, rules: Rules = RULES) -> Iterator[Archive]:
    """Open an archive in a file."""
    told: list[RollupWorker] = []

    def listen(commit: Commit) -> None:
        told[0].committed(commit.bounds)

    with closing(SQLiteStore(path, listen)) as store:
        rollup_worker = RollupWorker(store, rules, Telemetry())
        told.append(rollup_worker)
        rollup_worker.start()
        try:
            yield Archive(store, rollup_worker, [])
        finally:
            rollup_worker.close()


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of a seeded past, in which every fifth event was sent twice."""
    with archive(tmp_path_factory.mktemp("past") / "events.db") as opened:
        opened.publish(list(events(2500)))
        opened.store.append("default", candidates(opened.published[::5])).result(30)
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Archive]:
    with archive(tmp_path / "events.db") as opened:
        yield opened
