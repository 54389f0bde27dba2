"""The keyboard alone reaches everything that can be clicked."""

import pytest

from tests.browser.loaded_pages import LIGHT, LoadedPage

pytestmark = pytest.mark.browser

MOST_STOPS = 400
TRACK_FOCUS = """() => {
  const within = (n) => (n.shadowRoot ? [n, ...deep(n.shadowRoot)] : [n]);
  const deep = (root) => [...root.querySelectorAll("*")].flatMap(within);
  const roles = ["button", "link", "tab", "radio", "checkbox", "switch", "combobox"].map((role) => `[role=${role}]`);
  const tags = ["a", "button", "input", "select", "textarea", "summary", "[data-testid=data-grid-canvas]"];
  const clickable = [...tags, ...roles].join();
  const shown = (n) => !n.disabled && n.checkVisibility({ visibilityProperty: true }) && n.clientWidth + n.offsetWidth;
  // One stop for all: in tabs and radios arrow keys go on from there, and they open the list of a combobox.
  const one = "[role=tablist], [role=radiogroup], [data-testid=stSelectbox], [data-testid=stMultiSelect]";
  const wanted = (n) => (n.matches(clickable) || n.onclick) && shown(n);
  const reached = new WeakSet();
  window.__stop = () => {
    let n = document.activeElement;
    while (n.shadowRoot?.activeElement) n = n.shadowRoot.activeElement;
    for (; n; n = n.parentElement) reached.add(n);
  };
  window.__left = () => deep(document).filter(wanted).map((n) => n.closest(one) ?? n).filter((n) => !reached.has(n));
}"""
"""Marks in a chart are no stops: each chart has a button beside it whose table opens the same rows."""


@pytest.mark.parametrize("loaded", LIGHT, indirect=True, ids=str, scope="package")
def test_tab_by_tab_the_keyboard_comes_by_everything_that_can_be_clicked(loaded: LoadedPage) -> None:
    page = loaded.page
    page.evaluate(TRACK_FOCUS)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        page.evaluate("__stop()")
        if not page.evaluate("__left().length"):
            break
    assert page.evaluate("__left().map((n) => n.outerHTML.slice(0, 200))") == []


@pytest.mark.parametrize("loaded", LIGHT, indirect=True, ids=str, scope="package")
def test_every_chart_has_its_numbers_for_the_keyboard(loaded: LoadedPage) -> None:
    charts = loaded.page.locator("[class*=st-key-chart_]").count()
    assert loaded.page.locator("[class*=st-key-numbers_]").count() == charts
