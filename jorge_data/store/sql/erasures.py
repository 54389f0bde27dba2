"""Erasures: who was erased, and the rewriting of what is stored of a person, in transactions that hold up nobody."""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from jorge_data.events import Candidate, encode
from jorge_data.events.envelope import OWN
from jorge_data.events.personal import Eraser, contacts_in
from jorge_data.events.timestamps import micros, moment
from jorge_data.store.erasure import ERASURE_ID, Erasure, FieldProgress, StoredRow
from jorge_data.store.sql.driver import driver_of, upsert
from jorge_data.store.sql.search import sought
from jorge_data.store.sql.tables import (
    crm_entities,
    deliveries,
    entities,
    erasures,
    events,
    facts,
    field_retention,
    logs,
    rollups,
    words,
)
from jorge_data.store.sql.writing import Read, Writing

AT_ONCE = 500
"""Most rows that one transaction rewrites, so that no publish waits for more."""

_TOLD = (
    select(events.c.seq, events.c.subject)
    .join(logs, logs.c.id == events.c.log)
    .where(
        events.c.source == OWN, events.c.id >= ERASURE_ID, events.c.id < ERASURE_ID[:-1] + chr(ord(ERASURE_ID[-1]) + 1)
    )
    .order_by(events.c.seq + 0)  # the sum keeps SQLite from reading the whole log, which is in this order already
)


def erasures_told(connection: Connection, location: str) -> list[tuple[int, str]]:
    """Return the position and the contact of each event of a location's log that tells that somebody was erased."""
    return [(row.seq, row.subject) for row in connection.execute(_TOLD.where(logs.c.location == location))]


