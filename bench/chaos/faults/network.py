"""Faults of the network between the server and its clients."""

import time
from contextlib import ExitStack

import psutil

from bench.chaos.faults.fault import Fault
from bench.chaos.readers import SILENCE_S, OnFeed, OnSocket
from bench.chaos.stage import Stage, metric
from jorge_data.feed import Timing
from tests.chaos.latency import Probe
from tests.chaos.stalled import Stalled, resident_bytes
from tests.toxics import Proxy, Toxic

HOLE = Toxic(black_hole=True)
GONE_AT_SERVER_S, GONE_AT_CLIENT_S = 33.0, 35.0
MARGIN_S = 3.0
"""What the machine may add: a turn of a loop, a core that others hold."""

CUT = 'jorge_disconnects_total{code="4008"}'
BOUND = 48 << 20
EVENT_BYTES = 4_000
FLAPPING_S = 20.0
IDLE_S = 30.0


def reset(stage: Stage) -> None:
    for _ in range(8):
        proxy = stage.chance.choice([stage.inlet, stage.outlet])
        direction = stage.chance.choice(["up", "down"])
        toxic = stage.chance.choice([Toxic(reset_peer=True), Toxic(limit_data=stage.chance.randrange(50, 4_000))])
        proxy.set(**{direction: toxic})
        time.sleep(stage.chance.uniform(0.2, 0.8))
        proxy.heal()
        proxy.cut(reset=True)
        stage.heal()
        stage.flow(3)


def black_hole(stage: Stage) -> None:
    """Bytes vanish in one direction or both, while the connections stay: either end notices by itself."""
    toxics = {"both": (HOLE, HOLE), "server to client": (None, HOLE), "client to server": (HOLE, None)}
    with ExitStack() as stack:
        proxies = {name: stack.enter_context(Proxy(stage.served.port)) for name in toxics}
        feeds = {name: OnFeed(stage.place_by(0, proxy.port), f"hole-{name}") for name, proxy in proxies.items()}
        for feed in feeds.values():
            stage.add_reader(feed)
        stage.wait(lambda: all(feed.feed.status.state == "connected" for feed in feeds.values()), "the feeds follow")
        began = time.monotonic()
        for name, (up, down) in toxics.items():
            proxies[name].set(up=up, down=down)
        noticed: dict[str, float] = {}
        dropped: dict[str, float] = {}
        first = {name: established(stage, proxy) for name, proxy in proxies.items()}
        limit = max(GONE_AT_SERVER_S, GONE_AT_CLIENT_S) + MARGIN_S
        while time.monotonic() - began < limit and (len(noticed) < 3 or len(dropped) < 3):
            now = time.monotonic() - began
            for name, feed in feeds.items():
                if name not in noticed and feed.feed.status.state != "connected":
                    noticed[name] = now
                if name not in dropped and not first[name] & established(stage, proxies[name]):
                    dropped[name] = now
            time.sleep(0.1)
        for proxy in proxies.values():
            proxy.heal()
            proxy.cut(reset=True)
        stage.heal()
        for name in toxics:
            at = f"the client noticed after {noticed.get(name, 0):.0f} s, the server after {dropped.get(name, 0):.0f} s"
            stage.facts.append(f"{name}: {at}")
            stage.check(name in noticed, f"{name}: the client noticed nothing for {limit:g} s")
            stage.check(name in dropped, f"{name}: the server noticed nothing for {limit:g} s")
        stage.recovered()
        for feed in feeds.values():  # before their proxies end
            stage.catch_up(feed)


def established(stage: Stage, proxy: Proxy) -> set[int]:
    """Return the ports of a proxy's connections that the server holds for alive."""
    ports = proxy.upstream_ports
    connections = psutil.Process(stage.served.process.pid).net_connections("tcp")
    return {c.raddr.port for c in connections if c.status == "ESTABLISHED" and c.raddr and c.raddr.port in ports}


def stall(stage: Stage) -> None:
    """The network stands still in the middle of a frame, or of a handshake."""
    with Proxy(stage.served.port) as proxy:
        feed = OnFeed(stage.place_by(0, proxy.port), f"{stage.location}-stalled", api_port=stage.served.port)
        stage.add_reader(feed)
        stage.wait(lambda: feed.feed.status.state == "connected", "the feed follows")
        proxy.set(down=Toxic(slice_bytes=10, slice_delay_s=60))
        stage.flow(1)
        proxy.cut(reset=True)  # the handshake that follows stands still
        began = time.monotonic()
        stage.wait(lambda: feed.feed.status.attempts >= 2, "the client gives up a handshake", 20)
        took = time.monotonic() - began
        stage.facts.append(f"two handshakes given up within {took:.1f} s")
        stage.check(took <= 2 * 5 + 3 + MARGIN_S, f"two stalled handshakes took {took:.1f} s: each may take 5")
        proxy.heal()
        proxy.cut(reset=True)
        feed.feed.retry_now()
        stage.wait(lambda: feed.feed.status.state == "connected", "the feed follows again")
        began = time.monotonic()
        proxy.set(down=Toxic(slice_bytes=10, slice_delay_s=60))
        stage.wait(lambda: feed.feed.status.state != "connected", "the client notices a stalled frame", SILENCE_S + 5)
        took = time.monotonic() - began
        stage.facts.append(f"a stalled frame noticed after {took:.1f} s")
        proxy.heal()
        proxy.cut(reset=True)
        stage.heal()
        stage.recovered()
        stage.catch_up(feed)


