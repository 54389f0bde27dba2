"""Phone numbers of one person are equal, however two systems write them."""

import pytest

from jorge_data.vendors.phone import normalize


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
