"""Old events in the archive: what is asked of them is answered as if they had never left the store."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jorge_data.errors import Invalid
from jorge_data.events.timestamps import moment
from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.entities import CUBES, Rules
from jorge_data.store.archive import archive_cache
from tests.server.query.conftest import RULES, History, open_history
from tests.server.query.past import END, events
from tests.server.query.test_series import ALWAYS, params_of, queries
from tests.server.query.test_table import FILTERED, SPAN

LEFT = 1_700
"""So many of 2,500 events have left the store; some of them happened later than some of those that stayed."""

RECENT = {"from_": (END - timedelta(hours=20, microseconds=3)).isoformat(), "to": END.isoformat()}


def shorten(history: History, archived: int) -> None:
    """Remove the first events of a log, of which the first so many are archived before."""
    store, log = history.store, history.store.bounds("default")
    asyncio.run(history.rollup_worker.all_folded("default", 60))
    if archived:
        store.archive.write("default", 1, store.read("default", 0, archived).records, RULES.zone)
    while (oldest := store.bounds("default").oldest) <= LEFT:
        before = archived + 1 if oldest <= archived else LEFT + 1
        store.forget("default", log.epoch, before, archived=oldest <= archived).result(10)


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with open_history(tmp_path_factory.mktemp("shelved") / "events.db") as opened:
        opened.publish(list(events(2500)))
        shorten(opened, LEFT)
        yield opened


@pytest.fixture(scope="module")
def deleted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A past of which the first part was archived and what followed deleted."""
    with open_history(tmp_path_factory.mktemp("deleted") / "events.db") as opened:
        opened.publish(list(events(2500)))
        shorten(opened, LEFT - 900)
        yield opened


def test_a_log_that_lost_events_keeps_what_it_counted_though_rules_change_and_its_first_events_are_archived(
    tmp_path: Path,
) -> None:
    path, everything = tmp_path / "events.db", {"kind": "conversation_event", "by": "kind"}
    with open_history(path) as opened:
        opened.publish(list(events(2500)))
        shorten(opened, LEFT - 900)
        counted = opened.series(**everything)["rows"]
    with open_history(path, Rules(rates=CommissionRates(Decimal("0.11")))) as opened:
        assert opened.series(**everything)["rows"] == counted
        with pytest.raises(Invalid, match="one whose old events were kept or archived, not deleted"):
            opened.rollup_worker.rebuild("default")


@pytest.mark.parametrize("query", queries(11, 40), ids=lambda q: f"{q['kind']}-{q['agg']}-{q['step']}")
def test_figures_are_those_of_a_store_that_has_everything(
    past: History, archived: History, query: dict[str, Any]
) -> None:
    for further in ((), (ALWAYS,)):
        assert archived.series(*params_of(query), *further)["rows"] == past.series(*params_of(query), *further)["rows"]


@pytest.mark.parametrize(
    "query",
    [
        {"agg": "distinct", "measure": "contact_id", "step": "1w"},
        {"by": "contact_id", "top": "3"},
        {"by": "contact_id,score_bin", "where": "match_score:ge:40"},
        {"measure": "match_score", "agg": "p95", "where": "contact_id:in:c1,c7"},
        {"measure": "match_score", "agg": "bins", "by": "property_id"},
    ],
    ids=str,
)
def test_what_no_rollup_knows_is_read_from_the_archive_too(
    past: History, archived: History, query: dict[str, str]
) -> None:
    params = {"kind": "property_alert"} | query
    rows = archived.series(**params)["rows"]
    assert rows == past.series(**params)["rows"]
    assert rows


@pytest.mark.parametrize("order", ["time", "-time"])
@pytest.mark.parametrize(
    ("kind", "where"), [(kind, where) for kind, where in FILTERED if not CUBES[kind].entity], ids=str
)
def test_rows_are_the_same_page_after_page(
    past: History, archived: History, kind: str, where: list[str], order: str
) -> None:
    conditions = [("where", condition) for condition in where]
    for span in (SPAN, {}):
        both = [history.pages(*conditions, kind=kind, order=order, limit="97", **span) for history in (past, archived)]
        for right, page in zip(*both, strict=True):
            assert (page["rows"], page["total"]) == (right["rows"], right["total"])


