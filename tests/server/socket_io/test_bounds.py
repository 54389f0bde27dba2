"""What a client of Socket.IO may not do: come from elsewhere, in crowds, send much, read nothing, speak nonsense."""

import json
import re
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from jorge_data.server.auth import connection_expiry
from jorge_data.server.log.tail import CHUNK
from jorge_data.server.socket_io import connection, queue_writer, server
from jorge_data.server.websocket import protocol
from tests.served import Served, bot_status
from tests.server.clients import closing
from tests.server.clients import publish as publish_to
from tests.server.inside import Inside
from tests.server.socket_io.polling_client import OpenClient
from tests.waiting import wait_until

ELSEWHERE = "http://evil.example"
FRONT_END = "http://localhost:3000"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"


def dial(url: str, stack: ExitStack, query: str = WEBSOCKET, origin: str | None = None) -> ClientConnection:
    """Return a websocket at the address of Socket.IO that has its first packet still to read."""
    address = url.replace("http", "ws") + query
    return stack.enter_context(connect(address, origin=origin, proxy=None, max_size=None, close_timeout=0.1))  # type: ignore[arg-type]


def connected(url: str, stack: ExitStack, **auth: str) -> ClientConnection:
    """Return a websocket whose client is connected, and has read what it subscribed to."""
    client = dial(url, stack)
    client.recv(5)
    client.send("40" + json.dumps(auth))
    while not str(client.recv(5)).startswith('42["subscribed"'):
        pass
    return client


def publish(inside: Inside, count: int = 1, note: str = "") -> None:
    headers = {"Authorization": f"Bearer {inside.tokens.issue('admin', 'ann', 60)}"}
    events = [bot_status(number) for number in range(count)]
    for event in events:
        event["data"]["note"] = note
    requests.post(f"{inside.url}/events", json=events, headers=headers, timeout=10).raise_for_status()


def count_of(url: str, sample: str) -> float:
    text = requests.get(f"{url}/metrics", timeout=5).text
    match = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(match[1]) if match else 0.0


LIVE = 'jorge_clients{transport="socket.io"}'


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://["])
def test_a_page_from_elsewhere_is_refused_by_either_transport(
    served: Served, stack: ExitStack, origin: str, open_client: OpenClient
) -> None:
    polled = open_client(served.url, Origin=origin).open()
    with pytest.raises(InvalidStatus) as refused:
        dial(served.url, stack, origin=origin)
    assert "Access-Control-Allow-Origin" not in polled.headers
    for status, body in (
        (polled.status_code, polled.text),
        (refused.value.response.status_code, refused.value.response.body.decode()),
    ):
        detail = json.loads(body)["error"]["detail"]
        assert (status, detail) == (
            403,
            f"Origin is {origin!r}: allowed are this server's own and those in the setting JORGE_ORIGINS",
        )


def test_a_page_from_elsewhere_cannot_go_on_with_a_connection_of_anothers(
    served: Served, location: str, open_client: OpenClient
) -> None:
    client = open_client(served.url)
    client.connect(location=location)
    client.session.headers["Origin"] = ELSEWHERE
    assert (client.send('42["x"]').status_code, client.poll()) == (403, [])


def test_an_allowed_page_is_let_read_what_it_polls(tmp_path: Path, open_client: OpenClient) -> None:
    with Inside(tmp_path, {"origins": f"https://crm.example, {FRONT_END}"}) as inside, ExitStack() as stack:
        client = open_client(inside.url, Origin=FRONT_END)
        opened = client.open()
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        preflight = client.session.options(client.url, params=client.query, headers=asked, timeout=5)
        assert dial(inside.url, stack, origin=FRONT_END).recv(5)
        refused = requests.options(client.url, headers={"Origin": ELSEWHERE, **asked}, timeout=5)
    assert opened.headers["Access-Control-Allow-Origin"] == FRONT_END
    assert preflight.headers["Access-Control-Allow-Origin"] == FRONT_END
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization"
    assert (refused.status_code, "Access-Control-Allow-Origin" in refused.headers) == (403, False)


