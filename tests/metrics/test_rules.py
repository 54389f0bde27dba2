from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from jorge_data.metrics.entities import OTHER, CommissionRates, Rules, Vocabulary


def test_rates_hold_from_their_date_on() -> None:
    rates = CommissionRates.parse(0.06, "2026-07-01=0.055, 2025-01-01=0.05")
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [str(rates.on(day)) for day in days] == ["0.06", "0.05", "0.05", "0.055"]
    assert rates.last == Decimal("0.055")
    assert CommissionRates.parse(0.06).last == Decimal("0.06")


@pytest.mark.parametrize(
    "text", ["0.05", "2025-01-01", "2025-13-01=0.05", "2025-01-01=5%", "2025-01-01=1.5", "2025-01-01=0"]
)
def test_a_wrong_rate_is_named_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowed: <date>=<share over 0 up to 1>") as refused:
        CommissionRates.parse(0.06, f"2024-01-01=0.05,{text}")
    assert repr(text) in str(refused.value)


def test_a_date_may_not_have_two_rates() -> None:
    with pytest.raises(ValueError, match="names a date twice"):
        CommissionRates.parse(0.06, "2025-01-01=0.05,2025-01-01=0.04")


def test_the_version_changes_with_every_rule_and_with_nothing_else() -> None:
    rules = Rules()
    others = [
        replace(rules, zone=ZoneInfo("Asia/Kolkata")),
        replace(rules, rates=CommissionRates.parse(0.05)),
        replace(rules, rates=CommissionRates.parse(0.06, "2025-01-01=0.05")),
        replace(rules, intent_target_ms=40),
        replace(rules, confidence_target=0.9),
    ]
    assert len({rules.version, *(other.version for other in others)}) == 6
    assert Rules(intent_target_ms=42.0, rates=CommissionRates.parse(0.06)).version == rules.version


def test_a_vocabulary_that_is_full_calls_what_is_new_other_and_keeps_what_it_knows() -> None:
    vocabulary = Vocabulary(("intent_feature", "feature", str(number)) for number in range(199))
    counted = [
        vocabulary.cap("intent_feature", "feature", value) for value in ("7", "last", "late", "last", "late", "")
    ]
    assert counted == ["7", "last", OTHER, "last", OTHER, ""]
    assert vocabulary.cap("intent_feature", "source", "late") == "late"
    assert vocabulary.take_new() == [("intent_feature", "feature", "last"), ("intent_feature", "source", "late")]
    assert vocabulary.take_new() == []
