"""What needs somebody is given and taken: it moves from one wall to the other, and takes the contact along."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visitor import FITS
from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, log_in
from tests.served import Served

OFFICE = "office"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000


class Team(NamedTuple):
    """A manager and two agents, each before his wall; Ben's is a phone."""

    server: Served
    mary: Page
    ann: Page
    ben: Page

    def need_somebody(self, contact: str, name: str, **whose: str) -> None:
        """Tell of a seller who is hot, and whose contact it is."""
        answers = {"current_question": 3, "questions_answered": 4, "seller_temperature": "hot", "stall_detected": False}
        rated: dict[str, Any] = {"confrontational_effectiveness": 80, "next_step": "call", **answers}
        told: list[tuple[str, dict[str, Any]]] = [
            ("contact_update", {"name": name, "changed": {}, **whose}),
            ("jorge_qualification_progress", rated),
        ]
        events = [
            {"type": kind, "source": "tests", "locationid": OFFICE, "data": {"contact_id": contact, **data}}
            for kind, data in told
        ]
        assert self.server.post(events).status_code == 200

    def kinds_since(self, top: int) -> list[str]:
        """Return the kinds of event that were stored behind a position."""
        page: dict[str, Any] = self.server.get("/events", location=OFFICE, after="oldest", limit=1000)
        return [event["type"] for event in page["events"] if event["seq"] > top]

    @property
    def top(self) -> int:
        return int(self.server.get("/events", location=OFFICE)["top"])


@pytest.fixture(scope="module")
def team(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with Served(folder, JORGE_ANONYMOUS="off") as server, behind_login(server, folder, JORGE_LOCATION=OFFICE) as served:
        add_user(server, "mary", "manager", OFFICE)
        for name in ("ann", "ben"):
            add_user(server, name, "agent", OFFICE, agent_id=f"a-{name}")
        walls = [wall(chromium, served, *each) for each in (("mary", DESK), ("ann", DESK), ("ben", PHONE))]
        yield Team(server, *walls)
        for page in walls:
            page.context.close()


def wall(browser: Browser, dashboard: Dashboard, name: str, size: Any) -> Page:
    page = log_in(browser.new_context(viewport=size), dashboard.url, name)
    expect(page.locator(".link .words")).to_contain_text("Live", timeout=PATIENCE_MS)
    return page


def need(page: Page, name: str) -> Locator:
    return page.locator(".need", has_text=name)


def shows(page: Page, name: str, words: str = "") -> None:
    expect(need(page, name)).to_contain_text(words or name, timeout=PATIENCE_MS)


def shows_nothing_of(page: Page, name: str) -> None:
    """Expect the name nowhere: in no item, and in no line of the feed."""
    expect(page.get_by_text(name)).to_have_count(0, timeout=PATIENCE_MS)


def test_what_a_manager_gives_to_another_agent_is_on_his_wall_then_and_on_no_one_elses(team: Team) -> None:
    team.need_somebody("dana", "Dana Whitfield", assigned_to="a-ann")
    for page in (team.mary, team.ann):
        shows(page, "Dana Whitfield")
    expect(need(team.ben, "Dana Whitfield")).to_have_count(0)
    assert team.ann.get_by_label("Give to").count() == 0, "an agent gives nothing away"
    top, item = team.top, need(team.mary, "Dana Whitfield")
    item.locator("[data-do=owner]").click()
    give = item.get_by_role("menu", name="Give to")
    assert "Ben" in give.get_by_role("menuitem").all_inner_texts()
    give.get_by_role("menuitem", name="Ben").click()
    shows(team.mary, "Dana Whitfield", "Ben")
    shows(team.ben, "Dana Whitfield", "You")
    shows_nothing_of(team.ann, "Dana Whitfield")
    assert team.kinds_since(top) == ["attention_update", "contact_update"], "one publish, and nothing between"


def test_who_takes_nobodys_seller_by_keyboard_on_a_phone_takes_him_from_the_others(team: Team) -> None:
    team.need_somebody("kay", "Kay Orloff")
    for page in (team.mary, team.ann, team.ben):
        shows(page, "Kay Orloff")
    need(team.ben, "Kay Orloff").get_by_role("button", name="Take it").focus()
    team.ben.keyboard.press("Enter")
    shows(team.mary, "Kay Orloff", "Ben")
    shows(team.ben, "Kay Orloff", "You")
    shows_nothing_of(team.ann, "Kay Orloff")
    assert team.ben.evaluate(FITS), "nothing has to be scrolled sideways"


def test_a_manager_gives_by_keyboard_on_a_phone(team: Team) -> None:
    team.need_somebody("lee", "Lee Novak", assigned_to="a-ben")
    team.mary.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shows(team.mary, "Lee Novak")
    shows(team.ben, "Lee Novak")
    need(team.mary, "Lee Novak").locator("[data-do=owner]").focus()
    team.mary.keyboard.press("Enter")
    ann = need(team.mary, "Lee Novak").get_by_role("menuitem", name="Ann")
    expect(ann).to_be_visible()
    assert team.mary.evaluate(FITS), "also with the open menu"
    for _ in range(4):
        if ann.evaluate("(row) => row.getRootNode().activeElement === row"):
            break
        team.mary.keyboard.press("ArrowDown")
    team.mary.keyboard.press("Enter")
    shows(team.ann, "Lee Novak", "You")
    shows_nothing_of(team.ben, "Lee Novak")


def test_whoever_is_erased_is_on_no_wall_any_more(team: Team) -> None:
    team.need_somebody("zed", "Zedekiah Quill")
    walls = (team.mary, team.ann, team.ben)
    for page in walls:
        shows(page, "Zedekiah Quill")
    url = f"{team.server.url}/api/contacts/zed/erase?location={OFFICE}"
    answer = team.server.session.post(url, headers=team.server.bearer("admin"), timeout=120)
    assert '"done":true' in answer.text
    for page in walls:
        shows_nothing_of(page, "Zedekiah Quill")
