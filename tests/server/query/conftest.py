"""A store whose past is folded, and queries of it."""

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
from jorge_data.server.query.service import answer_series, run_query
from jorge_data.server.query.table import answer_table
from jorge_data.server.query.table_request import read_table
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import Commit, SQLiteStore
from tests.server.query.past import candidates, events

Json = dict[str, Any]
RULES = Rules()


@dataclass
class History:
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
        series_query = read_series(_params(query, named), RULES.zone)
        return asyncio.run(
            run_query(self.rollup_worker, self.store, "default", lambda view: answer_series(view, series_query, RULES))
        ).as_json()

    def table(self, *query: tuple[str, str], **named: str) -> Json:
        """Ask for rows."""
        table_query = read_table(_params(query, named))
        if table_query.kind in ("contacts", "deals"):
            page = run_query(
                self.rollup_worker, self.store, "default", lambda view: answer_list(view, table_query, RULES)
            )
        else:
            page = run_query(
                self.rollup_worker, self.store, "default", lambda view: answer_table(view, table_query, RULES)
            )
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


Opened = Callable[[], History]


@contextmanager
def open_history(path: Path, rules: Rules = RULES) -> Iterator[History]:
    """Open an archive in a file."""
    workers: list[RollupWorker] = []

    def listen(commit: Commit) -> None:
        workers[0].committed(commit.bounds)

    with closing(SQLiteStore(path, listen)) as store:
        rollup_worker = RollupWorker(store, rules, Telemetry())
        workers.append(rollup_worker)
        rollup_worker.start()
        try:
            yield History(store, rollup_worker, [])
        finally:
            rollup_worker.close()


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """An archive of a seeded past, in which every fifth event was sent twice."""
    with open_history(tmp_path_factory.mktemp("past") / "events.db") as opened:
        opened.publish(list(events(2500)))
        opened.store.append("default", candidates(opened.published[::5])).result(30)
        asyncio.run(opened.rollup_worker.all_folded("default", 60))  # a question waits for so many on no busy machine
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[History]:
    with open_history(tmp_path / "events.db") as opened:
        yield opened
