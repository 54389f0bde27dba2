"""The store: one log of events a location, durable before it is acknowledged, and what is folded from it.

`base` is the Protocol that every store fulfils; `event_filter`, `rollup_types` and `delivery` are the values that it
takes and returns: none of them knows SQL. `sqlite/` is the store there is, `migrations/` its schema through time,
`archive/` the Parquet files of events that left it. Another store comes as a folder beside `sqlite/`, and `open_store`
chooses it by its URL; other packages import what they need from here.
"""

from jorge_data.store.archive.archive import Archive
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
from jorge_data.store.delivery import Delivery, DeliveryCounts, DeliveryOutcome, InboxDelivery, State, VendorCopy
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
)
from jorge_data.store.log_page import Hole, Page
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
from jorge_data.store.sqlite.audit import ActName, AuditedAction, Verification
from jorge_data.store.sqlite.audit_log import Audit, AuditEntry, AuditFilter, verify_audit_log
from jorge_data.store.sqlite.credentials import Credential, Credentials
from jorge_data.store.sqlite.erasures import ERASURE_ID, Erasure, FieldProgress, StoredRow
from jorge_data.store.sqlite.inbox import Inbox
from jorge_data.store.sqlite.store import SQLiteStore
from jorge_data.store.sqlite.users import (
    ProviderAccount,
    StoredGrant,
    StoredInvitation,
    StoredSession,
    StoredUser,
    Users,
)
from jorge_data.store.sqlite.view import LogView
from jorge_data.store.sqlite.views import SavedView, SavedViews
from jorge_data.store_url import store_file

__all__ = [
    "ERASURE_ID",
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
    "open_store",
    "verify_audit_log",
]


def open_store(
    url: str,
    listener: CommitListener,
    report: Report = lambda *state: None,
    unreadable: UnreadableListener = lambda *hole: None,
) -> SQLiteStore:
    """Open the store that a URL names (`sqlite:///<file>`) and bring its tables up to date.

    `report` is called with the state of the parts of the store, from any thread, at once and whenever one changes.
    """
    return SQLiteStore(store_file(url), listener, report, unreadable)
