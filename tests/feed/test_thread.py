"""The thread itself: it survives its consumer, and ends when it is stopped."""

import threading
from typing import Any

import pytest

from jorge_data.events import Cursor, Event
from jorge_data.feed import Endpoint, Feed, FeedStatus, Timing
from tests.feed.conftest import Follow
from tests.feed.fake_server import LOCATION, FakeServer
from tests.feed.recorder import Recorder
from tests.toxics import Proxy, Toxic

LONG = Timing(backoff_base_s=3600, backoff_cap_s=3600, silence_s=3600, probe_s=3600, fatal_s=3600)


PATIENCE_S = 30.0


def assert_stops_at_once(feed: Feed) -> None:
    """See that it ends without its own waits running out: each of them is a minute or an hour here."""
    assert feed.stop(PATIENCE_S)


def test_it_stops_while_it_reads(recorder: Recorder, follow: Follow) -> None:
    feed = follow(timing=LONG)
    recorder.wait_for_state("connected")
    assert_stops_at_once(feed)


def test_it_stops_while_it_backs_off(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    server.websocket = False
    feed = follow(timing=LONG)
    recorder.wait_for_detail("503")
    assert_stops_at_once(feed)


def test_it_stops_while_it_waits_for_the_next_poll(recorder: Recorder, follow: Follow) -> None:
    feed = follow(websocket=False, poll_interval_s=3600)
    recorder.wait_for_state("disconnected")
    assert_stops_at_once(feed)


def test_it_stops_while_it_shakes_hands(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    with Proxy(server.port) as proxy:
        proxy.set(down=Toxic(black_hole=True))
        feed = follow(port=proxy.port, timeout_s=60)
        recorder.wait(lambda: bool(recorder.restarts))
        assert_stops_at_once(feed)


def test_it_stops_while_the_server_is_silent_after_the_handshake(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    reached = threading.Event()

    def say_nothing(client: Any) -> None:
        reached.set()
        client.wait_until_gone()

    server.scripts.append(say_nothing)
    feed = follow(timeout_s=60)
    assert reached.wait(5)
    assert_stops_at_once(feed)


def test_a_request_without_an_answer_ends_by_its_timeout_and_nothing_is_delivered_after_the_stop(
    server: FakeServer, recorder: Recorder
) -> None:
    with Proxy(server.port) as proxy:
        proxy.set(down=Toxic(black_hole=True))
        api = f"http://127.0.0.1:{proxy.port}"
        feed = Feed(Endpoint("ws://127.0.0.1:9", api, timeout_s=0.4), LOCATION, recorder)
        feed.start()
        recorder.wait_for_state("connecting")
        assert not feed.stop(0.1)
        shown = len(recorder.statuses)
        assert feed.stop(PATIENCE_S)
        assert len(recorder.statuses) == shown


def test_a_feed_that_was_not_started_stops_too(recorder: Recorder) -> None:
    assert Feed(Endpoint("ws://127.0.0.1:9", "http://127.0.0.1:9"), LOCATION, recorder).stop()


class Failing(Recorder):
    """A consumer that raises at every call, after it has recorded it."""

    def restart(self, cursor: Cursor) -> None:
        super().restart(cursor)
        raise RuntimeError("restart")

    def take_figures(self, changed: dict[str, Any], as_of: Cursor) -> None:
        super().take_figures(changed, as_of)
        raise RuntimeError("take_figures")

    def deliver(self, events: list[Event], received_at: float) -> None:
        super().deliver(events, received_at)
        raise RuntimeError("deliver")

    def changed(self, status: FeedStatus) -> None:
        super().changed(status)
        raise RuntimeError("changed")


@pytest.fixture
def recorder(request: pytest.FixtureRequest) -> Recorder:
    return Failing() if "raises" in request.node.name else Recorder()


def test_a_consumer_that_raises_neither_ends_the_thread_nor_the_connection(
    server: FakeServer, recorder: Recorder, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    feed = follow(timing=LONG)
    recorder.wait_for_state("connected")
    for top in (1, 2, 3):
        server.publish(1)
        recorder.wait_for_seq(top)
    assert feed.stop()
    assert recorder.seqs == [1, 2, 3]
    assert feed.status.connections == 1
    assert feed.status.consumer_errors >= 3
    assert "consumer failed in deliver" in caplog.text


def test_the_consumer_may_stop_the_feed(server: FakeServer, follow: Follow, recorder: Recorder) -> None:
    feed = follow()
    recorder.wait_for_state("connected")
    recorder.on_event = feed.stop
    server.publish(1)
    recorder.wait_for_seq(1)
    assert feed.stop()
