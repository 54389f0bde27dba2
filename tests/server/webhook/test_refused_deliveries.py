"""Refused deliveries are counted by their reason, and of reasons there are few however many are invented."""

from datetime import UTC, datetime, timedelta

from jorge_data.errors import Forbidden
from jorge_data.server.webhook.refused_deliveries import LONGEST_REASON, MOST_REASONS, RefusedDeliveries

BEGAN = datetime(2026, 12, 3, tzinfo=UTC)


def test_a_flood_of_reasons_leaves_the_newest_and_each_is_short() -> None:
    refused = RefusedDeliveries()
    for number in range(1000):
        refused.add("ghl", Forbidden(f"{number} " + "x" * 5000), BEGAN + timedelta(seconds=number))
    kept = refused.of("ghl")
    assert [each["why"].split()[0] for each in kept] == [str(999 - n) for n in range(MOST_REASONS)]
    assert {len(each["why"]) for each in kept} == {LONGEST_REASON}
    assert refused.of("retell") == []


def test_what_is_refused_alike_is_one_reason_from_the_first_to_the_newest() -> None:
    refused = RefusedDeliveries()
    for number, why in enumerate(("a", "b", "a")):
        refused.add("ghl", Forbidden(why), BEGAN + timedelta(seconds=number))
    first, second = refused.of("ghl")
    assert (first["why"], first["times"], first["first"], first["last"]) == (
        "a",
        2,
        BEGAN,
        BEGAN + timedelta(seconds=2),
    )
    assert (second["why"], second["times"]) == ("b", 1)
