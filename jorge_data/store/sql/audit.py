"""Writing and verifying the audit log."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from jorge_data.events.timestamps import micros
from jorge_data.store.audit_entry import GENESIS, LONGEST_STATE, LONGEST_WHAT, AuditedAction, Verification, chained
from jorge_data.store.sql.driver import Driver, driver_of

_NEWEST = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"
_LAST_AFTER = "SELECT after FROM audit WHERE act = ? AND what = ? AND location = ? ORDER BY id DESC LIMIT 1"
_SAME_SINCE = "SELECT 1 FROM audit WHERE act = ? AND what = ? AND location = ? AND by = ? AND at > ? LIMIT 1"
_INSERT = (
    "INSERT INTO audit (id, at, by, role, address, session, location, act, what, before, after, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ALL = "SELECT id, at, by, role, address, session, location, act, what, before, after, hash FROM audit ORDER BY id"
_HASH_AT = "SELECT hash FROM audit WHERE id = ?"


def write(connection: Connection, act: AuditedAction) -> None:
    """Write an act in the transaction of what it did."""
    append(driver_of(connection), act)


def append(driver: Driver, act: AuditedAction) -> None:
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


def newest(driver: Driver) -> tuple[int, str] | None:
    """Return the number of the newest entry and its hash, None of an empty log."""
    row = driver.execute(_NEWEST).fetchone()
    return None if row is None else (row[0], str(row[1]))


def hash_at(driver: Driver, entry: int) -> str | None:
    """Return the hash of an entry, None where there is none."""
    found = driver.execute(_HASH_AT, (entry,)).fetchone()
    return None if found is None else str(found[0])


def verify(driver: Driver, end_fault: str | None, guarded: bool, known: tuple[int, str] | None = None) -> Verification:
    """Verify the chain; `end_fault` is what is wrong with its end, by what else knows it.

    `guarded`: whether the engine itself refuses to change what is written.
    """
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
    fault = fault or end_fault or _known_fault(driver, entries, known)
    if fault is None and not guarded:
        fault = "the triggers that keep it from being changed are not there"
    return Verification(entries, hashed, fault)


def with_earlier_break(driver: Driver, found: Verification) -> Verification:
    """Return what was found, and what an earlier start found: from there on the chain is whole again."""
    acts = driver.execute("SELECT what FROM audit WHERE act = 'audit.break'").fetchone()
    return found if found.fault or not acts else found._replace(fault=f"at an earlier start {acts[0]}")


def _known_fault(driver: Driver, entries: int, known: tuple[int, str] | None) -> str | None:
    if known is None:
        return None
    found = hash_at(driver, known[0])
    if found is None:
        return f"entry {known[0]} is missing: it has {entries}"
    return None if found == known[1] else f"it was written anew: entry {known[0]} has another hash"


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")  # no engine but one keeps a zero


def _state(state: Mapping[str, Any] | None) -> str | None:
    if state is None:
        return None
    written = orjson.dumps(state, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()
    return written if len(written) <= LONGEST_STATE else f'{{"characters":{len(written)}}}'
