"""A broken export is never taken for a whole one, and goes on where it can."""

from pathlib import Path
from typing import Any

import pytest

from jorge_data.bots import Client
from jorge_data.errors import Unavailable
from jorge_data.files import ExportFilter, FileRefused, export_file


class Breaking:
    """A client whose server goes away after so many pages; remembers the requests."""

    def __init__(self, client: Client, pages: int) -> None:
        self._client = client
        self._left = pages
        self.requested: list[str] = []

    def request(self, method: str, path: str) -> dict[str, Any]:
        self.requested.append(path)
        if not self._left:
            raise Unavailable("the server is away")
        self._left -= 1
        return self._client.request(method, path)


@pytest.mark.parametrize("suffix", ["ndjson", "csv", "parquet"])
def test_a_broken_export_has_not_the_files_name(client: Client, filled: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    with pytest.raises(Unavailable):
        export_file(Breaking(client, 1), path, ExportFilter(filled))
    assert not path.exists()
    assert export_file(client, path, ExportFilter(filled)) == 1204
    assert sorted(tmp_path.iterdir()) == [path]


def test_an_export_to_ndjson_goes_on_where_it_broke_off(client: Client, filled: str, tmp_path: Path) -> None:
    path, whole = tmp_path / "events.ndjson", tmp_path / "whole.ndjson"
    with pytest.raises(Unavailable):
        export_file(Breaking(client, 1), path, ExportFilter(filled))
    with (tmp_path / "events.ndjson.part").open("ab") as part:
        part.write(b'{"half of a li')
    again = Breaking(client, 9)
    assert export_file(again, path, ExportFilter(filled)) == 1204
    assert len(again.requested) == 1
    export_file(client, whole, ExportFilter(filled))
    assert path.read_bytes() == whole.read_bytes()


def test_that_somebody_was_erased_is_no_event_of_a_file() -> None:
    data = {"contact_id": "c-1", "changed": {}}
    told = {"type": "contact_update", "time": "2026-11-02T00:00:00Z", "data": data}
    assert ExportFilter("office").matches(told)
    assert not ExportFilter("office").matches({**told, "data": {**data, "erased": True}})


def test_a_log_that_was_replaced_meanwhile_is_not_gone_on_from(client: Client, filled: str, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    with pytest.raises(Unavailable):
        export_file(Breaking(client, 1), path, ExportFilter(filled))
    client.request("DELETE", f"/api/locations/{filled}")
    with pytest.raises(FileRefused, match=r"remove events\.ndjson\.progress, and it is exported anew"):
        export_file(client, path, ExportFilter(filled))


def test_a_suffix_that_is_no_format_is_named(client: Client, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"the suffix is '\.pdf'; allowed: \.ndjson, \.jsonl, \.csv, \.parquet"):
        export_file(client, tmp_path / "events.pdf", ExportFilter("default"))
