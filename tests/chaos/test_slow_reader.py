"""A reader that stops reading is cut, costs a bounded amount of memory, and delays nobody."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.chaos.latency import Probe
from tests.chaos.load import Publisher
from tests.chaos.stalled import Stalled, resident_bytes
from tests.served import Served, bot_status
from tests.server.clients import events_of, receive, subscribe
from tests.server.inside import Inside
from tests.waiting import wait_until

EVENT_BYTES = 4_000
STALLED = 8
BOUND = 48 << 20  # 1 MiB a reader, and what one busy location keeps in memory


def count_of(url: str, sample: str) -> float:
    text = requests.get(f"{url}/metrics", timeout=5).text
    match = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(match[1]) if match else 0.0


CUT = 'jorge_disconnects_total{code="4008"}'


def test_readers_that_stop_are_cut_at_a_bound_and_cost_no_more(own: Served, location: str) -> None:
    with Probe(own, location) as probe, ExitStack() as stack:
        probe.fill(200, EVENT_BYTES)  # the server's own share: ring, cache, pages
        before, peak = resident_bytes(own.process.pid), 0
        for _ in range(STALLED):
            stack.enter_context(Stalled(own.port, location))
        for _ in range(50):
            probe.fill(100, EVENT_BYTES)
            peak = max(peak, resident_bytes(own.process.pid))
        wait_until(lambda: count_of(own.url, CUT) == STALLED)
        assert peak - before < BOUND  # of the 160 MB that were published to them


@pytest.mark.parametrize("fill", [0, 100], ids=["idle", "with its buffers full"])
def test_a_reader_that_answers_no_ping_is_cut_even_when_little_happens(
    tmp_path: Path, location: str, fill: int
) -> None:
    with Inside(tmp_path, ws_ping_interval=0.2, ws_ping_timeout=0.3) as server, Stalled(server.port, location):
        if fill:
            headers = {"Authorization": f"Bearer {server.tokens.issue('admin', 'ann', 60)}"}
            events = [bot_status(number, locationid=location) for number in range(fill)]
            for event in events:
                event["data"]["note"] = "x" * EVENT_BYTES
            requests.post(f"{server.url}/events", json=events, headers=headers, timeout=5).raise_for_status()
        wait_until(lambda: count_of(server.url, CUT) == 1)
        assert count_of(server.url, 'jorge_clients{transport="websocket"}') == 0


def test_a_reader_that_stops_delays_nobody(served: Served, location: str) -> None:
    with Probe(served, location) as probe:
        cut = count_of(served.url, CUT)
        for _ in range(5):
            with Stalled(served.port, location):
                probe.fill(120, EVENT_BYTES)  # fills its buffers, and is not yet enough to be cut
                probe.fill(40, 0)  # would not come before the other is cut; how soon they come is in bench/slow_reader
                assert count_of(served.url, CUT) == cut, "nobody waited for it to go"


def test_a_reader_that_catches_up_slowly_under_live_traffic_is_not_cut(served: Served, location: str) -> None:
    backlog = [bot_status(number, locationid=location) for number in range(4000)]
    for event in backlog:
        event["data"]["padding"] = "x" * 2000
    for start in range(0, len(backlog), 250):
        assert served.post(backlog[start : start + 250]).ok
    with served.connect() as client, Publisher(served, location, "live") as publisher:
        subscribe(client, location, after={"epoch": "", "seq": 0})
        seqs: list[int] = []
        while len(seqs) < len(backlog) + 100:
            seqs += [event["seq"] for event in events_of(receive(client))]
            publisher.wait_for_more(2)  # so that it reads more slowly than it could be served
        assert seqs == list(range(1, len(seqs) + 1))
