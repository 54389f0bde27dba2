"""What we export, written again by pandas, polars, openpyxl and Excel, is imported as the same events."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.bots import Client
from jorge_data.files import Office, import_file
from jorge_data.files.opening import open_file
from tests.files.conftest import contents
from tests.files.writers import WRITERS, export, spelling

Json = dict[str, Any]
WORDS = (
    "José",
    'said "no"',
    "a;b",
    "c,d",
    "tab\there",
    "two\nlines",
    "it’s – fine",
    "100 %",
    "=1+1",
    "O'Neil",
    "|",
    "1.5",
)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: "é " + " ".join(words))
ids = st.one_of(st.integers(1, 10**9).map(str), st.text("abcXYZ", min_size=5, max_size=9).map(lambda text: f"i{text}"))
scores = st.one_of(st.integers(0, 100), st.floats(0, 100).map(lambda score: round(score, 2)))
moments = st.integers(1_600_000_000_000_001, 1_900_000_000_000_000).map(
    lambda at: datetime.fromtimestamp(at // 10**6, UTC).replace(microsecond=at % 10**6).isoformat()
)
days = st.dates(datetime(2020, 1, 1).date(), datetime(2030, 1, 1).date()).map(str)
KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "contact_update": {
        "contact_id": ids,
        "changed": st.dictionaries(st.sampled_from(["phone", "city"]), st.fixed_dictionaries({"to": texts})),
        "name": texts,
        "tags_added": st.lists(texts, min_size=1, max_size=3),
        "favourite": st.booleans(),
    },
    "commission_update": {
        "deal_id": ids,
        "deal_value": st.integers(0, 10**6),
        "status": st.sampled_from(["open", "won"]),
        "expected_close": days,
        "closed_at": moments,
        "probability": st.sampled_from([0, 0.25, 0.125, 1]),
    },
    "lead_bot_sequence_update": {
        "contact_id": ids,
        "sequence_day": st.sampled_from([3, 7, 30]),
        "action_type": st.just("sms_sent"),
        "success": st.booleans(),
        "next_action_date": st.one_of(days, moments),
        "tokens_in": st.integers(0, 10**6),
    },
    "jorge_qualification_progress": {
        "contact_id": ids,
        "current_question": st.integers(0, 3),
        "questions_answered": st.integers(0, 4),
        "seller_temperature": st.sampled_from(["hot", "cold"]),
        "confrontational_effectiveness": scores,
        "stall_detected": st.booleans(),
        "next_step": texts,
        "frs_score": scores,
    },
}
NEEDED = frozenset({"contact_id", "changed", "deal_id", "deal_value", "status", "sequence_day", "success"})


@st.composite
def events(draw: st.DrawFn) -> list[Json]:
    """Draw events of several kinds, so that each column has gaps; what is optional is there or not."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6))
    drawn = []
    for number, kind in enumerate(kinds):
        fields = {name: field for name, field in KINDS[kind].items() if name in NEEDED or draw(st.booleans())}
        data = {name: draw(field) for name, field in fields.items()}
        subject = {"subject": data["contact_id"]} if "contact_id" in data else {}
        envelope = {"id": f"e-{number}", "source": "tests", "type": kind, "time": draw(moments)}
        drawn.append({**envelope, **subject, "data": data})
    return drawn


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=12, deadline=None)
@given(exported=events())
def test_an_export_written_by_another_program_is_read_as_the_same_events(name: str, exported: list[Json]) -> None:
    with TemporaryDirectory() as folder:
        csv, parquet = export(exported, Path(folder))
        path = Path(folder) / name
        WRITERS[name](csv, parquet, path)
        lines = list(open_file(path, Office()).lines)
    assert [line.faults for line in lines if line.faults] == []
    assert [spelling(line.event) for line in lines] == [spelling(event) for event in exported]


NESTED: dict[str, Callable[[Path, Path], object]] = {
    "pandas.csv": lambda source, path: pd.read_json(source, lines=True, dtype=False).to_csv(path),
    "pandas.xlsx": lambda source, path: pd.read_json(source, lines=True, dtype=False).to_excel(path),
    "pandas.json": lambda source, path: pd.read_json(source, lines=True, dtype=False).to_json(path, orient="records"),
    "pandas.parquet": lambda source, path: pd.read_json(source, lines=True, dtype=False).to_parquet(path),
    "polars.ndjson": lambda source, path: pl.read_ndjson(source).write_ndjson(path),
    "polars.json": lambda source, path: pl.read_ndjson(source).write_json(path),
    "polars.parquet": lambda source, path: pl.read_ndjson(source).write_parquet(path),
}


@pytest.mark.parametrize("name", NESTED)
def test_data_that_stayed_nested_is_read_without_the_fields_that_a_frame_fills(tmp_path: Path, name: str) -> None:
    envelope = {"source": "tests", "time": "2026-02-20T10:00:00Z"}
    told: list[Json] = [
        {
            "type": "contact_update",
            "data": {"contact_id": "c1", "changed": {"city": {"to": "Waco"}}, "tags_added": ["é"]},
        },
        {"type": "contact_update", "data": {"contact_id": "c2", "changed": {"phone": {"to": "+1"}}, "name": "José"}},
        {"type": "commission_update", "data": {"deal_id": "7", "deal_value": 2.5, "status": "won"}},
    ]
    told = [{"id": f"e{number}", **envelope, **event} for number, event in enumerate(told)]
    source = tmp_path / "export.ndjson"
    source.write_text("".join(f"{json.dumps(event)}\n" for event in told))
    NESTED[name](source, tmp_path / name)
    lines = list(open_file(tmp_path / name, Office()).lines)
    assert [spelling(line.event) for line in lines] == [spelling(event) for event in told]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("excel-semicolons.csv", "events, CSV (Windows-1252, semicolons)"),
        ("excel-unicode.txt", "events, CSV (UTF-16, tabs)"),
        ("pandas-index.csv", "events, CSV (UTF-8, commas)"),
        ("pandas.json", "events, a list in JSON of rows"),
        ("polars-decimals.parquet", "events, Parquet"),
        ("polars-dated.csv", "events, CSV (UTF-8, commas)"),
        ("openpyxl.xlsx", "events, Excel (sheet 'events')"),
    ],
)
def test_an_imported_file_says_as_what_it_was_read(
    client: Client, location: str, tmp_path: Path, name: str, what: str
) -> None:
    deal = {"deal_id": "1001", "deal_value": 249_999.5, "status": "won", "name": "José’s house"}
    step = {"contact_id": "c", "sequence_day": 3, "action_type": "sms_sent", "success": True}
    told: list[Json] = [
        {"id": "a", "type": "commission_update", "time": "2026-03-01T12:00:00+01:00", "data": deal},
        {"id": "b", "type": "lead_bot_sequence_update", "time": "2026-03-01T12:00:01Z", "data": step},
    ]
    told = [{"source": "tests", **event} for event in told]
    WRITERS[name](*export(told, tmp_path), tmp_path / name)
    result = import_file(client, tmp_path / name, location)
    assert str(result) == f"{what}: 2 events kept, 0 known already, 0 refused"
    assert [event["data"] for event in contents(client, location)] == [deal, step]
    assert str(import_file(client, tmp_path / name, location)).endswith("0 events kept, 2 known already, 0 refused")
