"""Many clients in a process of their own: connected, cut off together, back together; told by lines on both streams."""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.server.clients import events_of

PATIENCE_S = 120.0
RETRY_S = 1.0
"""At most: they come back with jitter, as our clients do."""


class Guest:
    """One reader that resumes where it was as soon as it can."""

    def __init__(self, url: str, location: str, token: str) -> None:
        self.url, self.location, self.token = url, location, token
        self.seqs: list[int] = []
        self.epoch = ""
        self.unrecovered = 0
        self.arrived = asyncio.Event()
        self.arrived_at = 0.0
        self.cut = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                headers = {"Authorization": f"Bearer {self.token}"}
                async with connect(
                    self.url, additional_headers=headers, proxy=None, open_timeout=30, ping_interval=None, max_size=None
                ) as client:
                    await self._read(client)
            except (WebSocketException, OSError):
                pass
            self.arrived.clear()
            self.cut.set()
            await asyncio.sleep(random.uniform(0, RETRY_S))

    async def _read(self, client: Any) -> None:
        after = {"epoch": self.epoch, "seq": self.seqs[-1] if self.seqs else 0}
        await client.send(json.dumps({"type": "subscribe", "location": self.location, "after": after}))
        async for raw in client:
            frame = json.loads(raw)
            if frame["type"] == "subscribed":
                self.unrecovered += not frame["recovered"]
                self.epoch = frame["epoch"] or self.epoch
                self.arrived_at = time.monotonic()
                self.arrived.set()
            elif frame["type"] in ("event", "events"):
                self.seqs += [event["seq"] for event in events_of(frame)]


async def line() -> str:
    text: str = await asyncio.to_thread(sys.stdin.readline)
    return text.strip()


async def main() -> None:
    port, location, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    guests = [Guest(f"ws://127.0.0.1:{port}", location, os.environ["JORGE_TOKEN"]) for _ in range(count)]
    tasks = [asyncio.create_task(guest.run()) for guest in guests]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(guest.arrived.wait() for guest in guests))
    for guest in guests:
        guest.cut.clear()
    print("there", flush=True)
    asking = asyncio.create_task(line())
    await asyncio.gather(*(guest.cut.wait() for guest in guests))
    began = time.monotonic()
    await asking
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(guest.arrived.wait() for guest in guests))
    waits = sorted(guest.arrived_at - began for guest in guests)
    print(json.dumps({"p50": statistics.median(waits), "max": waits[-1]}), flush=True)
    top = int(await line())
    async with asyncio.timeout(PATIENCE_S):
        while any((guest.seqs[-1] if guest.seqs else 0) < top for guest in guests):
            await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    seen = [guest.seqs[: guest.seqs.index(top) + 1] for guest in guests]
    verdict = {
        "lost": sum(top - len(set(seqs)) for seqs in seen),
        "repeated": sum(len(seqs) - len(set(seqs)) for seqs in seen),
        "unrecovered": sum(guest.unrecovered for guest in guests),
    }
    print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
