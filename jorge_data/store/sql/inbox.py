"""The inbox: deliveries, on disk before they are acknowledged, and what became of each."""

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, true, tuple_, update
from sqlalchemy import bindparam as bound

from jorge_data.events.timestamps import micros, moment
from jorge_data.store.delivery import Delivery, DeliveryCounts, DeliveryOutcome, InboxDelivery, State, VendorCopy
from jorge_data.store.sql.driver import upsert
from jorge_data.store.sql.tables import crm_entities, deliveries
from jorge_data.store.sql.writing import DeliveryJob, Read, Writing

SHOWN = 16_384

PRUNED_AT_ONCE = 2_000
"""Most deliveries that one transaction removes, so that no publish waits for more."""

REOPENED = 20_000
"""Most deliveries that wait again at once: less than half of those that may wait at all."""

KEYS_A_QUERY = 300
"""Copies that one statement selects: SQLite takes 999 variables where it was built the old way."""


class SQLInbox:
    """`delivery.Inbox`."""

    def __init__(self, writer: Writing, read: Read) -> None:
        self._writer = writer
        self._read = read

    def file(self, delivery: Delivery) -> Future[bool]:
        job = DeliveryJob(delivery)
        self._writer.put(job)
        return job.duplicate

    def pending(self, limit: int) -> list[InboxDelivery]:
        query = select(deliveries).where(deliveries.c.state == "pending").order_by(deliveries.c.id).limit(limit)
        with self._read() as connection:
            return [_filed(row) for row in connection.execute(query)]

    def waiting(self) -> int:
        query = select(func.count()).where(deliveries.c.state == "pending")
        with self._read() as connection:
            return connection.execute(query).scalar_one()

    def copies(self, location: str, keys: Sequence[tuple[str, str]]) -> list[VendorCopy]:
        column = tuple_(crm_entities.c.kind, crm_entities.c.id)
        copies: list[VendorCopy] = []
        with self._read() as connection:
            for first in range(0, len(keys), KEYS_A_QUERY):
                some = keys[first : first + KEYS_A_QUERY]
                query = select(crm_entities).where(crm_entities.c.location == location, column.in_(some))
                copies += [_copy(row) for row in connection.execute(query)]
        return copies

    def kept(self, location: str, kind: str, after: str, limit: int) -> list[VendorCopy]:
        column = crm_entities.c
        query = select(crm_entities).where(column.location == location, column.kind == kind, column.id > after)
        with self._read() as connection:
            return [_copy(row) for row in connection.execute(query.order_by(column.id).limit(limit))]

    def settle(self, outcomes: Sequence[DeliveryOutcome], copies: Sequence[VendorCopy]) -> Future[None]:
        return self._writer.run(lambda connection: _settle(connection, outcomes, copies))

    def reopen(self, location: str | None) -> Future[int]:
        not_told = select(deliveries.c.id).where(deliveries.c.state.in_(("failed", "ignored")))
        if location is not None:
            not_told = not_told.where(deliveries.c.location == location)
        newest = not_told.order_by(deliveries.c.id.desc()).limit(REOPENED)
        query = update(deliveries).where(deliveries.c.id.in_(newest)).values(state="pending", error=None)
        return self._writer.run(lambda connection: connection.execute(query).rowcount)

    def prune(self, before: datetime) -> Future[int]:
        column = deliveries.c
        old = column.state.in_(("translated", "ignored")), column.received_at < micros(before)
        first = select(column.id).where(*old).order_by(column.id).limit(PRUNED_AT_ONCE)
        with self._read() as connection:  # selected here: the writer shall touch only what goes
            ids = connection.execute(first).scalars().all()
        query = delete(deliveries).where(*old, column.id.between(min(ids, default=0), max(ids, default=0)))
        return self._writer.run(lambda connection: connection.execute(query).rowcount)

    def newest(self, location: str, states: Collection[State], limit: int) -> list[InboxDelivery]:
        columns = [column for column in deliveries.c if column is not deliveries.c.body]
        body = func.substr(deliveries.c.body, 1, SHOWN).label("body")
        query = select(*columns, body).where(deliveries.c.location == location)
        if states:
            query = query.where(deliveries.c.state.in_(sorted(states)))
        with self._read() as connection:
            return [_filed(row) for row in connection.execute(query.order_by(deliveries.c.id.desc()).limit(limit))]

    def tallies(self, location: str | None) -> list[DeliveryCounts]:
        by = deliveries.c.vendor, deliveries.c.type, deliveries.c.state
        query = (
            select(*by, func.count(), func.max(deliveries.c.received_at))
            .where(true() if location is None else deliveries.c.location == location)
            .group_by(*by)
            .order_by(*by)
        )
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [
            DeliveryCounts(vendor, type_, state, count, moment(newest)) for vendor, type_, state, count, newest in rows
        ]


def forget(connection: Connection, location: str) -> None:
    """Remove a location's deliveries and copies, within a transaction."""
    connection.execute(delete(deliveries).where(deliveries.c.location == location))
    connection.execute(delete(crm_entities).where(crm_entities.c.location == location))


def _settle(connection: Connection, outcomes: Iterable[DeliveryOutcome], copies: Iterable[VendorCopy]) -> None:
    rows = [
        {"delivery": outcome.id, "state": outcome.state, "events": outcome.events, "error": outcome.error}
        for outcome in outcomes
    ]
    settled = update(deliveries).where(deliveries.c.id == bound("delivery"))
    settled = settled.values(state=bound("state"), events=bound("events"), error=bound("error"))
    if rows and not connection.execute(settled, rows).rowcount:
        return  # their location was removed meanwhile: nothing of it may come back
    rows = [
        {"location": copy.location, "kind": copy.kind, "id": copy.id, "body": copy.body.decode()} for copy in copies
    ]
    if rows:
        statement = upsert(connection, crm_entities)
        newest = {"body": statement.excluded.body}
        names = ["location", "kind", "id"]
        connection.execute(statement.on_conflict_do_update(index_elements=names, set_=newest), rows)


def _filed(row: Row[*tuple[Any, ...]]) -> InboxDelivery:
    delivery = Delivery(row.location, row.vendor, row.key, row.type, moment(row.received_at), row.body.encode())
    return InboxDelivery(row.id, delivery, row.state, row.events, row.error)


def _copy(row: Row[*tuple[Any, ...]]) -> VendorCopy:
    return VendorCopy(row.location, row.kind, row.id, row.body.encode())
