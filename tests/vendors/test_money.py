"""Money as people write it into a CRM, and what is not one amount of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.vendors.money import read_money


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (350_000, 350_000),
        (0, 0),
        ("0", 0),
        ("350000", 350_000),
        ("350,000", 350_000),
        ("$350,000.50", 350_000.5),
        ("350k", 350_000),
        ("$350K+", 350_000),
        ("about 400k", 400_000),
        ("1.2M", 1_200_000),
        ("$1.5 million", 1_500_000),
        ("350.000,00 USD", 350_000),
        ("1 200 000", 1_200_000),
        ("1'200'000", 1_200_000),
        ("USD 350,000", 350_000),
        ("1.2 billion", 1_200_000_000),
        ("1e6", 1_000_000),
        ({"value": "350000", "currency": "USD"}, 350_000),
        ({"amount": 350_000}, 350_000),
        ("approx. $350,000", 350_000),
    ],
)
def test_one_amount_is_read_however_it_is_written(written: Any, amount: float) -> None:
    assert read_money(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        *(
            "TBD",
            "N/A",
            "",
            "a lot",
            "300-350k",
            "300k to 350k",
            "400 or 500",
            "-5",
            "−5",
            "(5,000)",
            "6%",
            "$200/sqft",
        ),
        *("350 Main St", "Lot 5", "5 pesos", "3 crore", "6 hundred thousand", "12.500", "12.500 USD", "USD 12.500"),
        *("9" * 30, "9" * 30 + "m", 10**400, "$350,00", "1e99", {"value": 5, "currency": "EUR"}),
        *("3 bed 350,000", "350.000", "€350,000", "350,000 EUR", "x" * 200, None, True, [1], {}, -1),
        *(float("nan"), float("inf")),
    ],
)
def test_what_is_not_one_amount_of_dollars_is_none(written: Any) -> None:
    assert read_money(written) is None


@given(st.integers(0, 10**11), st.sampled_from(["{:,}", "${:,}", "{} USD", "{:,}.00"]))
def test_every_whole_amount_is_read_back(amount: int, spelling: str) -> None:
    assert read_money(spelling.format(amount)) == amount


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    amount = read_money(text)
    assert amount is None or amount >= 0