def readers_stop(stage: Stage) -> None:
    """Four readers read nothing more: they are cut at a bound, and cost the others nothing."""
    location, pid = f"{stage.location}-big", stage.served.process.pid
    with Probe(stage.served, location) as probe, ExitStack() as stack:
        probe.fill(200, EVENT_BYTES)
        alone = sorted(probe.measure(200))
        cut, before, peak = metric(stage.served, CUT), resident_bytes(pid), 0
        for _ in range(4):
            stack.enter_context(Stalled(stage.served.port, location))
        probe.fill(120, EVENT_BYTES)
        beside = sorted(probe.measure(200))
        for _ in range(40):
            probe.fill(50, EVENT_BYTES)
            peak = max(peak, resident_bytes(pid))
        stage.wait(lambda: metric(stage.served, CUT) >= cut + 4, "readers that read nothing are cut", 40)
    stage.heal()
    stage.facts.append(f"publish → read beside them, p99 {beside[197]:.1f} ms; before {alone[197]:.1f} ms")
    stage.facts.append(f"the server grew by {max(0, peak - before) / 1e6:.0f} MB")
    stage.check(peak - before < BOUND, f"the server grew by {(peak - before) / 1e6:.0f} MB")


def slow(stage: Stage) -> None:
    toxics = [
        Toxic(latency_s=0.5, jitter_s=0.4),
        Toxic(slice_bytes=1),
        Toxic(bandwidth=10_000),
        Toxic(bandwidth=1_000),
    ]
    stage.chance.shuffle(toxics)
    for toxic in toxics:
        stage.outlet.set(down=toxic)
        if stage.chance.random() < 0.5:
            stage.inlet.set(up=toxic)
        time.sleep(stage.chance.uniform(3, 5))
        stage.heal()
    stage.outlet.cut()  # what waits in a slow pipe would wait on


def flapping(stage: Stage) -> None:
    """Connections live for less than three seconds: they do not count as healthy, and the client waits longer."""
    began, cuts, attempts = time.monotonic(), 0, 0
    connections = stage.feed.feed.status.connections
    while time.monotonic() - began < FLAPPING_S:
        time.sleep(stage.chance.uniform(0.2, 3))
        stage.outlet.cut(reset=stage.chance.random() < 0.5)
        cuts += 1
        attempts = max(attempts, stage.feed.feed.status.attempts)
    made = stage.feed.feed.status.connections - connections
    stage.heal()
    stage.facts.append(f"{cuts} cuts: the feed came back {made} times, at most {attempts} failures in a row")
    stage.check(attempts >= 2, f"after {cuts} cuts the feed counts {attempts} failures in a row: a short life reset it")


def no_websockets(stage: Stage) -> None:
    """A proxy never answers the handshake: the feed polls on the same cursor, and comes back when it does."""
    with Proxy(stage.served.port) as proxy:
        timing = Timing(backoff_base_s=0.2, backoff_cap_s=1, probe_s=2)
        feed = OnFeed(stage.place_by(0, proxy.port), f"{stage.location}-feed", timing, stage.served.port)
        stage.add_reader(feed)
        stage.wait(lambda: feed.feed.status.state == "connected", "the feed follows")
        began = time.monotonic()
        proxy.set(down=HOLE)
        proxy.cut()
        stage.wait(lambda: feed.feed.status.state == "disconnected", "the feed polls")
        polling = time.monotonic() - began
        stage.flow(20)
        top = stage.top()
        stage.wait(lambda: feed.cursor.seq >= top, "polling brings everything")
        proxy.heal()
        proxy.cut()
        back = stage.wait(lambda: feed.feed.status.state == "connected", "the feed follows again")
        stage.heal()
        stage.facts.append(
            f"polling after {polling:.0f} s; back on the websocket {back:.1f} s after it was let through"
        )
        stage.recovered()
        stage.catch_up(feed)


def idle_is_cut(stage: Stage) -> None:
    """A proxy cuts what is silent for 30 s, before a location where nothing happens; then clients come another way."""
    with Proxy(stage.served.port) as proxy, Proxy(stage.served.port) as other:
        proxy.set(down=Toxic(idle_s=IDLE_S))
        quiet = OnSocket(stage.place_by(0, proxy.port), f"{stage.location}-quiet")
        quiet.place = quiet.place.__class__(f"{stage.location}-quiet", 0, proxy.port, quiet.token)
        with quiet:
            stage.wait(lambda: proxy.accepted >= 1, "a client connects")
            time.sleep(IDLE_S + 5)
            stage.check(not quiet.ended, "a quiet connection was cut: it said nothing for 30 s")
        moved = OnSocket(stage.place_by(0, proxy.port), f"{stage.location}-moved")
        stage.add_reader(moved)
        stage.wait(lambda: moved.cursor.seq > 0, "a client reads by one way")
        moved.place = stage.place_by(0, other.port)
        proxy.shut()
        stage.heal()
        stage.recovered()
        stage.catch_up(moved)


FAULTS = (
    Fault("F5", "TCP reset in the middle, both directions", reset, seconds=12),
    Fault("F6", "black hole, one direction and both", black_hole, bounds_time=True, seconds=50),
    Fault("F7", "stalled frame, stalled handshake", stall, bounds_time=True, seconds=60),
    Fault("F8", "readers stop reading", readers_stop, bounds_time=True, seconds=15),
    Fault("F9", "latency, one byte at a time, 10 KB/s, 1 KB/s", slow, seconds=22),
    Fault("F11", f"flapping for {FLAPPING_S:g} s", flapping, seconds=35),
    Fault("F26", "websockets blocked, then let through", no_websockets, seconds=45),
    Fault("F27", "a proxy cuts what is idle; another way", idle_is_cut, bounds_time=True, seconds=45),
)
