"""Responses as an Arrow IPC stream, for readers that work on columns."""

from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa

from jorge_data.server.query.answer import Answer


def encode(answer: Answer) -> bytes:
    """Return an answer as an Arrow stream; `t` is in its zone, position and exactness are the schema's metadata."""
    columns = list(zip(*answer.rows, strict=True)) or [()] * len(answer.columns)
    arrays = [_array(name, list(values), answer) for name, values in zip(answer.columns, columns, strict=True)]
    metadata = {"position": orjson.dumps(answer.position._asdict()), "exact": orjson.dumps(answer.exact)}
    table = pa.table(arrays, names=answer.columns).replace_schema_metadata(metadata)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _array(name: str, values: list[Any], answer: Answer) -> Any:
    if name == "t":
        moments = [None if text is None else datetime.fromisoformat(text) for text in values]
        return pa.array(moments, pa.timestamp("us", tz=answer.zone.key))
    if name == "n":
        return pa.array(values, pa.int64())
    if name != "value":
        return pa.array(values, pa.string())
    bins = any(isinstance(value, list) for value in values)
    return pa.array(values, pa.list_(pa.list_(pa.float64())) if bins else pa.float64())
