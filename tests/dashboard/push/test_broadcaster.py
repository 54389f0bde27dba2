import asyncio
from typing import Any

import orjson
import pytest

from jorge_data.dashboard.push.client_queue import MOST_PENDING, ClientQueue
from tests.dashboard.fake_feeds import FakeFeeds, run

Frame = dict[str, Any]


async def frames_of(feeds: FakeFeeds, queue: ClientQueue, count: int) -> list[Frame]:
    """Return the next frames as a socket would send them."""
    return [orjson.loads(await queue.next() or feeds.broadcaster.state(queue, "key")) for _ in range(count)]


def test_the_first_frame_is_the_whole_state(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    [frame] = run(frames_of(feeds, feeds.queue(), 1))
    assert frame["type"] == "state"
    assert frame["key"] == "key"
    assert frame["view"]["feed"][0]["seq"] == 2


def test_a_patch_names_the_version_it_follows(feeds: FakeFeeds) -> None:
    queue = feeds.queue()

    async def watch() -> list[Frame]:
        frames = await frames_of(feeds, queue, 1)
        for number in (1, 2):
            feeds.publish(number)
            feeds.broadcaster.paint()
        return frames + await frames_of(feeds, queue, 2)

    state, first, second = run(watch())
    assert (first["from"], first["v"]) == (state["v"], 2)
    assert (second["from"], second["v"]) == (2, 3)
    assert [line["seq"] for line in second["feed"]] == [2]


def test_nothing_new_is_not_sent(feeds: FakeFeeds) -> None:
    queue = feeds.queue()
    run(frames_of(feeds, queue, 1))
    feeds.broadcaster.paint()
    feeds.broadcaster.paint()
    assert queue.pending == 0


def test_a_quiet_hub_paints_at_once_and_then_at_most_every_fifty_milliseconds(feeds: FakeFeeds) -> None:
    queue = feeds.queue()

    async def watch() -> list[int]:
        painting = asyncio.create_task(feeds.broadcaster.run())
        await frames_of(feeds, queue, 1)
        await asyncio.sleep(1)
        for number in range(1, 31):  # one every ten milliseconds
            feeds.publish(number)
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        painting.cancel()
        frames = await frames_of(feeds, queue, queue.pending)
        return [len(frame["feed"]) for frame in frames if frame["feed"]]

    lines = run(watch())
    assert lines[0] == 1, "the first event waits for nothing"
    assert sum(lines) == 30, "each event has its line"
    assert len(lines) <= 8, "thirty events in 300 ms are at most seven paints, and one for the rest"


def paints_of_thirty_events(takes_s: float | None) -> list[int]:
    """Return how many lines each patch had of events that came every ten milliseconds, to a tab that paints so slowly.

    None: it paints nothing.
    """
    feeds = FakeFeeds(clock=lambda: asyncio.get_running_loop().time())

    async def paint(queue: ClientQueue) -> list[int]:
        lines: list[int] = []
        while True:
            frame = orjson.loads(await queue.next() or feeds.broadcaster.state(queue, "key"))
            lines.append(len(frame["feed"]) if "feed" in frame else 0)
            if takes_s is not None:
                await asyncio.sleep(takes_s if len(lines) > 2 else 0)
                feeds.broadcaster.painted(queue, frame["v"])
            if sum(lines) == 31:
                return [count for count in lines if count][1:]

    async def watch() -> list[int]:
        tasks = asyncio.create_task(feeds.broadcaster.run()), asyncio.create_task(paint(feeds.queue()))
        await asyncio.sleep(1)
        feeds.publish(1)  # it shows how fast it is when nothing is to be done
        await asyncio.sleep(1)
        for number in range(2, 32):
            feeds.publish(number)
            await asyncio.sleep(0.01)
        lines = await tasks[1]
        tasks[0].cancel()
        return lines

    return run(watch())


def test_tabs_that_are_behind_are_sent_several_paints_at_once() -> None:
    fast, slow = paints_of_thirty_events(0), paints_of_thirty_events(0.09)
    assert len(fast) >= 6
    assert len(slow) <= 4, "each of them has its line all the same, with fewer paints"


def test_a_tab_that_is_hidden_holds_up_nobody() -> None:
    assert len(paints_of_thirty_events(None)) >= 5


def test_what_time_alone_changes_is_told_every_two_seconds(feeds: FakeFeeds) -> None:
    queue = feeds.queue()

    async def watch() -> int:
        painting = asyncio.create_task(feeds.broadcaster.run())
        await asyncio.sleep(0)
        await frames_of(feeds, queue, 1)
        await asyncio.sleep(10)
        painting.cancel()
        return queue.pending

    assert run(watch()) in (4, 5)


def test_a_tab_that_does_not_read_gets_the_whole_state_instead_of_a_gap(feeds: FakeFeeds) -> None:
    queue = feeds.queue()

    async def watch() -> list[Frame]:
        await frames_of(feeds, queue, 1)
        for number in range(1, MOST_PENDING + 10):
            feeds.publish(number)
            feeds.broadcaster.paint()
        feeds.publish(500)
        return await frames_of(feeds, queue, 1)

    [frame] = run(watch())
    assert frame["type"] == "state"


def test_tabs_with_the_same_audience_get_the_same_bytes(feeds: FakeFeeds) -> None:
    one, two = feeds.queue(), feeds.queue()

    async def watch() -> tuple[bytes | None, bytes | None]:
        await frames_of(feeds, one, 1)
        await frames_of(feeds, two, 1)
        feeds.publish(1)
        feeds.broadcaster.paint()
        return await one.next(), await two.next()

    first, second = run(watch())
    assert first is second


def test_the_first_real_event_brings_the_users_own_office_with_a_notice() -> None:
    feeds = FakeFeeds(demo_enabled=True)
    queue = feeds.queue(location=None)

    async def watch() -> list[Frame]:
        before = await frames_of(feeds, queue, 1)
        feeds.publish(1)
        feeds.broadcaster.paint()
        return before + await frames_of(feeds, queue, 1)

    before, after = run(watch())
    assert before["view"]["bar"]["demo"] is True
    assert after["view"]["bar"]["demo"] is False
    assert after["notice"]["link"]["href"] == "?location=demo"


def test_an_office_that_begins_anew_is_sent_whole(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2, 3)
    queue = feeds.queue()

    async def watch() -> list[Frame]:
        await frames_of(feeds, queue, 1)
        feeds.broadcaster.paint()
        feeds.wipe()
        feeds.broadcaster.paint()
        return await frames_of(feeds, queue, 1)

    [frame] = run(watch())
    assert frame["view"]["feed"] == []


def test_the_last_tab_takes_its_channel_with_it(feeds: FakeFeeds) -> None:
    queue = feeds.queue()
    feeds.publish(1)
    feeds.broadcaster.paint()
    feeds.broadcaster.leave(queue)
    [frame] = run(frames_of(feeds, feeds.queue(), 1))
    assert frame["v"] == 1, "counted anew, because nothing was kept"


def test_an_office_that_cannot_be_shown_freezes_no_other(
    feeds: FakeFeeds, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tabs = [feeds.queue(location=name) for name in ("a", "broken", "c")]
    for queue in tabs:
        run(frames_of(feeds, queue, 1))
        feeds.publish(1, location=queue.holder.location or "")
    monkeypatch.setattr(feeds.locations.get("broken"), "view", lambda *_: 1 / 0)
    feeds.broadcaster.paint()
    assert [queue.pending for queue in tabs] == [1, 0, 1]
    assert "the wall of broken could not be painted" in caplog.text


def test_a_viewer_is_told_of_bots_and_health_alone(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    [frame] = run(frames_of(feeds, feeds.queue(role="viewer"), 1))
    assert frame["view"]["feed"] == []
    assert [tile["key"] for tile in frame["view"]["kpis"]] == ["system"]
