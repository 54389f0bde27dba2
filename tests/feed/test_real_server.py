"""The feed and the real event server keep each other's contract."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from jorge_data.feed import Endpoint, Feed
from tests.feed.conftest import QUICK
from tests.feed.recorder import Recorder
from tests.served import Served, bot_status
from tests.toxics import Proxy

Attach = Callable[..., Feed]
PATIENT = replace(QUICK, silence_s=35)


@pytest.fixture
def attach(recorder: Recorder) -> Iterator[Attach]:
    """Start a feed on a real server's location, its websocket by way of a port."""
    with contextlib.ExitStack() as feeds:

        def start(server: Served, location: str, port: int, **given: float) -> Feed:
            endpoint = Endpoint(f"ws://127.0.0.1:{port}", server.url, server.token("viewer"), **given)  # type: ignore[arg-type]
            feed = Feed(endpoint, location, recorder, timing=PATIENT)
            feeds.callback(feed.stop, 3)
            feed.start()
            return feed

        yield start


def publish(server: Served, location: str, count: int) -> None:
    server.post([bot_status(number, locationid=location) for number in range(count)]).raise_for_status()


def test_the_first_event_of_a_new_location_comes_on_the_first_connection(
    served: Served, recorder: Recorder, attach: Attach
) -> None:
    feed = attach(served, "feed-new", served.port)
    recorder.wait_for_state("connected")
    publish(served, "feed-new", 1)
    recorder.wait_for_seq(1)
    assert (feed.status.connections, feed.status.restarts) == (1, 1)


def test_figures_come_with_the_events_that_they_count(served: Served, recorder: Recorder, attach: Attach) -> None:
    attach(served, "feed-figures", served.port)
    recorder.wait_for_state("connected")
    publish(served, "feed-figures", 3)
    recorder.wait_for_figures(3)
    bots = next(changed["bots"] for changed, _ in reversed(recorder.figures) if "bots" in changed)
    assert bots["jorge-seller"]["events_1h"] == 3
    assert recorder.seqs == [1, 2, 3]


def test_polling_brings_figures_as_well(served: Served, recorder: Recorder, attach: Attach) -> None:
    publish(served, "feed-polled", 3)
    attach(served, "feed-polled", served.port, websocket=False, poll_interval_s=0.05)
    assert recorder.wait_for_figures(3)["bots"]["jorge-seller"]["events_1h"] == 3
    publish(served, "feed-polled", 2)
    assert recorder.wait_for_figures(5)["bots"]["jorge-seller"]["events_1h"] == 5
    assert recorder.seqs == [1, 2, 3, 4, 5]


def test_connections_that_are_reset_lose_and_repeat_nothing(served: Served, recorder: Recorder, attach: Attach) -> None:
    with Proxy(served.port) as proxy:
        attach(served, "feed-reset", proxy.port, attempts=1000)
        for round_ in range(1, 5):
            publish(served, "feed-reset", 300)
            recorder.wait_for_seq(300 * round_ - 299)
            proxy.cut(reset=True)
        recorder.wait_for_seq(1200)
    assert recorder.seqs == list(range(1, 1201))


def test_a_location_that_was_removed_and_written_anew_starts_over(
    served: Served, recorder: Recorder, attach: Attach
) -> None:
    attach(served, "feed-removed", served.port)
    publish(served, "feed-removed", 3)
    recorder.wait_for_seq(3)
    requests.delete(f"{served.url}/api/locations/feed-removed", headers=served.bearer(), timeout=5).raise_for_status()
    publish(served, "feed-removed", 5)
    recorder.wait_for_seq(5)
    first, second = recorder.events[0].epoch, recorder.events[-1].epoch
    assert first != second
    assert [event.seq for event in recorder.events if event.epoch == second] == [1, 2, 3, 4, 5]


def test_a_token_for_another_location_is_an_error_with_a_sentence(served: Served, recorder: Recorder) -> None:
    endpoint = Endpoint(f"ws://127.0.0.1:{served.port}", served.url, served.token("viewer", location="elsewhere"))
    feed = Feed(endpoint, "feed-forbidden", recorder)
    feed.start()
    assert "set JORGE_TOKEN" in recorder.wait_for_state("error").detail
    assert feed.stop()


def test_a_server_that_is_killed_under_load_loses_and_repeats_nothing(
    tmp_path: Path, recorder: Recorder, attach: Attach
) -> None:
    with Served(tmp_path) as server:
        attach(server, "default", server.port, poll_interval_s=0.1)
        recorder.wait_for_state("connected")
        acknowledged = threading.Event()
        load = threading.Thread(target=_publish_until_killed, args=(server, acknowledged))
        load.start()
        assert acknowledged.wait(10)
        server.kill()
        load.join()
        recorder.wait_for_state("disconnected")
        server.start()
        publish(server, "default", 50)
        top = server.get("/events", location="default", after="latest")["top"]
        recorder.wait_for_state("connected", times=2)
        recorder.wait_for_seq(top)
    assert recorder.seqs == list(range(1, top + 1))


def _publish_until_killed(server: Served, acknowledged: threading.Event) -> None:
    with contextlib.suppress(requests.RequestException):  # also an answer that is cut off in its middle
        while True:
            publish(server, "default", 20)
            acknowledged.set()
