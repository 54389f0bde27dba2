"""Durable publish over HTTP: one event a request from 16 publishers, then batches of 100; every answer is after fsync.

The load comes from a process of its own, so that server and generator each have a core.
"""

import asyncio
import multiprocessing
import random
import statistics
import tempfile
import time
from pathlib import Path

import orjson

from bench.machine import describe, spread
from tests.served import Served, bot_status

SEED, RUNS = 7, 3
PUBLISHERS, SINGLES = 16, 6_000
BATCHERS, BATCH, BATCHES = 4, 100, 400


def request(path: str, body: bytes, host: str, token: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def publisher(port: int, requests: list[bytes], delays: list[float]) -> None:
    """Send requests one after another on one connection, and note how long each took in milliseconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for raw in requests:
        began = time.perf_counter()
        writer.write(raw)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(size)
        delays.append((time.perf_counter() - began) * 1000)
    writer.close()


def load(port: int, shares: list[list[bytes]], answer: "multiprocessing.Queue[tuple[float, list[float]]]") -> None:
    async def all_of_them() -> None:
        delays: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(publisher(port, share, delays) for share in shares))
        answer.put((time.perf_counter() - began, delays))

    asyncio.run(all_of_them())


def measure(server: Served, publishers: int, size: int, count: int) -> tuple[float, list[float]]:
    """Return events a second and each request's milliseconds."""
    token, chance = server.token("publisher"), random.Random(SEED)
    payloads = [orjson.dumps([bot_status(chance.randrange(10**6)) for _ in range(size)]) for _ in range(count)]
    raw = [request("/events", payload, f"127.0.0.1:{server.port}", token) for payload in payloads]
    answer: multiprocessing.Queue[tuple[float, list[float]]] = multiprocessing.Queue()
    process = multiprocessing.Process(
        target=load, args=(server.port, [raw[i::publishers] for i in range(publishers)], answer)
    )
    process.start()
    seconds, delays = answer.get(timeout=300)
    process.join()
    return size * count / seconds, delays


def main() -> None:
    print(describe(), f"seed {SEED}, {RUNS} runs", sep="\n")
    rows = [
        ("one by one, 16 publishers", PUBLISHERS, 1, SINGLES),
        ("batches of 100, 4 publishers", BATCHERS, BATCH, BATCHES),
    ]
    for name, publishers, size, count in rows:
        rates = []
        for _ in range(RUNS):
            with tempfile.TemporaryDirectory() as folder, Served(Path(folder), JORGE_PUBLISH_RATE="1000000") as server:
                rate, delays = measure(server, publishers, size, count)
            rates.append(rate)
            print(f"{name}: {rate:,.0f} events/s; a request {spread(delays, 'ms')}")
        print(
            f"{name}: median {statistics.median(rates):,.0f} events/s of {', '.join(f'{rate:,.0f}' for rate in rates)}"
        )


if __name__ == "__main__":
    main()
