"""Publishing: events are validated, authorized, committed, and only then acknowledged, one by one."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jorge_data.errors import (
    EventAhead,
    EventNotStored,
    EventRefused,
    Fault,
    RequestRefused,
    StoreBusy,
    StoreError,
    Unavailable,
)
from jorge_data.events import Candidate, Event, Reception, admit, decode_json, split
from jorge_data.events.assignment import ANOTHERS
from jorge_data.events.encoding import show
from jorge_data.events.envelope import OWN
from jorge_data.events.validation import MAX_EVENT_BYTES
from jorge_data.permissions import Right
from jorge_data.server.auth.audited_acts import PEOPLE, Digest, act_of
from jorge_data.server.auth.claims import DEFAULT_LOCATION, Claims
from jorge_data.server.auth.rate_limit import Buckets
from jorge_data.server.ingest.begun_locations import BegunLocations
from jorge_data.server.ingest.content import Content
from jorge_data.server.ingest.person import require_person, signed
from jorge_data.server.ingest.refusals import Refusals
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import AppendResult, AuditedAction, Store

logger = logging.getLogger(__name__)

Result = AppendResult | EventRefused
"""The result of one event: its position in the log, or why it was refused."""


@dataclass(frozen=True)
class Ingest:
    """What publishing needs of the server."""

    store: Store
    rates: Buckets
    telemetry: Telemetry
    commission_rate: float
    refusals: Refusals
    begun: BegunLocations


async def publish_events(
    publish: bytes | Content | list[Any], claims: Claims, ingest: Ingest, together: bool = False
) -> list[Result]:
    """Commit every valid event of a publish, in order; return the result of each, or raise RequestRefused for all.

    `together`: all of them, in one transaction, or none.
    """
    claims.require(Right.PUBLISH)
    at = datetime.now(UTC)
    sent: Any = publish.body if isinstance(publish, Content) else publish
    try:
        sent = _decoded(publish)
        items = split(sent)
    except RequestRefused as refused:
        ingest.refusals.add(sent, EventRefused([Fault("", "the publish", str(refused))]), claims, at)
        raise
    ingest.rates.take(claims.session or claims.token_id or claims.subject, len(items))
    large = not isinstance(publish, bytes) or len(publish) > MAX_EVENT_BYTES
    reception = Reception(at, claims.location or DEFAULT_LOCATION, ingest.commission_rate, large)
    admitted = [_admit(item, reception, claims) for item in items]
    if claims.location is None:
        admitted = ingest.begun.bound(admitted, claims.session or claims.token_id or claims.subject)
    if together:
        admitted = _together(admitted)
    with ingest.telemetry.publish.time():
        committed = await _commit([item for item in admitted if isinstance(item, Candidate)], claims, ingest, together)
    results: list[Result] = [next(committed) if isinstance(item, Candidate) else item for item in admitted]
    for item, candidate, result in zip(items, admitted, results, strict=True):
        if isinstance(result, EventRefused):
            ingest.telemetry.refused.inc()
            if not isinstance(result, EventNotStored):
                ingest.refusals.add(item, result, claims, at)
        elif result.duplicate:
            ingest.telemetry.duplicates.inc()
        elif isinstance(candidate, Candidate):
            ingest.telemetry.accepted.labels(candidate.event.type).inc()
    return results


def _decoded(publish: bytes | Content | list[Any]) -> Any:
    if isinstance(publish, bytes):
        return decode_json(publish)
    return publish.decode() if isinstance(publish, Content) else publish


def as_json(result: Result) -> dict[str, Any]:
    """Return one result as the contract has it."""
    if isinstance(result, EventRefused):
        identifier = result.id and result.id.encode("utf-8", "replace").decode()  # it may be what was refused
        faults = [fault.as_json() for fault in result.faults]
        error: dict[str, Any] = {"code": result.code, "detail": str(result), "faults": faults}
        if isinstance(result, EventAhead):
            error["now"] = result.now
        return {"id": identifier, "error": error}
    return {"id": result.id, "epoch": result.cursor.epoch, "seq": result.cursor.seq, "duplicate": result.duplicate}


def _admit(item: Any, reception: Reception, claims: Claims) -> Candidate | EventRefused:
    try:
        candidate = admit(item, reception)
        claims.require_publish_as(candidate.event.source, candidate.event.locationid)
        _require_told_by_others(candidate.event)
        require_person(candidate.event, claims)
        return signed(candidate, claims)
    except EventRefused as refused:
        return refused
    except RequestRefused as refused:
        identifier = item.get("id") if isinstance(item, dict) else None
        return EventRefused([Fault("", "forbidden", str(refused))], identifier)


def _require_told_by_others(event: Event) -> None:
    """Raise EventRefused where an event says what the event server alone says: readers would forget for it."""
    if event.type == "contact_update" and event.data.get("erased"):
        detail = "the event server alone says so, of whom it has erased: leave it out, and erase by `jorge erase`"
        raise EventRefused([Fault("/data/erased", "true", detail)], event.id)
    if event.source == OWN:
        raise EventRefused(
            [Fault("/source", show(OWN), "this is the event server's own: allowed is any other")], event.id
        )


def _together(admitted: Sequence[Candidate | EventRefused]) -> list[Candidate | EventRefused]:
    """Return events of one location that were all admitted; else refuse those that nothing is wrong with too."""
    locations = {item.event.locationid for item in admitted if isinstance(item, Candidate)}
    if len(locations) > 1:
        beside = f"they are of {len(locations)} locations: allowed is one"
    elif any(isinstance(item, EventRefused) for item in admitted):
        beside = "another one was refused"
    else:
        return list(admitted)
    fault = Fault("", "not kept", f"the events of this publish stand together or not at all, and {beside}")
    return [EventRefused([fault], item.event.id) if isinstance(item, Candidate) else item for item in admitted]


def _acts(candidates: Sequence[Candidate], claims: Claims, digest: Digest) -> Sequence[AuditedAction | None]:
    """Return what the audit log gets of each event; nothing of a bot's, which publishes a thousand a second."""
    return [act_of(candidate.event, claims, digest) for candidate in candidates] if claims.role in PEOPLE else ()


