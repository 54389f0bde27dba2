"""Labelled analyses: each is one row, whatever order, copies and batches its events came in."""

from datetime import timedelta
from itertools import count, groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.query.conftest import RULES, History, open_history
from tests.server.query.past import END

Data = dict[str, Any]


def analysis(name: str, source: str, category: str = "seller", minutes: int = 0) -> Data:
    data = {
        "processing_time_ms": 30.0,
        "confidence_score": 0.9,
        "intent_category": category,
        "urgency_level": "active",
        "ml_features_triggered": [],
        "contact_id": f"{source}-{name}",
    }
    at = (END - timedelta(minutes=500 - minutes)).isoformat()
    return {"id": name, "source": source, "type": "intent_analysis_complete", "time": at, "data": data}


def verdict(number: int, on: str, category: str, source: str | None = None) -> Data:
    data = {"analysis_id": on, "actual_category": category, "analysis_source": source}
    at = (END - timedelta(minutes=300 - number)).isoformat()
    return {"id": f"verdict-{number}", "source": "people", "type": "intent_feedback", "time": at, "data": data}


def filler(number: int) -> Data:
    data = {"bot_type": "jorge-seller", "status": "idle"}
    at = (END - timedelta(minutes=400)).isoformat()
    return {"id": f"filler-{number}", "source": "tests", "type": "bot_status_update", "time": at, "data": data}


def labels(history: History) -> list[tuple[str, ...]]:
    """Return (id, source, predicted, actual) of every row, which are as many as the figure says."""
    columns = "entity,analysis_source,predicted,actual"
    page = history.table(kind="intent_label", columns=columns, limit="1000")
    assert sum(row[-1] for row in history.series(kind="intent_label")["rows"]) == page["total"] == len(page["rows"])
    return sorted(map(tuple, page["rows"]))


def test_each_labelled_analysis_is_a_row_that_names_the_analysis_it_is_about(empty: History) -> None:
    empty.publish([verdict(1, "a", "seller"), analysis("a", "one"), analysis("a", "two", "buyer")])
    assert labels(empty) == [("a", "one", "seller", "seller"), ("a", "two", "buyer", "seller")]
    for _, source, predicted, _ in labels(empty):
        where = [("where", "id:eq:a"), ("where", f"source:eq:{source}")]
        rows = empty.table(*where, kind="intent_analysis_complete", columns="contact_id,intent_category")["rows"]
        assert rows == [[f"{source}-a", predicted]]


def test_accuracy_is_answered_by_the_source_of_the_analysis(empty: History) -> None:
    empty.publish([verdict(1, "a", "seller"), analysis("a", "one"), analysis("a", "two", "buyer")])
    by_source = empty.series(kind="intent_label", by="analysis_source,right")["rows"]
    assert sorted(row[1:4] for row in by_source) == [["one", "yes", 1], ["two", "no", 1]]
    (wrong,) = empty.table(("where", "right:eq:no"), ("where", "analysis_source:eq:two"), kind="intent_label")["rows"]
    assert "two" in wrong


ANALYSES = [
    analysis("a", "one", "buyer"),
    analysis("a", "two", "buyer"),
    analysis("b", "one", "seller", 1),
    analysis("b", "two", "seller", 1),
    analysis("c", "one", "seller", 2),
]
VERDICTS = [
    verdict(1, "a", "buyer"),
    verdict(2, "a", "seller", "two"),
    verdict(3, "b", "seller", "one"),
    verdict(4, "b", "buyer"),
    verdict(5, "c", "buyer", "three"),
    verdict(6, "d", "buyer"),
]
EXPECTED = [
    ("a", "one", "buyer", "buyer"),
    ("a", "two", "buyer", "seller"),
    ("b", "one", "seller", "buyer"),
    ("b", "two", "seller", "buyer"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("labels")


_numbers = count(1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([*ANALYSES, *VERDICTS] * 2), st.lists(st.booleans(), min_size=22, max_size=22))
def test_shuffled_and_doubled_events_in_any_batches_give_the_same_rows(
    folder: Path, arrivals: list[Data], folds: list[bool]
) -> None:
    """`folds`: whether a batch is folded before the next comes."""
    with open_history(folder / f"{next(_numbers)}.db") as history:
        for is_folded, batch in groupby(zip(folds, arrivals, strict=True), key=lambda each: each[0]):
            history.publish([event for _, event in batch])
            if is_folded:
                labels(history)
        assert labels(history) == EXPECTED
        history.rollup_worker.rebuild("default")
        assert labels(history) == EXPECTED


def test_a_label_whose_analysis_is_archived_outlives_a_rebuild(empty: History) -> None:
    empty.publish([*ANALYSES, *map(filler, range(1200)), *VERDICTS])
    assert labels(empty) == EXPECTED
    store, top = empty.store, 1100
    store.archive.write("default", 1, store.read("default", 0, top).records, RULES.zone)
    while store.bounds("default").oldest <= top:
        store.forget("default", store.bounds("default").epoch, top + 1, archived=True).result(10)
    empty.rollup_worker.rebuild("default")
    assert labels(empty) == EXPECTED
