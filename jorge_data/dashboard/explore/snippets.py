"""A request as lines to paste: for a shell, for a notebook, and as SQL to read."""

import shlex

from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.events.timestamps import micros, rfc3339

_OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_AGGREGATES = {
    "count": "count(*)",
    "distinct": "count(DISTINCT {})",
    "share": "avg(CASE WHEN {} THEN 1.0 ELSE 0 END)",
    "mean": "avg({})",
    "sum": "sum({})",
    "min": "min({})",
    "max": "max({})",
    **{name: f"percentile_cont(0.{name[1:]}) WITHIN GROUP (ORDER BY {{}})" for name in ("p50", "p95", "p99")},
}


def as_curl(request: SeriesRequest | TableRequest, api_url: str) -> str:
    """Return the request as a curl command; the token is the reader's own."""
    lines = [f"curl -G {shlex.quote(api_url + request.path)}", '  -H "Authorization: Bearer $TOKEN"']
    lines += [f"  --data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in request.parameters()]
    return " \\\n".join(lines)


def as_pandas(request: SeriesRequest | TableRequest, api_url: str) -> str:
    """Return the request as Python that ends with a frame; the token is the reader's own."""
    parameters = "".join(f"    {pair!r},\n" for pair in request.parameters())
    return f"""import os

import pandas as pd
import requests

parameters = [
{parameters}]
response = requests.get(
    {api_url + request.path!r},
    params=parameters,
    headers={{"Authorization": f"Bearer {{os.environ['TOKEN']}}"}},
    timeout=30,
)
response.raise_for_status()
series = response.json()
frame = pd.DataFrame(series["rows"], columns=series["columns"])
"""


def as_sql(request: SeriesRequest) -> str:
    """Return the request as SQL says it: to be read, and run where the events are in a table of their own kind."""
    has_steps = request.step != "all"
    bucket = f"time_bucket('{request.step}', time AT TIME ZONE '{request.zone}') AS t"
    measure = _AGGREGATES[request.agg].format(_name(request.measure))
    columns = [*([bucket] if has_steps else []), *map(_name, request.by), f"{measure} AS value", "count(*) AS n"]
    conditions = [f"locationid = {_text(request.location)}"]
    conditions += [
        f"time {sign} {_text(rfc3339(micros(at)))}"
        for sign, at in ((">=", request.start), ("<", request.end))
        if at is not None
    ]
    conditions += map(_condition, request.where)
    groups = range(1, 1 + has_steps + len(request.by))
    grouped = f"\nGROUP BY {', '.join(map(str, groups))}\nORDER BY {', '.join(map(str, groups))}" if groups else ""
    selected, narrowed = ",\n       ".join(columns), "\n  AND ".join(conditions)
    return f"SELECT {selected}\nFROM {_name(request.kind)}\nWHERE {narrowed}{grouped};\n"


def _condition(condition: str) -> str:
    field, _, rest = condition.partition(":")
    operator, _, value = rest.partition(":")
    if operator == "in":
        return f"{_name(field)} IN ({', '.join(map(_text, value.split(',')))})"
    is_number = operator in ("lt", "le", "gt", "ge")
    return f"{_name(field)} {_OPERATORS.get(operator, operator)} {value if is_number else _text(value)}"


def _name(name: str) -> str:
    """Return a name as SQL takes it; those that are its own words, as from and to, in quotes."""
    return name if name not in ("from", "to", "right", "step", "value", "edge") else f'"{name}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
