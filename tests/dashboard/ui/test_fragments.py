"""A timer of the page that was left refreshes nothing of the page that comes."""

from typing import Any

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.ui import navigation
from tests.dashboard.test_pages import SCRIPT, build


def test_no_two_pages_have_a_fragment_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of one that is registered Streamlit runs it, whichever page's timer asks."""
    registered: set[str] = set()
    register = MemoryFragmentStorage.register

    def recorded(self: MemoryFragmentStorage, key: str, *args: Any, **kwargs: Any) -> None:
        registered.add(key)
        register(self, key, *args, **kwargs)

    monkeypatch.setattr(MemoryFragmentStorage, "register", recorded)
    context = build()
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    app.query_params["location"] = "nobodys-office"
    seen: dict[str, str] = {}
    for entry in navigation.ENTRIES:
        registered.clear()
        app.switch_page(str(navigation.PAGES / entry.file)).run()
        assert not app.exception
        assert registered, entry.path
        assert {seen[key] for key in registered & seen.keys()} == set(), entry.path
        seen |= dict.fromkeys(registered, entry.path)
    context.locations.close()
