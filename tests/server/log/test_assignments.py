"""Whose contacts are, in memory: read beside the loop, which goes on meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jorge_data.events import Record
from jorge_data.server.log.assignments import AssignmentMap
from jorge_data.store import Assignments, SQLiteStore
from jorge_data.store.sql.assignments import AT_ONCE
from tests.store.test_assignments import gives

pytestmark = pytest.mark.anyio


class Watched(list[Any]):
    """Rows that remember by which threads they were read."""

    def __init__(self, rows: Any) -> None:
        super().__init__(rows)
        self.readers: set[int] = set()

    def __iter__(self) -> Iterator[Any]:
        self.readers.add(threading.get_ident())
        return super().__iter__()


class WatchedStore(SQLiteStore):
    """A store that commits one thing more while it answers, and remembers by whom its answer was read."""

    def assignments(self, location: str) -> Assignments:
        contacts, deals = super().assignments(location)
        self.given = Watched(contacts), Watched(deals)
        self.append(location, [gives("c-0001", "bob", 5)]).result(10)
        return Assignments(*self.given)


async def test_a_map_of_many_contacts_is_made_beside_the_loop_and_lacks_nothing_of_meanwhile(tmp_path: Path) -> None:
    count = AT_ONCE + 1
    commits: list[Record] = []
    with closing(WatchedStore(tmp_path / "events.db", lambda commit: commits.extend(commit.records))) as store:
        store.append("a", [gives(f"c-{number:04}", "ann") for number in range(count)]).result(30)
        whose = AssignmentMap(store, "a")
        commits.clear()
        loading = whose.load()
        await loading
        whose.take(commits)
        assert threading.get_ident() not in {reader for rows in store.given for reader in rows.readers}
        seen = [whose.is_seen(f"c-{number:04}", "ann") for number in range(count)]
        assert seen == [True, False, *[True] * (count - 2)]
        assert not whose.is_seen(f"c-{count - 1:04}", "bob"), "the rows of the last page as well"
