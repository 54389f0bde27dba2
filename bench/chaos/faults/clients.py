"""Faults of clients: hostile, too many, failing, with tokens that end."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import requests
from websockets.exceptions import ConnectionClosed, WebSocketException

from bench.chaos.faults.fault import Fault
from bench.chaos.readers import OnSocket
from bench.chaos.stage import TOKEN_S, Stage, server
from jorge_data.server.auth.tokens import Tokens
from tests.chaos.stalled import masked, shake_hands
from tests.chaos.test_hostile import ATTACKS, dial
from tests.served import Served, bot_status
from tests.server.clients import closing, receive, subscribe

ENDED_WITHIN_S = 5.0
MARGIN_S = 3.0
SLEEP_S = 30.0
RATE = 300


def tokens_end(stage: Stage) -> None:
    """Tokens expire, and are revoked, while their connections live; whoever comes back with another goes on."""
    served, ttl = stage.served, stage.chance.uniform(2, 4)
    for way, token in (("expired", served.token("viewer", ttl_s=ttl)), ("revoked", made(served))):
        reader = OnSocket(stage.place, f"{stage.location}-{way}")
        reader.token = token
        stage.add_reader(reader)
        stage.wait(lambda r=reader: r.cursor.seq > 0, "the reader reads")  # type: ignore[misc]
        began = time.monotonic()
        if way == "revoked":
            ttl = 0.0
            identity = Tokens(served.secret).verify(token).token_id
            served.session.delete(f"{served.url}/api/tokens/{identity}", headers=served.bearer()).raise_for_status()
        code = 4401 if way == "expired" else 4501
        stage.wait(lambda r=reader, c=code: c in r.codes, f"a connection whose token is {way} is closed with {code}")  # type: ignore[misc]
        took = max(0.0, time.monotonic() - began - ttl)
        stage.facts.append(f"{way}: closed after {took:.1f} s")
        stage.check(took <= ENDED_WITHIN_S + MARGIN_S, f"a token was {way}, its connection lived on for {took:.1f} s")
        at = reader.cursor
        stage.flow(5)
        stage.check(reader.cursor == at, f"it came back with a token that is {way}")
        reader.token = served.token("viewer", ttl_s=TOKEN_S)
        stage.heal()
        stage.recovered()
        stage.catch_up(reader)


def made(served: Served) -> str:
    body = {"role": "viewer", "subject": "chaos"}
    answer = served.session.post(f"{served.url}/api/tokens", json=body, headers=served.bearer(), timeout=10)
    answer.raise_for_status()
    return str(answer.json()["token"])


@contextmanager
def own(folder: Path) -> Iterator[Served]:
    with server(folder) as served:
        yield served


def secret_changes(stage: Stage) -> None:
    """The secret is another after a restart: every old token is refused, and new ones go on where the old ones were."""
    served, old = stage.served, stage.served.secret
    served.stop()
    served.secret = "abcdefghijklmnopqrstuvwxyz0123456789"
    served.environment["JORGE_TOKEN_SECRET"] = served.secret
    served._tokens = Tokens(served.secret)
    served.start()
    stale = Tokens(old).issue("admin", "ann", 60)
    answer = requests.post(
        f"{served.url}/events", json=bot_status(), headers={"Authorization": f"Bearer {stale}"}, timeout=10
    )
    stage.check(answer.status_code == 401, f"a token of the old secret publishes: {answer.status_code}")
    time.sleep(1)
    stage.check(4501 in stage.socket.codes or bool(stage.socket.ended), "a reader with an old token lives on")
    served.stop()
    served.secret, served._tokens = old, Tokens(old)  # as it would be if everybody had been given a new one
    served.environment["JORGE_TOKEN_SECRET"] = old
    served.start()
    stage.heal()


FRAMES: dict[str, bytes] = {
    "bad UTF-8": masked(b'{"type":"subscribe","location":"\xff\xfe' + b"x" * 200 + b'"}'),
    "a reserved opcode": masked(b"x" * 200, opcode=0x3),
    "a reserved bit": bytes([0xC1]) + masked(b"x" * 200)[1:],
    "too deep": masked(b'{"type":"publish","events":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "NaN": masked(b'{"type":"subscribe","location":"x","after":{"epoch":"","seq":NaN}}' + b" " * 200),
    "a lone surrogate": masked(b'{"type":"subscribe","location":"\\ud800"}' + b" " * 200),
    "an unknown type": masked(b'{"type":"shutdown","now":true}' + b" " * 200),
    "a list": masked(b"[" + b"1," * 200 + b"1]"),
}


def malformed(stage: Stage) -> None:
    ended = [len(reader.ended) for reader in stage.readers]
    port = stage.served.port
    attacks = list(ATTACKS)
    stage.chance.shuffle(attacks)
    for attack in attacks:
        with suppress(OSError), ExitStack() as stack:  # an attacker may be turned away
            attack(port, stack)
    for raw in FRAMES.values():
        with ExitStack() as stack:
            client = dial(port, stack)
            shake_hands(client, port)
            with suppress(OSError):
                client.sendall(raw)
                client.settimeout(1)
                while client.recv(1 << 16):
                    pass
    with stage.served.connect(additional_headers=stage.served.bearer()) as large, suppress(WebSocketException):
        large.send("x" * (2 << 20))
        closing(large)
    stage.heal()
    cut = [reader for reader, before in zip(stage.readers, ended, strict=True) if len(reader.ended) > before]
    stage.check(not cut, f"cut, and did nothing: {[(reader.kind, reader.codes, reader.why) for reader in cut]}")
    stage.facts.append(f"{len(attacks)} attacks, {len(FRAMES) + 1} malformed messages")


@contextmanager
def limited(folder: Path) -> Iterator[Served]:
    with server(folder, JORGE_PUBLISH_RATE=str(RATE)) as served:
        yield served


def flood(stage: Stage) -> None:
    """One token publishes more than it may, one client subscribes without end, and handshakes come in crowds."""
    served, ends = stage.served, threading.Event()
    refused = [0, 0]
    token = Tokens(served.secret).issue("publisher", "flooder", 600)

    def publish() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with requests.Session() as session:
            while not ends.is_set():
                events = [bot_status(n, locationid="flood") for n in range(100)]
                answer = session.post(f"{served.url}/events", json=events, headers=headers, timeout=30)
                refused[answer.status_code in (207, 422, 429)] += 1

    def ask() -> None:
        while not ends.is_set():
            with suppress(ConnectionClosed, OSError), served.connect(additional_headers=served.bearer()) as client:
                while not ends.is_set():
                    client.send(json.dumps({"type": "subscribe", "location": stage.location}))

    threads = [threading.Thread(target=work) for work in (publish, publish, ask, ask)]
    for thread in threads:
        thread.start()
    try:
        with ExitStack() as stack:
            for _ in range(stage.chance.randrange(200, 400)):
                dial(served.port, stack).sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            stage.flow(100)
            time.sleep(stage.chance.uniform(2, 4))
            stage.flow(50)
    finally:
        ends.set()
        for thread in threads:
            thread.join(60)
    stage.heal()
    stage.facts.append(f"{refused[1]} of {sum(refused)} batches refused for their rate")
    stage.check(refused[1] > 0, "nothing was refused for its rate")


def consumer_fails(stage: Stage) -> None:
    """The consumer of a feed raises at every call, then sleeps for half a minute: nothing is lost, the thread lives."""
    feed = stage.feed

    def fail() -> None:
        raise RuntimeError("a consumer's own fault, raised on purpose")

    feed.sabotage = fail
    stage.flow(30)
    slept = threading.Event()

    def sleep() -> None:
        if not slept.is_set():
            slept.set()
            time.sleep(SLEEP_S)

    feed.sabotage = sleep
    stage.wait(slept.is_set, "the consumer sleeps")
    stage.publish(2_000)
    time.sleep(SLEEP_S)
    feed.sabotage = lambda: None
    stage.heal()
    stage.check(feed.feed._thread.is_alive(), "the feed's thread has ended")


def subscribed_again(stage: Stage) -> None:
    """A client subscribes anew again and again, from elsewhere each time: it is served what it asked for last."""
    with stage.served.connect(additional_headers=stage.place.headers) as client:
        verdict = subscribe(client, stage.location, after={"epoch": "", "seq": 0})
        for _ in range(50):
            start = stage.chance.randrange(0, verdict["top"] + 1)
            after = {"epoch": verdict["epoch"], "seq": start}
            client.send(json.dumps({"type": "subscribe", "location": stage.location, "after": after}))
            frame = receive(client)
            while frame["type"] != "subscribed":
                frame = receive(client)
            while frame["type"] not in ("event", "events"):
                frame = receive(client, 30)
            stage.check(frame["prev"] == start, f"asked for what comes after {start}, got {frame['prev']}")
    stage.heal()


FAULTS = (
    Fault("F20", "tokens expire and are revoked", tokens_end, bounds_time=True, seconds=15),
    Fault("F20", "the secret is changed", secret_changes, "company", own, seconds=12),
    Fault("F22", "malformed frames and handshakes", malformed, seconds=15),
    Fault("F23", "floods of events, subscriptions and handshakes", flood, "alone", limited, seconds=15),
    Fault("F23", "subscribed anew again and again", subscribed_again, seconds=5),
    Fault("F25", f"a consumer raises, then sleeps for {SLEEP_S:g} s", consumer_fails, seconds=45),
)
