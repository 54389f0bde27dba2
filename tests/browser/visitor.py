"""One who opens pages of the dashboard in a browser, and remembers what the browser complained of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

PATIENCE_MS = 30_000
PHONE, DESK = 390, 1440
LEFT = "net::ERR_ABORTED"
"""How a browser calls a request that it gave up itself, because its page was left."""
DRAWN = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
  && !document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner]")"""


@dataclass
class Visitor:
    """Open tabs, each in a browser context of its own, and close them all on leaving.

    One who `keeps` has the tabs of one look in one context, as people do: what was fetched once is there.
    """

    browser: Browser
    url: str
    keeps: bool = False
    complaints: list[str] = field(default_factory=list)
    _contexts: dict[object, BrowserContext] = field(default_factory=dict)

    def open(self, path: str = "", width: int = DESK, dark: bool = False, blocked: str = "", **query: str) -> Page:
        """Open a page by its address; return when its live connection stands, or the blocked one was given up."""
        return self.follow(path, query, self.tab(width, dark), blocked)

    def follow(self, path: str, query: Mapping[str, str], page: Page, blocked: str = "") -> Page:
        """Open a page in a tab."""
        if blocked:
            page.route_web_socket(blocked, lambda socket: socket.close())
        page.goto(f"{self.url}/{path}?{urlencode(query)}")
        page.locator(".link .words", has_text="Offline" if blocked else "Live").wait_for()
        return page

    def tab(self, width: int = DESK, dark: bool = False) -> Page:
        """Open an empty tab."""
        key = (width, dark) if self.keeps else len(self._contexts)
        if key not in self._contexts:
            self._contexts[key] = self.browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
            )
        page = self._contexts[key].new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._look)
        page.on("requestfailed", self._miss)
        return page

    def leave(self) -> None:
        """Close every tab; what ends because of that is no complaint."""
        told = list(self.complaints)
        for context in self._contexts.values():
            context.close()
        self.complaints[:] = told

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _probed(message.location.get("url", "")):
            self.complaints.append(message.text)

    def _look(self, response: Response) -> None:
        if response.status >= 400 and not _probed(response.url):
            self.complaints.append(f"{response.status} {response.url}")

    def _miss(self, request: Request) -> None:
        if request.failure != LEFT and not _probed(request.url):
            self.complaints.append(f"{request.failure} {request.url}")


def _probed(url: str) -> bool:
    # On a deep link Streamlit looks for its own root at each level of the path, and finds it at the second try.
    return "/_stcore/" in url


def settle(page: Page) -> None:
    """Wait until the page has drawn what it asked for, and see that no part of it failed."""
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("This part could not be read.")).to_have_count(0)


FITS = """() => [document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")]
  .every((box) => box.scrollWidth <= box.clientWidth)"""
"""Whether nothing on the page has to be scrolled sideways."""
