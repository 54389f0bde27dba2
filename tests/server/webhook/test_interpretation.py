"""Interpretation: the same delivery gives the same events at every try, and one that recurs gives others."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from jorge_data.server.webhook.interpretation import Interpretation
from jorge_data.server.webhook.vendors import vendors_of
from jorge_data.settings import Settings
from jorge_data.store import Delivery
from jorge_data.vendors.gohighlevel import opportunity

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
LATER = NOW + timedelta(days=8)
CONTACT = {"type": "ContactUpdate", "id": "ann", "contact_id": "ann", "full_name": "Ann Lee", "name": "Ann Lee"}


def event_ids(vendor: str, at: datetime, key: str = "key") -> list[str]:
    """Return the ids of the events of a delivery that came at a moment."""
    interpretation = Interpretation(vendors_of(Settings(_env_file=None)), 0.06)  # type: ignore[call-arg]
    delivery = Delivery("a", vendor, key, "ContactUpdate", at, orjson.dumps(CONTACT))
    return [candidate.event.id for candidate in interpretation.translate(delivery, {}).candidates]


@pytest.mark.parametrize("vendor", ["ghl", "ghl-workflow"])
def test_a_delivery_has_the_same_events_at_every_try(vendor: str) -> None:
    assert len(event_ids(vendor, NOW)) == 1
    assert event_ids(vendor, NOW) == event_ids(vendor, NOW)


def test_what_a_workflow_sends_again_after_its_delivery_is_forgotten_is_news() -> None:
    assert event_ids("ghl-workflow", LATER) != event_ids("ghl-workflow", NOW)


def test_what_a_workflow_sent_keeps_its_events_when_the_next_of_it_takes_its_name() -> None:
    assert event_ids("ghl-workflow", NOW, "key@1767607200000000") == event_ids("ghl-workflow", NOW)


def test_a_webhook_of_the_platform_is_the_same_whenever_it_comes() -> None:
    (first,) = event_ids("ghl", NOW)
    assert event_ids("ghl", LATER) == [first]
    assert first.startswith("key:")


TBD = {"type": "OpportunityUpdate", "id": "d", "monetaryValue": "TBD", "status": "open"}


def test_what_is_told_after_a_mend_is_told_beside_what_was_told_before(monkeypatch: pytest.MonkeyPatch) -> None:
    interpretation = Interpretation(vendors_of(Settings(_env_file=None)), 0.06)  # type: ignore[call-arg]
    delivery = Delivery("a", "ghl", "key", "OpportunityUpdate", NOW, orjson.dumps(TBD))
    first = interpretation.translate(delivery, {})
    assert (first.state, first.error and first.error.partition(":")[0]) == ("failed", "monetaryValue is 'TBD'")
    again = interpretation.translate(delivery, first.copies)
    assert (again.state, again.candidates, again.error) == ("failed", [], first.error)
    monkeypatch.setattr(opportunity, "read_money", lambda value: 300_000.0)
    mended = interpretation.translate(delivery, first.copies)
    assert (mended.state, mended.candidates[0].event.data["deal_value"]) == ("translated", 300_000)
    assert mended.candidates[0].event.id != first.candidates[0].event.id


def test_the_same_event_twice_in_one_delivery_is_two_events() -> None:
    status = {"type": "bot_status_update", "data": {"bot_type": "b", "status": "active"}}
    interpretation = Interpretation(vendors_of(Settings(_env_file=None)), 0.06)  # type: ignore[call-arg]
    delivery = Delivery("a", "ghl-workflow", "key", "bot_status_update", NOW, orjson.dumps([status, status]))
    ids = [candidate.event.id for candidate in interpretation.translate(delivery, {}).candidates]
    assert (len(ids), len(set(ids))) == (2, 2)
