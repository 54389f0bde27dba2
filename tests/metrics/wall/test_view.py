import json

from jorge_data.metrics import diff, view
from tests.metrics.live_location import DAY, MINUTE, NOON, LiveLocation


def test_the_first_diff_is_everything(location: LiveLocation) -> None:
    shown = view(location.state, NOON, "default")
    assert diff(None, shown) == shown


def test_nothing_new_is_an_empty_diff(location: LiveLocation) -> None:
    location.qualify()
    assert diff(view(location.state, NOON, "default"), view(location.state, NOON, "default")) == {}


def test_a_diff_has_the_changed_sections_and_new_lines_alone(location: LiveLocation) -> None:
    location.qualify()
    before = view(location.state, NOON, "default")
    location.report("redis", "healthy")
    changed = diff(before, view(location.state, NOON, "default"))
    assert set(changed) == {"kpis", "rate", "feed"}
    assert [line["seq"] for line in changed["feed"]] == [2]


def test_the_passing_clock_alone_changes_what_it_must(location: LiveLocation) -> None:
    location.bot("jorge-seller", "active")
    before = view(location.state, NOON, "default")
    assert set(diff(before, view(location.state, NOON + 16 * MINUTE, "default"))) == {"bar", "needs", "bots", "rate"}


def test_the_feed_holds_the_last_fifty_newest_first(location: LiveLocation) -> None:
    for _ in range(60):
        location.qualify()
    feed = view(location.state, NOON, "default")["feed"]
    assert [line["seq"] for line in feed] == list(range(60, 10, -1))


def test_the_rate_is_what_was_received_in_the_last_sixty_seconds(location: LiveLocation) -> None:
    location.qualify(at=NOON - 2 * MINUTE)
    location.qualify(at=NOON - MINUTE / 2)
    location.qualify(at=NOON)
    assert view(location.state, NOON, "default")["rate"] == 2
    assert view(location.state, NOON + MINUTE, "default")["rate"] == 0


def test_freshness_is_told_by_source(location: LiveLocation) -> None:
    assert view(location.state, NOON, "default")["bar"]["level"] == "none"
    location.publish("bot_status_update", NOON, source="retell", bot_type="b", status="idle")
    location.publish("bot_status_update", NOON - 10 * MINUTE, source="ghl", bot_type="b", status="idle")
    bar = view(location.state, NOON + 4 * MINUTE, "default")["bar"]
    assert bar["level"] == "ok"
    assert [(source["name"], source["level"]) for source in bar["sources"]] == [("ghl", "amber"), ("retell", "ok")]
    assert view(location.state, NOON + DAY, "default")["bar"]["level"] == "red"


def test_the_demo_location_is_named_as_such(location: LiveLocation) -> None:
    assert view(location.state, NOON, "demo")["bar"]["demo"]
    assert not view(location.state, NOON, "austin")["bar"]["demo"]


def test_a_view_is_plain_json(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.deal("elm", 1.0)
    shown = json.loads(json.dumps(view(location.state, NOON, "default")))
    assert shown["needs"]["items"][0]["title"][0] == ["b", "dana"]
