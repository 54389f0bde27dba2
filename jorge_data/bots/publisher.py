"""The publisher: a bot publishes an event and goes on; the event reaches the server whatever happens meanwhile."""

import asyncio
import atexit
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self, Unpack
from urllib.parse import quote
from zlib import crc32

import orjson

from jorge_data.bots.spool import Spool
from jorge_data.bots.spool_sender import SpoolSender
from jorge_data.errors import EventRefused, Fault, JorgeError
from jorge_data.events import Reception, admit, kinds, new_id
from jorge_data.events.encoding import MAX_DEPTH, escape, find_faults, show

_UNWRITABLE = "JSON has no form for it: allowed are text, numbers, true, false, null, lists and objects with text keys"


class Refused(NamedTuple):
    """An event that the server did not take, and why."""

    event: dict[str, Any]
    reason: dict[str, Any]


class Publisher:
    """Publishes for one bot: `publish` returns at once, a thread delivers, a spool file holds what is under way.

        with Publisher("http://localhost:8001", token, source="jorge-seller") as publisher:
            publisher.bot_status(bot_type="jorge-seller", status="processing", current_step="Q2")

    What `publish` has returned an id for is delivered once and in order, over an outage of the server, a crash and
    kill -9 of the bot (the next Publisher on the same spool goes on with it); a power cut can take the newest seconds.
    When `limit` events wait, `publish` raises SpoolFull and drops none of them.
    Safe from every thread and in asyncio; one Publisher to a spool, and none across a fork.
    `ca_file` as for Client. Raises SpoolTaken, SpoolError.
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
        ca_file: str | None = None,
    ) -> None:
        self.destination = (api_url.rstrip("/"), source, location)
        """Where its events go and as whose: two publishers of one destination tell the same log of the same bot."""
        self._fields = {"source": source} | ({"locationid": location} if location is not None else {})
        self._spool = Spool(Path(spool) if spool is not None else default_spool(api_url, source), limit)
        self._sender = SpoolSender(self._spool, api_url, token, ca_file)
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
        """Add one event to the spool and return its id; it happened now unless `time` (with a zone) says otherwise.

        Raises EventRefused naming the field, the value and what is allowed; SpoolFull; SpoolError.
        """
        now = datetime.now(UTC)
        moment = now if time is None else time
        event: dict[str, Any] = {
            "id": new_id() if id is None else id,
            **self._fields,
            "type": kind,
            "time": moment.isoformat() if isinstance(moment, datetime) else moment,
            "data": dict(data),
        }
        if subject is not None:
            event["subject"] = subject
        self._spool.add(_encode(event, now))
        self._sender.wake()
        return str(event["id"])

    @property
    def pending(self) -> int:
        """How many events the server has not answered for yet."""
        return self._spool.pending

    @property
    def trouble(self) -> JorgeError | None:
        """Why nothing is delivered at the moment; None while it is."""
        return self._sender.error

    def refused(self) -> list[Refused]:
        """Return the newest 1,000 events that the server did not take; they stay in the spool until discarded."""
        return [Refused(json.loads(body), json.loads(reason)) for body, reason in self._spool.refused()]

    def discard_refused(self) -> None:
        self._spool.discard_refused()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until the server has answered for all that was published before; False where `timeout` seconds passed.

        False at once where the server refuses the token, because no waiting helps: see `trouble`.
        """
        return self._sender.flush(timeout)

    async def aflush(self, timeout: float = 10.0) -> bool:
        """As `flush`, without holding up the event loop."""
        return await asyncio.to_thread(self.flush, timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Deliver what can be within `timeout` seconds, then stop; what remains is the next Publisher's."""
        atexit.unregister(self.close)
        if self._spool.is_open:
            self._sender.flush(timeout)
            self._sender.close(timeout)
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

    # One method for each kind: its keywords are the fields of `jorge_data.events.kinds`, so that a type checker knows
    # them and one module alone says what a kind carries. `time` and `id` are the event's own, as with `publish`.

    def qualification_progress(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.QualificationProgress]
    ) -> str:
        """A seller answered one of the four questions, stalled, or changed temperature."""
        return self.publish("jorge_qualification_progress", data, time=time, id=id)

    def sequence_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.SequenceUpdate]
    ) -> str:
        """A step of the 3-7-30 follow-up was taken, or failed."""
        return self.publish("lead_bot_sequence_update", data, time=time, id=id)

    def intent_analysis(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.IntentAnalysis]
    ) -> str:
        """The intent decoder classified a lead (targets: 42 ms, confidence above 0.85)."""
        return self.publish("intent_analysis_complete", data, time=time, id=id)

    def bot_status(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.BotStatus]
    ) -> str:
        """A bot began, moved on, finished or failed; any name of a bot gets its own card."""
        return self.publish("bot_status_update", data, time=time, id=id)

    def conversation_event(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.ConversationEvent]
    ) -> str:
        """A message, or another event, in a conversation with a contact."""
        return self.publish("conversation_event", data, time=time, id=id)

    def system_health(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.SystemHealth]
    ) -> str:
        """A component reported how it is."""
        return self.publish("system_health_update", data, time=time, id=id)

    def property_alert(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.PropertyAlert]
    ) -> str:
        """A property was matched to a contact."""
        return self.publish("property_alert", data, time=time, id=id)

    def commission_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.CommissionUpdate]
    ) -> str:
        """A deal opened, moved, was won or lost; the commission itself is ours to compute."""
        return self.publish("commission_update", data, time=time, id=id)

    def contact_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.ContactUpdate]
    ) -> str:
        """A contact changed in the CRM: `changed` is `{field: {"from", "to"}}`."""
        return self.publish("contact_update", data, time=time, id=id)

    def attention_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.AttentionUpdate]
    ) -> str:
        """A person acted on an item of "Needs you" (`stall:<contact>`, `hot:<contact>`, `bot:<name>`, …)."""
        return self.publish("attention_update", data, time=time, id=id)

    def intent_feedback(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.IntentFeedback]
    ) -> str:
        """A person labelled an analysis with the actual category; accuracy is computed from these alone."""
        return self.publish("intent_feedback", data, time=time, id=id)

    def annotation(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.Annotation]
    ) -> str:
        """Mark a campaign, a deploy or the like on every chart of time: at `time`, or `**{"from": …, "to": …}`."""
        return self.publish("annotation", data, time=time, id=id)


