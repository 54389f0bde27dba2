"""The deliveries of a synchronization: each difference from the stored copies once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from jorge_data.vendors import VendorEntity
from jorge_data.vendors.gohighlevel.names import CUSTOM_FIELDS, PIPELINES
from jorge_data.vendors.gohighlevel.sync import VENDOR, SyncRecord, difference

REQUESTED_AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
DEAL = {"id": "deal-1", "name": "Elm St", "monetaryValue": 400_000, "status": "open", "pipelineStageId": "s-1"}
Copies = dict[VendorEntity, dict[str, Any]]


def record(requested_at: datetime = REQUESTED_AT, **fields: Any) -> SyncRecord:
    return SyncRecord("OpportunityUpdate", DEAL | fields, "office", requested_at)


def translated(copies: Copies, one: SyncRecord) -> list[dict[str, Any]]:
    """File a record if it differs, translate it as the inbox would, and keep the copies in `copies`."""
    differing = difference(one, copies)
    if differing is None:
        return []
    translation = VENDOR.translate(orjson.loads(differing.body), copies, one.requested_at)
    assert translation is not None
    copies.update(translation.seen)
    return translation.events


def test_a_record_that_is_new_or_has_changed_is_filed_and_one_that_is_not_is_not() -> None:
    copies: Copies = {}
    assert len(translated(copies, record())) == 1
    assert translated(copies, record(REQUESTED_AT + timedelta(minutes=5))) == []
    (event,) = translated(copies, record(REQUESTED_AT + timedelta(minutes=10), status="won"))
    assert event["data"]["status"] == "won"


def test_the_same_step_has_one_key_and_the_way_back_another() -> None:
    copies: Copies = {}
    first = difference(record(), copies)
    assert first
    again = difference(record(REQUESTED_AT + timedelta(minutes=5)), copies)
    assert again
    assert again.key == first.key
    translated(copies, record())
    there = difference(record(REQUESTED_AT + timedelta(minutes=5), status="lost"), copies)
    translated(copies, record(REQUESTED_AT + timedelta(minutes=5), status="lost"))
    translated(copies, record(REQUESTED_AT + timedelta(minutes=6)))
    there_again = difference(record(REQUESTED_AT + timedelta(minutes=7), status="lost"), copies)
    assert there
    assert there_again
    assert there.key != there_again.key


def test_what_was_asked_before_a_webhook_came_does_not_undo_it() -> None:
    copies: Copies = {}
    translated(copies, record())
    webhook = record(REQUESTED_AT + timedelta(minutes=3), status="won").body
    translation = VENDOR.translate(webhook, copies, REQUESTED_AT + timedelta(minutes=3))
    assert translation
    copies.update(translation.seen)
    assert translated(copies, record(REQUESTED_AT + timedelta(minutes=2))) == []


def test_a_change_that_a_webhook_overtook_is_found_all_the_same() -> None:
    copies: Copies = {}
    translated(copies, record(REQUESTED_AT + timedelta(minutes=3)))
    late = record(
        REQUESTED_AT + timedelta(minutes=5), updatedAt=(REQUESTED_AT + timedelta(minutes=2)).isoformat(), status="won"
    )
    (event,) = translated(copies, late)
    assert (event["data"]["status"], event["time"]) == ("won", late.requested_at.isoformat())


def test_a_change_happened_when_the_record_says() -> None:
    changed = REQUESTED_AT - timedelta(hours=2)
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
    copies: Copies = {}
    names = SyncRecord(kind, fields, "office", REQUESTED_AT)
    assert difference(names, copies)
    translated(copies, names)
    assert copies[entity]
    assert difference(names, copies) is None


def test_a_record_that_cannot_be_translated_is_filed_to_be_seen() -> None:
    assert difference(record(status="imagined"), {})
