"""Keeps events: one log a location, durable before it is acknowledged."""

from jorge_data.store.archive import Archive
from jorge_data.store.audit import Act, ActName, Audit, Entry
from jorge_data.store.base import Bounds, Checkpoint, Commit, CommitListener, Kept, Page, Store
from jorge_data.store.conditions import Condition, Operator
from jorge_data.store.credentials import Credential, Credentials
from jorge_data.store.delivery import Copy, Delivery, Filed, State, Tally, Verdict
from jorge_data.store.entities import EntityPlace, Listed, Order
from jorge_data.store.facts import FactPlace
from jorge_data.store.fields import Field
from jorge_data.store.folded import CellDelta, EntityRow, FactRow, Flush, Watermark
from jorge_data.store.history import Place, Row
from jorge_data.store.inbox import Inbox
from jorge_data.store.ranking import NAMINGS
from jorge_data.store.rollups import Span, Sum, Wanted
from jorge_data.store.sought import Conditions, Measure, Sought, Stretch
from jorge_data.store.sqlite import SQLiteStore
from jorge_data.store.view import View
from jorge_data.store_url import store_file

__all__ = [
    "NAMINGS",
    "Act",
    "ActName",
    "Archive",
    "Audit",
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
    "EntityPlace",
    "EntityRow",
    "Entry",
    "FactPlace",
    "FactRow",
    "Field",
    "Filed",
    "Flush",
    "Inbox",
    "Kept",
    "Listed",
    "Measure",
    "Operator",
    "Order",
    "Page",
    "Place",
    "Row",
    "SQLiteStore",
    "Sought",
    "Span",
    "State",
    "Store",
    "Stretch",
    "Sum",
    "Tally",
    "Verdict",
    "View",
    "Wanted",
    "Watermark",
    "open_store",
]


def open_store(url: str, listener: CommitListener) -> SQLiteStore:
    """Open the store that a URL names (`sqlite:///<file>`) and bring its tables up to date."""
    return SQLiteStore(store_file(url), listener)
