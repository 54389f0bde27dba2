"""Keeps events: one log a location, durable before it is acknowledged."""

from jorge_data.store.archive.archive import Archive
from jorge_data.store.base import Bounds, Checkpoint, Commit, CommitListener, Kept, Page, Store
from jorge_data.store.delivery import Copy, Delivery, DeliveryCounts, DeliveryOutcome, Filed, State
from jorge_data.store.event_filter import Condition, Conditions, EventFilter, Measure, Operator, Stretch
from jorge_data.store.rollup_types import CellDelta, EntityRow, FactRow, Flush, Watermark
from jorge_data.store.sqlite.audit import ActName, Audit, AuditedAction, AuditEntry
from jorge_data.store.sqlite.credentials import Credential, Credentials
from jorge_data.store.sqlite.entities import EntityPlace, Listed, Order
from jorge_data.store.sqlite.facts import FactPlace
from jorge_data.store.sqlite.fields import Field
from jorge_data.store.sqlite.inbox import Inbox
from jorge_data.store.sqlite.ranking import NAMINGS
from jorge_data.store.sqlite.read_events import EventPlace, EventRow
from jorge_data.store.sqlite.read_rollups import RollupFilter, Sum, TimeSpan
from jorge_data.store.sqlite.store import SQLiteStore
from jorge_data.store.sqlite.view import LogView
from jorge_data.store_url import store_file

__all__ = [
    "NAMINGS",
    "ActName",
    "Archive",
    "Audit",
    "AuditEntry",
    "AuditedAction",
    "Bounds",
    "CellDelta",
    "Checkpoint",
    "Commit",
    "CommitListener",
    "Condition",
    "Conditions",
    "Copy",
    "Credential",
    "Credentials",
    "Delivery",
    "DeliveryCounts",
    "DeliveryOutcome",
    "EntityPlace",
    "EntityRow",
    "EventFilter",
    "EventPlace",
    "EventRow",
    "FactPlace",
    "FactRow",
    "Field",
    "Filed",
    "Flush",
    "Inbox",
    "Kept",
    "Listed",
    "LogView",
    "Measure",
    "Operator",
    "Order",
    "Page",
    "RollupFilter",
    "SQLiteStore",
    "State",
    "Store",
    "Stretch",
    "Sum",
    "TimeSpan",
    "Watermark",
    "open_store",
]


def open_store(url: str, listener: CommitListener) -> SQLiteStore:
    """Open the store that a URL names (`sqlite:///<file>`) and bring its tables up to date."""
    return SQLiteStore(store_file(url), listener)
