"""Files that are harmless in a spreadsheet, and say what was shown."""

import io
import zipfile

import pandas as pd
import pytest

from jorge_data.dashboard.ui.export import as_csv, as_parquet, as_xlsx

FORMULAS = [
    "=1+1",
    "＝1+1",
    "'=1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("http://evil.example")',
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    parsed = pd.read_csv(io.BytesIO(as_csv(pd.DataFrame({"name": [text]}))), dtype=str, keep_default_na=False)
    assert parsed["name"].iloc[0].startswith("'")
    assert parsed["name"].iloc[0][1:] == text


def test_no_heading_of_a_csv_is_a_formula() -> None:
    assert as_csv(pd.DataFrame({"=1+1": [1]})).decode("utf-8-sig").startswith("'=1+1")


def test_numbers_of_a_csv_stay_numbers() -> None:
    assert as_csv(pd.DataFrame({"change": [-1.5]})).decode("utf-8-sig").splitlines() == ["change", "-1.5"]


@pytest.mark.parametrize("text", [*FORMULAS, "http://evil.example"])
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx(pd.DataFrame({"name": [text], "n": [-3]})))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>-3</v>" in sheet


def test_a_moment_with_a_zone_fits_into_a_workbook() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-11-23T12:00:00Z"]).tz_convert("America/Chicago")})
    with zipfile.ZipFile(io.BytesIO(as_xlsx(frame))) as book:
        assert "2026-11-23T06:00:00-06:00" in book.read("xl/sharedStrings.xml").decode()


def test_parquet_brings_back_the_frame() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-11-23T12:00:00Z"]), "value": [1.5], "n": [3]})
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(as_parquet(frame))), frame)
