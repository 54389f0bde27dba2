import json

from jorge_data.metrics import diff
from tests.metrics.live_location import DAY, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def test_the_first_diff_is_everything(followed: FollowedLocation) -> None:
    shown = followed.view(NOON)
    assert diff(None, shown) == shown


def test_nothing_new_is_an_empty_diff(followed: FollowedLocation) -> None:
    followed.qualify()
    assert diff(followed.view(NOON), followed.view(NOON)) == {}


def test_a_diff_has_the_changed_sections_and_new_lines_alone(followed: FollowedLocation) -> None:
    followed.qualify()
    before = followed.view(NOON, feed=followed.lines())
    followed.report("redis", "healthy")
    changed = diff(before, followed.view(NOON, feed=followed.lines()))
    assert set(changed) == {"kpis", "feed"}
    assert [line["seq"] for line in changed["feed"]] == [2]


def test_the_passing_clock_alone_changes_what_it_must(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "active")
    before = followed.view(NOON)
    assert set(diff(before, followed.view(NOON + 16 * MINUTE))) == {"bar", "needs", "bots"}


def test_freshness_is_told_by_source(followed: FollowedLocation) -> None:
    assert followed.view(NOON)["bar"]["level"] == "none"
    followed.publish("bot_status_update", NOON, source="retell", bot_type="b", status="idle")
    followed.publish("bot_status_update", NOON - 10 * MINUTE, source="ghl", bot_type="b", status="idle")
    bar = followed.view(NOON + 4 * MINUTE)["bar"]
    assert bar["level"] == "ok"
    assert [(source["name"], source["level"]) for source in bar["sources"]] == [("ghl", "amber"), ("retell", "ok")]
    assert followed.view(NOON + DAY)["bar"]["level"] == "red"


def test_what_is_later_than_now_is_not_fresh(followed: FollowedLocation) -> None:
    """The clock is three hours behind: nobody knows how old the newest event is."""
    followed.publish("bot_status_update", NOON, source="retell", bot_type="b", status="idle")
    assert followed.view(NOON - 4 * MINUTE)["bar"]["level"] == "ok"
    assert followed.view(NOON - 180 * MINUTE)["bar"]["level"] == "red"


def test_the_demo_location_is_named_as_such(followed: FollowedLocation) -> None:
    assert followed.view(NOON, "demo")["bar"]["demo"]
    assert not followed.view(NOON, "austin")["bar"]["demo"]


def test_a_view_is_plain_json(followed: FollowedLocation) -> None:
    followed.qualify(seller_temperature="hot")
    followed.deal("elm", 1.0)
    shown = json.loads(json.dumps(followed.view(NOON)))
    assert shown["needs"]["items"][0]["name"] == "dana"
