from jorge_data.events import Cursor
from jorge_data.metrics import LiveState, Targets
from tests.dashboard.fake_feeds import HOME, NOON, FakeFeeds, event


def test_history_fills_the_buffer_and_is_not_counted_again(feeds: FakeFeeds) -> None:
    past = LiveState(Targets())
    for seq in (1, 2, 3):
        past.apply(event(seq))
    location_state = feeds.locations.get(HOME)
    location_state.restart(past.dump(), Cursor("e1", 3))
    before = location_state.view(feeds.now, 86400)
    feeds.publish(1, 2, 3)
    assert location_state.view(feeds.now, 86400) == before
    assert [each.seq for each in location_state.recent()] == [3, 2, 1]


def test_an_event_is_counted_once_however_often_it_comes(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    feeds.publish(1)
    assert [line["seq"] for line in feeds.locations.get(HOME).view(feeds.now, 86400)["feed"]] == [1]


def test_the_figures_say_how_this_process_hears_of_them(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    figures = feeds.locations.get(HOME).dashboard(feeds.now)
    assert figures["position"] == {"epoch": "e1", "seq": 1}
    assert set(figures["connection"]) == {"state", "since", "latency_ms_p50"}


def test_what_waits_to_be_shown_is_named_once(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    location_state = feeds.locations.get(HOME)
    assert location_state.take_oldest_unsent() == NOON.timestamp() + 1
    assert location_state.take_oldest_unsent() is None


def test_history_that_is_brought_in_is_not_on_its_way_to_a_screen(feeds: FakeFeeds) -> None:
    location_state = feeds.locations.get(HOME)
    location_state.deliver([event(1), event(2)], NOON.timestamp() + 90 * 86_400)
    assert location_state.take_oldest_unsent() is None
    assert location_state.latency.p50_p95("bot_server") is None
    location_state.deliver([event(3)], NOON.timestamp() + 3.5)
    assert location_state.take_oldest_unsent() == NOON.timestamp() + 3
