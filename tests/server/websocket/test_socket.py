"""The socket: greeting, subscribing, resuming, publishing; every other client lives on whatever one of them sends."""

import json
import re
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.served import Served, bot_status
from tests.server.clients import ask, closing, next_events, publish, receive, seqs, subscribe


@pytest.fixture
def client(served: Served, stack: ExitStack) -> ClientConnection:
    """An anonymous reader that has been greeted."""
    client = served.connect(stack)
    receive(client)
    return client


@pytest.fixture
def admin(served: Served, stack: ExitStack) -> ClientConnection:
    client = served.connect(stack, additional_headers=served.bearer())
    receive(client)
    return client


@pytest.mark.parametrize("path", ["/", "/ws"])
def test_the_first_frame_comes_at_once_and_says_connected(served: Served, stack: ExitStack, path: str) -> None:
    greeting = receive(served.connect(stack, path), timeout=1)
    assert greeting == {**greeting, "type": "connected", "protocol": 1, "heartbeat_s": 25, "auth": "ok"}
    assert "default" in greeting["locations"]


def test_without_a_position_a_reader_begins_at_the_snapshot(
    served: Served, client: ClientConnection, location: str
) -> None:
    publish(served, location, 3)
    subscribed = subscribe(client, location)
    assert subscribed == {
        **subscribed,
        "type": "subscribed",
        "location": location,
        "recovered": False,
        "top": 3,
        "oldest": 1,
    }
    assert "jorge-seller" in subscribed["snapshot"]["bots"]
    publish(served, location)
    assert receive(client) == {
        "type": "event",
        "event": served.get("/events", location=location, after=f"{subscribed['epoch']}:3")["events"][0],
        "prev": 3,
    }


def test_a_position_is_resumed_from(served: Served, client: ClientConnection, location: str) -> None:
    epoch = publish(served, location, 5)[0]["epoch"]
    assert subscribe(client, location, after={"epoch": epoch, "seq": 2})["recovered"] is True
    assert seqs(next_events(client, 3)) == [3, 4, 5]
    publish(served, location, 2)
    assert seqs(next_events(client, 2)) == [6, 7]


def test_more_than_memory_holds_is_resumed_from_the_store(
    served: Served, client: ClientConnection, location: str
) -> None:
    for _ in range(5):
        epoch = publish(served, location, 500)[0]["epoch"]
    subscribe(client, location, after=f"{epoch}:0")
    assert seqs(next_events(client, 2500)) == list(range(1, 2501))


@pytest.mark.parametrize("after", [{"epoch": "00000000", "seq": 1}, {"epoch": "{epoch}", "seq": 99}])
def test_a_position_that_cannot_be_honoured_is_never_half_honoured(
    served: Served, client: ClientConnection, location: str, after: dict[str, Any]
) -> None:
    epoch = publish(served, location, 5)[0]["epoch"]
    subscribed = subscribe(client, location, after={**after, "epoch": after["epoch"].format(epoch=epoch)})
    assert (subscribed["recovered"], subscribed["top"]) == (False, 5)
    publish(served, location)
    assert seqs(next_events(client, 1)) == [6]


def test_with_a_filter_each_frame_names_the_one_before_it(
    served: Served, client: ClientConnection, location: str
) -> None:
    epoch = publish(served, location, 2)[0]["epoch"]
    data = {"conversation_id": "c", "contact_id": "ann", "kind": "message"}
    spoken = {"type": "conversation_event", "data": data}
    subscribe(client, location, types=["conversation_event"], after={"epoch": epoch, "seq": 1})
    chain = []
    for silent in (1, 0, 3):
        publish(served, location, silent) if silent else None
        publish(served, location, 1, **spoken)
        frame = receive(client)
        chain.append((frame["prev"], frame["event"]["seq"]))
    assert chain == [(1, 4), (4, 5), (5, 9)]


def test_batches_are_compressed_where_asked_for(served: Served, client: ClientConnection, location: str) -> None:
    epoch = publish(served, location, 50)[0]["epoch"]
    subscribe(client, location, encoding="gzip", after={"epoch": epoch, "seq": 0})
    raw = client.recv(5)
    assert isinstance(raw, bytes)
    assert raw.startswith(b"\x1f\x8b")
    publish(served, location)
    assert isinstance(client.recv(5), str)  # too short to be worth it