@pytest.mark.parametrize(
    "span",
    [
        {"from_": "2020-01-01T00:07:30Z"},
        {"from_": "2020-01-01T00:07:30Z", "to": "2020-03-01T00:00:00Z"},
        {
            "from_": (END + timedelta(days=9, seconds=1)).isoformat(),
            "to": (END + timedelta(days=9, seconds=2)).isoformat(),
        },
    ],
    ids=["before all", "nothing yet", "nothing any more"],
)
def test_a_span_that_begins_where_nothing_is_archived_is_answered(
    past: History, archived: History, span: dict[str, str]
) -> None:
    for further in ((), (ALWAYS,)):
        params = {"kind": "property_alert"} | span
        assert archived.series(*further, **params)["rows"] == past.series(*further, **params)["rows"]


def test_an_archived_event_that_is_published_again_counts_twice_for_it_is_new(empty: History) -> None:
    published = list(events(2500))[: LEFT + 9]
    empty.publish(published)
    shorten(empty, LEFT)
    again = [event for event in published[:LEFT] if event["type"] == "property_alert"][:40]
    empty.publish(again)
    counted = empty.series(ALWAYS, kind="property_alert")["rows"][0][1]
    assert counted == empty.series(kind="property_alert")["rows"][0][1]
    assert counted == sum(event["type"] == "property_alert" for event in published) + len(again)


def test_a_file_that_somebody_put_into_the_archive_is_passed_over(past: History, archived: History) -> None:
    (path, *_) = (archived.store.path.parent / "archive" / "default").iterdir()
    copy = path.with_stem("copy of yesterday")
    copy.write_bytes(path.read_bytes())
    query = {"kind": "property_alert", "by": "contact_id"}
    assert archived.series(**query)["rows"] == past.series(**query)["rows"]
    copy.unlink()


def test_too_many_to_recall_are_refused(archived: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_cache, "MOST", 50)
    with pytest.raises(Invalid, match="from is too early: allowed is a shorter span: 50 events at most are read"):
        archived.series(ALWAYS, kind="property_alert")
    assert archived.series(kind="property_alert")["rows"]
    assert archived.series(ALWAYS, kind="property_alert", **RECENT)["rows"]


def test_what_was_deleted_is_said_and_what_is_left_is_answered(past: History, deleted: History) -> None:
    with pytest.raises(
        Invalid, match=r"from is not given: allowed is 2025-03-\d\dT\d\d:\d\d:\d\dZ or later: .* deleted"
    ):
        deleted.series(ALWAYS, kind="property_alert")
    for query in ({"kind": "property_alert"}, {"kind": "property_alert", "where": "id:ne:nobody", **RECENT}):
        assert deleted.series(**query)["rows"] == past.series(**query)["rows"]


def test_rows_of_what_was_deleted_are_refused_where_it_was_asked_for(past: History, deleted: History) -> None:
    first = (END - timedelta(days=30)).isoformat()
    with pytest.raises(Invalid, match=r"from is 2025-02-.*Z: allowed is 2025-03-\d\dT.*Z or later: .* deleted"):
        deleted.table(kind="property_alert", from_=first)
    assert deleted.table(kind="property_alert", **RECENT)["rows"] == past.table(kind="property_alert", **RECENT)["rows"]


@pytest.mark.parametrize("order", ["time", "-time"])
def test_rows_of_an_open_span_begin_where_what_was_deleted_ends(past: History, deleted: History, order: str) -> None:
    with deleted.store.view("default") as view:
        assert view.lost is not None
        begins = moment(view.lost + 1).isoformat()
    pages = list(deleted.pages(kind="property_alert", order=order, limit="5"))
    rows = [row for page in pages for row in page["rows"]]
    assert rows == past.table(kind="property_alert", order=order, from_=begins, limit="1000")["rows"]
    assert {page["total"] for page in pages} == {len(rows)} != {0}
    with pytest.raises(Invalid, match=r"from is not given: .* deleted"):
        deleted.table(kind="property_alert", to=begins)