def test_a_token_may_come_in_the_header_as_well(guarded: Served, location: str, open_client: OpenClient) -> None:
    client = open_client(guarded.url, **guarded.bearer("viewer"))
    client.connect(location=location)
    assert client.until("subscribed")[1]["location"] == location


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"EIO": "3"}, "EIO is '3': allowed is 4, which socket.io-client speaks from 3.0 on"),
        ({"transport": "flashsocket"}, "transport is 'flashsocket': allowed by this request is polling, no JSONP"),
        ({"transport": "websocket"}, "transport is 'websocket': allowed by this request is polling, no JSONP"),
        ({"j": "0"}, "transport is 'polling': allowed by this request is polling, no JSONP"),
        ({"sid": "nobodys"}, "sid names no connection that is open: begin with a new handshake"),
    ],
)
def test_a_request_that_is_not_engine_io_s_is_told_what_is(
    served: Served, query: dict[str, str], detail: str, open_client: OpenClient
) -> None:
    answer = open_client(served.url).open(**query)
    assert (answer.status_code // 100, answer.json()["error"]["detail"]) == (4, detail)


def test_a_websocket_without_a_connection_is_told_so(served: Served, stack: ExitStack) -> None:
    with pytest.raises(InvalidStatus) as refused:
        dial(served.url, stack, f"{WEBSOCKET}&sid=nobodys")
    assert b"sid names no connection" in refused.value.response.body


def test_other_methods_are_refused(served: Served) -> None:
    assert requests.put(f"{served.url}/socket.io/", timeout=5).status_code == 405


def test_a_full_house_turns_clients_away_and_goes_on_serving_the_others(
    tmp_path: Path, open_client: OpenClient
) -> None:
    with Inside(tmp_path, {"max_clients": 2}) as inside, ExitStack() as stack:
        polling = open_client(inside.url)
        polling.connect()
        polling.until("subscribed")
        socket = connected(inside.url, stack)
        refused = open_client(inside.url).open()
        assert (refused.status_code, 1 <= int(refused.headers["Retry-After"]) <= 5) == (503, True)
        with pytest.raises(InvalidStatus) as turned_away:
            dial(inside.url, stack)
        response = turned_away.value.response
        assert (response.status_code, 1 <= int(response.headers["Retry-After"]) <= 5) == (503, True)
        publish(inside)
        assert polling.until("bot_status_update")[1]["seq"] == 1
        assert '"seq":1' in str(socket.recv(5))
        assert count_of(inside.url, LIVE) == 2


def test_handshakes_have_the_limit_of_the_sockets_and_leave_room_for_publishes(
    tmp_path: Path, open_client: OpenClient
) -> None:
    with Inside(tmp_path, {"max_clients": 1}) as inside, ExitStack() as stack:
        connected(inside.url, stack)
        assert open_client(inside.url).open().status_code == 503
        publish(inside)


def test_clients_without_a_token_are_bounded_in_number_and_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_client: OpenClient
) -> None:
    monkeypatch.setattr(server, "MOST_UNAUTHENTICATED", 2)
    monkeypatch.setattr(connection_expiry, "TOKEN_WITHIN_S", 0.5)
    with Inside(tmp_path) as inside, ExitStack() as stack:
        polling = open_client(inside.url)
        assert polling.open().ok
        socket = dial(inside.url, stack)
        assert open_client(inside.url).open().status_code == 503
        assert closing(socket) == (4501, "no token came in time")
        assert polling.poll() == ["1"]
        known = [open_client(inside.url) for _ in range(3)]
        for client in known:  # who has shown one is not counted among those who have not
            wait_until(lambda client=client: client.open().ok)  # type: ignore[misc]
            client.send("40")
            client.until("subscribed")


def test_a_body_that_is_too_large_is_refused_and_the_connection_lives_on(
    served: Served, location: str, open_client: OpenClient
) -> None:
    client = open_client(served.url)
    client.connect(location=location)
    client.until("subscribed")
    refused = client.send("42" + json.dumps(["x", "y" * server.MAX_PAYLOAD_BYTES]))
    assert refused.status_code == 413
    assert refused.json()["error"]["detail"].endswith(f"allowed are {server.MAX_PAYLOAD_BYTES}")
    publish_to(served, location)
    assert client.until("bot_status_update")[1]["seq"] == 1


