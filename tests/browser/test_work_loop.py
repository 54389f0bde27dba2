"""Needs you as a loop: who waits is there with the number, somebody takes it, says how it went, and it is done."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import serious_faults
from tests.browser.visitor import FITS, Visitor
from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, log_in
from tests.served import Served

pytestmark = pytest.mark.browser

OFFICE = "loop"
PATIENCE_MS = 60_000
PHONE_HEIGHT = 844
TELEPHONE = "+15125550112"
Publish = Callable[..., None]


class Walls(NamedTuple):
    """Two people of one office, each before a wall, and an admin who is asked what happened."""

    server: Served
    dashboard: Dashboard
    mary: Page
    ann: Page

    def tell(self, type_: str, ago: timedelta = timedelta(), **data: Any) -> None:
        event = {"source": "tests", "type": type_, "locationid": OFFICE, "data": data}
        event["time"] = (datetime.now(UTC) - ago).isoformat()
        assert self.server.post([event]).status_code == 200

    def hot_seller(self, contact: str, name: str, ago: timedelta = timedelta(), **told: Any) -> None:
        """Tell of a contact with a telephone, and that it has turned hot."""
        changed: dict[str, Any] = {"name": name, "phone": TELEPHONE, "email": f"{contact}@example.com", "changed": {}}
        self.tell("contact_update", ago, contact_id=contact, **changed, **told)
        answers = {"current_question": 3, "questions_answered": 4, "seller_temperature": "hot", "stall_detected": False}
        rated = {"confrontational_effectiveness": 91, "next_step": "call", "estimated_value": 412_500}
        self.tell("jorge_qualification_progress", ago, contact_id=contact, **answers, **rated)

    def wrote(self, contact: str, body: str, ago: timedelta) -> None:
        talk = {"conversation_id": f"v-{contact}", "contact_id": contact, "kind": "message", "channel": "sms"}
        self.tell("conversation_event", ago, **talk, direction="inbound", author="contact", body=body)


@pytest.fixture(scope="module")
def walls(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walls]:
    folder = tmp_path_factory.mktemp("loop")
    with Served(folder, JORGE_ANONYMOUS="off") as server, behind_login(server, folder, JORGE_LOCATION=OFFICE) as served:
        add_user(server, "ada", "admin")
        add_user(server, "mary", "manager", OFFICE)
        add_user(server, "ann", "manager", OFFICE, agent_id="agt7")
        pages = [wall(chromium, served, name) for name in ("mary", "ann")]
        yield Walls(server, served, *pages)
        for page in pages:
            page.context.close()


def wall(browser: Browser, dashboard: Dashboard, name: str) -> Page:
    page = log_in(browser.new_context(viewport={"width": 1440, "height": 900}), dashboard.url, name)
    expect(page.locator(".link .words")).to_contain_text("Live", timeout=PATIENCE_MS)
    return page


def need(page: Page, name: str) -> Locator:
    return page.locator(".need", has_text=name)


def is_there(page: Page, name: str) -> None:
    expect(need(page, name)).to_have_count(1, timeout=PATIENCE_MS)


def is_gone(page: Page, name: str) -> None:
    expect(need(page, name)).to_have_count(0, timeout=PATIENCE_MS)


def test_from_hot_to_done_on_both_screens_and_back(walls: Walls, chromium: Browser) -> None:
    walls.hot_seller("dana", "Dana Whitfield")
    for page in (walls.mary, walls.ann):
        is_there(page, "Dana Whitfield")
    row = need(walls.mary, "Dana Whitfield")
    expect(row.locator("a.tel")).to_have_attribute("href", f"tel:{TELEPHONE}")
    expect(row.get_by_role("link", name="Text Dana Whitfield")).to_have_attribute("href", f"sms:{TELEPHONE}")
    row.get_by_role("button", name="Take it").click()
    expect(row.locator(".ow")).to_contain_text("You", timeout=PATIENCE_MS)
    expect(need(walls.ann, "Dana Whitfield").locator(".ow")).to_contain_text("Mary", timeout=PATIENCE_MS)
    row.get_by_role("button", name="Outcome").click()
    row.get_by_role("button", name="Reached").click()
    for page in (walls.mary, walls.ann):
        is_gone(page, "Dana Whitfield")
        expect(page.locator(".done .dn").first).to_contain_text("Dana Whitfield", timeout=PATIENCE_MS)
    heard_from_a_person(walls, chromium)
    walls.mary.locator(".toast").get_by_role("button", name="Undo").click()
    for page in (walls.mary, walls.ann):
        is_there(page, "Dana Whitfield")
    audit = log_in(chromium.new_context(), f"{walls.dashboard.url}", "ada")
    audit.wait_for_url(f"{walls.dashboard.url}/")
    audit.goto(f"{walls.dashboard.url}/audit?location={OFFICE}")
    acts = [entry["after"] for entry in _audited(walls.server) if entry["by"] == "mary"]
    assert [each["action"] for each in acts if each] == ["assigned", "called", "undone"]
    assert {"action": "called", "outcome": "reached"}.items() <= acts[1].items()
    audit.context.close()


def test_what_the_crm_gave_to_my_agent_is_mine_and_called_by_my_name(walls: Walls) -> None:
    walls.hot_seller("gus", "Gus Arden", assigned_to="agt7")
    is_there(walls.mary, "Gus Arden")
    expect(need(walls.mary, "Gus Arden").locator(".ow")).to_have_text("ANAnn")
    walls.ann.locator(".seg [value=mine]").click()
    expect(need(walls.ann, "Gus Arden").locator(".ow")).to_contain_text("You", timeout=PATIENCE_MS)
    need(walls.ann, "Gus Arden").get_by_role("button", name="Outcome").click()
    need(walls.ann, "Gus Arden").get_by_role("button", name="Reached").click()
    for page, who in ((walls.mary, "Ann"), (walls.ann, "You")):
        expect(page.locator(".done .dn", has_text="Gus Arden")).to_contain_text(who, timeout=PATIENCE_MS)
    walls.ann.locator(".seg [value=all]").click()


def heard_from_a_person(walls: Walls, chromium: Browser) -> None:
    """Assert that the outcome is in the Response page: of the one who turned hot, nobody waits."""
    page = log_in(chromium.new_context(), walls.dashboard.url, "ann")
    page.wait_for_url(f"{walls.dashboard.url}/")
    page.goto(f"{walls.dashboard.url}/response?location={OFFICE}&range=1+h")
    expect(page.locator(".st-key-heading_lead")).to_contain_text("1 seller turned hot", timeout=PATIENCE_MS)
    waiting = page.locator(".st-key-tile_still_waiting_now [data-testid=stMetricValue]")
    expect(waiting).to_have_text("0", timeout=PATIENCE_MS)
    page.context.close()


def _audited(server: Served) -> list[dict[str, Any]]:
    answer = server.session.get(f"{server.url}/api/audit", headers=server.bearer("admin"), timeout=20)
    entries: list[dict[str, Any]] = [each for each in answer.json()["entries"] if each["act"] == "needs.act"]
    return sorted(entries, key=lambda entry: entry["at"])


def test_an_answer_that_is_31_days_old_still_stands(walls: Walls) -> None:
    walls.tell("contact_update", timedelta(days=32), contact_id="kwame", name="Kwame Mensah", changed={})
    walls.wrote("kwame", "maybe after New Year, how is the market?", timedelta(days=31))
    row = need(walls.mary, "Kwame Mensah").filter(has_text="after New Year")
    expect(row).to_have_count(1, timeout=PATIENCE_MS)
    expect(row.locator(".clock")).to_have_text("31 d")


def test_who_waits_longest_is_found_at_a_glance_and_by_a_key(walls: Walls) -> None:
    walls.tell("contact_update", timedelta(days=40), contact_id="olga", name="Olga Prior", changed={})
    walls.wrote("olga", "is anybody there?", timedelta(days=39))
    walls.hot_seller("new", "Nora New")
    page = walls.mary
    is_there(page, "Nora New")
    order = page.get_by_role("group", name="Order")
    expect(page.locator(".need").first).not_to_contain_text("Olga Prior")
    order.get_by_role("button", name="Longest wait").click()
    expect(page.locator(".need").first).to_contain_text("Olga Prior")
    expect(page.locator(".list .grp")).to_have_count(0)
    walls.hot_seller("newer", "Nina Newer")
    is_there(page, "Nina Newer")
    expect(page.locator(".need").first).to_contain_text("Olga Prior")
    page.locator(".title").click()
    page.keyboard.press("w")
    expect(order.get_by_role("button", name="Most at stake")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".need").first).not_to_contain_text("Olga Prior")


def test_by_the_keyboard_alone(walls: Walls) -> None:
    walls.hot_seller("kay", "Kay Orloff")
    walls.hot_seller("kim", "Kim Adler")
    page = walls.mary
    is_there(page, "Kay Orloff")
    is_there(page, "Kim Adler")
    page.locator(".title").click()
    for key in "k" * 10 + "j" * 10:
        page.keyboard.press(key)
        if need(page, "Kay Orloff").evaluate("(row) => row.getRootNode().activeElement === row"):
            break
    page.keyboard.press("m")
    expect(need(page, "Kay Orloff").locator(".ow")).to_contain_text("You", timeout=PATIENCE_MS)
    menu = page.get_by_role("menu", name="Snooze until")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: 's', repeat: true }))")
    expect(menu).to_be_hidden()
    page.keyboard.press("s")
    assert menu.get_by_role("menuitem").all_inner_texts()[0].startswith("1 hour")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.keyboard.press("d")
    page.keyboard.press("3")
    expect(need(page, "Kay Orloff").locator("form input")).to_have_attribute("max", re.compile("T"))
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.keyboard.press("6")
    page.keyboard.type("j is no key in here: call her mother")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(need(page, "Kay Orloff")).to_contain_text("call her mother", timeout=PATIENCE_MS)
    names = page.locator(".need .name").all_inner_texts()
    at = names.index("Kay Orloff")
    page.keyboard.press("d")
    page.keyboard.press("2")
    is_gone(page, "Kay Orloff")
    expect(need(page, (names[at + 1 :] or names[:at][-1:])[0])).to_be_focused()  # what took its place is next
    page.keyboard.press("u")
    is_there(page, "Kay Orloff")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    need(page, "Kay Orloff").focus()
    page.keyboard.press("o")
    expect(page.locator(".card")).to_contain_text("Kay Orloff", timeout=PATIENCE_MS)
    page.go_back()
    expect(page.locator(".title")).to_have_text("Command Center", timeout=PATIENCE_MS)


def test_nobody_is_shut_out_of_a_row_that_is_open(walls: Walls) -> None:
    walls.hot_seller("lee", "Lee Novak")
    row = need(walls.ann, "Lee Novak")
    for part in ("Outcome", "Snooze"):
        row.get_by_role("button", name=part).click()
        assert serious_faults(walls.ann) == []
    walls.ann.keyboard.press("Escape")


def test_the_card_stands_at_the_head_of_the_contacts_page_and_does_the_same(walls: Walls, chromium: Browser) -> None:
    walls.hot_seller("mei", "Mei-Lin Zhou", address="9 Shoal Creek Blvd", url="https://crm.example.com/mei")
    is_there(walls.ann, "Mei-Lin Zhou")
    page = wall(chromium, walls.dashboard, "ann")
    need(page, "Mei-Lin Zhou").locator(".name").click()
    card = page.locator(".card")
    expect(card).to_contain_text("Mei-Lin Zhou", timeout=PATIENCE_MS)
    expect(card.locator("a.big")).to_have_attribute("href", f"tel:{TELEPHONE}")
    for told in ("9 Shoal Creek Blvd", "mei@example.com", "$412,500"):
        expect(card).to_contain_text(told)
    expect(card.get_by_role("link", name="Open in the CRM")).to_have_attribute("href", "https://crm.example.com/mei")
    card.get_by_role("button", name="Copy the e-mail address").click()
    expect(page.locator(".toast")).to_contain_text("mei@example.com is copied")
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 390, "height": PHONE_HEIGHT})
    expect(page.get_by_role("button", name="Back to Needs you")).to_be_visible()
    assert bottom(card.locator("a.big")) < PHONE_HEIGHT
    page.wait_for_function(FITS)
    page.set_viewport_size({"width": 1440, "height": 900})
    card.get_by_role("button", name="Snooze").click()
    card.get_by_role("menuitem", name="1 hour").click()
    is_gone(walls.ann, "Mei-Lin Zhou")
    expect(card).to_contain_text("put off until", timeout=PATIENCE_MS)
    expect(card.get_by_role("button", name="Reached")).to_be_enabled()
    page.keyboard.press("u")
    is_there(walls.ann, "Mei-Lin Zhou")
    page.locator(".title").click()
    page.keyboard.press("1")
    is_gone(walls.ann, "Mei-Lin Zhou")
    page.keyboard.press("u")
    is_there(walls.ann, "Mei-Lin Zhou")
    page.go_back()
    expect(page.locator(".title")).to_have_text("Command Center")
    assert "contact=" not in page.url
    page.context.close()


def test_the_count_is_one_everywhere_and_the_bell_leads_to_the_first(walls: Walls) -> None:
    walls.hot_seller("one", "Una Prim")
    page = walls.ann
    is_there(page, "Una Prim")
    count = page.locator(".cnt").inner_text()
    expect(page.locator(".bell")).to_contain_text(count)
    expect(page.locator(".seg [value=all]")).to_have_text(f"All {count}")
    expect(page.locator(".st-key-navigation a").first).to_have_attribute("data-count", count)
    assert page.title().startswith(f"({count}) ")
    page.locator(".bell").click()
    expect(page.locator(".need").first).to_be_focused()
    expect(page.locator(".need").first).to_have_class(re.compile(r"\bsel\b"))


def test_on_a_phone_the_number_is_on_the_first_screen_and_the_header_one_line(walls: Walls) -> None:
    page = walls.ann
    is_there(page, "Una Prim")
    for width, height in ((390, PHONE_HEIGHT), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert bottom(page.locator(".need a.tel").first) < height
        assert abs(middle(page.locator("header .title")) - middle(page.locator("header .bell"))) < 6, "one line"
        page.wait_for_function(FITS)


def test_on_a_phone_the_page_lists_button_lies_over_no_word_of_a_page_that_is_scrolled(walls: Walls) -> None:
    page = walls.ann
    page.set_viewport_size({"width": 390, "height": PHONE_HEIGHT})
    button, main = page.get_by_test_id("stExpandSidebarButton"), page.get_by_test_id("stMain")
    main.evaluate("(node) => node.scrollTo(0, 0)")
    expect(button).to_be_visible()
    main.evaluate("(node) => node.scrollTo(0, 200)")
    expect(button).to_be_hidden()
    main.evaluate("(node) => node.scrollTo(0, 120)")
    expect(button).to_be_visible()
    assert button.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(255, 255, 255)"
    main.evaluate("(node) => node.scrollTo(0, 0)")
    expect(button).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})


def bottom(element: Locator) -> float:
    return float(element.evaluate("(node) => node.getBoundingClientRect().bottom"))


def middle(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"] + box["height"] / 2


HEARD = """() => {
  window.__heard = [];
  const roots = [document, ...[...document.querySelectorAll("*")].flatMap((n) => n.shadowRoot ?? [])];
  const regions = "[aria-live], [role=status], [role=alert], [role=log]";
  const live = roots.flatMap((root) => [...root.querySelectorAll(regions)]);
  const note = (records) => records.forEach(({ target }) => __heard.push(target.textContent));
  const all = { childList: true, subtree: true, characterData: true };
  for (const node of live) new MutationObserver(note).observe(node, all);
  return live.length;
}"""


def test_a_screen_reader_hears_news_and_no_clock(visitor: Visitor, publish: Publish) -> None:
    office = "ears"
    seller = {"current_question": 3, "questions_answered": 4, "seller_temperature": "hot", "stall_detected": False}
    rated = {"confrontational_effectiveness": 91, "next_step": "call", **seller}
    publish("jorge_qualification_progress", office, timedelta(minutes=5), contact_id="old", **rated)
    page = visitor.open(location=office)
    clock = page.locator(".need .clock")
    expect(clock).to_have_count(1)
    assert page.evaluate(HEARD) > 0
    for _ in range(3):
        expect(clock).not_to_have_text(clock.inner_text())
    assert page.evaluate("__heard") == []
    publish("jorge_qualification_progress", office, contact_id="new", **rated)
    expect(page.locator(".need")).to_have_count(2)
    page.wait_for_function("__heard.length")
    heard = page.evaluate("[...new Set(__heard)]")
    assert len(heard) == 1
    assert heard[0].startswith("new ")
