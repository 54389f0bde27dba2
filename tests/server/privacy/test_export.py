"""What is exported of a person, and what is not told of another by it."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jorge_data.events import Reception, admit
from jorge_data.server.privacy.export import export_person
from jorge_data.store import SQLiteStore

AT = datetime(2026, 11, 30, tzinfo=UTC)


def test_whose_contact_he_was_is_what_changes_of_the_contact_say_and_nothing_else(tmp_path: Path) -> None:
    told: list[tuple[str, dict[str, Any]]] = [
        ("contact_update", {"assigned_to": "ann", "changed": {}}),
        ("contact_update", {"assigned_to": None, "changed": {}}),  # says nothing of it, as every null
        ("contact_update", {"changed": {"phone": {"from": None, "to": "+1 512 555 0142"}}}),
        ("commission_update", {"deal_id": "d-1", "deal_value": 1.0, "status": "open", "assigned_to": "the deal's own"}),
        ("contact_update", {"changed": {"assigned_to": {"from": "ann", "to": None}}}),
        ("contact_update", {"changed": {"assigned_to": {"from": None, "to": "bob"}}}),
    ]
    events = [
        {
            "id": f"e{number}",
            "source": "crm",
            "type": kind,
            "time": f"2026-11-0{number}T00:00:00Z",
            "data": {"contact_id": "c-1", **data},
        }
        for number, (kind, data) in enumerate(told, 1)
    ]
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        store.append("office", [admit(each, Reception(AT, "office")) for each in events]).result(10)
        with export_person(store, "office", "c-1", AT) as file:
            person = json.load(file)
    assert [each["id"] for each in person["events"]] == [each["id"] for each in events]
    assert [(each["at"][:10], each["to"]) for each in person["assigned_to"]] == [
        ("2026-11-01", "ann"),
        ("2026-11-05", None),
        ("2026-11-06", "bob"),
    ]
