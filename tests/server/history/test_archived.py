"""Old events in the archive: what is asked of them is answered as if they had never left the store."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from jorge_data.errors import Invalid
from jorge_data.store import past as recalling
from tests.server.history.conftest import RULES, Archive, archive
from tests.server.history.past import END, events
from tests.server.history.test_series import ALWAYS, asked, questions
from tests.server.history.test_table import FILTERED, SPAN

LEFT = 1_700
"""So many of 2,500 events have left the store; some of them happened later than some of those that stayed."""

RECENT = {"from_": (END - timedelta(hours=20, microseconds=3)).isoformat(), "to": END.isoformat()}


def shorten(told: Archive, archived: int) -> None:
    """Remove the first events of a log, of which the first so many are archived before."""
    store, log = told.store, told.store.bounds("default")
    asyncio.run(told.folding.all_folded("default"))
    if archived:
        store.archive.write("default", 1, store.read("default", 0, archived).records, RULES.zone)
    while store.bounds("default").oldest <= LEFT:
        store.forget("default", log.epoch, LEFT + 1).result(10)


@pytest.fixture(scope="module")
def shelved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with archive(tmp_path_factory.mktemp("shelved") / "events.db") as opened:
        opened.publish(list(events(2500)))
        shorten(opened, LEFT)
        yield opened


@pytest.fixture(scope="module")
def deleted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """A past of which the first part was archived and what followed deleted."""
    with archive(tmp_path_factory.mktemp("deleted") / "events.db") as opened:
        opened.publish(list(events(2500)))
        shorten(opened, LEFT - 900)
        yield opened


@pytest.mark.parametrize("question", questions(11, 40), ids=lambda q: f"{q['kind']}-{q['agg']}-{q['step']}")
def test_figures_are_those_of_a_store_that_has_everything(
    past: Archive, shelved: Archive, question: dict[str, Any]
) -> None:
    for further in ((), (ALWAYS,)):
        assert shelved.series(*asked(question), *further)["rows"] == past.series(*asked(question), *further)["rows"]


@pytest.mark.parametrize(
    "question",
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
    past: Archive, shelved: Archive, question: dict[str, str]
) -> None:
    asked = {"kind": "property_alert"} | question
    rows = shelved.series(**asked)["rows"]
    assert rows == past.series(**asked)["rows"]
    assert rows


@pytest.mark.parametrize("order", ["time", "-time"])
@pytest.mark.parametrize(("kind", "where"), FILTERED, ids=lambda value: "-".join(value) if value else None)
def test_rows_are_the_same_page_after_page(
    past: Archive, shelved: Archive, kind: str, where: list[str], order: str
) -> None:
    conditions = [("where", condition) for condition in where]
    for span in (SPAN, {}):
        both = [told.pages(*conditions, kind=kind, order=order, limit="97", **span) for told in (past, shelved)]
        for right, page in zip(*both, strict=True):
            assert (page["rows"], page["total"]) == (right["rows"], right["total"])


def test_too_many_to_recall_are_refused(shelved: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalling, "MOST", 50)
    with pytest.raises(Invalid, match="from is too early: allowed is a shorter span: 50 events at most are read"):
        shelved.series(ALWAYS, kind="property_alert")
    assert shelved.series(kind="property_alert")["rows"]
    assert shelved.series(ALWAYS, kind="property_alert", **RECENT)["rows"]


def test_what_was_deleted_is_said_and_what_is_left_is_answered(past: Archive, deleted: Archive) -> None:
    with pytest.raises(Invalid, match=r"from is .*: allowed is 2025-03-\d\dT.* or later: .* events were deleted"):
        deleted.series(ALWAYS, kind="property_alert")
    for question in ({"kind": "property_alert"}, {"kind": "property_alert", "where": "id:ne:nobody", **RECENT}):
        assert deleted.series(**question)["rows"] == past.series(**question)["rows"]
