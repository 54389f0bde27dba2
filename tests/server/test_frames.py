"""Frames: bytes that an independent parser reads back, made once for all who read the same."""

import gzip
import json
from collections.abc import Generator

import pytest
from websockets.frames import Frame as ParsedFrame
from websockets.frames import Opcode
from websockets.streams import StreamReader

from jorge_data.server.frames import (
    GZIP_FROM,
    REMEMBERED,
    REMEMBERED_BYTES,
    Encoding,
    Frame,
    FrameCache,
    events_frame,
    frame,
)
from jorge_data.server.tail import Batch
from tests.server.logs import EPOCH, records


def parse(wire: bytes) -> ParsedFrame:
    reader = StreamReader()
    reader.feed_data(wire)
    reader.feed_eof()
    parser: Generator[None, None, ParsedFrame] = ParsedFrame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parser)
    assert reader.at_eof().send is not None
    result: ParsedFrame = parsed.value.value
    return result


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20])
def test_a_frame_is_what_a_parser_reads_back(size: int, binary: bool) -> None:
    payload = b"x" * size
    parsed = parse(frame(payload, binary).wire)
    assert (parsed.opcode, parsed.fin, parsed.data) == (Opcode.BINARY if binary else Opcode.TEXT, True, payload)


def batch_of(first: int, last: int) -> Batch:
    return Batch(records(first, last), first - 1, last)


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

    def make(batch: Batch, prev: int, encoding: Encoding) -> Frame:
        made.append(batch.position)
        return frame(b"")

    cache = FrameCache(make)
    for position in [*range(1, REMEMBERED + 2), 1]:
        cache.get(EPOCH, batch_of(position, position), 0, None, "plain")
    assert made == [*range(1, REMEMBERED + 2), 1]


def test_frames_are_forgotten_by_their_bytes_as_well() -> None:
    cache = FrameCache(lambda batch, prev, encoding: frame(bytes(REMEMBERED_BYTES // 2)))
    first = cache.get(EPOCH, batch_of(1, 1), 0, None, "plain")
    assert cache.get(EPOCH, batch_of(1, 1), 0, None, "plain") is first
    for position in (2, 3):
        cache.get(EPOCH, batch_of(position, position), 0, None, "plain")
    assert cache.get(EPOCH, batch_of(1, 1), 0, None, "plain") is not first
