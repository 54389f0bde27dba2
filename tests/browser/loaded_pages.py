"""The pages that are loaded once for all tests of the package: each of the list, and one contact; light and dark."""

from typing import NamedTuple

from playwright.sync_api import Page

from jorge_data.dashboard.ui.navigation import ENTRIES, HOME
from tests.browser.visitor import Visitor

ADDRESSES = {HOME: "", "contact": "conversations"}
EXPLORED = {"x_kind": "intent_analysis_complete", "x_by": "intent_category", "x_shape": "Ranking"}
NO_FIGURES = (HOME, "explore", "connect", "contact", "audit")
"""Their figures do not stand in tiles that open: what they open has tests of its own."""


def query(path: str, location: str, contact: str, **parameters: str) -> dict[str, str]:
    """Return the query parameters of the link to a page."""
    own = {"contact": {"contact": contact}, "explore": EXPLORED}
    return {"location": location, **parameters, **own.get(path, {})}


class PageName(NamedTuple):
    path: str
    dark: bool

    def __str__(self) -> str:
        return f"{self.path}-{'dark' if self.dark else 'light'}"


class LoadedPage(NamedTuple):
    """A page that has been drawn, and the visitor who opened it."""

    page: Page
    visitor: Visitor


# Pytest groups tests by the place of their parameter in its list: these begin alike, so that each page is loaded once.
_PATHS = [*(entry.path for entry in ENTRIES if entry.path not in NO_FIGURES), *NO_FIGURES]
WITH_FIGURES = [PageName(path, dark=False) for path in _PATHS if path not in NO_FIGURES]
LIGHT = [PageName(path, dark=False) for path in _PATHS]
PAGE_NAMES = [*LIGHT, *(PageName(path, dark=True) for path in _PATHS)]
