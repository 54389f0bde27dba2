"""What is an office's is found by the office: so that offices can be spread over machines (docs/capacity.md)."""

import pytest
from sqlalchemy import Table

from jorge_data.store.sql.tables import metadata

OFFICE = ("log", "location")
OF_THE_INSTALLATION = {
    "logs": "the directory: which offices there are",
    "store": "the name of the store",
    "tokens": "of a person or a bot, at one office or at all",
    "users": "people, who may be in several offices",
    "grants": "theirs",
    "sessions": "theirs",
    "invitations": "theirs",
    "audit": "one chain over all offices, so that none can be taken out of it",
    "views": "a person's, at whatever office he looks at",
}
"""Tables whose rows are of no office, with the reason."""

NUMBERED = {"entities", "facts", "deliveries", "erasures"}
"""Tables of offices whose key is a number: an index that begins with the office finds their rows."""

STORED = {table.name: table for table in metadata.sorted_tables}


def first_columns(table: Table) -> list[str]:
    return [next(column.name for column in index.columns) for index in table.indexes if len(index.columns)]


@pytest.mark.parametrize("name", sorted(STORED.keys() - OF_THE_INSTALLATION.keys()))
def test_the_key_of_an_offices_table_begins_with_the_office(name: str) -> None:
    table = STORED[name]
    [first, *_] = [column.name for column in table.primary_key] or [""]
    if name in NUMBERED:
        assert first == "id"
        assert set(first_columns(table)) & set(OFFICE)
    else:
        assert first in OFFICE


def test_each_table_that_is_named_is_there() -> None:
    assert OF_THE_INSTALLATION.keys() | NUMBERED <= STORED.keys()
