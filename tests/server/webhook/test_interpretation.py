"""Interpretation: the same delivery gives the same events at every try, and one that recurs gives others."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from jorge_data.server.webhook.interpretation import Interpretation
from jorge_data.server.webhook.vendors import vendors_of
from jorge_data.settings import Settings
from jorge_data.store import Delivery

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
LATER = NOW + timedelta(days=8)
CONTACT = {"type": "ContactUpdate", "id": "ann", "contact_id": "ann", "full_name": "Ann Lee", "name": "Ann Lee"}


def names(vendor: str, at: datetime, key: str = "key") -> list[str]:
    """Return the names of the events of a delivery that came at a moment."""
    interpretation = Interpretation(vendors_of(Settings(_env_file=None)), 0.06)  # type: ignore[call-arg]
    delivery = Delivery("a", vendor, key, "ContactUpdate", at, orjson.dumps(CONTACT))
    return [candidate.event.id for candidate in interpretation.of(delivery, {}).candidates]


@pytest.mark.parametrize("vendor", ["ghl", "ghl-workflow"])
def test_a_delivery_has_the_same_events_at_every_try(vendor: str) -> None:
    assert len(names(vendor, NOW)) == 1
    assert names(vendor, NOW) == names(vendor, NOW)


def test_what_a_workflow_sends_again_after_its_delivery_is_forgotten_is_news() -> None:
    assert names("ghl-workflow", LATER) != names("ghl-workflow", NOW)


def test_what_a_workflow_sent_keeps_its_events_when_the_next_of_it_takes_its_name() -> None:
    assert names("ghl-workflow", NOW, "key@1767607200000000") == names("ghl-workflow", NOW)


def test_a_webhook_of_the_platform_is_the_same_whenever_it_comes() -> None:
    assert names("ghl", LATER) == names("ghl", NOW) == ["key:0"]
