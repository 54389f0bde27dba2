"""A cell is read where its meaning is plain; where there are two, it is refused with what is allowed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from jorge_data.files.cells import Notation, notation_of, read_cell
from jorge_data.files.columns import time_columns

RFC = "2026-03-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("data.success", "TRUE", True),
        ("data.success", "False", False),
        ("data.success", "1", True),
        ("data.success", 0.0, False),
        ("data.success", "NaN", None),
        ("data.success", "perhaps", "perhaps"),
        ("data.current_question", "2.0", 2),
        ("data.current_question", 2.0, 2),
        ("data.current_question", Decimal("2"), 2),
        ("data.current_question", "2.5", 2.5),
        ("data.deal_value", "250000", 250_000),
        ("data.deal_value", "$1,250,000.50", 1_250_000.5),
        ("data.deal_value", "250,000", 250_000),
        ("data.deal_value", "1.250.000,50", 1_250_000.5),
        ("data.deal_value", "2.5E+05", 250_000),
        ("data.deal_value", "0,875", 0.875),
        ("data.deal_value", "many", "many"),
        ("data.deal_value", "None", None),
        ("data.deal_value", float("nan"), None),
        ("data.deal_id", "1001.0", "1001"),
        ("data.deal_id", 1001.0, "1001"),
        ("data.name", "1001.0", "1001.0"),
        ("data.name", "None", "None"),
        ("data.name", "NaN", None),
        ("data.tags_added", '["a"]', ["a"]),
        ("data.tags_added", "['a']", "['a']"),
        ("data.tags_added", "nan", None),
        ("data.rating", "nan", "nan"),
        ("data", {"a": 1, "b": None}, {"a": 1}),
    ],
)
def test_what_is_plain_is_read(column: str, cell: Any, value: Any) -> None:
    read = read_cell(column, cell, "point")
    assert (read, type(read)) == (value, type(value) if not isinstance(value, int | float) else type(read))


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01 12:00:00+00:00", "2026-03-01 12:00:00+00:00"),
        ("2026-03-01T12:00:00.000000+0000", RFC),
        ("2026-03-01 12:00:00+00", RFC),
        ("2026-03-01 12:00:00 UTC", RFC),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), RFC),
        (1_772_366_400, RFC),
        (1_772_366_400_000, RFC),
        ("1772366400000000", RFC),
        (1_772_366_400_000_000_000, RFC),
        ("NaT", None),
        ("2026-03-01 12:00:00", "2026-03-01T12:00:00"),  # the server says that a zone is missing
        ("3/1/2026 12:00", "3/1/2026 12:00"),
        (46_082.5, 46_082.5),
    ],
)
def test_moments_of_the_usual_writers_are_read_and_others_passed_on(cell: Any, moment: Any) -> None:
    assert read_cell("time", cell, "point") == moment


@pytest.mark.parametrize("cell", ["2026-03-03", date(2026, 3, 3), datetime(2026, 3, 3), "2026-03-03 00:00:00"])
def test_a_midnight_without_a_zone_is_a_date_where_a_date_may_stand(cell: Any) -> None:
    assert read_cell("data.expected_close", cell) == "2026-03-03"
    assert read_cell("data.next_action_date", cell) == "2026-03-03"


def test_the_columns_of_moments_are_those_of_the_contract() -> None:
    assert time_columns()["data.until"] == "moment"
    assert time_columns()["data.expected_close"] == "date"
    assert time_columns()["data.closed_at"] == "date or moment"


@pytest.mark.parametrize(
    ("notation", "cell"), [("either", "250,000"), ("comma", "250.000"), ("either", "-1,250"), ("comma", "$12.345")]
)
def test_a_number_that_may_be_two_is_refused(notation: Notation, cell: str) -> None:
    with pytest.raises(ValueError, match="allowed: a number without thousands separators"):
        read_cell("data.deal_value", cell, notation)


@pytest.mark.parametrize(
    ("cells", "notation"),
    [(["0.87", "42"], "either"), (["12.345"], "either"), (["0,87"], "comma"), (["250.000"], "comma"), ([], "either")],
)
def test_a_file_writes_decimal_commas_where_a_cell_shows_it(cells: list[str], notation: Notation) -> None:
    assert notation_of([("data.deal_value", cell) for cell in cells] + [("data.name", "0,87")]) == notation
    assert read_cell("data.deal_value", "12,5", notation) == 12.5


@pytest.mark.parametrize("cell", ["1.23457E+11", "1,2E+15", 1.5e17])
def test_an_id_that_a_spreadsheet_shortened_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match="allowed: the id in full; a spreadsheet shortened it"):
        read_cell("data.contact_id", cell, "point")


def test_a_text_that_a_spreadsheet_took_for_a_date_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed: text; a spreadsheet made a date of it"):
        read_cell("data.name", datetime(2026, 3, 4))


def test_texts_of_files_with_types_are_as_they_are() -> None:
    assert read_cell("data.name", "NaN") == "NaN"
    assert read_cell("data.contact_id", "1001.0") == "1001.0"