class SQLErasures:
    """`erasure.Erasures`."""

    def __init__(
        self,
        writer: Writing,
        read: Read,
        silence: Callable[[Connection, str], None] | None = None,
        note: Callable[[Connection, str], None] | None = None,
    ) -> None:
        """`silence` is called before a location's events are rewritten, and `note` after it, where something knows
        them by their content.
        """
        self._writer, self._read, self._silence, self._note = writer, read, silence, note
        self._contacts: dict[str, frozenset[str]] = {}
        for erasure in self.all():
            self._remember(erasure.location, erasure.contacts)

    def _remember(self, location: str, contacts: Iterable[str]) -> None:
        self._contacts = {**self._contacts, location: self.contacts(location).union(contacts)}

    def contacts(self, location: str) -> frozenset[str]:
        return self._contacts.get(location, frozenset())

    def forget_location(self, location: str) -> None:
        self._contacts = {name: ids for name, ids in self._contacts.items() if name != location}

    def redacted(self, location: str, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        gone = self.contacts(location)
        return [_redacted(each, gone) for each in candidates] if gone else candidates

    def all(self) -> list[Erasure]:
        query = select(erasures).order_by(erasures.c.asked_at, erasures.c.id)
        with self._read() as connection:
            return [_erasure(row) for row in connection.execute(query)]

    def begin(self, location: str, contact: str, contacts: Sequence[str], at: datetime, by: str) -> Future[int]:
        values = {"location": location, "contact": contact, "contacts": _json(contacts), "asked_by": by}
        # At random: by the number of one that was removed with its office, what still goes on must find no other.
        statement = insert(erasures).values(id=secrets.randbits(62), asked_at=micros(at), **values)
        statement = statement.returning(erasures.c.id)
        begun = self._writer.run(lambda connection: connection.execute(statement).scalar_one())

        def remember(done: Future[int]) -> None:
            # Before anybody goes on from it; where it was not noted nobody is erased, and nothing of him redacted.
            if not done.cancelled() and done.exception() is None:
                self._remember(location, contacts)

        begun.add_done_callback(remember)
        return begun

    def plan(self, erasure: Erasure, contacts: Sequence[str], plan: dict[str, Any] | None) -> Future[None]:
        values = {"contacts": _json(contacts), "plan": None if plan is None else _json(plan)}
        statement = update(erasures).where(erasures.c.id == erasure.id).values(**values)

        def note(connection: Connection) -> None:
            if connection.execute(statement).rowcount:
                self._remember(erasure.location, contacts)

        return self._writer.run(note)

    def finish(self, erasure: Erasure, at: datetime) -> Future[None]:
        statement = update(erasures).where(erasures.c.id == erasure.id).values(done_at=micros(at), plan=None)
        return self._writer.run(lambda connection: _execute(connection, statement))

    def rewrite_events(self, location: str, bodies: Sequence[tuple[int, bytes]]) -> None:
        rewriting = [bodies[first : first + AT_ONCE] for first in range(0, len(bodies), AT_ONCE)]
        for some in rewriting:
            rows = [(seq, body.decode()) for seq, body in some]
            for step in (self._silence, partial(_rewrite, rows=rows), self._note):
                if step is not None:
                    self._writer.run(partial(_step, step, location)).result()

    def rows(self, table: str, location: str) -> Iterator[list[dict[str, Any]]]:
        if table == "crm_entities":
            yield from self._copies(location)
            return
        source = entities if table == "entities" else deliveries
        query = select(source).order_by(source.c.id).limit(AT_ONCE)
        if source is entities:
            query = query.join(logs, logs.c.id == entities.c.log).where(logs.c.location == location)
        else:
            query = query.where(deliveries.c.location == location)
        after = 0
        while True:
            with self._read() as connection:
                read = connection.execute(query.where(source.c.id > after)).mappings()
                found = [{str(name): value for name, value in row.items()} for row in read]
            if not found:
                return
            yield found
            after = found[-1]["id"]

    def _copies(self, location: str) -> Iterator[list[dict[str, Any]]]:
        column, after = crm_entities.c, ("", "")
        while True:
            with self._read() as connection:
                rows = driver_of(connection).execute(
                    "SELECT kind, id, body FROM crm_entities WHERE location = ? AND (kind, id) > (?, ?)"
                    " ORDER BY kind, id LIMIT ?",
                    (location, *after, AT_ONCE),
                )
                found = [
                    dict(zip((column.kind.name, column.id.name, column.body.name), row, strict=True)) for row in rows
                ]
            if not found:
                return
            yield found
            after = found[-1]["kind"], found[-1]["id"]

    def change(self, table: str, rows: Sequence[StoredRow]) -> None:
        target = entities if table == "entities" else deliveries

        def write(connection: Connection, some: Sequence[StoredRow]) -> None:
            for row in some:
                connection.execute(update(target).where(target.c.id == row.id).values(**row.values))
                if target is entities:
                    _write_sought(connection, row.id)

        for first in range(0, len(rows), AT_ONCE):
            self._writer.run(partial(write, some=rows[first : first + AT_ONCE])).result()

    def change_copies(self, location: str, copies: Sequence[tuple[str, str, str | None]]) -> None:
        def write(connection: Connection) -> None:
            driver = driver_of(connection)
            for kind, id_, body in copies:
                if body is None:
                    driver.execute(
                        "DELETE FROM crm_entities WHERE location = ? AND kind = ? AND id = ?", (location, kind, id_)
                    )
                else:
                    driver.execute(
                        "UPDATE crm_entities SET body = ? WHERE location = ? AND kind = ? AND id = ?",
                        (body, location, kind, id_),
                    )

        self._writer.run(write).result()

    def change_views(self, changed: Callable[[str], str]) -> None:
        def write(connection: Connection) -> None:
            driver = driver_of(connection)
            for id_, name, parameters in driver.execute("SELECT id, name, parameters FROM views").fetchall():
                if (new := (changed(name), changed(parameters))) != (name, parameters):
                    named = f"{new[0]} {id_}" if new[0] != name else name  # of one owner each has another name
                    driver.execute("UPDATE views SET name = ?, parameters = ? WHERE id = ?", (named, new[1], id_))

        self._writer.run(write).result()

    def progress(self, location: str, field: str) -> FieldProgress:
        column = field_retention.c
        query = select(column.until, column.seen, column.at).where(column.location == location, column.field == field)
        with self._read() as connection:
            row = connection.execute(query).one_or_none()
        return FieldProgress() if row is None else FieldProgress(*row)

    def note_progress(self, location: str, field: str, progress: FieldProgress) -> Future[None]:
        def note(connection: Connection) -> None:
            statement = upsert(connection, field_retention)
            statement = statement.values(location=location, field=field, **progress._asdict())
            connection.execute(
                statement.on_conflict_do_update(index_elements=["location", "field"], set_=progress._asdict())
            )

        return self._writer.run(note)

    def old_events(self, location: str, progress: FieldProgress, end: int) -> Iterator[tuple[int, str]]:
        after = 0
        while True:
            with self._read() as connection:
                rows = driver_of(connection).execute(
                    _OLD, (location, after, end, progress.until, progress.seen, AT_ONCE)
                )
                found = rows.fetchall()
            if not found:
                return
            yield from found
            after = found[-1][0]

    def words(self, location: str) -> list[tuple[str, str, str]]:
        query = select(words.c.kind, words.c.dim, words.c.value).join(logs, logs.c.id == words.c.log)
        with self._read() as connection:
            return [(k, d, v) for k, d, v in connection.execute(query.where(logs.c.location == location))]

    def rename_word(self, location: str, kind: str, dim: str, place_: int, old: str, new: str) -> None:
        column = f"d{place_}"

        def write(connection: Connection) -> None:
            for (log,) in connection.execute(select(logs.c.id).where(logs.c.location == location)).all():
                for table in (rollups, facts):
                    here = table.c.log == log, table.c.kind == kind, table.c[column] == old
                    connection.execute(update(table).where(*here).values({column: new}))
                word = words.c.log == log, words.c.kind == kind, words.c.dim == dim, words.c.value == old
                connection.execute(update(words).where(*word).values(value=new))

        self._writer.run(write).result()


def _step(step: Callable[[Connection, str], None], location: str, connection: Connection) -> None:
    step(connection, location)


def _redacted(candidate: Candidate, gone: Collection[str]) -> Candidate:
    event = candidate.event
    about = contacts_in(event.type, event.subject, event.data).intersection(gone)
    if not about:
        return candidate
    redacted = event._replace(data=Eraser(secrets.token_bytes(16), about).about(event.type, event.data))
    return Candidate(redacted, encode(redacted))


_OLD = (
    "SELECT e.seq, e.body FROM logs JOIN events AS e ON e.log = logs.id"
    " WHERE logs.location = ? AND e.seq > ? AND e.time < ? AND (e.time >= ? OR e.seq > ?) ORDER BY e.seq LIMIT ?"
)


def _rewrite(connection: Connection, location: str, rows: Sequence[tuple[int, str]]) -> None:
    driver = driver_of(connection)
    for log in driver.execute("SELECT id FROM logs WHERE location = ?", (location,)).fetchall():
        driver.executemany("UPDATE events SET body = ? WHERE log = ? AND seq = ?", [(b, *log, s) for s, b in rows])


def _write_sought(connection: Connection, id_: int) -> None:
    """Have an entity be found by what is left of it alone."""
    query = select(entities.c.family, entities.c.key, entities.c.name, entities.c.summary).where(entities.c.id == id_)
    for about in connection.execute(query).all():
        text, digits = sought(*about) or (None, None)
        connection.execute(update(entities).where(entities.c.id == id_).values(sought=text, digits=digits))


def _execute(connection: Connection, statement: Any) -> None:
    connection.execute(statement)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _erasure(row: Any) -> Erasure:
    plan = None if row.plan is None else orjson.loads(row.plan)
    done = None if row.done_at is None else moment(row.done_at)
    contacts = tuple(orjson.loads(row.contacts))
    return Erasure(row.id, row.location, row.contact, contacts, moment(row.asked_at), row.asked_by, plan, done)
