import random
from decimal import Decimal

import pytest

from jorge_data.metrics.formatting import (
    Unit,
    change,
    duration,
    first_name,
    money,
    number,
    portion,
    portions,
    rounded,
    write,
)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (None, Unit.COUNT, "no data"),
        (0, Unit.COUNT, "0"),
        (12834, Unit.COUNT, "12,834"),
        (0.9999, Unit.SHARE, "99.99 %"),
        (3 / 18, Unit.SHARE, "16.7 %"),
        (0.0625, Unit.SHARE, "6.2 %"),
        (39.4, Unit.MS, "39 ms"),
        (148_200, Unit.DOLLARS, "$148,200"),
        (0.9134, Unit.RATIO, "0.913"),
        (0, Unit.COST, "$0.00"),
        (0.0013, Unit.COST, "$0.0013"),
        (0.000125, Unit.COST, "$0.00012"),
        (0.0996, Unit.COST, "$0.10"),
        (0.4, Unit.COST, "$0.40"),
        (12.4, Unit.COST, "$12.40"),
        (1234.5, Unit.COST, "$1,234"),
        (87.6, Unit.SCORE, "88"),
        (372, Unit.SECONDS, "6 m 12 s"),
    ],
)
def test_a_value_is_written_in_its_unit(value: float | None, unit: Unit, written: str) -> None:
    assert write(value, unit) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (59.6, "1 m"),
        (3600, "1 h"),
        (187_200, "2 d 4 h"),
        (190_799, "2 d 5 h"),
        (86_399, "1 d"),
        (3569.5, "59 m"),
        (599.6, "10 m"),
        (34 * 86_400, "34 d"),
    ],
)
def test_a_duration_has_a_second_part_below_ten_of_the_first(seconds: float, written: str) -> None:
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("now", "before", "unit", "written"),
    [
        (None, 1, Unit.COUNT, None),
        (1, None, Unit.COUNT, None),
        (0.94, 0.92, Unit.SHARE, "+2.0 points"),
        (0.91, 0.92, Unit.RATIO, "-0.010"),
        (90, 100, Unit.COUNT, "-10 %"),
        (100.4, 100, Unit.COUNT, "+0.4 %"),
        (5, 0, Unit.COUNT, "+5"),
        (100, 100, Unit.COUNT, "0"),
        (0.92001, 0.92, Unit.SHARE, "0"),
    ],
)
def test_a_change_has_its_sign(now: float | None, before: float | None, unit: Unit, written: str | None) -> None:
    assert change(now, before, unit) == written


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (5 / 28, "18 %"),
        (5 / 285, "2 %"),
        (0.999, "99.9 %"),
        (1, "100 %"),
        (0, "0 %"),
        (0.004, "0.4 %"),
        (0.125, "12 %"),
    ],
)
def test_a_part_of_a_whole_is_to_the_nearest_percent_and_only_all_of_it_is_100(share: float, words: str) -> None:
    assert portion(share) == words


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [(0.125, 2, "0.12"), (0.375, 2, "0.38"), (2.675, 2, "2.68"), (2.5, 0, "2"), (-0.4, 0, "0"), (1234.5, 0, "1,234")],
)
def test_a_half_goes_to_the_even_digit_of_the_number_as_it_is_written(value: float, digits: int, written: str) -> None:
    assert number(value, digits) == written


def test_money_is_rounded_by_the_same_rule() -> None:
    assert [money(cents) for cents in (50, 150, 250, 251)] == ["$0", "$2", "$2", "$3"]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([1, 1, 1], ["34 %", "33 %", "33 %"]),
        ([3, 15], ["17 %", "83 %"]),
        ([1, 7], ["12 %", "88 %"]),
        ([999, 1], ["99.9 %", "0.1 %"]),
        ([5, 0], ["100 %", "0 %"]),
        ([0, 0], ["", ""]),
        ([], []),
    ],
)
def test_10c_parts_of_one_whole_add_up(parts: list[float], words: list[str]) -> None:
    assert portions(parts) == words


def test_any_parts_of_one_whole_add_up_to_100_and_none_is_off_by_a_unit() -> None:
    draw = random.Random(7)
    for _ in range(500):
        parts = [draw.randrange(1, draw.choice((9, 400, 90_000))) for _ in range(draw.randrange(1, 14))]
        shown = [Decimal(words.removesuffix(" %")) for words in portions(parts)]
        assert sum(shown) == 100
        unit = Decimal(1).scaleb(int(shown[0].as_tuple().exponent))
        assert all(abs(each - Decimal(100) * n / sum(parts)) < unit for each, n in zip(shown, parts, strict=True))


@pytest.mark.parametrize(
    ("value", "unit", "target", "written"),
    [
        (42.3, Unit.MS, 42, "42.3 ms"),
        (42, Unit.MS, 42, "42 ms"),
        (0.9496, Unit.SHARE, 0.95, "94.96 %"),
        (0.94, Unit.SHARE, 0.95, "94 %"),
        (0.8499, Unit.RATIO, 0.85, "0.8499"),
    ],
)
def test_what_misses_its_target_never_reads_as_the_target(
    value: float, unit: Unit, target: float, written: str
) -> None:
    assert write(value, unit, target) == written


def test_rounding_is_right_for_every_hundredth() -> None:
    exact = [Decimal(n) / 1000 for n in range(-5000, 5000)]
    assert [rounded(float(each), 2) for each in exact] == [each.quantize(Decimal("0.01")) for each in exact]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Dana Whitfield", "Dana"),
        ("Dr. Ann Lee", "Ann"),
        ("mrs mei-lin zhou", "mei-lin"),
        ("Ms. Jordan", "Jordan"),
        ("Dr.", "Dr."),
        ("  ", ""),
        ("", ""),
    ],
)
def test_people_speak_of_somebody_by_the_first_name_without_what_stands_before_it(name: str, first: str) -> None:
    assert first_name(name) == first