def test_a_frame_that_is_too_large_ends_its_own_connection(served: Served, stack: ExitStack, location: str) -> None:
    client = connected(served.url, stack, location=location)
    client.send("42" + json.dumps(["x", "y" * server.MAX_PAYLOAD_BYTES]))
    closing(client)


def test_who_sends_too_often_is_cut(served: Served, stack: ExitStack, location: str) -> None:
    client = connected(served.url, stack, location=location)
    with suppress(ConnectionClosed):
        for _ in range(100_000):
            client.send("3")
    assert client.close_code == 4429


def test_who_polls_too_often_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_client: OpenClient) -> None:
    monkeypatch.setattr(connection, "FRAMES_A_SECOND", 0.5)  # a busy machine serves no more of what is asked in turn
    with Inside(tmp_path) as inside:
        polling = open_client(inside.url)
        polling.connect()
        answers = [polling.send("3").status_code for _ in range(400)]
    assert 429 in answers


NONSENSE = ["x", "", "4", "4x", '42"text"', "42{", "44", '451-["x",{"_placeholder":true,"num":0}]', "9", "0", "6"]


@pytest.mark.parametrize("frame", [*NONSENSE, b"bytes"], ids=repr)
def test_nonsense_ends_at_most_its_own_connection_and_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, frame: str | bytes, open_client: OpenClient
) -> None:
    with Inside(tmp_path) as inside, ExitStack() as stack:
        other, nonsense = connected(inside.url, stack), connected(inside.url, stack)
        nonsense.send(frame)
        polling = open_client(inside.url)
        polling.open()
        polling.send(*([frame] if isinstance(frame, str) else ["bAAAA"]))
        publish(inside)
        assert '"seq":1' in str(other.recv(5))
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR", "CRITICAL")]


def test_binary_events_are_not_collected(served: Served, stack: ExitStack, location: str) -> None:
    client = connected(served.url, stack, location=location)
    client.send('459-["x"]')
    client.send(b"a part of nine")
    assert closing(client) == (4509, "not a packet of Socket.IO")


def test_a_websocket_that_is_not_read_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_writer, "PATIENCE_S", 0.2)
    with Inside(tmp_path) as inside, ExitStack() as stack:
        connected(inside.url, stack)  # it reads no further than its own queue of 16 frames
        while not count_of(inside.url, 'jorge_disconnects_total{code="4008"}'):
            publish(inside, 200, "x" * 4_000)
        wait_until(lambda: count_of(inside.url, LIVE) == 0)


def test_a_websocket_whose_protocol_is_not_the_one_we_know_is_closed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol.FanOutProtocol, "cut", None)
    with Inside(tmp_path) as inside, ExitStack() as stack:
        client = connected(inside.url, stack)
        publish(inside)
        assert '"seq":1' in str(client.recv(5))
        headers = {"Authorization": f"Bearer {inside.tokens.issue('admin', 'ann', 60)}"}
        requests.delete(f"{inside.url}/api/locations/default", headers=headers, timeout=10).raise_for_status()
        assert str(client.recv(5)).startswith('42["closing",{"type":"closing","code":4010')
        closing(client)


def test_a_client_that_polls_no_more_is_cut_and_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_client: OpenClient
) -> None:
    monkeypatch.setattr(queue_writer, "PATIENCE_S", 0.2)
    with Inside(tmp_path) as inside:
        client = open_client(inside.url)
        client.connect()
        epoch = client.until("subscribed")[1]["epoch"]
        publish(inside)
        event = client.until("bot_status_update")[1]
        while not count_of(inside.url, 'jorge_disconnects_total{code="4008"}'):
            publish(inside, 200)
        assert count_of(inside.url, LIVE) == 0
        assert client.poll() == []
        again = open_client(inside.url)
        again.connect(epoch=event["epoch"], seq=event["seq"])
        _, subscribed = again.until("subscribed")
        assert (epoch, subscribed["recovered"]) == ("", True)
        assert again.until("bot_status_update")[1]["seq"] == 2