def test_subscribing_again_replaces(served: Served, client: ClientConnection, location: str) -> None:
    subscribe(client, location)
    subscribe(client, f"{location}-2")
    publish(served, location, 3)
    publish(served, f"{location}-2")
    assert next_events(client, 1)[0]["locationid"] == f"{location}-2"


def test_a_publish_is_acknowledged_event_by_event(served: Served, admin: ClientConnection, location: str) -> None:
    event = bot_status(locationid=location)
    events = [event, {**event, "id": "bad", "type": "rumour"}, event]
    ack = ask(admin, type="publish", ref="r-1", events=events)
    assert (ack["type"], ack["ref"]) == ("ack", "r-1")
    first, bad, again = ack["results"]
    assert (first["seq"], first["duplicate"], again["seq"], again["duplicate"]) == (1, False, 1, True)
    assert (bad["id"], bad["error"]["faults"][0]["pointer"]) == ("bad", "/type")


def test_what_one_publishes_all_receive_in_one_order(served: Served, stack: ExitStack, location: str) -> None:
    readers = [served.connect(stack) for _ in range(3)]
    for reader in readers:
        subscribe(reader, location)
    writers = [served.connect(stack, additional_headers=served.bearer("publisher")) for _ in range(2)]
    for number in range(20):
        for writer in writers:
            writer.send(json.dumps({"type": "publish", "events": [bot_status(number, locationid=location)]}))
    assert [receive(writer)["type"] for writer in writers for _ in range(21)] == ["connected", *["ack"] * 20] * 2
    received = [next_events(reader, 40) for reader in readers]
    assert seqs(received[0]) == list(range(1, 41))
    assert received[0] == received[1] == received[2]


def test_removing_a_location_sends_its_readers_away_to_come_back(
    served: Served, client: ClientConnection, location: str
) -> None:
    publish(served, location, 5)
    subscribed = subscribe(client, location)
    assert served.session.delete(f"{served.url}/api/locations/{location}", headers=served.bearer()).status_code == 204
    assert closing(client)[0] == 4010
    with ExitStack() as stack:
        again = served.connect(stack)
        anew = subscribe(again, location, after={"epoch": subscribed["epoch"], "seq": 5})
        assert (anew["recovered"], anew["top"], anew["snapshot"]["bots"]) == (False, 0, {})
        assert publish(served, location)[0]["epoch"] != subscribed["epoch"]
        assert seqs(next_events(again, 1)) == [1]


BAD_FRAMES: list[Any] = [
    "",
    "garbage",
    "[]",
    "{}",
    '{"type":"dance"}',
    '{"type":["subscribe"]}',
    '{"type":"subscribe","channel":"other"}',
    '{"type":"subscribe","location":7}',
    '{"type":"subscribe","location":"a b"}',
    '{"type":"subscribe","types":"*"}',
    '{"type":"subscribe","types":["rumour"]}',
    '{"type":"subscribe","after":{"epoch":"e","seq":-1}}',
    '{"type":"subscribe","after":{"epoch":"e","seq":true}}',
    '{"type":"subscribe","encoding":"zip"}',
    '{"type":"subscribe","ref":"\\ud800"}',
    '{"type":"subscribe","ref":{"a":1}}',
    '{"type":"subscribe","ref":1e400}',
    "[" * 100_000,
    b"\x00\xff",
]


