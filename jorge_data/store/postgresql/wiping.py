"""Wiping on PostgreSQL: rows that were removed or rewritten are vacuumed; where their bytes stand is PostgreSQL's."""

from collections.abc import Collection

from sqlalchemy import Engine

from jorge_data.store.postgresql.driver import driver_of

_TABLES = "events", "entities", "facts", "rollups", "words", "deliveries", "crm_entities", "views", "erasures"
"""Where something of a contact stands."""


class PostgreSQLWiping:
    """`erasure.Wiping` as far as a client of PostgreSQL can.

    No statement finds what was removed. Its bytes stand on in pages until others are written over them, in the
    write-ahead log until that is recycled, in replicas and backups as long as those are there.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def empty_log(self) -> None:
        """Leave the write-ahead log to PostgreSQL, which recycles it."""

    def finds(self, texts: Collection[str]) -> bool:
        """Return that there may be some: nobody can look but PostgreSQL."""
        return True

    @property
    def is_wiped(self) -> bool:
        return False

    def rewrite(self) -> None:
        """Vacuum every table in which something of a contact stood; nobody waits for it."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in _TABLES:
                driver_of(connection).execute(f"VACUUM {table}")
