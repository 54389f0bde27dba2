"""A request as lines to paste: for a shell, and for a notebook."""

import shlex

from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest


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
