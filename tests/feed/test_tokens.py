"""By whose token a feed reads: another's where one ends or is refused, without losing anything."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jorge_data.feed.failures import ConnectionLost, NoToken
from tests.feed.conftest import QUICK, Follow
from tests.feed.fake_server import FakeConnection, FakeServer, serve_log
from tests.feed.recorder import Recorder
from tests.waiting import wait_until

PATIENT = replace(QUICK, fatal_s=3600, silence_s=5, token_look_s=0)


class Present:
    """The tokens of who is there, the first of them first; those that were refused are passed over."""

    is_of_person = True

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.noted: list[str] = []
        self.is_asked = True

    def current(self) -> str:
        if not self.is_asked:
            raise ConnectionLost("nobody says so now")
        for token in self.tokens:
            if token not in self.noted:
                return token
        if self.noted:
            return self.noted[-1]
        raise NoToken("office")

    def refused(self, token: str) -> None:
        self.noted.append(token)


def carried(server: FakeServer) -> list[str | None]:
    """Return the tokens of all handshakes and requests, each once and in order."""
    return list(dict.fromkeys(each and each.removeprefix("Bearer ") for each in server.authorizations))


def close(code: int) -> Callable[[FakeConnection], None]:
    def script(client: FakeConnection) -> None:
        client.begin()
        client.connection.close(code, "no")

    return script


@pytest.mark.parametrize("code", [4401, 4501, 4503])
def test_where_one_token_is_no_longer_taken_the_next_ones_follows_at_once(
    code: int, server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(3)
    server.scripts += [close(code)]
    feed = follow(timing=PATIENT, tokens=Present("anns", "bens"))
    recorder.wait_for_state("connected", times=1)
    wait_until(lambda: feed.status.connections == 2)
    assert carried(server) == ["anns", "bens"]
    assert server.publish(1) == 4
    wait_until(lambda: [event.seq for event in recorder.events] == [1, 2, 3, 4])
    assert "error" not in {entry.state for entry in feed.log()}


def test_where_all_are_refused_it_waits_and_comes_back_when_somebody_new_is_there(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    present = Present("anns", "bens")
    server.scripts += [close(4501), close(4501)]
    feed = follow(timing=PATIENT, tokens=present)
    recorder.wait_for_state("error")
    assert carried(server) == ["anns", "bens"]
    present.tokens.append("coras")
    feed.retry_now()
    wait_until(lambda: feed.status.state == "connected" and feed.status.connections == 3)
    assert carried(server) == ["anns", "bens", "coras"]


def test_a_connection_goes_on_by_the_new_token_of_who_stays(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    present = Present("anns")
    feed = follow(timing=PATIENT, tokens=present)
    recorder.wait_for_state("connected")
    present.tokens = ["anns-next"]
    server.publish(1)  # a connection that brings something looks whether its token is still the right one
    wait_until(lambda: feed.status.connections == 2)
    server.publish(2)
    wait_until(lambda: [event.seq for event in recorder.events] == [1, 2, 3])
    assert carried(server) == ["anns", "anns-next"]
    assert {entry.state for entry in feed.log()} == {"connecting", "connected"}


def test_when_nobody_is_left_it_reads_no_longer(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    present = Present("anns")
    follow(timing=PATIENT, tokens=present)
    recorder.wait_for_state("connected")
    present.tokens = []
    server.publish(1)
    assert recorder.wait_for_state("error").detail == "nobody is here any more who may read office"


def test_while_it_is_not_known_whose_token_is_good_the_connection_stays(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    present = Present("anns")
    feed = follow(timing=PATIENT, tokens=present)
    recorder.wait_for_state("connected")
    present.is_asked = False
    server.publish(2)
    wait_until(lambda: [event.seq for event in recorder.events] == [1, 2])
    assert feed.status.connections == 1


def test_it_polls_by_the_token_of_the_moment_as_well(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    present = Present("anns")
    follow(timing=PATIENT, websocket=False, tokens=present)
    recorder.wait_for_state("disconnected")
    present.tokens = ["bens"]
    wait_until(lambda: carried(server) == ["anns", "bens"])


def test_the_frame_that_a_server_asks_for_carries_it(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    frames: list[str | bytes] = []

    def ask(client: FakeConnection) -> None:
        client.send(type="connected", auth="required")
        frames.append(client.connection.recv())
        serve_log(client)

    server.scripts.append(ask)
    follow(tokens=Present("anns"))
    recorder.wait_for_state("connected")
    assert frames == ['{"type":"auth","token":"anns"}']
