import json

from jorge_data.metrics import diff, view
from tests.metrics.wall.live_office import DAY, MINUTE, NOON, Office


def test_the_first_diff_is_everything(office: Office) -> None:
    shown = view(office.state, NOON, "default")
    assert diff(None, shown) == shown


def test_nothing_new_is_an_empty_diff(office: Office) -> None:
    office.qualify()
    assert diff(view(office.state, NOON, "default"), view(office.state, NOON, "default")) == {}


def test_a_diff_has_the_changed_sections_and_new_lines_alone(office: Office) -> None:
    office.qualify()
    before = view(office.state, NOON, "default")
    office.report("redis", "healthy")
    changed = diff(before, view(office.state, NOON, "default"))
    assert set(changed) == {"kpis", "rate", "feed"}
    assert [line["seq"] for line in changed["feed"]] == [2]


def test_the_passing_clock_alone_changes_what_it_must(office: Office) -> None:
    office.bot("jorge-seller", "active")
    before = view(office.state, NOON, "default")
    assert set(diff(before, view(office.state, NOON + 16 * MINUTE, "default"))) == {"bar", "needs", "bots", "rate"}


def test_the_feed_holds_the_last_fifty_newest_first(office: Office) -> None:
    for _ in range(60):
        office.qualify()
    feed = view(office.state, NOON, "default")["feed"]
    assert [line["seq"] for line in feed] == list(range(60, 10, -1))


def test_the_rate_is_what_was_received_in_the_last_sixty_seconds(office: Office) -> None:
    office.qualify(at=NOON - 2 * MINUTE)
    office.qualify(at=NOON - MINUTE / 2)
    office.qualify(at=NOON)
    assert view(office.state, NOON, "default")["rate"] == 2
    assert view(office.state, NOON + MINUTE, "default")["rate"] == 0


def test_freshness_is_told_by_source(office: Office) -> None:
    assert view(office.state, NOON, "default")["bar"]["level"] == "none"
    office.hear("bot_status_update", NOON, source="retell", bot_type="b", status="idle")
    office.hear("bot_status_update", NOON - 10 * MINUTE, source="ghl", bot_type="b", status="idle")
    bar = view(office.state, NOON + 4 * MINUTE, "default")["bar"]
    assert bar["level"] == "ok"
    assert [(source["name"], source["level"]) for source in bar["sources"]] == [("ghl", "amber"), ("retell", "ok")]
    assert view(office.state, NOON + DAY, "default")["bar"]["level"] == "red"


def test_the_demo_location_is_named_as_such(office: Office) -> None:
    assert view(office.state, NOON, "demo")["bar"]["demo"]
    assert not view(office.state, NOON, "austin")["bar"]["demo"]


def test_a_view_is_plain_json(office: Office) -> None:
    office.qualify(seller_temperature="hot")
    office.deal("elm", 1.0)
    shown = json.loads(json.dumps(view(office.state, NOON, "default")))
    assert shown["needs"]["items"][0]["title"][0] == ["b", "dana"]
