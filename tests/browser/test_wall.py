import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import PATIENCE_MS, Visitor

pytestmark = pytest.mark.browser
Publish = Callable[..., None]


def say(publish: Publish, body: str, location: str = "browser", contact: str = "c1") -> None:
    publish(
        "conversation_event",
        location,
        conversation_id="v",
        contact_id=contact,
        kind="message",
        direction="inbound",
        author="contact",
        channel="sms",
        body=body,
    )


def hot_seller(publish: Publish, contact: str, location: str, ago: timedelta = timedelta()) -> None:
    publish(
        "jorge_qualification_progress",
        location,
        ago,
        contact_id=contact,
        current_question=3,
        questions_answered=4,
        seller_temperature="hot",
        confrontational_effectiveness=91,
        stall_detected=False,
        next_step="Call now",
    )


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "[document.documentElement, ...document.querySelectorAll('[data-testid=stMain]')]"
            ".every((box) => box.scrollWidth <= box.clientWidth)"
        )
    )


def test_an_event_is_in_an_open_page(visitor: Visitor, publish: Publish) -> None:
    page = visitor.open()
    say(publish, "marker-patch")
    expect(page.locator(".ev").first).to_contain_text("marker-patch")


def test_what_charts_are_drawn_with_is_there_before_a_page_is_chosen(visitor: Visitor) -> None:
    loaded = "performance.getEntriesByType('resource').map(({ name }) => name)"
    page = visitor.open()
    page.wait_for_function(f"{loaded}.some((name) => name.includes('DownloadButton'))", timeout=PATIENCE_MS)
    fetched = page.evaluate(loaded)
    assert sum("PlotlyChart" in name for name in fetched) == 1, "once"


def works(publish: Publish, step: str) -> None:
    publish("bot_status_update", "browser", bot_type="jorge-seller", status="processing", current_step=step)


def test_every_event_of_a_burst_has_its_line_and_what_did_not_change_stays(visitor: Visitor, publish: Publish) -> None:
    page = visitor.open()  # the burst may begin before the page has painted its first state
    works(publish, "first step")
    expect(page.locator(".bot .step").first).to_contain_text("first step")
    pulse = page.locator(".bot .dot.working").first.element_handle()
    page.evaluate("window.__told = 0; addEventListener('jorge:down', () => __told++)")
    for number in range(30):
        say(publish, f"burst-{number}.")
    works(publish, "second step")
    expect(page.locator(".bot .step").first).to_contain_text("second step")
    lines = page.locator(".lines").inner_text()
    assert [number for number in range(30) if f"burst-{number}." not in lines] == []
    assert pulse.evaluate("node => node.isConnected"), "it would begin its pulse anew"
    assert page.evaluate("__told") == 0, "a dashboard that is up is not told of at every message"


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=\"document.title='owned'\">",
        "<script>document.title='owned'</script>",
        "**bold** [link](javascript:document.title='owned')",
        "\u202eright-to-left \u0000 ${document.title='owned'}",
    ],
)
def test_hostile_text_is_text(visitor: Visitor, publish: Publish, text: str) -> None:
    page = visitor.open()
    say(publish, text.replace("\u0000", ""))
    line = page.locator(".ev").first
    expect(line).to_contain_text(text[:12].strip("\u202e "))
    assert line.locator("img, script, a, strong").count() == 0
    assert "owned" not in page.title()


def test_a_page_is_the_same_after_it_is_loaded_again(visitor: Visitor, publish: Publish) -> None:
    say(publish, "before-reload")
    page = visitor.open()
    expect(page.locator(".ev").first).to_contain_text("before-reload")
    page.reload()
    expect(page.locator(".ev").first).to_contain_text("before-reload")


def test_one_socket_serves_all_pages_of_a_visit(visitor: Visitor, publish: Publish) -> None:
    page = visitor.open()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.get_by_role("link", name="Connect", exact=True).click()
    expect(page.locator(".title")).to_have_text("Connect")
    page.get_by_role("link", name="Command Center", exact=True).click()
    expect(page.locator(".kpis")).to_be_visible()
    say(publish, "after-the-tour")
    expect(page.locator(".ev").first).to_contain_text("after-the-tour")
    assert sockets == []


