"""What axe finds serious on a page."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

_SCRIPT = Axe().axe_script
SERIOUS = ("serious", "critical")


def serious_faults(page: Page) -> list[tuple[str, str, str]]:
    """Return rule, element and reason of what axe finds serious."""
    page.evaluate(_SCRIPT)
    violations = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [
        (each["id"], node["html"], node["failureSummary"])
        for each in violations
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
