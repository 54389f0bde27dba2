"""Reading a whole answer in one step of the driver.

The driver gives the interpreter up at every row, and on a busy server each return costs up to a switch interval
(5 ms): so SQLite makes one JSON text of all rows, which is read at once.
"""

from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, select


def gather(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[list[Any]]:
    """Return the rows of a query, in its order; its columns are integers, text or null."""
    rows = query.subquery()
    text = connection.execute(select(func.json_group_array(func.json_array(*rows.c)))).scalar_one()
    answer: list[list[Any]] = orjson.loads(text)
    return answer
