"""The browser of the tests is Playwright's, with more of it turned off."""

import re
from pathlib import Path

import playwright

from tests.chromium import DISABLED

DRIVER = Path(playwright.__file__).parent / "driver" / "package" / "lib" / "coreBundle.js"


def test_what_playwright_turns_off_stays_off() -> None:
    """Its own list counts no more where a browser is given another one."""
    listed = re.search(r"disabledFeatures = \[(.*?)\]", DRIVER.read_text(), re.DOTALL)
    assert listed
    assert set(re.findall(r'^ *"(\w+)"', listed[1], re.MULTILINE)) <= set(DISABLED)
