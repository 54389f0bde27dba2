"""The publisher: a bot says what happened and goes on; the event reaches the server whatever happens meanwhile."""

import asyncio
import atexit
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote
from zlib import crc32

from jorge_data.bots.encoding import encode
from jorge_data.bots.spool import Spool
from jorge_data.bots.spool_sender import SpoolSender
from jorge_data.bots.typed import Typed
from jorge_data.errors import JorgeError
from jorge_data.events import new_id


class Refused(NamedTuple):
    """An event that the server did not take, and why."""

    event: dict[str, Any]
    reason: dict[str, Any]


class Publisher(Typed):
    """Publishes for one bot: `publish` returns at once, a thread delivers, a spool file keeps what is under way.

        with Publisher("http://localhost:8001", token, source="jorge-seller") as publisher:
            publisher.bot_status(bot_type="jorge-seller", status="processing", current_step="Q2")

    What `publish` has returned an id for is delivered once and in order, over an outage of the server, a crash and
    kill -9 of the bot (the next Publisher on the same spool goes on with it); a power cut can take the newest seconds.
    When `limit` events wait, `publish` raises SpoolFull and keeps what it has: the oldest are never dropped unseen.
    Safe from every thread and in asyncio; one Publisher to a spool, and none across a fork.
    Raises SpoolTaken, SpoolError.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        source: str,
        location: str | None = None,
        spool: str | os.PathLike[str] | None = None,
        limit: int = 100_000,
    ) -> None:
        self._constant = {"source": source} | ({"locationid": location} if location is not None else {})
        self._spool = Spool(Path(spool) if spool is not None else default_spool(api_url, source), limit)
        self._delivery = SpoolSender(self._spool, api_url, token)
        atexit.register(self.close)

    def publish(
        self,
        kind: str,
        data: Mapping[str, Any],
        *,
        subject: str | None = None,
        time: datetime | str | None = None,
        id: str | None = None,
    ) -> str:
        """Keep one event for delivery and return its id; it happened now unless `time` (with a zone) says otherwise.

        Raises EventRefused naming the field, the value and what is allowed; SpoolFull; SpoolError.
        """
        now = datetime.now(UTC)
        moment = now if time is None else time
        event: dict[str, Any] = {
            "id": new_id() if id is None else id,
            **self._constant,
            "type": kind,
            "time": moment.isoformat() if isinstance(moment, datetime) else moment,
            "data": dict(data),
        }
        if subject is not None:
            event["subject"] = subject
        self._spool.add(encode(event, now))
        self._delivery.wake()
        identifier: str = event["id"]
        return identifier

    @property
    def pending(self) -> int:
        """How many events the server has not answered for yet."""
        return self._spool.pending

    @property
    def trouble(self) -> JorgeError | None:
        """Why nothing is delivered at the moment; None while it is."""
        return self._delivery.trouble

    def refused(self) -> list[Refused]:
        """Return the newest 1,000 events that the server did not take; they are kept until they are discarded."""
        return [Refused(json.loads(body), json.loads(reason)) for body, reason in self._spool.refused()]

    def discard_refused(self) -> None:
        self._spool.discard_refused()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until the server has answered for all that was published before; False where `timeout` seconds passed.

        False at once where the server refuses the token, because no waiting helps: see `trouble`.
        """
        return self._delivery.flush(timeout)

    async def aflush(self, timeout: float = 10.0) -> bool:
        """As `flush`, without holding up the event loop."""
        return await asyncio.to_thread(self.flush, timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Deliver what can be within `timeout` seconds, then stop; the rest stays for the next Publisher."""
        atexit.unregister(self.close)
        if self._spool.is_open:
            self._delivery.flush(timeout)
            self._delivery.close(timeout)
            self._spool.close()

    async def aclose(self, timeout: float = 5.0) -> None:
        await asyncio.to_thread(self.close, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


def default_spool(api_url: str, source: str) -> Path:
    """Return the spool of a source and a server, under the user's state directory (XDG_STATE_HOME, `~/.local/state`).

    The server is part of the name, so that what was meant for one is never delivered to another.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "jorge" / f"spool-{quote(source, safe='')}-{crc32(api_url.rstrip('/').encode()):08x}.db"
