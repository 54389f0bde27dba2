"""Folding: whatever happens to the process, the rollups are those of the log."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard.query.api_client import RESPONSE_S
from jorge_data.errors import Unavailable
from jorge_data.events import Cursor
from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.entities import CUBES, Rules, fold
from jorge_data.server.query.service import run_query
from jorge_data.server.rollup import batch, worker
from jorge_data.server.rollup.worker import WAIT_S
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import Bounds, LogView, Watermark
from jorge_data.store.sql.view import SQLLogView
from tests.server.query.conftest import History, open_history
from tests.server.query.past import END, candidates, events
from tests.store.earlier_store import take_back_to_0015

Contents = dict[str, list[list[Any]]]
SKETCH = "(SELECT json_group_object(key, value) FROM (SELECT key, value FROM json_each(sketch) ORDER BY key))"
TABLES = {
    "rollups": f"kind, measure, grain, bucket, d0, d1, d2, d3, d4, d5, d6, d7, n, sum, lo, hi, {SKETCH}",
    "facts": "kind, at, entity, d0, d1, d2, d3, d4, d5, d6, d7, measures",
    "entities": "family, key, at, name, value, status, summary",
    "words": "kind, dim, value",
}


def contents(opened: History) -> Contents:
    """Return all that is folded, once it is; rows of minutes only as far back as any fold keeps them."""

    def read(view: LogView) -> Contents:
        assert isinstance(view, SQLLogView)
        mark = view.watermark
        assert mark is not None
        where = f"WHERE grain <> 'minute' OR bucket >= {mark.minutes_from}"
        return {
            table: [
                list(row)
                for row in view._connection.exec_driver_sql(
                    f"SELECT {columns} FROM {table} {where if table == 'rollups' else ''} ORDER BY {columns}"
                )
            ]
            for table, columns in TABLES.items()
        }

    return asyncio.run(run_query(opened.rollup_worker, opened.store, "default", read))


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What one fold of the whole log leaves."""
    with open_history(tmp_path_factory.mktemp("right") / "events.db") as opened:
        opened.publish(list(events(700)))
        return contents(opened)


def test_folding_bit_by_bit_comes_to_the_same(empty: History, right: Contents) -> None:
    published = list(events(700))
    for start in range(0, 700, 35):
        empty.publish(published[start : start + 35])
        contents(empty)
    assert contents(empty) == right


def test_folding_goes_on_where_another_process_left_off(tmp_path: Path, right: Contents) -> None:
    published = list(events(700))
    for start in range(0, 700, 140):
        with open_history(tmp_path / "events.db") as opened:
            opened.publish(published[start : start + 140])
            if start % 280:
                contents(opened)
    with open_history(tmp_path / "events.db") as opened:
        assert contents(opened) == right


def test_a_rebuild_comes_to_the_same(empty: History, right: Contents) -> None:
    empty.publish(list(events(700)))
    contents(empty)
    assert empty.rollup_worker.rebuild("default").folded == 0
    assert contents(empty) == right


def test_other_rules_fold_the_log_anew(tmp_path: Path) -> None:
    with open_history(tmp_path / "events.db") as opened:
        opened.publish(list(events(300)))
        before = contents(opened)
    with open_history(tmp_path / "events.db", Rules(confidence_target=0.5)) as opened:
        assert contents(opened) != before
    with open_history(tmp_path / "events.db") as opened:
        assert contents(opened) == before


def test_what_a_rebuild_that_was_cut_off_has_left_is_cleared(tmp_path: Path, right: Contents) -> None:
    with open_history(tmp_path / "events.db") as opened:
        opened.publish(list(events(700)))
        contents(opened)
        opened.rollup_worker.close()
        with opened.store.view("default") as view:
            assert view.watermark is not None
        forgotten = opened.store.writer.run(
            lambda connection: connection.exec_driver_sql("DELETE FROM watermarks").rowcount
        )
        assert forgotten.result(10) == 1
    with open_history(tmp_path / "events.db") as opened:
        assert contents(opened) == right


