"""Half of the clients drop at once and come back at once: everybody is recovered, nobody misses anything."""

import asyncio
import json

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.chaos.load import Publisher
from tests.served import Served
from tests.server.clients import events_of

pytestmark = pytest.mark.anyio

CLIENTS = 200
PATIENCE_S = 60.0


class Guest:
    """One reader that resumes from where it was when it is cut off."""

    def __init__(self, url: str, location: str) -> None:
        self.url, self.location = url, location
        self.seqs: list[int] = []
        self.verdicts: list[bool] = []
        self.epoch = ""
        self.arrived = asyncio.Event()
        self.client: ClientConnection | None = None

    async def run(self) -> None:
        while True:
            try:
                async with connect(self.url, proxy=None, open_timeout=PATIENCE_S, ping_interval=None) as self.client:
                    await self._read(self.client)
            except (ConnectionClosed, OSError):
                continue

    async def _read(self, client: ClientConnection) -> None:
        after = {"epoch": self.epoch, "seq": len(self.seqs)}
        await client.send(json.dumps({"type": "subscribe", "location": self.location, "after": after}))
        async for raw in client:
            frame = json.loads(raw)
            if frame["type"] == "subscribed":
                self.verdicts.append(frame["recovered"])
                self.epoch = frame["epoch"] or self.epoch
                self.arrived.set()
            elif frame["type"] in ("event", "events"):
                self.seqs += [event["seq"] for event in events_of(frame)]

    def drop(self) -> None:
        """Disconnect without a close frame."""
        assert self.client is not None
        self.arrived.clear()
        self.client.transport.abort()


async def all_have(guests: list[Guest], top: int) -> None:
    while any(len(guest.seqs) < top for guest in guests):
        await asyncio.sleep(0.02)  # between two checks of two hundred clients


async def test_all_are_recovered_after_half_of_them_drop_at_once(served: Served, location: str) -> None:
    guests = [Guest(f"ws://127.0.0.1:{served.port}", location) for _ in range(CLIENTS)]
    with Publisher(served, location, "publisher", pause_s=0.02) as publisher:
        publisher.wait_for_more(1)
        tasks = [asyncio.create_task(guest.run()) for guest in guests]
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(guest.arrived.wait() for guest in guests))
        for guest in guests[::2]:
            guest.drop()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(guest.arrived.wait() for guest in guests))
            publisher.__exit__(None, None, None)
            await all_have(guests, len(publisher.acked))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    everything = list(range(1, len(publisher.acked) + 1))
    assert all(guest.seqs == everything for guest in guests)
    assert [guest.verdicts for guest in guests] == [[True, True], [True]] * (CLIENTS // 2)
