"""The login in a real browser: in by keyboard and on a phone, out here and everywhere, and the first admin's link."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import serious_faults
from tests.browser.visitor import FITS, wait_until_drawn
from tests.dashboard_process import Dashboard
from tests.oidc_provider import OidcProviderMock
from tests.people import PASSWORD, add_user, behind_login, change_user, cookie_of, log_in
from tests.served import Served, bot_status
from tests.waiting import end, wait_for_start, wait_until

PHONE, DESK = 390, 1440
CLOSED_MS = 5_000


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Dashboard]]:
    folder = tmp_path_factory.mktemp("people")
    with Served(folder, JORGE_ANONYMOUS="off") as server, behind_login(server, folder) as dashboard:
        add_user(server, "dana")
        yield server, dashboard


@pytest.fixture
def tab(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": DESK, "height": 900})
    yield context
    context.close()


def live(page: Page) -> Page:
    expect(page.locator(".link .words")).to_contain_text("Live", timeout=60_000)
    return page


def open_account(page: Page, name: str) -> None:
    page.locator(".st-key-account").get_by_role("button", name=name).click()


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_can_be_read_and_used_by_keyboard_at_every_width(
    chromium: Browser, people: tuple[Served, Dashboard], width: int, scheme: str
) -> None:
    _, dashboard = people
    with chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page, complaints = context.new_page(), []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{dashboard.url}/revenue")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(250, 249, 246)", "dark": "rgb(18, 19, 17)"}[scheme]
        expect(page.get_by_label("Name")).to_be_focused()
        page.keyboard.type("dana")
        page.keyboard.press("Tab")
        page.keyboard.type("not the password")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("This name and this password do not let you in.")
        expect(page.get_by_label("Name")).to_have_value("dana")
        expect(page.get_by_label("Password")).to_be_focused()
        assert all("401" in each for each in complaints), complaints
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{dashboard.url}/revenue")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_login_and_the_menus_fit_a_phone_and_shut_nobody_out(
    chromium: Browser, people: tuple[Served, Dashboard], scheme: Literal["light", "dark"]
) -> None:
    server, dashboard = people
    add_user(server, name := f"ivy-{scheme}")
    with chromium.new_context(viewport={"width": PHONE, "height": 800}, color_scheme=scheme) as context:
        page = context.new_page()
        for path in ("login/first#secret", "login/invitation#secret", "login"):
            page.goto(f"{dashboard.url}/{path}")
            assert_readable(page)
            assert page.evaluate("document.activeElement.tagName") == "INPUT"
        live(log_in(context, dashboard.url, name))
        page.goto(f"{dashboard.url}/login/password")
        assert_readable(page)
        expect(page.get_by_label("Old password")).to_be_focused()
        page.goto(f"{dashboard.url}/explore")
        wait_until_drawn(live(page))
        page.get_by_role("button", name="Views", exact=True).press("Enter")
        expect(page.get_by_label("Save this page, as it is now, under a name")).to_be_visible()
        assert_readable(page)
        page.keyboard.press("Escape")
        page.locator("[data-testid=stExpandSidebarButton]").press("Enter")
        account = page.locator(".st-key-account").get_by_role("button", name=name.title())
        account.press("Enter")
        for each in ("Log out", "Log out everywhere"):
            expect(page.get_by_role("button", name=each, exact=True)).to_be_visible()
        assert_readable(page)
        page.get_by_role("button", name="Log out", exact=True).press("Enter")
        page.wait_for_url(f"{dashboard.url}/login**", timeout=CLOSED_MS)


def assert_readable(page: Page) -> None:
    page.wait_for_function(FITS)
    assert serious_faults(page) == []


def test_a_file_is_given_to_whoever_had_it_made_and_to_no_other_login(
    people: tuple[Served, Dashboard], tab: BrowserContext
) -> None:
    server, dashboard = people
    add_user(server, "fay")
    add_user(server, "gus")
    assert server.post([bot_status(1)], server.bearer()).status_code == 200
    page = live(log_in(tab, dashboard.url, "fay"))
    page.goto(f"{dashboard.url}/explore")
    live(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert download.value.path().read_bytes()
    address, mine = download.value.url, "; ".join(f"{each['name']}={each['value']}" for each in tab.cookies())
    for cookie, status in ((mine, 200), (cookie_of(dashboard, "gus"), 404), ("", 401)):
        assert requests.get(address, headers={"Cookie": cookie}, timeout=20).status_code == status


def test_who_is_in_and_in_which_role_stands_in_the_sidebar_and_logs_out_there(
    people: tuple[Served, Dashboard], tab: BrowserContext
) -> None:
    server, dashboard = people
    add_user(server, "ben", "manager")
    page = live(log_in(tab, dashboard.url, "ben"))
    open_account(page, "Ben")
    expect(page.get_by_text("ben, manager at")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url(f"{dashboard.url}/login", timeout=CLOSED_MS)
    page.goto(f"{dashboard.url}/revenue")
    expect(page.get_by_label("Password")).to_be_visible()


def test_who_has_no_role_at_the_office_gets_to_the_login_when_he_logs_out(
    people: tuple[Served, Dashboard], tab: BrowserContext
) -> None:
    """No live connection stands on that page that would notice."""
    server, dashboard = people
    add_user(server, "kim", "manager", "elsewhere")
    add_user(server, "lou", "manager", "elsewhere")
    page = log_in(tab, dashboard.url, "kim")
    page.wait_for_url(f"{dashboard.url}/")
    page.goto(f"{dashboard.url}/?location=not-his")
    expect(page.get_by_text("You have no access here.")).to_be_visible(timeout=60_000)
    open_account(page, "Kim")
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url(f"{dashboard.url}/login**", timeout=30_000)
    page = log_in(tab, dashboard.url, "lou")
    page.wait_for_url(f"{dashboard.url}/")
    page.goto(f"{dashboard.url}/?location=not-his")
    expect(page.get_by_text("You have no access here.")).to_be_visible(timeout=60_000)
    change_user(server, "lou", "disable")
    page.wait_for_url(f"{dashboard.url}/login**", timeout=30_000)


def test_logged_out_everywhere_every_tab_goes_to_the_login(
    chromium: Browser, people: tuple[Served, Dashboard], tab: BrowserContext
) -> None:
    server, dashboard = people
    add_user(server, "eve", "manager")
    with chromium.new_context() as elsewhere:
        far = live(log_in(elsewhere, dashboard.url, "eve"))
        page = live(log_in(tab, dashboard.url, "eve"))
        open_account(page, "Eve")
        page.get_by_role("button", name="Log out everywhere").click()
        page.wait_for_url(f"{dashboard.url}/login", timeout=CLOSED_MS)
        far.wait_for_url(f"{dashboard.url}/login", timeout=CLOSED_MS)


@pytest.mark.parametrize("path", ["", "revenue"])
def test_the_tabs_of_a_disabled_user_close_within_five_seconds(
    people: tuple[Served, Dashboard], tab: BrowserContext, path: str
) -> None:
    server, dashboard = people
    name = f"gone-{path or 'wall'}"
    add_user(server, name, "manager")
    page = log_in(tab, dashboard.url, name)
    page.goto(f"{dashboard.url}/{path}")
    live(page)
    change_user(server, name, "disable")
    expect(page.get_by_label("Password")).to_be_visible(timeout=CLOSED_MS)


def test_the_first_link_makes_the_first_admin_and_is_out_of_the_address(chromium: Browser, tmp_path: Path) -> None:
    with (
        Served(tmp_path, JORGE_ANONYMOUS="off") as server,
        behind_login(server, tmp_path) as dashboard,
        chromium.new_context(viewport={"width": PHONE, "height": 800}) as context,
    ):
        wait_until(lambda: "First admin" in dashboard.log)
        link = next(line.split()[2] for line in dashboard.log.splitlines() if "First admin" in line)
        page = context.new_page()
        page.goto(link)
        page.wait_for_url(link.partition("#")[0])
        page.get_by_label("Your name").fill("Founder")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("The same once more").fill(PASSWORD + " typo")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("The two passwords are not the same.")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("The same once more").fill(PASSWORD)
        page.keyboard.press("Enter")
        live(page)
        page.goto(link)
        page.get_by_label("Your name").fill("Second")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("The same once more").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()


def test_a_password_is_changed_by_who_knows_the_old_one(people: tuple[Served, Dashboard], tab: BrowserContext) -> None:
    server, dashboard = people
    add_user(server, "carl")
    page = log_in(tab, dashboard.url, "carl")
    page.goto(f"{dashboard.url}/login/password")
    for old, said in (("not the old one", "The old password is another one."), (PASSWORD, "Your password is changed.")):
        page.get_by_label("Old password").fill(old)
        page.get_by_label("New password").fill("another horse battery")
        page.get_by_label("The new one once more").fill("another horse battery")
        page.keyboard.press("Enter")
        expect(page.locator("[role=alert], [role=status]")).to_contain_text(said)
    page.get_by_role("link", name="Command Center").click()
    live(page)


@pytest.mark.parametrize("restarts", [False, True], ids=["at once", "after a restart of the dashboard"])
def test_the_way_by_the_provider_and_out_of_both(chromium: Browser, tmp_path: Path, restarts: bool) -> None:
    with Served(tmp_path, JORGE_LOGIN="oidc", JORGE_ANONYMOUS="off") as server, OidcProviderMock(tmp_path) as provider:
        add_user(server, "dana@example.com", "manager", login="other")
        provider.knows("s-1", email="dana@example.com", email_verified=True)
        settings = {"JORGE_OIDC_METADATA_URL": provider.metadata_url, "JORGE_OIDC_CLIENT_ID": "jorge"}
        with (
            behind_login(server, tmp_path, "oidc", **settings, JORGE_OIDC_CLIENT_SECRET="a-secret") as dashboard,
            chromium.new_context() as context,
        ):
            page = context.new_page()
            page.goto(f"{dashboard.url}/revenue")
            page.get_by_role("link", name="Log in with your company account").click()
            page.get_by_placeholder("sub").fill("s-1")
            page.get_by_role("button", name="Authorize").click()
            page.wait_for_url(f"{dashboard.url}/revenue")
            live(page)
            if restarts:
                end(dashboard.process, signal.SIGINT)
                dashboard.start()
                wait_for_start(dashboard.process, dashboard.is_running, lambda: dashboard.log)
                page.goto(f"{dashboard.url}/revenue")
                live(page)
            open_account(page, "Dana")
            page.get_by_role("button", name="Log out", exact=True).click()
            page.wait_for_url(f"{provider.url}/**", timeout=30_000)
            asked = parse_qs(urlsplit(page.url).query)
            assert asked["post_logout_redirect_uri"] == [f"{dashboard.url}/login"]
            assert asked["client_id"] == ["jorge"] if restarts else "id_token_hint" in asked
