"""Bad lines are reported by number, field, value and what is allowed; the good beside them go through."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jorge_data.bots import Client, Receipt
from jorge_data.errors import Unavailable
from jorge_data.files import FileRefused, import_file
from tests.files.conftest import contents

GOOD = {"source": "tests", "type": "bot_status_update", "data": {"bot_type": "b", "status": "idle"}}


class Breaking:
    """A client whose server goes away after so many publishes."""

    def __init__(self, client: Client, publishes: int) -> None:
        self._client = client
        self._left = publishes

    def publish(self, events: Iterable[dict[str, Any]]) -> list[Receipt]:
        if not self._left:
            raise Unavailable("the server is away")
        self._left -= 1
        return self._client.publish(events)


def refusals(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.with_name(f"{path.name}.refused.ndjson").read_text().splitlines()]


def refused_lines(path: Path) -> Iterator[tuple[int, str, str, str]]:
    for refusal in refusals(path):
        for fault in refusal["faults"]:
            yield refusal["line"], fault["pointer"], fault["value"], fault["detail"]


def ndjson(path: Path, *events: Any) -> Path:
    path.write_text("".join(f"{event if isinstance(event, str) else json.dumps(event)}\n" for event in events))
    return path


def test_bad_lines_are_told_and_the_good_are_kept(client: Client, location: str, tmp_path: Path) -> None:
    bad_status = {**GOOD, "data": {"bot_type": "b", "status": "asleep"}}
    path = ndjson(
        tmp_path / "mixed.ndjson",
        GOOD,
        "{not json",
        bad_status,
        "",
        "[1, 2]",
        '{"source": "tests", "type": "x", "data": {"a": NaN}}',
        json.dumps(GOOD | {"pad": "x" * 200_000}),
        GOOD,
    )
    result = import_file(client, path, location)
    assert str(result) == f"events, NDJSON: 2 events kept, 0 known already, 5 refused: see {path}.refused.ndjson"
    assert [refusal["line"] for refusal in refusals(path)] == [2, 3, 5, 6, 7]
    assert refusals(path)[1]["event"]["data"]["status"] == "asleep"
    faults = {line: (pointer, value, detail) for line, pointer, value, detail in refused_lines(path)}
    assert faults[2][2].startswith("the body is not JSON")
    assert faults[3][:2] == ("/data/status", "'asleep'")
    assert "'idle'" in faults[3][2]
    assert faults[5] == ("", "[1, 2]", "an event is a JSON object")
    assert faults[6] == ("/data/a", "nan", "not a finite number")
    assert faults[7][2] == "one event may have 65536 bytes"
    assert len(contents(client, location)) == 2


def test_an_import_goes_on_where_it_broke_off(client: Client, location: str, tmp_path: Path) -> None:
    path = ndjson(tmp_path / "long.ndjson", *[GOOD | {"subject": f"n{number}"} for number in range(1200)], "bad")
    with pytest.raises(Unavailable, match="the server is away"):
        import_file(Breaking(client, 2), path, location)
    assert len(contents(client, location)) == 1000
    result = import_file(client, path, location)
    assert (result.kept, result.duplicates, result.refused) == (1200, 0, 1)
    assert [event["subject"] for event in contents(client, location)] == [f"n{number}" for number in range(1200)]
    assert [refusal["line"] for refusal in refusals(path)] == [1201]


def test_a_file_that_was_changed_begins_anew_and_equal_lines_are_two_events(
    client: Client, location: str, tmp_path: Path
) -> None:
    path = ndjson(tmp_path / "events.ndjson", *[GOOD] * 600)
    with pytest.raises(Unavailable):
        import_file(Breaking(client, 1), path, location)
    ndjson(path, *[GOOD] * 601)
    result = import_file(client, path, location)
    assert (result.kept, result.duplicates) == (101, 500)


def test_a_table_made_by_hand_is_read_by_the_contracts_types(client: Client, location: str, tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(
        "source,type,time,data.deal_id,data.deal_value,data.status,data.rating\r\n"
        "crm,commission_update,2026-03-01T12:00:00Z,1001,250000,won,7\r\n"
        "crm,commission_update,2026-03-01T12:00:00Z,1002,many,open,\r\n"
        "crm,commission_update\r\n"
    )
    result = import_file(client, path, location)
    assert (result.kept, result.refused) == (1, 2)
    (event,) = contents(client, location)
    assert event["data"] == {"deal_id": "1001", "deal_value": 250_000, "status": "won", "rating": 7}
    assert [fault[:3] for fault in refused_lines(path)] == [(3, "/data/deal_value", "'many'"), (4, "", "2 cells")]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "events.csv",
            "id,sauce\n",
            "has the columns 'id', 'sauce'; not allowed: 'sauce'. Wanted are events (id, source,",
        ),
        ("events.parquet", "PAR1", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(
    client: Client, tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FileRefused) as refused:
        import_file(client, tmp_path / name)
    assert str(refused.value).startswith(f"{tmp_path / name}: {sentence}")


def test_a_file_that_is_not_there_is_one_sentence(client: Client, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="there is no such file"):
        import_file(client, tmp_path / "events.csv")


def test_types_that_json_has_not_are_refused_by_column(client: Client, location: str, tmp_path: Path) -> None:
    path = tmp_path / "bytes.parquet"
    row = {"source": "tests", "type": "contact_update", "data.contact_id": b"\xff"}
    pq.write_table(pa.Table.from_pylist([row]), path)
    assert import_file(client, path, location).refused == 1
    assert [fault[:3] for fault in refused_lines(path)] == [(1, "/data.contact_id", "b'\\xff'")]


def test_text_that_is_not_utf_8_is_refused_by_cell(client: Client, location: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(
        "source,type,data.contact_id\ntests,contact_update,José\n".encode() + b"tests,contact_update,Jos\xe9\n"
    )
    assert import_file(client, path, location).refused == 2
    assert [(line, pointer) for line, pointer, _, _ in refused_lines(path)] == [
        (2, "/data/changed"),
        (3, "/data.contact_id"),
    ]
