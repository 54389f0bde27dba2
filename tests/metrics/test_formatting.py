import pytest

from jorge_data.metrics.formatting import Unit, change, duration, portion, write


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (None, Unit.COUNT, "no data"),
        (0, Unit.COUNT, "0"),
        (12834, Unit.COUNT, "12,834"),
        (0.9999, Unit.SHARE, "99.9 %"),
        (39.4, Unit.MS, "39 ms"),
        (148_200, Unit.DOLLARS, "$148,200"),
        (0.9134, Unit.RATIO, "0.913"),
        (87.6, Unit.SCORE, "88"),
        (372, Unit.SECONDS, "6 m 12 s"),
    ],
)
def test_a_value_is_written_in_its_unit(value: float | None, unit: Unit, written: str) -> None:
    assert write(value, unit) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 s"), (59.6, "1 m"), (3600, "1 h"), (187_200, "2 d 4 h"), (86_399, "23 h 59 m")],
)
def test_a_duration_has_two_parts_at_most(seconds: float, written: str) -> None:
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("now", "before", "unit", "written"),
    [
        (None, 1, Unit.COUNT, None),
        (1, None, Unit.COUNT, None),
        (0.94, 0.92, Unit.SHARE, "+2.0 points"),
        (0.91, 0.92, Unit.RATIO, "-0.010"),
        (90, 100, Unit.COUNT, "-10.0 %"),
        (5, 0, Unit.COUNT, "+5"),
        (100, 100, Unit.COUNT, "0"),
        (0.92001, 0.92, Unit.SHARE, "0"),
    ],
)
def test_a_change_has_its_sign(now: float | None, before: float | None, unit: Unit, written: str | None) -> None:
    assert change(now, before, unit) == written


@pytest.mark.parametrize(
    ("share", "words"), [(5 / 28, "18 %"), (5 / 285, "2 %"), (0.999, "99 %"), (1, "100 %"), (0, "0 %"), (0.004, "0 %")]
)
def test_a_part_of_a_whole_is_to_the_nearest_percent_and_only_all_of_it_is_100(share: float, words: str) -> None:
    assert portion(share) == words
