"""A question as lines to paste: for a shell, and for a notebook."""

import shlex

from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest


def as_curl(asked: SeriesRequest | TableRequest, api_url: str) -> str:
    """Return the question as a curl command; the token is the reader's own."""
    lines = [f"curl -G {shlex.quote(api_url + asked.path)}", '  -H "Authorization: Bearer $TOKEN"']
    lines += [f"  --data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in asked.parameters()]
    return " \\\n".join(lines)


def as_pandas(asked: SeriesRequest | TableRequest, api_url: str) -> str:
    """Return the question as Python that ends with a frame; the token is the reader's own."""
    question = "".join(f"    {pair!r},\n" for pair in asked.parameters())
    return f"""import os

import pandas as pd
import requests

question = [
{question}]
answer = requests.get(
    {api_url + asked.path!r},
    params=question,
    headers={{"Authorization": f"Bearer {{os.environ['TOKEN']}}"}},
    timeout=30,
)
answer.raise_for_status()
said = answer.json()
frame = pd.DataFrame(said["rows"], columns=said["columns"])
"""
