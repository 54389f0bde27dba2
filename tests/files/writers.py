"""Our own export written again by the programs that people use, in the spellings that each of them has."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl

from jorge_data.files.columns import column_type
from jorge_data.files.csv_file import CSVWriter
from jorge_data.files.parquet import ParquetWriter

Write = Callable[[Path, Path, Path], None]
"""Takes our export as CSV and as Parquet, and the path to write to."""


def export(events: list[dict[str, Any]], folder: Path) -> tuple[Path, Path]:
    """Write events as our own export does, as CSV and as Parquet."""
    paths = folder / "export.csv", folder / "export.parquet"
    for writer in (CSVWriter(paths[0]), ParquetWriter(paths[1])):
        writer.write(events)
        writer.close()
    return paths


def _pandas(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, low_memory=False)


def _epoch(path: Path) -> pd.DataFrame:
    """Read our export with its moments as numbers, as pandas had them in JSON up to its third version."""
    frame = pd.read_csv(path, parse_dates=["time"])
    return frame.assign(time=frame["time"].astype("datetime64[us, UTC]").astype("int64"))


def _polars(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None)


def _dated(path: Path) -> pl.DataFrame:
    """Read our export as polars does where it is told to find dates."""
    return pl.read_csv(path, infer_schema_length=None, try_parse_dates=True)


def _like_excel(source: Path, path: Path, delimiter: str, encoding: str, hint: str = "") -> None:
    """Write what Excel saves: TRUE, a decimal comma beside semicolons, commas for a column and rows that are empty."""
    with source.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with path.open("w", newline="", encoding=encoding) as file:
        file.write(hint)
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([*header, ""])
        for row in rows:
            writer.writerow([*(_shown(name, cell, delimiter) for name, cell in zip(header, row, strict=True)), ""])
        writer.writerows([[""] * (len(header) + 1)] * 3)


def _shown(column: str, cell: str, delimiter: str) -> str:
    match column_type(column):
        case "boolean":
            return cell.upper()
        case "number" if delimiter == ";" and column.startswith("data."):
            return cell.replace(".", ",")
    return cell


def _workbook(source: Path, path: Path) -> None:
    """Write a workbook as a person's script does: a title sheet, numbers and truths as such, empty rows between."""
    book = openpyxl.Workbook()
    book.active.title = "read me"  # type: ignore[union-attr]
    sheet = book.create_sheet("events")
    frame = _pandas(source).astype(object)
    sheet.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
        sheet.append([])
    book.save(path)


def _pandas_excel(source: Path, path: Path) -> None:
    _pandas(source).to_excel(path, engine="openpyxl")


def _categories(source: Path, path: Path) -> None:
    frame = pd.read_parquet(source)
    texts = [name for name in frame.columns if frame[name].dtype == "str" and frame[name].notna().any()]
    frame.astype(dict.fromkeys(texts, "category")).to_parquet(path)


def _decimals(source: Path, path: Path) -> None:
    frame = pl.read_parquet(source)
    numbers = [name for name, type_ in frame.schema.items() if type_ == pl.Float64]
    texts = [name for name, type_ in frame.schema.items() if type_ == pl.String]
    frame.with_columns(
        pl.col(numbers).cast(pl.Decimal(30, 6)),
        pl.col(texts).cast(pl.Categorical),
        pl.col("time").cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/Chicago"),
    ).write_parquet(path)


