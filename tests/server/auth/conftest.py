"""A store of its own for what writes to the audit log."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jorge_data.store import Audit, SQLiteStore


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        yield store.audit
