"""Phone numbers of one person are equal, however two systems write them."""

import pytest

from jorge_data.telephone import normalize
from jorge_data.vendors.phone import MOST_HOLDERS, holders_of, with_holder


@pytest.mark.parametrize(
    "written",
    [
        "+12137771234",
        "12137771234",
        "2137771234",
        "(213) 777-1234",
        "213-777-1234 ext. 5",
        "1-213-PPP-1234",
        "+1 213.777.1234",
        "0012137771234",
        2137771234,
    ],
)
def test_a_north_american_number_is_one_however_it_is_written(written: object) -> None:
    assert normalize(written) == "+12137771234"


def test_other_countries_keep_their_code() -> None:
    assert normalize("+91 95095 97501") == "+919509597501"


@pytest.mark.parametrize("written", [None, "", "anonymous", "911", True, 21.5, "+0123456789", "+1" * 40, "1" * 100])
def test_what_is_no_number_is_none(written: object) -> None:
    assert normalize(written) is None


def test_a_number_remembers_whose_it_is_the_one_told_last_first() -> None:
    copy = with_holder(with_holder(with_holder(None, "ann"), "bob"), "cem")
    assert holders_of(copy) == ["cem", "bob", "ann"]
    assert holders_of(with_holder(copy, "bob")) == ["bob", "cem", "ann"]


def test_a_number_as_it_was_stored_before_has_one_holder() -> None:
    assert with_holder(None, "ann") == {"contact_id": "ann"}
    assert holders_of({"contact_id": "ann"}) == ["ann"]
    assert holders_of(None) == []


def test_a_number_of_a_whole_office_remembers_those_told_last() -> None:
    copy = None
    for number in range(50):
        copy = with_holder(copy, f"contact-{number}")
    assert holders_of(copy) == [f"contact-{number}" for number in range(49, 49 - MOST_HOLDERS, -1)]
