"""Saved views: names for links into the dashboard, each of one owner, his own or shared."""

from concurrent.futures import Future
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select

from jorge_data.events.timestamps import micros, moment
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.saved_view import SavedView
from jorge_data.store.sql import audit
from jorge_data.store.sql.driver import upsert
from jorge_data.store.sql.tables import views
from jorge_data.store.sql.writing import Read, Writing


class SQLSavedViews:
    """`saved_view.SavedViews`."""

    def __init__(self, writer: Writing, read: Read) -> None:
        self._writer, self._read = writer, read

    def visible(self, owner: str, location: str | None) -> list[SavedView]:
        shared: ColumnElement[bool] = views.c.shared
        if location is not None:
            shared = and_(shared, or_(views.c.location.is_(None), views.c.location == location))
        query = select(views).where((views.c.owner == owner) | shared).order_by(func.lower(views.c.name), views.c.id)
        with self._read() as connection:
            return [_view(row) for row in connection.execute(query)]

    def get(self, id_: int) -> SavedView | None:
        with self._read() as connection:
            row = connection.execute(select(views).where(views.c.id == id_)).one_or_none()
        return None if row is None else _view(row)

    def save(self, view: SavedView, most: int, act: AuditedAction | None) -> Future[int | None]:
        return self._writer.run(lambda connection: _save(connection, view, most, act))

    def remove(self, id_: int, act: AuditedAction | None) -> Future[None]:
        def work(connection: Connection) -> None:
            if connection.execute(delete(views).where(views.c.id == id_)).rowcount and act is not None:
                audit.write(connection, act)

        return self._writer.run(work)

    def take_over(self, taken: list[SavedView]) -> Future[None]:
        def work(connection: Connection) -> None:
            for view in taken:
                connection.execute(upsert(connection, views).values(_values(view)).on_conflict_do_nothing())

        return self._writer.run(work)


def _save(connection: Connection, view: SavedView, most: int, act: AuditedAction | None) -> int | None:
    own = select(func.count()).where(views.c.owner == view.owner, views.c.name != view.name)
    if connection.execute(own).scalar_one() >= most:
        return None
    values = _values(view)
    statement = (
        upsert(connection, views)
        .values(values)
        .on_conflict_do_update(index_elements=["owner", "name"], set_=values)
        .returning(views.c.id)
    )
    number: int = connection.execute(statement).scalar_one()
    if act is not None:
        audit.write(connection, act)
    return number


def _values(view: SavedView) -> dict[str, Any]:
    values = view._asdict()
    del values["id"]
    return values | {"parameters": orjson.dumps(view.parameters).decode(), "saved_at": micros(view.saved_at)}


def _view(row: Row[*tuple[Any, ...]]) -> SavedView:
    return SavedView(**{**row._mapping, "parameters": orjson.loads(row.parameters), "saved_at": moment(row.saved_at)})
