"""The same questions asked of the raw events, with DuckDB over a Parquet file and with pandas over frames in memory.

Only questions about kinds of event are translated: those about journeys, deals and labels would need their logic
written again. Ours answers the very same ones, beside them, in the same run.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jorge_data.dashboard.query.cached_client import QueryRequest
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.events import KINDS

Ask = Callable[[SeriesRequest], Any]

AT_ONCE = 50_000
MOST_IN_MEMORY = 1_000_000
"""Events that pandas is given: ten times as many would not fit into memory beside all else."""

RANKS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "bins": 0.5}
SCHEMA = pa.schema([("type", pa.string()), ("source", pa.string()), ("us", pa.int64()), ("data", pa.string())])
DERIVED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "within_target": ("processing_time_ms", lambda values: values <= 42),
    "above_target": ("confidence_score", lambda values: values > 0.85),
    "score_bin": ("match_score", lambda values: (values // 10).clip(upper=9) * 10),
}
SQL_DERIVED = {
    "within_target": "number('processing_time_ms') <= 42",
    "above_target": "number('confidence_score') > 0.85",
    "score_bin": "10 * least(floor(number('match_score') / 10), 9)",
}


def translatable(request: QueryRequest) -> bool:
    """Say whether a question is one about the events themselves."""
    return isinstance(request, SeriesRequest) and request.kind in KINDS and not request.top


def raw(store: Path) -> Path:
    """Return the events of a store as a Parquet file beside it."""
    path = store.with_name("raw.parquet")
    if not path.exists():
        part = path.with_suffix(".part")
        with sqlite3.connect(store) as connection, pq.ParquetWriter(part, SCHEMA, compression="zstd") as writer:
            rows = connection.execute("SELECT type, source, time, body FROM events")
            while some := rows.fetchmany(AT_ONCE):
                types, sources, times, bodies = zip(*some, strict=True)
                data = [orjson.dumps(orjson.loads(body)["data"]).decode() for body in bodies]
                writer.write_table(pa.table([types, sources, times, data], schema=SCHEMA))
        part.rename(path)
    return path


class DuckDB:
    """Asks the Parquet file in SQL."""

    def __init__(self, path: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("CREATE MACRO number(name) AS CAST(data ->> ('$.' || name) AS DOUBLE)")
        self._connection.execute("CREATE MACRO text(name) AS data ->> ('$.' || name)")
        self._path = str(path)

    def ask(self, question: SeriesRequest) -> list[tuple[Any, ...]]:
        groups = [_bucket(question), *map(_text, question.by)]
        where = " ".join(f"AND {_condition(each)}" for each in question.where)
        which = f"type = $kind AND us >= $start AND us < $end {where}"
        sql = f"SELECT {', '.join(groups)}, {_value(question)} FROM read_parquet($path) WHERE {which} GROUP BY ALL"  # noqa: S608
        start, end = _span(question)
        return self._connection.execute(
            sql, {"path": self._path, "kind": question.kind, "start": start, "end": end}
        ).fetchall()


class Pandas:
    """Asks frames in memory, one a kind, whose columns were taken from the JSON beforehand."""

    def __init__(self, path: Path, kinds: Iterable[str]) -> None:
        self._frames = {kind: _frame(path, kind) for kind in kinds}

    def ask(self, question: SeriesRequest) -> "pd.Series[Any] | Any":
        frame = self._frames[question.kind]
        start, end = _span(question)
        frame = frame[(frame["us"] >= start) & (frame["us"] < end)]
        for each in question.where:
            name, _, values = each.split(":", 2)
            if name in frame:
                frame = frame[frame[name].isin(_values(values))]
        groups = [name for name in question.by if name in frame]
        if question.step != "all":
            local = pd.to_datetime(frame["us"], unit="us", utc=True).dt.tz_convert(question.zone)
            frame = frame.assign(t=local.dt.floor("h") if question.step == "1h" else local.dt.normalize())
            groups = ["t", *groups]
        return _aggregated(frame.groupby(groups) if groups else frame, question)


def _frame(path: Path, kind: str) -> pd.DataFrame:
    table = pq.read_table(path, columns=["us", "source", "data"], filters=[("type", "=", kind)])
    columns = pd.DataFrame([orjson.loads(data) for data in table["data"].to_pylist()])
    columns = columns.drop(columns=[name for name in ("property", "reasons", "body", "changed") if name in columns])
    columns = columns.assign(us=table["us"].to_numpy(), source=table["source"].to_pylist())
    for name, (field, derive) in DERIVED.items():
        if field in columns:
            columns[name] = derive(columns[field])
    return columns


def _aggregated(frame: Any, question: SeriesRequest) -> Any:
    if question.agg == "count" or question.measure not in getattr(frame, "obj", frame):
        return frame.size() if hasattr(frame, "size") and callable(frame.size) else len(frame)
    values = frame[question.measure]
    if question.agg in ("mean", "share"):
        return values.mean()
    return values.quantile(RANKS[question.agg], interpolation="higher")


def _bucket(question: SeriesRequest) -> str:
    if question.step == "all":
        return "NULL"
    unit = {"15m": "hour", "1h": "hour", "1d": "day", "1w": "week", "1mo": "month"}[question.step]
    return f"date_trunc('{unit}', make_timestamptz(us) AT TIME ZONE '{question.zone}')"


def _text(name: str) -> str:
    return SQL_DERIVED.get(name, "source" if name == "source" else f"text('{name}')")


def _condition(text: str) -> str:
    name, _, values = text.split(":", 2)
    return f"{_text(name)} IN ({', '.join(repr(value) for value in values.split(','))})"


def _value(question: SeriesRequest) -> str:
    if question.agg == "count":
        return "count(*)"
    measured = SQL_DERIVED.get(question.measure, f"number('{question.measure}')")
    if question.agg == "share":
        boolean = question.measure in SQL_DERIVED
        return f"avg(CAST({measured if boolean else _text(question.measure)} AS BOOLEAN)::INT)"
    return f"avg({measured})" if question.agg == "mean" else f"quantile_disc({measured}, {RANKS[question.agg]})"


def _values(text: str) -> list[Any]:
    return [{"true": True, "false": False}.get(value, value) for value in text.split(",")]


def _span(question: SeriesRequest) -> tuple[int, int]:
    return _us(question.start, 0), _us(question.end, 1 << 62)


def _us(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else round(moment.timestamp()) * 1_000_000


class Compared(NamedTuple):
    """So many of a page's questions, and the milliseconds that all of them took at each run, by engine."""

    questions: int
    took: dict[str, list[float]]


def compare(
    store: Path, size: int, requests: dict[str, list[SeriesRequest]], ours: Ask, runs: int
) -> dict[str, Compared]:
    """Ask everybody each page's questions, one after the other, in turns."""
    path = raw(store)
    kinds = {question.kind for questions in requests.values() for question in questions}
    asks: dict[str, Ask] = {"ours": ours, "DuckDB": DuckDB(path).ask}
    if size <= MOST_IN_MEMORY:
        asks["pandas"] = Pandas(path, kinds).ask
    compared = {}
    for page, questions in requests.items():
        took: dict[str, list[float]] = {name: [] for name in asks}
        for _ in range(runs):
            for name, ask in asks.items():
                took[name].append(_timed(ask, questions))
        compared[page] = Compared(len(questions), took)
    return compared


def _timed(ask: Ask, questions: list[SeriesRequest]) -> float:
    began = time.perf_counter()
    for question in questions:
        ask(question)
    return (time.perf_counter() - began) * 1000
