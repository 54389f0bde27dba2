"""The store: one log of events a location, durable before it is acknowledged, and what is folded from it.

`base` is the Protocol that every store fulfils, its neighbours are the values that it takes and returns and the further
Protocols of what it has beside its log: none of them knows SQL. `sql/` is what is SQL for every engine, `sqlite/` the
store there is, `migrations/` its schema through time, `archive/` the Parquet files of events that left it. Another
store comes as a folder beside `sqlite/`, and `open_store` chooses it by its URL; other packages import what they need
from here, and from here alone.
"""

from jorge_data.store.archive.archive import FOLDER, Archive
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
from jorge_data.store_url import store_file

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
    "holds",
    "open_store",
    "restore",
    "verify_audit_log",
]


def open_store(
    url: str,
    listener: CommitListener,
    report: Report = lambda *state: None,
    unreadable: UnreadableListener = lambda *hole: None,
) -> Store:
    """Open the store that a URL names (`sqlite:///<file>`) and bring its tables up to date.

    `report` is called with the state of the parts of the store, from any thread, at once and whenever one changes.
    """
    return SQLiteStore(store_file(url), listener, report, unreadable)
