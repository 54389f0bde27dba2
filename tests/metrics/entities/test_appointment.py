"""An appointment counts once, when it was first told, however often and in whatever order it is told."""

import pytest

from tests.metrics.entities.memory_store import MemoryStore, fold_each
from tests.metrics.live_location import HOUR, MINUTE, NOON, LiveLocation


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_an_appointment_that_is_moved_and_confirmed_was_booked_once(
    location: LiveLocation, order: tuple[int, ...]
) -> None:
    for told in order:
        location.converse("appointment_booked", at=NOON + told * HOUR, appointment_id="visit")
    location.converse("appointment_booked", at=NOON + 30 * MINUTE, appointment_id="call")
    assert fold_each(location.events).values("appointment") == [(0,), (30,)]
    assert MemoryStore().fold(location.events).states == fold_each(location.events).states


def test_a_deleted_appointment_was_none(location: LiveLocation) -> None:
    location.converse("appointment_booked", at=NOON, appointment_id="visit")
    gone = {"appointment_id": "visit", "appointment_status": "deleted"}
    location.converse("stage_changed", at=NOON + HOUR, **gone)
    assert fold_each(location.events).values("appointment") == []


def test_a_deleted_contact_has_no_appointment(location: LiveLocation) -> None:
    location.converse("appointment_booked", at=NOON)
    assert fold_each(location.events).values("appointment") == [(0,)]
    location.publish("contact_update", NOON + HOUR, contact_id="dana", changed={}, deleted=True)
    assert fold_each(location.events).values("appointment") == []