def test_what_one_person_takes_is_taken_on_every_screen(visitor: Visitor, publish: Publish) -> None:
    hot_seller(publish, "dana", "taken")
    mine, other = visitor.open(location="taken"), visitor.open(location="taken")
    mine.get_by_role("button", name="Take it").click()
    expect(other.locator(".need .own").first).to_contain_text("You")


def test_a_menu_closes_with_escape_and_by_a_click_elsewhere(visitor: Visitor, publish: Publish) -> None:
    hot_seller(publish, "dana", "taken")
    page = visitor.open(location="taken")
    snooze, menu = page.get_by_role("button", name="Snooze").first, page.get_by_role("menu")
    snooze.click()
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(snooze).to_be_focused()
    snooze.press("Enter")
    expect(menu).to_be_visible()
    page.locator(".board").click()
    expect(menu).to_be_hidden()


def test_a_figure_leads_to_its_page_in_the_same_office_and_range(visitor: Visitor) -> None:
    page = visitor.open(location="timeline", range="7 d")
    page.locator(".kpi").first.click()
    expect(page.locator(".title")).to_have_text("Seller qualification")
    expect(page).to_have_url(re.compile(r"/qualification\?(?=.*location=timeline)(?=.*range=7)"))


@pytest.mark.parametrize(
    ("tile", "of_page"),
    [
        ("Hot sellers", "Hot sellers"),
        ("Active conversations", "Active conversations"),
        ("Commission in pipeline", "Commission in the pipeline"),
        ("Won this month", "Commission won"),
        ("95 of 100 answers within", "95 of 100 answers within"),
    ],
)
def test_a_figure_is_the_same_on_the_page_that_it_opens(visitor: Visitor, demo: str, tile: str, of_page: str) -> None:
    page = visitor.open(location=demo)
    opened = page.locator(".kpi", has_text=tile)
    value = opened.locator("strong").inner_text().split(" of ")[0]
    assert value != "no data"
    opened.click()
    figure = page.locator("[data-testid=stMetric]").filter(has=page.get_by_text(of_page, exact=True))
    expect(figure.locator("[data-testid=stMetricValue]")).to_have_text(value, timeout=PATIENCE_MS)


def test_open_leads_to_the_contacts_timeline(visitor: Visitor, publish: Publish) -> None:
    hot_seller(publish, "luis", "timeline")
    page = visitor.open(location="timeline")
    page.locator(".need .name").click()
    expect(page.locator(".title")).to_have_text("Contact")
    expect(page.get_by_text("1 event, newest first")).to_be_visible()
    assert "contact=luis" in page.url
    assert "location=timeline" in page.url


def test_who_is_texted_after_stop_is_shown_with_both_events_on_the_wall_and_on_the_contacts_page(
    visitor: Visitor, publish: Publish
) -> None:
    talk = {"conversation_id": "v", "contact_id": "ann", "kind": "message", "channel": "sms", "contact_name": "Ann"}
    said, sent = timedelta(minutes=62), timedelta(minutes=22)
    publish("conversation_event", "hold", said, **talk, direction="inbound", author="contact", body="Stop.")
    publish("conversation_event", "hold", sent, **talk, direction="outbound", author="bot", body="Still selling?")
    page = visitor.open(location="hold")
    need = page.locator(".need")
    expect(need).to_contain_text("Ann was texted 40 m after STOP", timeout=PATIENCE_MS)
    happened = need.locator(".happened")
    expect(happened).to_have_text(
        [re.compile("opted out of SMS · STOP$"), re.compile("text sent · “Still selling\\?”$")]
    )
    need.locator(".name").click()
    expect(page.get_by_text("a bot wrote or called after this")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile(r"\d · was texted 40 m after STOP"))).to_be_visible()


def test_the_feed_holds_still_under_the_mouse_and_counts_what_is_new(visitor: Visitor, publish: Publish) -> None:
    say(publish, "held", "hold")
    page = visitor.open(location="hold")
    page.locator(".ev").first.hover()
    say(publish, "came-later", "hold")
    expect(page.locator(".fresh-lines")).to_have_text("1 new")
    assert "came-later" not in page.locator(".lines").inner_text()
    page.mouse.move(0, 0)
    expect(page.locator(".ev").first).to_contain_text("came-later")