async def _commit(candidates: Sequence[Candidate], claims: Claims, ingest: Ingest, together: bool) -> Iterator[Result]:
    """Commit each location's events together; return the result of each, in the order given.

    An agent's about another's contact are refused: whose it is, is decided by what is committed before.
    Raise Unavailable where nothing was committed; where one location failed beside others, its events are refused.
    """
    by_location: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_location.setdefault(candidate.event.locationid, []).append(candidate)
    futures: dict[str, asyncio.Future[Any]] = {}
    committed: dict[str, list[AppendResult | None]] = {}
    failed: dict[str, StoreError] = {}
    for location, each in by_location.items():  # all are queued before the first is waited for
        try:
            futures[location] = _awaited(_append(ingest.store, location, each, claims, together))
        except StoreError as error:
            failed[location] = error
    for location, future in futures.items():
        try:
            committed[location] = await future
        except StoreError as error:
            failed[location] = error
    if failed:
        lost = sum(len(by_location[location]) for location in failed)
        ingest.telemetry.not_stored.inc(lost)
        logger.warning("%d events were not stored, and not acknowledged: %s", lost, next(iter(failed.values())))
    if failed and not committed:
        first = next(iter(failed.values()))
        raise Unavailable(f"nothing was acknowledged: {first}", retry_after_s=1 if isinstance(first, StoreBusy) else 2)
    results: dict[str, Iterator[Result | None]] = {location: iter(each) for location, each in committed.items()}
    for location, failure in failed.items():
        fault = Fault("", "not kept", f"try again: {failure}")
        results[location] = iter([EventNotStored([fault], candidate.event.id) for candidate in by_location[location]])
    return (next(results[each.event.locationid]) or _anothers(each, together) for each in candidates)


def _awaited(stored: Future[Any]) -> asyncio.Future[Any]:
    """Return what the event loop waits for, as `asyncio.wrap_future` does; in a third of its steps, at each publish."""
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()

    def settle() -> None:
        if waiter.done():  # its publisher has left
            return
        if (failure := stored.exception()) is None:
            waiter.set_result(stored.result())
        else:
            waiter.set_exception(failure)

    def done(_: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle)

    stored.add_done_callback(done)
    return waiter


def _append(
    store: Store, location: str, candidates: Sequence[Candidate], claims: Claims, together: bool
) -> Future[Any]:
    agent, acts = claims.rights.agent_id, _acts(candidates, claims, store.digest)
    if agent is None:
        return store.append(location, candidates, acts)
    return store.append_by(agent, location, candidates, acts, together)


def _anothers(candidate: Candidate, together: bool) -> EventRefused:
    beside = "; the events of this publish stand together or not at all" if together else ""
    return EventRefused([Fault("", "forbidden", ANOTHERS + beside)], candidate.event.id)
