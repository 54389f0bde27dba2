"""How the API's headers and pages are read."""

import pytest

from jorge_data.vendors.gohighlevel.api import DAILY_RESERVE, LIMIT, RESERVE, Allowance, Position, read_page

FULL = [{"id": f"o-{n}", "dateAdded": "2021-11-26T12:41:02.193Z"} for n in range(LIMIT)]
META = {"startAfter": 1_625_203_104_328, "startAfterId": "yWQobCRIhRguQtD2llvk", "total": 250}


def headers(remaining: int, interval_ms: int = 10_000, daily: int = 199_000) -> dict[str, str]:
    return {
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Interval-Milliseconds": str(interval_ms),
        "X-RateLimit-Daily-Remaining": str(daily),
    }


def test_a_window_that_is_all_but_used_up_is_waited_for() -> None:
    assert Allowance.of(headers(RESERVE + 1)).wait_s() == 0
    assert Allowance.of(headers(RESERVE)).wait_s() == 10
    assert Allowance.of(headers(0, 4000)).wait_s() == 4


def test_a_day_that_is_used_up_is_known() -> None:
    assert Allowance.of(headers(50, daily=DAILY_RESERVE)).is_spent_for_today
    assert not Allowance.of(headers(50)).is_spent_for_today


@pytest.mark.parametrize("odd", ["", "-5", "many", "1e9", "9" * 50, "٣"])
def test_headers_that_are_no_numbers_stop_nothing(odd: str) -> None:
    allowance = Allowance.of(dict.fromkeys((*headers(0), "Retry-After"), odd))
    assert (allowance.wait_s(), allowance.is_spent_for_today, allowance.retry_after_s) == (0, False, None)


def test_the_next_page_begins_where_meta_says_and_nowhere_else() -> None:
    poisoned = {"opportunities": FULL, "meta": META | {"nextPageUrl": "http://localhost:5066/steal"}}
    page = read_page(poisoned, "opportunities", None)
    assert page.after == Position(1_625_203_104_328, "yWQobCRIhRguQtD2llvk")
    assert page.total == 250


def test_a_listing_without_meta_goes_on_after_its_last_record() -> None:
    assert read_page({"contacts": FULL}, "contacts", None).after == Position(1_637_930_462_193, "o-99")


@pytest.mark.parametrize("records", [[], FULL[:-1]])
def test_a_page_that_is_not_full_is_the_last(records: list[object]) -> None:
    assert read_page({"contacts": records, "meta": META}, "contacts", None).after is None


def test_a_position_that_does_not_move_ends_the_listing() -> None:
    here = Position(META["startAfter"], META["startAfterId"])  # type: ignore[arg-type]
    assert read_page({"contacts": FULL, "meta": META}, "contacts", here).after is None


@pytest.mark.parametrize("body", [{}, {"contacts": None}, {"contacts": "x"}, {"contacts": [5, None]}])
def test_an_answer_of_another_shape_has_no_records(body: dict[str, object]) -> None:
    assert read_page(body, "contacts", None).records == []
