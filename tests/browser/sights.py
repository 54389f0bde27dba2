"""What there is to see: every page of the list, and one contact; each light and dark."""

from typing import NamedTuple

from playwright.sync_api import Page

from jorge_data.dashboard.ui.navigation import ENTRIES, HOME
from tests.browser.visitor import Visitor

ADDRESSES = {HOME: "", "contact": "conversations"}
EXPLORED = {"x_kind": "intent_analysis_complete", "x_by": "intent_category", "x_shape": "Ranking"}
NO_FIGURES = (HOME, "explore", "connect", "contact")
"""Their figures do not stand in tiles that open: what they open has tests of its own."""


def query(path: str, location: str, contact: str, **asked: str) -> dict[str, str]:
    """Return what the link to a page says: whose, of what, and what else is asked for."""
    said = {"contact": {"contact": contact}, "explore": EXPLORED}
    return {"location": location, **asked, **said.get(path, {})}


class Name(NamedTuple):
    path: str
    dark: bool

    def __str__(self) -> str:
        return f"{self.path}-{'dark' if self.dark else 'light'}"


class Sight(NamedTuple):
    """A page that has been drawn, and who looks at it."""

    page: Page
    visitor: Visitor


# Pytest groups tests by the place of their parameter in its list: these begin alike, so that each page is loaded once.
_PATHS = [*(entry.path for entry in ENTRIES if entry.path not in NO_FIGURES), *NO_FIGURES]
WITH_FIGURES = [Name(path, dark=False) for path in _PATHS if path not in NO_FIGURES]
LIGHT = [Name(path, dark=False) for path in _PATHS]
SIGHTS = [*LIGHT, *(Name(path, dark=True) for path in _PATHS)]
