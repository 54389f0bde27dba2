"""A store that is taken away from a running server: nothing is acknowledged any more, and the log says why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.served import Served, bot_status
from tests.waiting import wait_until


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(("harm", "words"), [(delete, "was deleted"), (empty, "was cut off")])
def test_what_was_taken_away_is_seen_and_nothing_more_acknowledged(
    tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    with Served(tmp_path) as served:
        served.post(bot_status(1)).raise_for_status()
        harm(tmp_path / "events.db")
        wait_until(lambda: f"the store's file {words} while the server ran" in served.log)
        refused = served.post(bot_status(2))
        assert refused.status_code == 503
        assert "Retry-After" in refused.headers
        assert words in refused.json()["error"]["detail"]
        lines = [line for line in served.log.splitlines() if "store is failed" in line]
        assert len(lines) == 1, "one line, however many ask"
