"""The protocol without a socket: whatever comes, the consumer sees the log, in order and once."""

import zlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.events import Cursor
from jorge_data.feed.failures import FeedFailure, Gap, PositionLost, ProtocolViolation, SubscriptionRejected
from jorge_data.feed.position import LogPosition
from jorge_data.feed.protocol import Deliver, FeedProtocol, Send, Subscribed, TakeFigures
from tests.feed.fake_server import served

TOP = 12
LOG = {seq: served(seq) for seq in range(1, TOP + 1)}


def frame(**content: Any) -> bytes:
    return orjson.dumps(content)


def subscribed(top: int = TOP, epoch: str = "e1", recovered: bool = True, oldest: int = 1) -> bytes:
    return frame(type="subscribed", epoch=epoch, recovered=recovered, top=top, oldest=oldest)


def batch(first: int, last: int, prev: int) -> bytes:
    return frame(type="events", events=[LOG[seq] for seq in range(first, last + 1)], prev=prev)


def heartbeat(top: int, **prev: int) -> bytes:
    return frame(type="heartbeat", top=top, **prev)


def begun(position: LogPosition, top: int = TOP) -> FeedProtocol:
    protocol = FeedProtocol(position, "office")
    [action] = protocol.receive(frame(type="connected", auth="ok"))
    assert isinstance(action, Send)
    assert protocol.receive(subscribed(top)) == [Subscribed(25)]
    return protocol


def at(seq: int) -> LogPosition:
    position = LogPosition(history=0)
    position.restart(Cursor("e1", seq), 1)
    return position


