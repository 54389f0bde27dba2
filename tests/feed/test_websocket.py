"""The feed on a real websocket, with a server that does what servers and networks do."""

import gzip
from dataclasses import replace

import orjson
import pytest

from tests.feed.conftest import QUICK, Follow
from tests.feed.fake_server import FakeConnection, FakeServer, served
from tests.feed.recorder import Recorder
from tests.toxics import Proxy, Toxic


def all_up_to(seq: int) -> list[int]:
    return list(range(1, seq + 1))


def test_it_starts_so_far_before_the_top_as_fills_the_history(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(20)
    follow(history=5)
    recorder.wait_for_seq(20)
    assert list(map(str, recorder.restarts)) == ["e1:15"]
    assert recorder.seqs == [16, 17, 18, 19, 20]


def test_it_delivers_what_is_published_while_it_is_connected(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    feed = follow(timing=replace(QUICK, silence_s=30))
    recorder.wait_for_state("connected")
    server.publish(1)
    server.publish(60)
    recorder.wait_for_seq(61)
    assert recorder.seqs == all_up_to(61)
    status = feed.status
    assert (status.state, status.cursor, status.connections, status.gaps) == ("connected", ("e1", 61), 1, 0)
    assert status.bytes_per_minute > 61 * 200


def test_it_shows_the_token_in_the_header_and_nowhere_else(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    feed = follow(token="canary")
    recorder.wait_for_state("connected")
    assert server.authorizations == ["Bearer canary", "Bearer canary"]
    assert "canary" not in repr(feed.__dict__) + repr(recorder.statuses) + repr(server.requests)


def test_a_proxy_in_the_environment_does_not_take_what_is_for_loopback(
    recorder: Recorder, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    follow()
    recorder.wait_for_state("connected")


def test_connections_cut_inside_a_batch_lose_and_repeat_nothing(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.batch = 4
    with Proxy(server.port) as proxy:
        proxy.set(down=Toxic(limit_data=6_000))
        feed = follow(port=proxy.port, attempts=1000)
        server.publish(120)
        recorder.wait_for_seq(120)
        assert recorder.seqs == all_up_to(120)
        assert proxy.accepted > 5
        assert feed.status.recovered == feed.status.connections - 1


def test_a_reset_while_events_stream_loses_and_repeats_nothing(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    with Proxy(server.port) as proxy:
        follow(port=proxy.port, attempts=1000)
        for round_ in range(1, 6):
            server.publish(30)
            recorder.wait_for_seq(30 * round_ - 15)
            proxy.cut(reset=True)
        recorder.wait_for_seq(150)
        assert recorder.seqs == all_up_to(150)


def test_bytes_that_come_one_by_one_are_events_all_the_same(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(3)
    with Proxy(server.port) as proxy:
        proxy.set(up=Toxic(slice_bytes=1), down=Toxic(slice_bytes=1))
        follow(port=proxy.port)
        recorder.wait_for_seq(3)
        assert recorder.seqs == all_up_to(3)


def test_a_gap_is_counted_and_filled(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    def skip_two(client: FakeConnection) -> None:
        client.begin()
        client.events(1, 2)
        client.events(5, 6)
        client.wait_until_gone()

    server.scripts.append(skip_two)
    server.top = 6
    feed = follow()
    recorder.wait_for_seq(6)
    assert recorder.seqs == all_up_to(6)
    assert (feed.status.gaps, server.subscriptions[1]["after"]["seq"]) == (1, 2)


def test_repeats_are_dropped(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    def repeat(client: FakeConnection) -> None:
        client.begin()
        client.events(1, 3)
        client.events(2, 3)
        client.events(2, 5)
        client.follow(5)

    server.scripts.append(repeat)
    server.top = 7
    follow()
    recorder.wait_for_seq(7)
    assert recorder.seqs == all_up_to(7)


def test_a_lost_tail_is_found_by_the_heartbeat(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    def forget_the_last(client: FakeConnection) -> None:
        client.begin()
        client.events(1, 1)
        server.publish(1)
        client.send(type="heartbeat", top=2, time="2026-11-23T14:07:31Z")
        client.wait_until_gone()

    server.top = 1
    server.scripts.append(forget_the_last)
    feed = follow()
    recorder.wait_for_seq(2)
    assert recorder.seqs == [1, 2]
    assert feed.status.gaps == 1


def test_a_position_that_is_not_kept_any_more_starts_from_the_oldest_that_is(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    with Proxy(server.port) as proxy:
        feed = follow(port=proxy.port)
        server.publish(10)
        recorder.wait_for_seq(10)
        proxy.shut()
        server.oldest = 41
        server.publish(40)
        proxy.open()
        recorder.wait_for_seq(50)
    assert recorder.seqs == [*all_up_to(10), *range(41, 51)]
    assert (recorder.restarts[-1], feed.status.restarts) == (("e1", 40), 2)


def test_a_new_epoch_starts_over_even_where_its_positions_are_higher(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    with Proxy(server.port) as proxy:
        follow(port=proxy.port)
        recorder.wait_for_state("connected")
        server.publish(10)
        recorder.wait_for_seq(10)
        proxy.shut()
        server.epoch = "e2"
        server.publish(2)
        proxy.open()
        recorder.wait_for_seq(12)
    assert list(map(str, recorder.restarts)) == ["e1:0", "e2:0"]
    assert [str(event.cursor) for event in recorder.events[10:]] == [f"e2:{seq}" for seq in all_up_to(12)]


def test_figures_are_handed_on_in_their_place_among_the_events(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    def tell(client: FakeConnection) -> None:
        client.begin()
        client.events(1, 2)
        client.figures(2)
        client.events(3, 3)
        client.figures(3)
        client.follow(3)

    server.scripts.append(tell)
    server.top = 3
    seen: list[tuple[int, int]] = []
    recorder.on_event = lambda: seen.append((len(recorder.figures), recorder.seqs[-1]))
    follow()
    assert recorder.wait_for_figures(3) == {"conversations": {"active": 3}}
    assert [as_of for _, as_of in recorder.figures] == [("e1", 2), ("e1", 3)]
    assert seen == [(0, 2), (1, 3)]
    assert server.subscriptions[0]["figures"] is True


def test_a_handshake_that_is_never_answered_ends(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    with Proxy(server.port) as proxy:
        proxy.set(down=Toxic(black_hole=True))
        follow(port=proxy.port, timeout_s=0.2)
        recorder.wait_for_detail("nothing for 0.2 s")
        proxy.heal()
        recorder.wait_for_state("connected")


def test_a_stall_inside_a_frame_is_noticed(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    def stall(client: FakeConnection) -> None:
        client.begin()
        client.events(1, 2)
        client.connection.socket.sendall(b"\x81\x7e\x01\x00" + b'{"type":"events","events":[')
        client.wait_until_gone()

    server.scripts.append(stall)
    server.top = 4
    follow()
    recorder.wait_for_detail("nothing for 0.3 s")
    recorder.wait_for_seq(4)
    assert recorder.seqs == all_up_to(4)


def test_pings_are_answered_and_keep_a_quiet_connection(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    def ping(client: FakeConnection) -> None:
        sent = client.begin()
        for _ in range(4):
            assert client.connection.ping().wait(30)
        server.publish(1)
        client.follow(sent)

    server.scripts.append(ping)
    feed = follow(timing=replace(QUICK, silence_s=30))
    recorder.wait_for_seq(1)
    assert feed.status.connections == 1


def test_gzip_batches_are_unpacked(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    def compress(client: FakeConnection) -> None:
        client.begin()
        frame = {"type": "events", "events": [served(seq) for seq in all_up_to(9)], "prev": 0}
        client.connection.send(gzip.compress(orjson.dumps(frame)))
        client.follow(9)

    server.scripts.append(compress)
    server.top = 10
    follow()
    recorder.wait_for_seq(10)
    assert recorder.seqs == all_up_to(10)
    assert server.subscriptions[0]["encoding"] == "gzip"


@pytest.mark.parametrize(
    "message",
    [b'\x81\x04"\xff\xfe"', b"\x81\x02[]", b"\x82\x03abc", b"\xf1\x01x", b'\x81\x10{"type":"event"}'],
    ids=["bad UTF-8", "not an object", "not gzip", "reserved bits", "no event"],
)
def test_what_is_not_the_protocol_ends_the_connection_and_nothing_else(
    message: bytes, server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    def babble(client: FakeConnection) -> None:
        client.begin()
        client.connection.socket.sendall(message)
        client.wait_until_gone()

    server.scripts.append(babble)
    server.top = 2
    follow()
    recorder.wait_for_detail("not the protocol")
    recorder.wait_for_seq(2)
    assert recorder.seqs == [1, 2]
