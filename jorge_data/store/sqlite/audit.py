"""Writing and verifying the audit log on SQLite."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from jorge_data.events.timestamps import micros
from jorge_data.store.audit_entry import GENESIS, LONGEST_STATE, LONGEST_WHAT, AuditedAction, Verification, chained
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.mark import Slot, slot

_NEWEST = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"
_LAST_AFTER = "SELECT after FROM audit WHERE act = ? AND what = ? AND location = ? ORDER BY id DESC LIMIT 1"
_SAME_SINCE = "SELECT 1 FROM audit WHERE act = ? AND what = ? AND location = ? AND by = ? AND at > ? LIMIT 1"
_INSERT = (
    "INSERT INTO audit (id, at, by, role, address, session, location, act, what, before, after, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ALL = "SELECT id, at, by, role, address, session, location, act, what, before, after, hash FROM audit ORDER BY id"
_HASH_AT = "SELECT hash FROM audit WHERE id = ?"
_GUARDS = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit' AND name LIKE 'audit@_%'"
_GUARDS += " ESCAPE '@'"
GUARDS = 3
"""Triggers by which SQLite itself refuses to change, remove or put in between."""


def write(connection: Connection, act: AuditedAction) -> None:
    """Write an act in the transaction of what it did."""
    append(driver_of(connection), act)


def append(driver: sqlite3.Connection, act: AuditedAction) -> None:
    """Write an act in the transaction of what it did, through SQLite's own connection."""
    what, at = _sound(act.what)[:LONGEST_WHAT], micros(act.at)
    same = act.act, what, act.location
    if act.once_in is not None:
        since = micros(act.at - act.once_in)
        if driver.execute(_SAME_SINCE, (*same, act.by, since)).fetchone() is not None:
            return
    if act.before == "last":
        last = driver.execute(_LAST_AFTER, same).fetchone()
        before = None if last is None else last[0]
    else:
        before = _state(act.before)
    newest, hashed = driver.execute(_NEWEST).fetchone() or (0, GENESIS)
    who = _sound(act.by), act.role, act.address, act.session
    row = (newest + 1, at, *who, act.location, act.act, what, before, _state(act.after))
    driver.execute(_INSERT, (*row, chained(hashed, row)))


def head(driver: sqlite3.Connection) -> Slot | None:
    """Return what the mark notes of the log: the number of its newest entry and its hash; None of an empty one."""
    newest = driver.execute(_NEWEST).fetchone()
    return None if newest is None else slot("audit", newest[0], str(newest[1]).encode())


def verify(driver: sqlite3.Connection, noted: Slot | None, known: tuple[int, str] | None = None) -> Verification:
    """Verify the chain; `noted` is what the mark has of its end, so that entries missing there are seen as well."""
    hashed, entries, fault = GENESIS, 0, None
    for *columns, told in driver.execute(_ALL):
        entries += 1
        if columns[0] != entries:
            fault = f"entry {entries} is missing" if columns[0] > entries else f"entry {columns[0]} was put in"
            break
        try:
            hashed = chained(hashed, tuple(columns))
        except TypeError:  # bytes, where the server writes text
            hashed = ""
        if told != hashed:
            fault = f"entry {entries} is not as it was written, or an entry before it was put in or removed"
            break
    fault = fault or end_fault(driver, noted) or _known_fault(driver, entries, known)
    if fault is None and driver.execute(_GUARDS).fetchone()[0] != GUARDS:
        fault = "the triggers that keep it from being changed are not there"
    return Verification(entries, hashed, fault)


def end_fault(driver: sqlite3.Connection, noted: Slot | None) -> str | None:
    """Return why the log does not have the entry that was last acknowledged by the mark, None where it has."""
    if noted is None:
        return None
    entries = (driver.execute(_NEWEST).fetchone() or (0, ""))[0]
    if entries < noted.top:
        missing = noted.top - entries
        return f"the newest {missing} entries are missing" if missing > 1 else "the newest entry is missing"
    found = driver.execute(_HASH_AT, (noted.top,)).fetchone()
    if found is None or slot("audit", noted.top, str(found[0]).encode())[:3] != noted[:3]:
        return f"it was written anew: entry {noted.top} is not the one that was acknowledged"
    return None


def _known_fault(driver: sqlite3.Connection, entries: int, known: tuple[int, str] | None) -> str | None:
    if known is None:
        return None
    found = driver.execute(_HASH_AT, known[:1]).fetchone()
    if found is None:
        return f"entry {known[0]} is missing: it has {entries}"
    return None if found[0] == known[1] else f"it was written anew: entry {known[0]} has another hash"


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _state(state: Mapping[str, Any] | None) -> str | None:
    if state is None:
        return None
    written = orjson.dumps(state, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()
    return written if len(written) <= LONGEST_STATE else f'{{"characters":{len(written)}}}'