spans = st.tuples(st.integers(1, TOP), st.integers(0, 4), st.integers(0, 3))


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Draw a heartbeat, or a batch as an honest server sends it for some position, which need not be ours."""
    if draw(st.booleans()):
        return heartbeat(draw(st.integers(0, TOP)))
    first, length, lag = draw(spans)
    return batch(first, min(TOP, first + length), max(0, first - 1 - lag) if lag == 0 else first - 1)


@given(st.lists(messages(), max_size=30))
def test_any_mix_of_repeats_gaps_and_batches_is_delivered_in_order_and_once(mix: list[bytes]) -> None:
    position, delivered = at(0), list[int]()
    protocol = begun(position)

    def receive(message: bytes) -> None:
        nonlocal protocol
        try:
            for action in protocol.receive(message):
                assert isinstance(action, Deliver)
                delivered.extend(event.seq for event in action.events)
        except FeedFailure:
            protocol = begun(position)

    for message in mix:
        receive(message)
        assert delivered == list(range(1, position.current().seq + 1))
    receive(batch(1, TOP, 0))
    assert delivered == list(range(1, TOP + 1))


def test_it_subscribes_from_its_cursor_to_everything() -> None:
    [action] = FeedProtocol(at(7), "office").receive(frame(type="connected", auth="ok"))
    assert action == Send(
        {
            "type": "subscribe",
            "channel": "command_center",
            "location": "office",
            "types": ["*"],
            "after": {"epoch": "e1", "seq": 7},
            "encoding": "gzip",
            "figures": True,
        }
    )


def test_events_before_the_verdict_mean_nothing() -> None:
    protocol = FeedProtocol(at(0), "office")
    assert protocol.receive(batch(1, 2, 0)) == []
    protocol.receive(frame(type="connected"))
    assert protocol.receive(batch(1, 2, 0)) == []


def test_a_frame_of_a_newer_protocol_means_nothing() -> None:
    assert begun(at(0)).receive(frame(type="confetti", amount=7)) == []


@pytest.mark.parametrize("verdict", [subscribed(recovered=False), subscribed(epoch="e2")])
def test_a_verdict_of_no_asks_for_the_top(verdict: bytes) -> None:
    protocol = FeedProtocol(at(3), "office")
    protocol.receive(frame(type="connected"))
    with pytest.raises(PositionLost, match="cannot resume from e1:3"):
        protocol.receive(verdict)


def test_a_log_that_was_never_written_gets_its_name_from_the_first_event() -> None:
    position = LogPosition(history=0)
    position.restart(Cursor("", 0), 1)
    protocol = FeedProtocol(position, "office")
    protocol.receive(frame(type="connected"))
    assert protocol.receive(subscribed(top=0, epoch="")) == [Subscribed(25)]
    [delivered] = protocol.receive(batch(1, 2, 0))
    assert isinstance(delivered, Deliver)
    assert position.cursor == ("e1", 2)


def test_a_log_that_was_never_written_may_have_begun_in_the_meantime() -> None:
    position = LogPosition(history=0)
    position.restart(Cursor("", 0), 1)
    position.resume("e1", True, 1)
    assert position.cursor == ("e1", 0)


def test_a_subscription_that_is_refused_says_why() -> None:
    protocol = FeedProtocol(at(3), "office")
    protocol.receive(frame(type="connected"))
    with pytest.raises(SubscriptionRejected, match=r"rejects the subscription: not yours \(forbidden\)"):
        protocol.receive(frame(type="error", code="forbidden", detail="not yours", ref=None))


def test_a_heartbeat_during_a_long_replay_is_no_loss_while_it_moves() -> None:
    protocol = begun(at(0), top=8)
    for first in (1, 5):
        protocol.receive(batch(first, first + 3, first - 1))
        protocol.receive(heartbeat(8))
    with pytest.raises(Gap, match="events after 8 and up to 9"):
        protocol.receive(heartbeat(9))


def test_what_is_not_for_this_reader_is_no_loss_and_the_position_passes_over_it() -> None:
    position = at(4)
    protocol = begun(position, top=4)
    for _ in range(3):
        assert protocol.receive(heartbeat(8, prev=4)) == []
    assert position.current().seq == 8
    with pytest.raises(Gap, match="events after 8 and up to 9"):
        protocol.receive(heartbeat(9, prev=9))


def test_a_replay_that_stands_still_between_two_heartbeats_is_a_loss() -> None:
    protocol = begun(at(0), top=8)
    protocol.receive(batch(1, 4, 0))
    protocol.receive(heartbeat(8))
    with pytest.raises(Gap, match="events after 4 and up to 8"):
        protocol.receive(heartbeat(8))


@pytest.mark.parametrize(
    "message",
    [
        frame(type="events", events=[LOG[2], LOG[1]], prev=0),
        frame(type="event", event=served(1, "e2"), prev=0),
        frame(type="event", event={**LOG[1], "time": "yesterday"}, prev=0),
        frame(type="event", event=None, prev=0),
        frame(type="events", events=[LOG[1]]),
    ],
    ids=["out of order", "of another epoch", "without a time", "no event", "without prev"],
)
def test_events_that_break_the_contract_are_not_delivered(message: bytes) -> None:
    position = at(0)
    with pytest.raises(ProtocolViolation):
        begun(position).receive(message)
    assert position.cursor == ("e1", 0)


def test_a_gzip_bomb_is_not_unpacked() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(65)) + packer.flush()
    with pytest.raises(ProtocolViolation, match="unpacks to more than"):
        begun(at(0)).receive(bomb, binary=True)


def test_a_restart_never_leads_behind_what_was_delivered() -> None:
    position = LogPosition(history=5)
    assert position.restart(Cursor("e1", 20), 1) == ("e1", 15)
    position.admit([], 15)
    position.clear(PositionLost(Cursor("e1", 15), "e1", 1))
    assert position.restart(Cursor("e1", 18), 1) == ("e1", 15)


def test_a_restart_leads_to_the_oldest_event_that_is_kept() -> None:
    position = LogPosition(history=1000)
    assert position.restart(Cursor("e1", 20), 8) == ("e1", 7)
    position.clear(PositionLost(Cursor("e1", 0), "e1", 12))
    assert position.restart(Cursor("e1", 20), 8) == ("e1", 11)


def test_figures_are_as_of_a_position_of_the_log_that_is_followed() -> None:
    protocol = begun(at(0))
    protocol.receive(batch(1, 4, 0))
    figures = frame(type="figures", as_of=4, set={"conversations": {"active": 2}, "counting": None})
    assert protocol.receive(figures) == [
        TakeFigures({"conversations": {"active": 2}, "counting": None}, Cursor("e1", 4))
    ]


@pytest.mark.parametrize("broken", [{"as_of": "4", "set": {}}, {"as_of": 4}, {"as_of": 4, "set": []}])
def test_figures_that_break_the_contract_are_not_taken(broken: dict[str, Any]) -> None:
    with pytest.raises(ProtocolViolation):
        begun(at(0)).receive(frame(type="figures", **broken))
