"""What SQLite and the mark know of the audit log beside the chain of its entries."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from jorge_data.errors import StoreError
from jorge_data.store.audit_entry import Verification
from jorge_data.store.sql import audit
from jorge_data.store.sqlite.mark import AUDIT, Slot, slot, slots_of

_GUARDS = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit' AND name LIKE 'audit@_%'"
_GUARDS += " ESCAPE '@'"
GUARDS = 3
"""Triggers by which SQLite itself refuses to change, remove or put in between."""


def head(driver: sqlite3.Connection) -> Slot | None:
    """Return what the mark notes of the log: the number of its newest entry and its hash; None of an empty one."""
    newest = audit.newest(driver)
    return None if newest is None else slot("audit", newest[0], newest[1].encode())


def verify(driver: sqlite3.Connection, noted: Slot | None, known: tuple[int, str] | None = None) -> Verification:
    """Verify the chain; `noted` is what the mark has of its end, so that entries missing there are seen as well."""
    guarded = driver.execute(_GUARDS).fetchone()[0] == GUARDS
    return audit.with_earlier_break(driver, audit.verify(driver, end_fault(driver, noted), guarded, known))


def end_fault(driver: sqlite3.Connection, noted: Slot | None) -> str | None:
    """Return why the log does not have the entry that was last acknowledged by the mark, None where it has."""
    if noted is None:
        return None
    entries = (audit.newest(driver) or (0, ""))[0]
    if entries < noted.top:
        missing = noted.top - entries
        return f"the newest {missing} entries are missing" if missing > 1 else "the newest entry is missing"
    found = audit.hash_at(driver, noted.top)
    if found is None or slot("audit", noted.top, found.encode())[:3] != noted[:3]:
        return f"it was written anew: entry {noted.top} is not the one that was acknowledged"
    return None


def verify_audit_log(store: Path) -> Verification | None:
    """Verify the chain of a store, which may be open elsewhere; None where it is of an older version than the chain.

    Raise StoreError where it cannot be read.
    """
    try:
        noted = slots_of(store).get(AUDIT)  # first: the log may grow meanwhile
        with closing(sqlite3.connect(f"file:{quote(str(store))}?mode=ro", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM pragma_table_info('audit') WHERE name = 'hash'").fetchone():
                return None
            connection.execute("BEGIN")
            return verify(connection, noted)
    except sqlite3.Error as error:
        raise StoreError(f"the audit log cannot be read: {error}") from error
