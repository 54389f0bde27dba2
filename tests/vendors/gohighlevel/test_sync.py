"""What a synchronization files: differences from what is known, each once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from jorge_data.vendors import VendorEntity
from jorge_data.vendors.gohighlevel.names import CUSTOM_FIELDS, PIPELINES
from jorge_data.vendors.gohighlevel.sync import VENDOR, SyncRecord, difference

ASKED = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
DEAL = {"id": "deal-1", "name": "Elm St", "monetaryValue": 400_000, "status": "open", "pipelineStageId": "s-1"}
Known = dict[VendorEntity, dict[str, Any]]


def record(asked: datetime = ASKED, **fields: Any) -> SyncRecord:
    return SyncRecord("OpportunityUpdate", DEAL | fields, "office", asked)


def translated(known: Known, one: SyncRecord) -> list[dict[str, Any]]:
    """File a record if it differs, translate it as the inbox would, and keep the copies in `known`."""
    found = difference(one, known)
    if found is None:
        return []
    translation = VENDOR.translate(orjson.loads(found.body), known, one.asked)
    assert translation is not None
    known.update(translation.seen)
    return translation.events


def test_a_record_that_is_new_or_has_changed_is_filed_and_one_that_is_not_is_not() -> None:
    known: Known = {}
    assert len(translated(known, record())) == 1
    assert translated(known, record(ASKED + timedelta(minutes=5))) == []
    (event,) = translated(known, record(ASKED + timedelta(minutes=10), status="won"))
    assert event["data"]["status"] == "won"


def test_the_same_step_has_one_key_and_the_way_back_another() -> None:
    known: Known = {}
    first = difference(record(), known)
    assert first
    again = difference(record(ASKED + timedelta(minutes=5)), known)
    assert again
    assert again.key == first.key
    translated(known, record())
    there = difference(record(ASKED + timedelta(minutes=5), status="lost"), known)
    translated(known, record(ASKED + timedelta(minutes=5), status="lost"))
    translated(known, record(ASKED + timedelta(minutes=6)))
    there_again = difference(record(ASKED + timedelta(minutes=7), status="lost"), known)
    assert there
    assert there_again
    assert there.key != there_again.key


def test_what_was_asked_before_a_webhook_came_does_not_undo_it() -> None:
    known: Known = {}
    translated(known, record())
    webhook = record(ASKED + timedelta(minutes=3), status="won").body
    translation = VENDOR.translate(webhook, known, ASKED + timedelta(minutes=3))
    assert translation
    known.update(translation.seen)
    assert translated(known, record(ASKED + timedelta(minutes=2))) == []


def test_a_change_that_a_webhook_overtook_is_found_all_the_same() -> None:
    known: Known = {}
    translated(known, record(ASKED + timedelta(minutes=3)))
    late = record(ASKED + timedelta(minutes=5), updatedAt=(ASKED + timedelta(minutes=2)).isoformat(), status="won")
    (event,) = translated(known, late)
    assert (event["data"]["status"], event["time"]) == ("won", late.asked.isoformat())


def test_a_change_happened_when_the_record_says() -> None:
    changed = ASKED - timedelta(hours=2)
    (event,) = translated({}, record(updatedAt=changed.isoformat()))
    assert event["time"] == changed.isoformat()


@pytest.mark.parametrize(
    ("kind", "entity", "fields"),
    [
        ("CustomFields", CUSTOM_FIELDS, {"customFields": [{"id": "f-1", "name": "Motivation"}]}),
        ("Pipelines", PIPELINES, {"pipelines": [{"id": "p", "stages": [{"id": "s-1", "name": "Showing"}]}]}),
    ],
)
def test_names_are_filed_when_they_change(kind: str, entity: VendorEntity, fields: dict[str, Any]) -> None:
    known: Known = {}
    names = SyncRecord(kind, fields, "office", ASKED)
    assert difference(names, known)
    translated(known, names)
    assert known[entity]
    assert difference(names, known) is None


def test_a_record_that_cannot_be_translated_is_filed_to_be_seen() -> None:
    assert difference(record(status="imagined"), {})
