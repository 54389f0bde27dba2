"""On a phone a finger on a chart scrolls the page."""

import pytest

from tests.browser.visitor import PHONE, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
SWIPE = 160


@pytest.mark.parametrize("path", ["revenue", "sequences"])
def test_a_finger_on_any_chart_scrolls_the_page(visitor: Visitor, demo: str, path: str) -> None:
    with visitor.browser.new_context(viewport={"width": PHONE, "height": 844}, has_touch=True, is_mobile=True) as phone:
        page = phone.new_page()
        finger = phone.new_cdp_session(page)
        visitor.follow(path, {"location": demo, "range": "7 d", "refresh": "5 min"}, page)
        wait_until_drawn(page)
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        plots = page.locator(".js-plotly-plot").all()
        assert len(plots) > 3
        for plot in plots:
            plot.evaluate("plot => plot.scrollIntoView({ block: 'center' })")
            box, before = plot.bounding_box(), page.evaluate(SCROLLED)
            assert box is not None
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.6
            way = SWIPE if before else -SWIPE  # down, but where the page begins
            finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            for step in range(1, 9):
                points = [{"x": x, "y": y + way * step / 8}]
                finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
            finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            page.wait_for_function(f"before => {SCROLLED} !== before", arg=before)
