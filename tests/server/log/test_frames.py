"""Frames: the bytes that the RFC asks for, made once for all who read the same."""

import gzip
import json

import orjson
import pytest

from jorge_data.events import Record
from jorge_data.server.log.frames import (
    CACHED_BYTES,
    CACHED_FRAMES,
    GZIP_FROM,
    Encoding,
    Frame,
    FrameCache,
    events_frame,
    frame,
    message,
    packets,
)
from jorge_data.server.log.tail import RecordBatch
from tests.server.logs import EPOCH, records


@pytest.mark.parametrize(
    ("binary", "size", "head"),
    [
        (False, 0, "81 00"),
        (False, 5, "81 05"),  # with 256 and 65,536 the examples of RFC 6455, 5.7
        (True, 125, "82 7d"),
        (False, 126, "81 7e 00 7e"),
        (True, 256, "82 7e 01 00"),
        (False, 65_535, "81 7e ff ff"),
        (True, 65_536, "82 7f 00 00 00 00 00 01 00 00"),
    ],
)
def test_a_frame_is_a_head_and_the_payload(binary: bool, size: int, head: str) -> None:
    payload = b"x" * size
    made = frame(payload, binary)
    assert (made.wire, made.payload, made.binary) == (bytes.fromhex(head) + payload, payload, binary)


def batch_of(first: int, last: int) -> RecordBatch:
    return RecordBatch(records(first, last), first - 1, last)


def test_packets_of_socket_io_have_the_fields_of_data_beside_the_attributes_which_keep_their_names() -> None:
    data = {"contact_id": "c1", "seq": "of the bot's own", "note": "a \x1e within"}
    event = {"type": "bot_status_update", "data": data, "seq": 7}
    batch = RecordBatch((Record(7, "bot_status_update", orjson.dumps(event)),) * 2, 6, 7)
    told = {**data, **event}
    assert list(map(json.loads, (packet[1:] for packet in packets(events_frame(batch, 6, "socket.io"))))) == [
        ["bot_status_update", told],
        ["bot_status_update", told],
    ]
    assert packets(message(type="heartbeat", top=7)) == ['2["heartbeat",{"type":"heartbeat","top":7}]']


def test_one_event_and_several_are_told_apart() -> None:
    one, several = (json.loads(events_frame(batch_of(5, last), 3, "plain").payload) for last in (5, 7))
    assert (one["type"], one["event"]["seq"], one["prev"]) == ("event", 5, 3)
    assert (several["type"], [event["seq"] for event in several["events"]], several["prev"]) == ("events", [5, 6, 7], 3)


def test_only_what_is_worth_it_is_compressed() -> None:
    short, long = events_frame(batch_of(1, 2), 0, "gzip"), events_frame(batch_of(1, 50), 0, "gzip")
    assert (short.binary, long.binary) == (False, True)
    plain = gzip.decompress(long.payload)
    assert len(plain) >= GZIP_FROM
    assert plain == events_frame(batch_of(1, 50), 0, "plain").payload


def test_a_thousand_readers_at_one_position_cost_one_encoding() -> None:
    cache = FrameCache()
    frames = {id(cache.get(EPOCH, batch_of(1, 5), 0, None, "plain")) for _ in range(1000)}
    assert len(frames) == 1


def test_whoever_reads_something_else_gets_something_else() -> None:
    cache = FrameCache()
    base = cache.get(EPOCH, batch_of(4, 5), 3, None, "plain")
    others = [
        cache.get("cafe0002", batch_of(4, 5), 3, None, "plain"),
        cache.get(EPOCH, batch_of(3, 5), 3, None, "plain"),
        cache.get(EPOCH, batch_of(4, 5), 2, None, "plain"),
        cache.get(EPOCH, batch_of(4, 5), 3, frozenset({"conversation_event"}), "plain"),
        cache.get(EPOCH, batch_of(4, 5), 3, None, "gzip"),
    ]
    assert all(other is not base for other in others)


def test_only_the_last_frames_are_remembered() -> None:
    made = []

    def make(batch: RecordBatch, prev: int, encoding: Encoding) -> Frame:
        made.append(batch.position)
        return frame(b"")

    cache = FrameCache(make)
    for position in [*range(1, CACHED_FRAMES + 2), 1]:
        cache.get(EPOCH, batch_of(position, position), 0, None, "plain")
    assert made == [*range(1, CACHED_FRAMES + 2), 1]


def test_frames_are_forgotten_by_their_bytes_as_well() -> None:
    cache = FrameCache(lambda batch, prev, encoding: frame(bytes(CACHED_BYTES // 2)))
    first = cache.get(EPOCH, batch_of(1, 1), 0, None, "plain")
    assert cache.get(EPOCH, batch_of(1, 1), 0, None, "plain") is first
    for position in (2, 3):
        cache.get(EPOCH, batch_of(position, position), 0, None, "plain")
    assert cache.get(EPOCH, batch_of(1, 1), 0, None, "plain") is not first
