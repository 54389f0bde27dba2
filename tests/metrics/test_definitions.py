"""Definitions: every figure says what it is, and the manual says the same."""

import pytest

from jorge_data.events import KINDS
from jorge_data.metrics.definitions import DEFINITIONS, PAGES, Definition
from scripts.metrics_page import PAGE, TITLES, UNITS, text


def test_the_manual_is_what_the_definitions_say() -> None:
    assert PAGE.read_text() == text(), "run python -m scripts.metrics_page"


def test_every_page_and_unit_has_its_words() -> None:
    assert TITLES.keys() == PAGES.keys()
    assert {defined.unit for defined in DEFINITIONS.values()} <= UNITS.keys()


@pytest.mark.parametrize("defined", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_a_figure_says_all_of_itself(defined: Definition) -> None:
    assert all((defined.title, defined.formula, defined.source, defined.fact, defined.absent))
    assert defined.line.endswith(".")
    assert "\n" not in defined.line + defined.formula


def test_sources_are_kinds_of_the_contract() -> None:
    named = {
        word for each in DEFINITIONS.values() for word in each.source.split(", ") if "_" in word and " " not in word
    }
    assert named <= set(KINDS)