def test_a_name_that_becomes_known_is_in_the_lines_that_are_on_the_screen(visitor: Visitor, publish: Publish) -> None:
    page = visitor.open(location="history")
    for number in range(3):
        say(publish, f"said-{number}", "history", contact="c9")
    lines = page.locator(".ev").filter(has_text="said-")
    expect(lines).to_have_count(3)
    expect(lines.first).to_contain_text("c9")
    publish("contact_update", "history", contact_id="c9", name="Maria Lopez", changed={})
    for number in range(3):
        line = lines.filter(has_text=f"said-{number}")
        expect(line).to_have_count(1)
        expect(line).to_contain_text("Maria Lopez")
    assert [text.split("said-")[1][0] for text in lines.filter(has_text="said-").all_inner_texts()] == ["2", "1", "0"]


def test_a_chip_shows_one_kind_alone(visitor: Visitor, publish: Publish) -> None:
    publish("system_health_update", "hold", component="redis", status="healthy", response_time_ms=3)
    say(publish, "a message", "hold")
    page = visitor.open(location="hold")
    page.get_by_role("button", name="Health", exact=True).click()
    expect(page.locator(".ev")).to_have_count(1)
    expect(page.locator(".ev")).to_contain_text("Redis")


@pytest.mark.parametrize("path", ["", "system", "connect", "revenue", "conversations"])
def test_a_phone_never_scrolls_sideways(visitor: Visitor, publish: Publish, path: str) -> None:
    say(publish, "w" * 300)
    page = visitor.open(path, width=390)
    assert fits(page)


def test_light_and_dark_follow_the_viewers_choice(visitor: Visitor) -> None:
    paper = {dark: visitor.open(dark=dark).locator("section.needs") for dark in (False, True)}
    expect(paper[False]).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(paper[True]).to_have_css("background-color", "rgb(26, 27, 25)")


def test_an_office_without_events_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.open(location="empty")
    expect(page.locator(".lines")).to_contain_text("No events yet. The Connect page has a line to paste.")
    expect(page.locator(".needs")).to_contain_text("Nothing needs you now.")
    expect(page.locator(".kpi").first).to_contain_text("no data")


def test_where_the_live_socket_cannot_be_opened_the_page_refreshes_itself(visitor: Visitor, publish: Publish) -> None:
    say(publish, "before", "hold")
    page = visitor.open(location="hold", blocked="**/api/live")
    say(publish, "by-refresh", "hold")
    expect(page.locator(".ev").first).to_contain_text("by-refresh", timeout=20_000)


def test_a_paused_page_holds_still_until_it_goes_on(visitor: Visitor, publish: Publish) -> None:
    say(publish, "at-first", "pause")
    page = visitor.open(location="pause")
    page.locator(".st-key-options").get_by_test_id("stPopoverButton").click()
    pause = page.get_by_test_id("stPopoverBody").get_by_text("Pause", exact=True)
    pause.click()
    expect(page.locator(".words")).to_contain_text("Paused")
    say(publish, "meanwhile", "pause")
    pause.click()
    expect(page.locator(".ev").first).to_contain_text("meanwhile")


COUNT_NOTES = """() => {
  window.__notes = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { __notes += 1; return start.call(this, at); };
}"""


def test_a_new_hot_seller_is_heard_where_the_page_was_told_to(visitor: Visitor, publish: Publish) -> None:
    loud, silent = (visitor.open(location="taken", sound=sound) for sound in ("true", "false"))
    for page in (loud, silent):
        page.evaluate(COUNT_NOTES)
    hot_seller(publish, "ada", "taken")
    for page, notes in ((loud, 2), (silent, 0)):
        expect(page.locator(".toast")).to_be_visible()
        assert page.evaluate("__notes") == notes


def test_history_that_is_brought_in_calls_for_nobodys_attention(visitor: Visitor, publish: Publish) -> None:
    page = visitor.open(location="history", sound="true")
    page.evaluate(COUNT_NOTES)
    hot_seller(publish, "ann", "history", timedelta(days=2))
    expect(page.locator(".need")).to_contain_text("ann")
    assert page.locator(".toast").count() == 0
    assert page.evaluate("__notes") == 0