def test_what_waits_for_a_client_is_one_batch_at_most(tmp_path: Path, open_client: OpenClient) -> None:
    with Inside(tmp_path) as inside:
        client = open_client(inside.url)
        client.connect()
        client.until("subscribed")
        for _ in range(8):
            publish(inside, 500)
        served = inside.config.app
        assert isinstance(served, FastAPI)
        (held,) = served.state.socket_io.connections.values()
        wait_until(lambda: held.writer.waiting > 0)
        assert held.writer.waiting <= CHUNK
        while client.until("bot_status_update")[1]["seq"] < 4_000:
            pass


def test_a_client_that_sends_and_takes_nothing_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_client: OpenClient
) -> None:
    monkeypatch.setattr(connection, "MOST_WAITING", 20)
    with Inside(tmp_path) as inside:
        client = open_client(inside.url)
        client.connect()
        client.until("subscribed")
        for _ in range(40):
            client.send("40")  # each is answered, and no answer is taken
        wait_until(lambda: count_of(inside.url, 'jorge_disconnects_total{code="4008"}') == 1)


def test_who_leaves_is_let_go_of(tmp_path: Path, open_client: OpenClient) -> None:
    with Inside(tmp_path) as inside, ExitStack() as stack:
        polling = open_client(inside.url)
        polling.connect()
        polling.until("subscribed")
        with ExitStack() as gone:
            connected(inside.url, gone)
            named = connected(inside.url, stack)
            assert count_of(inside.url, LIVE) == 3
        wait_until(lambda: count_of(inside.url, LIVE) == 2)
        polling.send("1")  # the end of Engine.IO
        wait_until(lambda: count_of(inside.url, LIVE) == 1)
        named.send("41")  # and of Socket.IO
        wait_until(lambda: count_of(inside.url, LIVE) == 0)
        assert polling.send("3").status_code == 400


def test_a_client_that_answers_no_ping_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_client: OpenClient
) -> None:
    monkeypatch.setattr(server, "PING_S", 0.2)
    monkeypatch.setattr(server, "PONG_WITHIN_S", 0.3)
    with Inside(tmp_path) as inside, ExitStack() as stack:
        connected(inside.url, stack)
        client = open_client(inside.url)
        client.connect()
        wait_until(lambda: count_of(inside.url, LIVE) == 0)


def test_heartbeats_tell_how_far_one_was_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_client: OpenClient
) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    with Inside(tmp_path) as inside:
        client = open_client(inside.url)
        client.connect(types=["contact_update"])
        client.until("subscribed")
        publish(inside, 3)
        while client.until("heartbeat")[1]["top"] != 3:
            pass


def test_removing_a_location_sends_its_readers_away_to_come_back(
    served: Served, location: str, open_client: OpenClient
) -> None:
    publish_to(served, location, 3)
    client = open_client(served.url)
    client.connect(location=location)
    client.until("subscribed")
    served.session.delete(f"{served.url}/api/locations/{location}", headers=served.bearer()).raise_for_status()
    events, notice = client.until("closing")
    assert (events, notice["code"]) == ([], 4010)


def test_what_is_logged_has_no_token(guarded: Served, location: str, open_client: OpenClient) -> None:
    token = guarded.token("viewer")
    client = open_client(guarded.url)
    client.connect(location=location, token=token)
    client.until("subscribed")
    refused = open_client(guarded.url)
    refused.connect(location=location, token=f"{token}x")
    assert refused.until("refused")[1]["data"]["code"] == "unauthenticated"
    assert token not in guarded.log


def test_resumes_and_what_was_replayed_are_counted(served: Served, location: str, open_client: OpenClient) -> None:
    epoch = publish_to(served, location, 3)[0]["epoch"]
    before = count_of(served.url, 'jorge_resumes_total{recovered="true"}')
    client = open_client(served.url)
    client.connect(location=location, epoch=epoch, seq=1)
    client.until("bot_status_update")
    assert count_of(served.url, 'jorge_resumes_total{recovered="true"}') == before + 1
