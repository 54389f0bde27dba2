"""Events for a store, and what it holds."""

from datetime import UTC, datetime
from typing import Any

from jorge_data.events import Candidate, Reception, admit, decode
from jorge_data.store import AppendResult, Store

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def event(identifier: str, source: str = "tests", **data: Any) -> Candidate:
    """Return an admitted event of this name."""
    data = {"bot_type": "jorge-seller", "status": "idle"} | data
    return admit({"id": identifier, "source": source, "type": "bot_status_update", "data": data}, Reception(NOW))


def health(identifier: str) -> Candidate:
    """Return an admitted event of another kind."""
    data = {"component": "redis", "status": "healthy", "response_time_ms": 1}
    return admit({"id": identifier, "source": "tests", "type": "system_health_update", "data": data}, Reception(NOW))


def message(message_id: str | None, delivery: str | None, contact: str = "c1") -> Candidate:
    """Return an admitted message to a contact, told with the status of its delivery."""
    data = {"conversation_id": contact, "contact_id": contact, "kind": "message", "direction": "outbound"}
    told = {"message_id": message_id, "delivery": delivery}
    data |= {name: value for name, value in told.items() if value}
    return admit({"source": "tests", "type": "conversation_event", "data": data}, Reception(NOW))


def keep(store: Store, location: str, *identifiers: str) -> list[AppendResult]:
    """Append events of these names and wait until they are kept."""
    return store.append(location, [event(identifier) for identifier in identifiers]).result(10)


def contents(store: Store, location: str) -> list[tuple[int, str]]:
    """Return the position and the name of every event of a location, as it is served."""
    page = store.read(location, 0, 100_000)
    served = [decode(record.wire) for record in page.records]
    assert [record.seq for record in page.records] == [each.seq for each in served]
    return [(each.seq, each.id) for each in served]
