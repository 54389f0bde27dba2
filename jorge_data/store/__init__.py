"""The store: one log of events a location, durable before it is acknowledged, and what is folded from it.

`base` is the Protocol that every store fulfils, its neighbours are the values that it takes and returns and the further
Protocols of what it has beside its log: none of them knows SQL. `sql/` is what is SQL for every engine, `sqlite/` and
`postgresql/` are the stores, of which `open_store` chooses by the URL, `migrations/` their schemas through time,
`archive/` the Parquet files of events that left one. Other packages import what they need from here, and from here
alone.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from jorge_data.errors import StoreError
from jorge_data.store.archive.archive import FOLDER, Archive
from jorge_data.store.archive.copy_days import copy_days
from jorge_data.store.audit_entry import ActName, Audit, AuditedAction, AuditEntry, AuditFilter, Verification
from jorge_data.store.base import (
    AppendResult,
    Assignments,
    Bounds,
    Commit,
    CommitListener,
    Report,
    Store,
    UnreadableListener,
)
from jorge_data.store.credential import Credential, Credentials
from jorge_data.store.delivery import (
    Delivery,
    DeliveryCounts,
    DeliveryOutcome,
    Inbox,
    InboxDelivery,
    State,
    VendorCopy,
)
from jorge_data.store.erasure import ERASURE_ID, Erasure, FieldProgress, StoredRow
from jorge_data.store.event_filter import (
    INDEXED_FIELDS,
    Condition,
    Conditions,
    EventFilter,
    EventPage,
    EventRow,
    EventSortKey,
    FactOwner,
    Field,
    Measure,
    Operator,
    TimeRange,
    VisibleTo,
    holds,
)
from jorge_data.store.log_page import Hole, Page
from jorge_data.store.log_view import LogView
from jorge_data.store.rollup_types import (
    CellDelta,
    EntityFilter,
    EntityOrder,
    EntityRow,
    EntitySortKey,
    FactRow,
    FactSortKey,
    Flush,
    GrainRange,
    OpenItems,
    RollupFilter,
    Sum,
    Watermark,
)
from jorge_data.store.saved_view import SavedView, SavedViews
from jorge_data.store.sql.move import MovedLog, MoveSide, Show, move
from jorge_data.store.sqlite import move as sqlite_move
from jorge_data.store.sqlite.audit import verify_audit_log
from jorge_data.store.sqlite.backup import back_up, begin_new_epochs, restore
from jorge_data.store.sqlite.check import ENGINE, find_fault
from jorge_data.store.sqlite.store import SQLiteStore
from jorge_data.store.user import (
    ProviderAccount,
    StoredGrant,
    StoredInvitation,
    StoredSession,
    StoredUser,
    Users,
)
from jorge_data.store_url import is_postgresql, store_file, store_folder

__all__ = [
    "ENGINE",
    "ERASURE_ID",
    "FOLDER",
    "INDEXED_FIELDS",
    "ActName",
    "AppendResult",
    "Archive",
    "Assignments",
    "Audit",
    "AuditEntry",
    "AuditFilter",
    "AuditedAction",
    "Bounds",
    "CellDelta",
    "Commit",
    "CommitListener",
    "Condition",
    "Conditions",
    "Credential",
    "Credentials",
    "Delivery",
    "DeliveryCounts",
    "DeliveryOutcome",
    "EntityFilter",
    "EntityOrder",
    "EntityRow",
    "EntitySortKey",
    "Erasure",
    "EventFilter",
    "EventPage",
    "EventRow",
    "EventSortKey",
    "FactOwner",
    "FactRow",
    "FactSortKey",
    "Field",
    "FieldProgress",
    "Flush",
    "GrainRange",
    "Hole",
    "Inbox",
    "InboxDelivery",
    "LogView",
    "Measure",
    "MovedLog",
    "OpenItems",
    "Operator",
    "Page",
    "ProviderAccount",
    "Report",
    "RollupFilter",
    "SQLiteStore",
    "SavedView",
    "SavedViews",
    "State",
    "Store",
    "StoredGrant",
    "StoredInvitation",
    "StoredRow",
    "StoredSession",
    "StoredUser",
    "Sum",
    "TimeRange",
    "UnreadableListener",
    "Users",
    "VendorCopy",
    "Verification",
    "VisibleTo",
    "Watermark",
    "back_up",
    "begin_new_epochs",
    "find_fault",
    "find_fault_of_postgresql",
    "holds",
    "move_store",
    "open_store",
    "restore",
    "verify_audit_log",
]


def open_store(
    url: str,
    listener: CommitListener,
    report: Report = lambda *state: None,
    unreadable: UnreadableListener = lambda *hole: None,
    folder: Path | None = None,
) -> Store:
    """Open the store that a URL names (`sqlite:///<file>`, `postgresql://…`) and bring its tables up to date.

    `report` is called with the state of the parts of the store, from any thread, at once and whenever one changes.
    `folder`: where the archive of a PostgreSQL stands; that of SQLite stands beside its file.
    """
    if not is_postgresql(url):
        return SQLiteStore(store_file(url), listener, report, unreadable)
    try:
        from jorge_data.store.postgresql.store import PostgreSQLStore
    except ModuleNotFoundError as error:
        raise _without(error) from error
    return PostgreSQLStore(url, folder or store_folder(url), listener, report)


def move_store(source: str, target: str, show: Show) -> list[MovedLog]:
    """Move a store, which a URL names, into one that is empty, and its archive into the folder of that one.

    The source stays as it is. What was broken off goes on where it is begun again. Raise StoreTaken or StoreError, the
    target unusable, while a server has one of them, and where one is not what it should be.
    """
    folders = [store_folder(url) / FOLDER for url in (source, target)]
    with _opened_side(source, sqlite_move.open_source) as old, _opened_side(target, sqlite_move.open_target) as new:
        if folders[0].resolve() != folders[1].resolve():
            try:
                copy_days(*folders)
            except OSError as error:
                raise StoreError(f"the archive cannot be moved: {error}") from error
        return move(old, new, show)


def _opened_side(
    url: str, open_file: Callable[[Path], AbstractContextManager[MoveSide]]
) -> AbstractContextManager[MoveSide]:
    if not is_postgresql(url):
        return open_file(store_file(url))
    try:
        from jorge_data.store.postgresql.move import open_side
    except ModuleNotFoundError as error:
        raise _without(error) from error
    return open_side(url)


def find_fault_of_postgresql(url: str) -> str | None:
    """Return what is wrong with a database of PostgreSQL as a store, None where nothing is."""
    try:
        from jorge_data.store.postgresql.check import find_fault
    except ModuleNotFoundError as error:
        return str(_without(error))
    return find_fault(url)


def _without(error: ModuleNotFoundError) -> Exception:
    """Return what is to be said where psycopg is missing; what else is missing is as it is."""
    if error.name != "psycopg":
        return error
    return StoreError('a store on PostgreSQL needs psycopg: pip install "jorge-data[postgresql]"')
