"""Takes the README's pictures: the running product with the demo's day, light, dark and on a phone."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser

from tests.chromium import launched
from tests.dashboard_process import before
from tests.served import Served

PICTURES: list[tuple[str, str, int, int, Literal["light", "dark"]]] = [
    ("command-center-light", "", 1440, 960, "light"),
    ("command-center-dark", "", 1440, 960, "dark"),
    ("command-center-phone", "", 390, 844, "light"),
    ("system", "system", 1440, 960, "light"),
]


def take(browser: Browser, url: str, folder: Path) -> None:
    for name, path, width, height, scheme in PICTURES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{url}/{path}")
        page.locator(".words", has_text="Live").wait_for()
        page.locator(".ev.new").first.wait_for(state="attached")
        page.screenshot(path=folder / f"{name}.png")
        context.close()


def main() -> None:
    folder = Path(sys.argv[1])
    with TemporaryDirectory() as scratch, Served(Path(scratch)) as server:
        environment = {"JORGE_DEMO": "1", "JORGE_TOKEN_SECRET": server.secret}
        with before(server, Path(scratch), **environment) as dashboard, launched() as browser:
            warm = browser.new_page()
            warm.goto(f"{dashboard.url}/?location=demo")
            warm.locator(".need").first.wait_for()
            warm.wait_for_timeout(60_000)  # a minute of the day, so that the last minute's rate is one
            take(browser, dashboard.url, folder)


if __name__ == "__main__":
    main()