def default_spool(api_url: str, source: str) -> Path:
    """Return the spool of a source and a server, under the user's state directory (XDG_STATE_HOME, `~/.local/state`).

    The server is part of the name, so that what was meant for one is never delivered to another.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "jorge" / f"spool-{quote(source, safe='')}-{crc32(api_url.rstrip('/').encode()):08x}.db"


def _encode(event: dict[str, Any], now: datetime) -> bytes:
    """Return the event's JSON, or raise EventRefused with every fault that the server would find."""
    try:
        body = orjson.dumps(event)
    except TypeError:
        raise EventRefused(_unwritable(event) or find_faults(event), event.get("id")) from None
    # One event of its own: its size is checked after its fields, not before.
    admit(event, Reception(now, may_be_large=False))
    return body


def _unwritable(value: Any, pointer: str = "", depth: int = 1) -> list[Fault]:
    """Return a fault for each value that JSON has no form for; `find_faults` has those that the contract refuses."""
    if depth > MAX_DEPTH:
        return []
    match value:
        case dict():
            keys = [Fault(pointer, show(key), _UNWRITABLE) for key in value if not isinstance(key, str)]
            steps = [(f"{pointer}/{escape(key)}", child) for key, child in value.items() if isinstance(key, str)]
            return keys + [fault for step, child in steps for fault in _unwritable(child, step, depth + 1)]
        case list() | tuple():
            return [f for i, child in enumerate(value) for f in _unwritable(child, f"{pointer}/{i}", depth + 1)]
        case str() | int() | float() | None:
            return []
    try:
        orjson.dumps(value)
    except TypeError:
        return [Fault(pointer, show(value), _UNWRITABLE)]
    return []
