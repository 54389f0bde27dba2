"""A question as lines to paste: for a shell, for a notebook, and as SQL to read."""

import shlex
from collections.abc import Mapping

from jorge_data.dashboard.explore.exploration import Combination
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.events.timestamps import micros, rfc3339

_OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_INTERVALS = {
    "1m": "1 minute",
    "15m": "15 minutes",
    "1h": "1 hour",
    "3h": "3 hours",
    "1d": "1 day",
    "1w": "7 days",
    "1mo": "1 month",
}
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


def as_curl(requests: Mapping[str, SeriesRequest], api_url: str) -> str:
    """Return the requests as curl commands, one after the other; the token is the reader's own."""
    return "\n\n".join(_curl(request, api_url) for request in requests.values())


def _curl(request: SeriesRequest, api_url: str) -> str:
    lines = [f"curl -G {shlex.quote(api_url + request.path)}", '  -H "Authorization: Bearer $TOKEN"']
    lines += [f"  --data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in request.parameters()]
    return " \\\n".join(lines)


def as_pandas(requests: Mapping[str, SeriesRequest], made: Combination, api_url: str) -> str:
    """Return the requests as Python that ends with the frame of the answer; the token is the reader's own."""
    fetched = "\n".join(f"{name} = series(\n    [\n{_pairs(request)}    ]\n)" for name, request in requests.items())
    return f"""import os

import pandas as pd
import requests


def series(parameters):
    response = requests.get(
        {api_url + SeriesRequest.path!r},
        params=parameters,
        headers={{"Authorization": f"Bearer {{os.environ['TOKEN']}}"}},
        timeout=30,
    )
    response.raise_for_status()
    answer = response.json()
    frame = pd.DataFrame(answer["rows"], columns=answer["columns"])
    return frame.assign(value=pd.to_numeric(frame["value"]))


{fetched}
{_finish(made)}
"""


def _pairs(request: SeriesRequest) -> str:
    return "".join(f"        {pair!r},\n" for pair in request.parameters())


def _finish(made: Combination) -> str:
    """Return the lines of Python that make one frame of the answers."""
    other, keys = made.other, list(made.keys)
    how = f'how="left", on={keys!r}' if keys else 'how="cross"'
    match made.way:
        case "whole of parts":
            return """below = answer.groupby("t", dropna=False)["value"].transform("sum")
frame = answer.assign(value=answer["value"] / below.where(below != 0))"""
        case "divided":
            return f"""frame = answer.merge({other}[{[*keys, "value"]!r}], {how}, suffixes=("", "_below"))
below = frame.pop("value_below")
frame["value"] = frame["value"] / below.where(below != 0)"""
        case "beside":
            return f'frame = answer.merge({other}, how="outer", on={["t"]!r}, suffixes=("", "_2"))'
        case _:
            return "frame = answer"


def as_sql(requests: Mapping[str, SeriesRequest], made: Combination) -> str:
    """Return the requests as SQL says them: to be read, and run where the events are in a table of their own kind."""
    answer = _select(requests["answer"])
    if made.way == "plain":
        return f"{answer};\n"
    request, other, keys = requests["answer"], made.other, [*made.keys]
    has_steps = request.step != "all"
    dims = [*(["t"] if has_steps else []), *map(_name, request.by)]
    parts = {"answer": answer} | ({other: _select(requests[other])} if other else {})
    with_parts = ",\n".join(f"{_name(name)} AS (\n{_indented(part)}\n)" for name, part in parts.items())
    keys = [name for name in keys if name != "t" or has_steps]
    used = f"LEFT JOIN {other} USING ({', '.join(map(_name, keys))})" if keys else f"CROSS JOIN {other}"
    match made.way:
        case "whole of parts":
            within = "PARTITION BY t" if has_steps else ""
            shown, joined = [*dims, f"value / nullif(sum(value) OVER ({within}), 0) AS value", "n"], ""
        case "divided":
            shown = [*dims, f"answer.value * 1.0 / nullif({other}.value, 0) AS value", "answer.n"]
            joined = f"\n{used}"
        case _:
            shown = [*dims, "answer.value", "answer.n", f"{other}.value AS value_2", f"{other}.n AS n_2"]
            joined = f"\nFULL JOIN {other} USING (t)" if has_steps else f"\nCROSS JOIN {other}"
    order = f"\nORDER BY {', '.join(str(place) for place in range(1, 1 + len(dims)))}" if dims else ""
    return f"WITH {with_parts}\nSELECT {', '.join(shown)}\nFROM answer{joined}{order};\n"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _select(request: SeriesRequest) -> str:
    has_steps = request.step != "all"
    bucket = f"time_bucket(INTERVAL '{_INTERVALS.get(request.step)}', time AT TIME ZONE '{request.zone}') AS t"
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
    return f"SELECT {selected}\nFROM {_name(request.kind)}\nWHERE {narrowed}{grouped}"


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
