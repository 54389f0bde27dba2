"""An engine's own connection beneath SQLAlchemy's: what runs all the time is compiled once, and run without it.

The statements of this folder are one text for every engine; each engine's folder says here how it runs them. Of what
engines spell differently the functions of a statement are PostgreSQL's own, or those of
`store/postgresql/schema.sql`; `store/sqlite/driver.py` has SQLite's word for each. `/* by an index */` is a hint for
SQLite, which keeps no statistics.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, Executable, Select, Table, TextualSelect
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import ClauseElement

COMPILED = 512
"""Most statements that are kept compiled; there are fewer, as each form of a question is built once."""

CACHED = 128
"""Statements of one form that are cached; the one that was not used for longest gives way."""

MakeRow = Callable[[ReadOnlyColumnCollection[str, Any]], Iterable[ColumnElement[Any]]]


class AllRows(NamedTuple):
    """A statement whose rows are read at once, built once; only its parameters change.

    Building a statement and fitting its result to it costs SQLAlchemy more than an engine takes to run it (4 of 6 ms):
    so those that pages run all the time are cached by their form.

    `make_row`: what each row has of the query's columns; it is evaluated after the query's limit.
    """

    query: Select[*tuple[Any, ...]] | TextualSelect
    make_row: MakeRow | None = None


class Driver(Protocol):
    """An engine's own connection: statements with `?` for each value, which every engine understands as they are."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:
        """Run a statement; return what its rows can be fetched from."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Any:
        """Run a statement with each of these rows."""


class Engine(Protocol):
    """How an engine runs statements, within the transaction that has begun; what fails is StoreError."""

    def driver(self, connection: Connection) -> Driver:
        """Return the connection beneath SQLAlchemy's; both see one transaction."""

    def fetch(
        self, connection: Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that was built once."""

    def all_rows(
        self, connection: Connection, statement: AllRows, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """Return the rows of a statement in one step."""

    def insert(self, table: Table) -> Any:
        """Return an insertion that may say what to do on a conflict."""


ENGINES: dict[str, Engine] = {}
"""By the name of SQLAlchemy's dialect."""


def driver_of(connection: Connection) -> Driver:
    """Return the connection beneath SQLAlchemy's; both see one transaction."""
    return ENGINES[connection.dialect.name].driver(connection)


def fetch(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that was built once, within the transaction that has begun; raise StoreError."""
    return ENGINES[connection.dialect.name].fetch(connection, statement, parameters or {})


def all_rows(
    connection: Connection, statement: AllRows, parameters: Mapping[str, Any] | None = None
) -> Sequence[Sequence[Any]]:
    """Return the rows of a statement in one step, integers, text, null or lists; raise StoreError."""
    return ENGINES[connection.dialect.name].all_rows(connection, statement, parameters or {})


def upsert(connection: Connection, table: Table) -> Any:
    """Return an insertion into a table that may say what to do on a conflict."""
    return ENGINES[connection.dialect.name].insert(table)


class Compiled(NamedTuple):
    """A statement in an engine's words: its text, its parameters in order, and the values that it brings itself."""

    text: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]


def compile_for(dialect: Any, statement: Executable) -> Compiled:
    """Return a statement in a dialect's words."""
    assert isinstance(statement, ClauseElement)
    compiled: Any = statement.compile(dialect=dialect)
    # Lists of values are part of a statement's form: each value becomes a parameter of its own.
    expanded = compiled.construct_expanded_state(compiled.construct_params(_check=False))
    names = expanded.positiontup if compiled.positional else expanded.parameters
    return Compiled(expanded.statement, tuple(names), expanded.parameters)
