"""A whole table: every page of a request's rows, up to a bound."""

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from jorge_data.dashboard.query.cached_client import CachedQueryClient
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import TableResponse

PAGE = 1000
"""The most rows that the server gives at once."""


class WholeTable(NamedTuple):
    """All pages of rows; `complete` is False where there are more than the bound, and the others were left out."""

    tables: tuple[TableResponse, ...]
    complete: bool

    @property
    def frame(self) -> pd.DataFrame:
        """Return all rows in one frame."""
        return pd.concat([table.frame for table in self.tables], ignore_index=True)


def whole_table(client: CachedQueryClient, request: TableRequest, most: int = 20_000) -> WholeTable:
    """Fetch page after page, in the request's order, up to `most` rows; raise RequestRefused."""
    tables: list[TableResponse] = []
    following = replace(request, limit=PAGE, cursor="")
    while True:
        table = client.table(following)
        tables.append(table)
        if table.next is None or len(tables) * PAGE >= most:
            return WholeTable(tuple(tables), table.next is None)
        following = replace(following, cursor=table.next)
