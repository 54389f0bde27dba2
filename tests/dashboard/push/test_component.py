"""The component's own files: what they may not cost every page."""

import re
from pathlib import Path

from jorge_data.dashboard.push import component

OF_EVERY_PAGE = ("frame.css", "print.css")


def test_no_rule_of_every_page_asks_of_the_whole_page() -> None:
    """A browser looks all through the page for each such rule, whenever something on it changes."""
    for name in OF_EVERY_PAGE:
        rules = (Path(component.__file__).parent / "frontend" / name).read_text()
        assert re.findall(r'(?:stApp"\]|html|body):has\([^)]*\)', rules) == [], f"{name}: they belong into kiosk.css"


def test_what_is_loaded_ahead_is_among_streamlits_files() -> None:
    assert [name.partition(".")[0] for name in component.loaded_ahead()] == list(component.DRAWN_WITH)
