"""A real Chromium, as Debian installs it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """Yield a browser, with more flags where they are given; where none is installed, skip and say so."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: the live wall was not tried in a real browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        yield browser
        browser.close()