@pytest.mark.parametrize("bad", BAD_FRAMES, ids=lambda bad: repr(bad)[:50])
def test_a_bad_frame_is_answered_and_the_connection_lives_on(client: ClientConnection, location: str, bad: Any) -> None:
    client.send(bad)
    error = receive(client)
    assert (error["type"], error["code"], error["ref"]) == ("error", "invalid", None)
    assert subscribe(client, location)["type"] == "subscribed"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (
            b"\x81\xfe\xff\xff" + bytes(4) + bytes(0xFFFF) + b"\xff\xff\xff\xff",
            1002,
        ),  # reserved bits in the second frame
        (b"\x81\xff" + (1 << 40).to_bytes(8) + bytes(4), 1009),
        (b"\x81\x82" + bytes(4) + b"\xff\xff", 1007),
        (b"\xf1\x80" + bytes(4), 1002),
        (b"\x81\x01x", 1002),  # not masked
    ],
)
def test_who_breaks_the_protocol_is_closed_and_nobody_else(
    served: Served, stack: ExitStack, client: ClientConnection, location: str, raw: bytes, code: int
) -> None:
    subscribe(client, location)
    rude = served.connect(stack)
    rude.socket.sendall(raw)
    assert closing(rude)[0] == code
    publish(served, location)
    assert len(next_events(client, 1)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"\x01\x80" + bytes(4) + (b"\x00\x81" + bytes(4) + b"x") * 3_000,
        (b"\x89\x80" + bytes(4)) * 3_000,
        (b"\x8a\x80" + bytes(4)) * 3_000,
    ],
    ids=["fragments", "pings", "pongs"],
)
def test_who_sends_thousands_of_the_smallest_frames_is_sent_away(served: Served, stack: ExitStack, raw: bytes) -> None:
    rude = served.connect(stack)
    rude.socket.sendall(raw)
    assert closing(rude) == (4429, "more than 1,000 fragments and control frames a second")


def test_a_message_in_hundreds_of_fragments_is_read(client: ClientConnection, location: str) -> None:
    client.send(iter(json.dumps({"type": "subscribe", "location": location}).ljust(500)))
    assert receive(client)["location"] == location


def test_who_asks_too_often_is_sent_away_to_come_back(client: ClientConnection) -> None:
    with suppress(ConnectionClosed):  # it may be sent away while it still asks
        for _ in range(150):
            client.send("x")
            client.send(b"x")
    assert closing(client)[0] == 4429


@pytest.mark.parametrize(
    ("origin", "enters"), [("http://evil.example", False), ("null", False), ("http://[", False), (None, True)]
)
def test_a_page_from_elsewhere_may_not_open_a_socket(
    served: Served, stack: ExitStack, origin: str | None, enters: bool
) -> None:
    if enters:
        assert receive(served.connect(stack, origin=origin))["type"] == "connected"
        assert receive(served.connect(stack, origin=served.url))["type"] == "connected"
        return
    with pytest.raises(InvalidStatus) as refused:
        served.connect(stack, origin=origin)
    assert refused.value.response.status_code == 403


def test_what_the_server_counts_has_these_names(served: Served, client: ClientConnection, location: str) -> None:
    publish(served, location)
    ask(client, type="dance")
    text = served.session.get(f"{served.url}/metrics", timeout=5).text
    names = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) - {n for n in text.split() if n.endswith("_created")}
    assert names == {
        "jorge_bus_lag_seconds",
        "jorge_clients",
        "jorge_deliveries_total",
        "jorge_deliveries_translated_total",
        "jorge_deliveries_waiting",
        "jorge_disconnects_total",
        "jorge_events_accepted_total",
        "jorge_events_duplicate_total",
        "jorge_events_folded_total",
        "jorge_events_not_stored_total",
        "jorge_events_refused_total",
        "jorge_events_replayed_total",
        "jorge_events_unfolded_total",
        "jorge_fan_out_seconds",
        "jorge_fold_lag_events",
        "jorge_fold_seconds",
        "jorge_part_state",
        "jorge_ping_seconds",
        "jorge_publish_seconds",
        "jorge_redis_entries_lost_total",
        "jorge_redis_lag_entries",
        "jorge_redis_received_timestamp_seconds",
        "jorge_redis_received_total",
        "jorge_redis_up",
        "jorge_requests_refused_total",
        "jorge_resumes_total",
        "jorge_store_bytes",
        "jorge_store_waiting_events",
        "process_cpu_seconds_total",
        "process_max_fds",
        "process_open_fds",
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "process_virtual_memory_bytes",
    }
    assert re.search(r'^jorge_clients{transport="websocket"} [1-9]', text, re.MULTILINE)
    assert re.search(r'^jorge_requests_refused_total{code="invalid"} [1-9]', text, re.MULTILINE)
    assert re.search(r'^jorge_part_state{part="store"} 0.0$', text, re.MULTILINE)
