"""A damaged page in a store that is served: every reader is told once, and goes on; the admin has an item."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from jorge_data.feed import Endpoint, Feed
from tests.feed.recorder import Recorder
from tests.served import Served, bot_status
from tests.server.clients import Frame, events_of, receive, subscribe
from tests.server.socket_io.polling_client import PollingClient
from tests.store.damage import break_page, on_leaf
from tests.waiting import wait_until

COUNT = 120
LOCATION = "office"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over a log of COUNT events, of which the page around e60 is noise; each of the others is sound."""
    with Served(tmp_path_factory.mktemp("damaged")) as served:
        for begin in range(1, COUNT, 40):
            events = [bot_status(number, id=f"e{number}", locationid=LOCATION) for number in range(begin, begin + 40)]
            for each in events:
                each["data"]["pad"] = "x" * 300
            served.post(events).raise_for_status()
        wait_until(lambda: served.get("/api/dashboard/metrics", location=LOCATION)["counting"] is None)
        served.stop()
        name = on_leaf(served.folder / "events.db", 60)
        break_page(served.folder / "events.db", name)
        served.start()
        page = served.get("/events", location=LOCATION, after="oldest", limit=500)
        (hole,) = page["unreadable"]
        assert hole["from"] <= int(name[1:]) <= hole["to"]
        yield served


@pytest.fixture(scope="module")
def hole(damaged: Served) -> dict[str, int]:
    told: dict[str, int] = damaged.get("/events", location=LOCATION, after="oldest", limit=500)["unreadable"][0]
    return told


def readable(hole: dict[str, int]) -> list[int]:
    """Return the positions that can be read; the last is of the event that tells of the hole."""
    return [seq for seq in range(1, COUNT + 2) if not hole["from"] <= seq <= hole["to"]]


def test_a_poll_goes_on_behind_it(damaged: Served, hole: dict[str, int]) -> None:
    page = damaged.get("/events", location=LOCATION, after="oldest", limit=500)
    assert [event["seq"] for event in page["events"]] == readable(hole)
    assert page["position"] == COUNT + 1
    sound = damaged.get("/events", location=LOCATION, after=f"{page['epoch']}:{hole['to']}", limit=500)
    assert "unreadable" not in sound


@pytest.mark.usefixtures("hole")
def test_health_says_that_some_cannot_be_read_and_events_are_stored_all_the_same(damaged: Served) -> None:
    body = damaged.get("/health/ready")
    assert (body["status"], body["ready"], body["parts"]["store"]["state"]) == ("degraded", True, "ok")
    assert body["parts"]["log"]["state"] == "degraded"
    assert body["parts"]["log"]["why"]


def test_a_socket_is_told_once_and_served_on(damaged: Served, hole: dict[str, int], stack: ExitStack) -> None:
    epoch = damaged.get("/events", location=LOCATION)["epoch"]
    client = damaged.connect(stack, additional_headers=damaged.bearer("viewer"))
    answer = subscribe(client, LOCATION, after={"epoch": epoch, "seq": 0})
    assert answer.get("recovered"), answer
    seqs: list[int] = []
    errors: list[Frame] = []
    last = 0
    while not seqs or seqs[-1] <= COUNT:
        frame = receive(client, 30)
        if frame["type"] == "error":
            errors.append(frame)
        elif frame["type"] in ("event", "events"):
            assert frame["prev"] == last, "no reader takes it for a gap"
            seqs += [event["seq"] for event in events_of(frame)]
            last = seqs[-1]
    detail = f"positions {hole['from']} to {hole['to']} cannot be read: the log goes on at {hole['to'] + 1}"
    assert errors == [{"type": "error", "code": "unreadable", "detail": detail, "ref": None, **hole}]
    assert seqs == readable(hole)


def test_a_stream_is_told_by_an_event_of_its_own_and_resumes_behind_it(damaged: Served, hole: dict[str, int]) -> None:
    query = {"location": LOCATION, "after": "oldest"}
    with damaged.session.get(
        f"{damaged.url}/events/stream", params=query, headers=damaged.bearer("viewer"), stream=True, timeout=30
    ) as answer:
        seen: list[tuple[str, str]] = []
        name, place = "", ""
        for line in (raw.decode() for raw in answer.iter_lines(chunk_size=1)):
            key, _, value = line.partition(": ")
            name = value if key == "event" else name
            place = value if key == "id" else place
            if key == "data":
                seen.append((name, place))
                name = ""
                if place.endswith(f":{COUNT + 1}"):
                    break
    assert [place.split(":")[1] for name, place in seen if name == "unreadable"] == [str(hole["to"])]
    assert [int(place.split(":")[1]) for name, place in seen if not name] == readable(hole)


def test_socket_io_is_told_by_an_error(damaged: Served, hole: dict[str, int]) -> None:
    epoch = damaged.get("/events", location=LOCATION)["epoch"]
    with closing(PollingClient(damaged.url, **damaged.bearer("viewer"))) as client:
        client.connect(location=LOCATION, epoch=epoch, seq=0)
        before, error = client.until("error")
        assert (error["code"], error["from"], error["to"]) == ("unreadable", hole["from"], hole["to"])
        assert [payload["seq"] for name, payload in before if name == "bot_status_update"][-1] == hole["from"] - 1
        after, _ = client.until("system_health_update")
        assert next(payload["seq"] for _, payload in after) == hole["to"] + 1


@pytest.mark.parametrize("websocket", [True, False])
def test_the_feed_goes_on_and_says_so_in_its_connection_log(
    damaged: Served, hole: dict[str, int], websocket: bool
) -> None:
    recorder = Recorder()
    endpoint = Endpoint(
        f"ws://127.0.0.1:{damaged.port}", damaged.url, damaged.token("viewer"), websocket=websocket, polling=True
    )
    feed = Feed(endpoint, LOCATION, recorder)
    feed.start()
    try:
        wait_until(lambda: bool(recorder.seqs) and recorder.seqs[-1] == COUNT + 1)
        assert recorder.seqs == readable(hole)
        told = [each for each in feed.log() if "cannot be read" in each.detail]
        assert [each.detail for each in told] == [
            f"positions {hole['from']} to {hole['to']} cannot be read: the log goes on at {hole['to'] + 1}"
        ]
        assert (feed.status.gaps, feed.status.restarts) == (0, 1)
    finally:
        feed.stop(5)


def item(served: Served) -> dict[str, Any] | None:
    items = served.get("/api/dashboard/metrics", location=LOCATION)["needs"]["items"]
    return next((each for each in items if each["item"] == "component:event-store"), None)


def test_the_admin_has_an_item_that_can_be_snoozed(damaged: Served, hole: dict[str, int]) -> None:
    wait_until(lambda: item(damaged) is not None)
    words = json.dumps(item(damaged))
    assert f"positions {hole['from']} to {hole['to']} cannot be read" in words


def test_the_history_is_folded_behind_it(damaged: Served) -> None:
    answer = damaged.session.post(
        f"{damaged.url}/api/rollups/rebuild", params={"location": LOCATION}, headers=damaged.bearer(), timeout=60
    )
    assert answer.ok
    assert json.loads(answer.text.splitlines()[-1])["folded"] == COUNT + 1


def test_told_once_whatever_is_restarted(damaged: Served, hole: dict[str, int]) -> None:
    damaged.stop()
    damaged.start()
    page = damaged.get("/events", location=LOCATION, after="oldest", limit=500)
    assert [event["seq"] for event in page["events"]] == readable(hole)