WRITERS: dict[str, Write] = {
    "pandas.csv": lambda csv, _, path: _pandas(csv).to_csv(path, index=False),
    "pandas-index.csv": lambda csv, _, path: _pandas(csv).to_csv(path),
    "pandas-index-twice.csv": lambda csv, _, path: _pandas(csv).reset_index().to_csv(path),
    "pandas-semicolons.csv": lambda csv, _, path: _pandas(csv).to_csv(path, sep=";", decimal=","),
    "pandas-points.csv": lambda csv, _, path: _pandas(csv).to_csv(path, sep=";"),
    "pandas-windows.csv": lambda csv, _, path: _pandas(csv).to_csv(path, index=False, encoding="cp1252"),
    "pandas-utf16.txt": lambda csv, _, path: _pandas(csv).to_csv(path, sep="\t", encoding="utf-16"),
    "pandas-marked.csv": lambda csv, _, path: _pandas(csv).to_csv(path, index=False, encoding="utf-8-sig"),
    "pandas-quoted.csv": lambda csv_, _, path: _pandas(csv_).to_csv(path, sep="|", quoting=csv.QUOTE_ALL),
    "pandas-nan.csv": lambda csv, _, path: _pandas(csv).to_csv(path, index=False, na_rep="NaN"),
    "pandas-dated.csv": lambda csv, _, path: pd.read_csv(csv, parse_dates=["time"]).to_csv(path, index=False),
    "pandas.csv.gz": lambda csv, _, path: _pandas(csv).to_csv(path, index=False),
    "pandas.json": lambda csv, _, path: _pandas(csv).to_json(path, orient="records"),
    "pandas.ndjson": lambda csv, _, path: _pandas(csv).to_json(path, orient="records", lines=True),
    "pandas-epoch.json": lambda csv, _, path: _epoch(csv).to_json(path, orient="records"),
    "pandas-epoch.csv": lambda csv, _, path: _epoch(csv).to_csv(path),
    "pandas.parquet": lambda _, parquet, path: pd.read_parquet(parquet).to_parquet(path),
    "pandas-index.parquet": lambda csv, _, path: (
        _pandas(csv).set_index(pd.Index(["a", *_numbers(csv)])).to_parquet(path)
    ),
    "pandas-categories.parquet": lambda _, parquet, path: _categories(parquet, path),
    "pandas.xlsx": lambda csv, _, path: _pandas_excel(csv, path),
    "polars.csv": lambda csv, _, path: _polars(csv).write_csv(path),
    "polars-marked.csv": lambda csv, _, path: _polars(csv).write_csv(path, include_bom=True, separator=";"),
    "polars-dated.csv": lambda csv, _, path: _dated(csv).write_csv(path),
    "polars-from-parquet.csv": lambda _, parquet, path: pl.read_parquet(parquet).write_csv(path),
    "polars.json": lambda csv, _, path: _polars(csv).write_json(path),
    "polars.ndjson": lambda csv, _, path: _polars(csv).write_ndjson(path),
    "polars-from-parquet.ndjson": lambda _, parquet, path: pl.read_parquet(parquet).write_ndjson(path),
    "polars.parquet": lambda csv, _, path: _polars(csv).write_parquet(path),
    "polars-dated.parquet": lambda csv, _, path: _dated(csv).write_parquet(path),
    "polars-decimals.parquet": lambda _, parquet, path: _decimals(parquet, path),
    "polars.xlsx": lambda csv, _, path: _polars(csv).write_excel(path) and None,
    "openpyxl.xlsx": lambda csv, _, path: _workbook(csv, path),
    "excel.csv": lambda csv, _, path: _like_excel(csv, path, ",", "cp1252"),
    "excel-utf8.csv": lambda csv, _, path: _like_excel(csv, path, ",", "utf-8-sig"),
    "excel-semicolons.csv": lambda csv, _, path: _like_excel(csv, path, ";", "cp1252"),
    "excel-unicode.txt": lambda csv, _, path: _like_excel(csv, path, "\t", "utf-16"),
    "excel-hint.csv": lambda csv, _, path: _like_excel(csv, path, ",", "utf-8", "sep=,\r\n"),
}
"""By the name of the file that is written."""


def _numbers(path: Path) -> Iterator[str]:
    return (f"row {number}" for number in range(len(_pandas(path)) - 1))


def spelling(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with its moments as such: each writer has its own way to write one."""
    data = {name: _moment(value) for name, value in event["data"].items()}
    return {**event, "time": _moment(event["time"]), "data": data}


def _moment(value: Any) -> Any:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
    except ValueError:
        return value
    return value if read is None or read.tzinfo is None else read.timestamp()
