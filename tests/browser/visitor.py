"""A visitor opens pages of the dashboard in a browser, and records what the browser complains of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

PATIENCE_MS = 30_000
PHONE, DESK = 390, 1440
ABORTED = "net::ERR_ABORTED"
"""How a browser calls a request that it gave up itself, because its page was left."""
DRAWN = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
  && !document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner]")"""


@dataclass
class Visitor:
    """Open tabs, each in a browser context of its own, and close them all.

    With `shares_contexts` tabs of one width and colour scheme share a context, as people's do: what was fetched once
    is cached.
    """

    browser: Browser
    url: str
    shares_contexts: bool = False
    complaints: list[str] = field(default_factory=list)
    _contexts: dict[object, BrowserContext] = field(default_factory=dict)

    def open(self, path: str = "", width: int = DESK, dark: bool = False, blocked: str = "", **query: str) -> Page:
        """Open a page by its address; return when its live connection stands, or the blocked one was given up."""
        return self.follow(path, query, self.tab(width, dark), blocked)

    def follow(self, path: str, query: Mapping[str, str], page: Page, blocked: str = "") -> Page:
        """Open a page in a tab, its details open unless the query says otherwise."""
        if blocked:
            page.route_web_socket(blocked, lambda socket: socket.close())
        page.goto(f"{self.url}/{path}?{urlencode({'details': 'true', **query} if path else query)}")
        page.locator(".link .words", has_text="Polling" if blocked else "Live").wait_for()
        return page

    def tab(self, width: int = DESK, dark: bool = False) -> Page:
        """Open an empty tab."""
        key = (width, dark) if self.shares_contexts else len(self._contexts)
        if key not in self._contexts:
            self._contexts[key] = self.browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
            )
        page = self._contexts[key].new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_request_failed)
        return page

    def close(self) -> None:
        """Close every tab; what ends because of that is no complaint."""
        complaints = list(self.complaints)
        for context in self._contexts.values():
            context.close()
        self.complaints[:] = complaints

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _is_probe(message.location.get("url", "")):
            self.complaints.append(message.text)

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and not _is_probe(response.url):
            self.complaints.append(f"{response.status} {response.url}")

    def _on_request_failed(self, request: Request) -> None:
        if request.failure != ABORTED and not _is_probe(request.url):
            self.complaints.append(f"{request.failure} {request.url}")


def _is_probe(url: str) -> bool:
    # On a deep link Streamlit looks for its own root at each level of the path, and finds it at the second try.
    return "/_stcore/" in url


def wait_until_drawn(page: Page) -> None:
    """Wait until the page has drawn what it asked for, and see that no part of it failed."""
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("This part could not be read.")).to_have_count(0)


FITS = """() => [document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")]
  .every((box) => box.scrollWidth <= box.clientWidth)"""
"""Whether nothing on the page has to be scrolled sideways."""