def test_a_store_from_before_there_were_hours_has_them_though_its_events_are_gone(
    tmp_path: Path, right: Contents
) -> None:
    with open_history(tmp_path / "events.db") as opened:
        opened.publish(list(events(700)))
        contents(opened)
        bounds = opened.store.bounds("default")
        opened.store.forget("default", bounds.epoch, bounds.top // 2).result(30)
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
        assert connection.execute("DELETE FROM rollups WHERE grain = 'hour'").rowcount > 0
        for column in ("mixed", "left_out"):
            connection.execute(f"ALTER TABLE watermarks DROP COLUMN {column}")
        for table in ("store", "former_epochs"):
            connection.execute(f"DROP TABLE {table}")
        take_back_to_0015(connection)
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
        connection.commit()
    with open_history(tmp_path / "events.db") as opened:
        assert contents(opened) == right
        with opened.store.view("default") as view:
            assert view.watermark is not None
            assert view.watermark.mixed, "nobody knows whether its rules have changed since"


def test_under_other_rates_a_log_that_lost_events_counts_each_deal_once(tmp_path: Path) -> None:
    with open_history(tmp_path / "events.db") as opened:
        opened.publish(list(events(700)))
        contents(opened)
        bounds = opened.store.bounds("default")
        opened.store.forget("default", bounds.epoch, bounds.top // 2).result(30)
    for seed in (2, 3):  # the second time nothing has changed, but what was counted first is still of other rates
        with open_history(tmp_path / "events.db", Rules(rates=CommissionRates(Decimal("0.11")))) as opened:
            opened.publish(list(events(200, seed=seed)))
            [[_, value, n]] = opened.series(kind="deal_state", measure="commission", agg="sum")["rows"]
            rows = [row for page in opened.pages(kind="deal_state", columns="commission") for row in page["rows"]]
        assert (len(rows), sum(row[0] for row in rows)) == (n, pytest.approx(value))


def test_a_dropped_log_leaves_nothing_and_the_next_one_begins_anew(empty: History, right: Contents) -> None:
    empty.publish(list(events(300, seed=2)))
    contents(empty)
    empty.store.drop("default").result(30)
    tables = (*TABLES, "watermarks")
    counted = empty.store.writer.run(
        lambda connection: [connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables]
    )
    assert counted.result(10) == [0] * len(tables)
    empty.publish(list(events(700)))
    assert contents(empty) == right


def test_minutes_are_kept_three_days_behind_the_newest_event(empty: History) -> None:
    empty.publish(list(events(700)))
    contents(empty)
    with empty.store.view("default") as view:
        first, _ = view.rollups.extent("bot_status_update", "minute") or (0, 0)
        assert view.watermark is not None
        assert first >= view.watermark.minutes_from
        assert view.watermark.newest - view.watermark.minutes_from == pytest.approx(3 * 86400e6, abs=900e6)


def test_an_event_that_cannot_be_folded_is_left_out_alone(
    empty: History, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(some: Any, *others: Any) -> Any:
        if any(event.id == "1-77" for event in some):
            raise ZeroDivisionError("a fault of ours")
        return fold(some, *others)

    monkeypatch.setattr(batch, "fold", faulty)
    empty.publish(list(events(200)))
    kinds = [kind for kind, cube in CUBES.items() if not cube.entity and kind in {e["type"] for e in empty.published}]
    assert sum(empty.series(kind=kind)["rows"][0][1] for kind in kinds) == 199
    assert "event 78 of default cannot be folded" in caplog.text


@contextmanager
def held_fold(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hold the next batch until the block ends; yield what says that the thread has come to it."""
    entered, leave = threading.Event(), threading.Event()

    def held(*arguments: Any) -> Any:
        entered.set()
        assert leave.wait(30)
        return fold(*arguments)

    monkeypatch.setattr(batch, "fold", held)
    try:
        yield entered
    finally:
        leave.set()


def test_a_question_that_waits_too_long_is_told_how_far_the_fold_is(
    empty: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_fold(monkeypatch) as entered:
        empty.publish(list(events(50)))
        error = asyncio.run(_refused(empty))
        assert entered.wait(10)
        assert str(error) == "the history of default is being counted, 0 of 50 events so far"
        assert error.retry_after_s
    assert empty.series(kind="bot_status_update")["position"]["seq"] == 50


async def _refused(opened: History) -> Unavailable:
    with pytest.raises(Unavailable) as refused:
        await opened.rollup_worker.all_folded("default", within_s=0.05)
    return refused.value


def test_a_log_that_loses_events_before_its_rebuild_begins_keeps_what_they_counted(
    empty: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {"kind": "conversation_event", "by": "kind"}
    empty.publish(list(events(700)))
    right, log = empty.series(**everything)["rows"], empty.store.bounds("default")
    with held_fold(monkeypatch) as entered:
        empty.store.append("another", candidates(list(events(5)))).result(10)
        assert entered.wait(10), "the thread that folds is busy"
        empty.rollup_worker.rebuild("default")
        empty.store.forget("default", log.epoch, log.top // 2, folded=True).result(30)
    assert empty.series(**everything)["rows"] == right


def test_a_dashboard_waits_longer_for_an_answer_than_a_question_for_the_fold() -> None:
    assert RESPONSE_S > WAIT_S + 1


def test_a_small_tail_waits_for_company_and_a_question_ends_the_wait() -> None:
    log = worker.FoldProgress("e", top=5, folded=3, folded_at=100.0)
    assert log.due_at() == 101.0
    log.top = 3 + worker.BATCH_SIZE
    assert log.due_at() == 0.0
    log.top, log.idle_until = 5, 200.0
    assert log.due_at() == 200.0
    log.waiters.append((5, Future()))
    assert log.due_at() == 0.0
    log.reach(Watermark(Cursor("e", 5), "rules"), now=300.0, idle_s=0.0)
    assert log.due_at() is None


class CountedCondition(threading.Condition):
    """A condition that counts how often somebody is woken."""

    wakes = 0

    def notify(self, n: int = 1) -> None:
        self.wakes += 1
        super().notify(n)


def test_commits_wake_the_fold_where_they_bring_forward_what_is_due(empty: History) -> None:
    folding = worker.RollupWorker(empty.store, empty.rollup_worker.rules, Telemetry())  # its thread is not started
    folding._changed = condition = CountedCondition()
    for top in (1, 2, 3, worker.BATCH_SIZE - 1, worker.BATCH_SIZE, worker.BATCH_SIZE + 1):
        folding.committed(Bounds("default", "e", 1, top))
    assert condition.wakes == 2, "the first, and the one that fills a batch"


def test_moments_of_any_year_are_folded(empty: History) -> None:
    template = next(event for event in events(200) if event["type"] == "bot_status_update")
    times = ["0001-01-01T00:00:00Z", "1850-06-01T12:00:00Z", "1969-12-31T23:59:59.999999Z", END.isoformat()]
    empty.publish([template | {"time": time, "id": str(n)} for n, time in enumerate(times)])
    assert empty.series(kind="bot_status_update")["rows"] == [[None, 4, 4]]
    assert empty.table(kind="bot_status_update", columns="id", order="time")["rows"] == [["0"], ["1"], ["2"], ["3"]]
    since = (END - timedelta(days=1)).isoformat()
    assert len(empty.series(kind="bot_status_update", step="1d", from_=since)["rows"]) == 1
