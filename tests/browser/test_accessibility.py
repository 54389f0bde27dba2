"""Every page, light and dark: it fits, nothing fails, and axe finds no serious fault."""

import pytest

from tests.browser.axe import serious_faults
from tests.browser.loaded_pages import LoadedPage
from tests.browser.visitor import DESK, FITS, PHONE, wait_until_drawn

pytestmark = pytest.mark.browser


def test_it_fits_a_phone_and_a_desk(loaded: LoadedPage) -> None:
    for width in (PHONE, DESK):
        loaded.page.set_viewport_size({"width": width, "height": 900})
        loaded.page.wait_for_function(FITS)


def test_no_part_and_no_request_of_it_fails(loaded: LoadedPage) -> None:
    wait_until_drawn(loaded.page)
    assert loaded.visitor.complaints == []


def test_nobody_is_shut_out(loaded: LoadedPage) -> None:
    assert serious_faults(loaded.page) == []
