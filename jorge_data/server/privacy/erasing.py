"""Erasing: what is personal of one contact goes from everything that is stored, and figures stay as they are."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson

from jorge_data.backoff import Backoff
from jorge_data.errors import NotFound, StoreError
from jorge_data.events import Reception, admit
from jorge_data.events.envelope import OWN
from jorge_data.events.personal import Eraser, Identifiers, names_one_of, structure_of
from jorge_data.metrics.entities import Rules
from jorge_data.metrics.entities.erasure import FREE_DIMS, StoredEntity, erased_entity
from jorge_data.server.auth.audited_acts import contact_in_audit
from jorge_data.server.log.retention import Retention
from jorge_data.server.privacy.export import export_person
from jorge_data.server.privacy.known_person import KnownPerson, find_person, stored_records
from jorge_data.server.privacy.lookup_thread import LookupThread
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.server.webhook.delivery_receiver import DeliveryReceiver
from jorge_data.store import ERASURE_ID, AuditedAction, Erasure, Store, StoredRow
from jorge_data.vendors.body import read_body
from jorge_data.vendors.phone import holders_of

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""Events that are rewritten together; between two transactions everybody else gets a turn."""

UNREADABLE = 0
"""The number, which no erasure has, of what waits because the store could not be read."""

PAUSES = Backoff(base_s=60.0, cap_s=3600.0, random=lambda: 1.0)
"""How long after failures in a row an erasure is tried again: the last step may hold up publishes for minutes."""

MOST_ASKED = 16
"""Erasures that may wait at once until it is known whom they are of."""

WIPING = {"step": "free space"}
"""The plan of an erasure of which free space alone is left."""

NOTHING_LEFT = b'{"erased":true}'


@dataclass
class ErasureProgress:
    """How far an erasure is: what is being done, and how much was rewritten of each place."""

    contact: str
    location: str
    step: str = "waiting"
    rewritten: dict[str, int] = field(default_factory=dict)
    failure: str = ""
    done: bool = False

    def add(self, place: str, count: int) -> None:
        self.rewritten[place] = self.rewritten.get(place, 0) + count

    def finish(self) -> None:
        """Say that nothing is left to do: all is rewritten, or was removed with its office."""
        self.step, self.done = "done", True

    def as_json(self) -> dict[str, Any]:
        """Return it as a line of the response."""
        return dict(vars(self))


class Erasing:
    """Erases contacts, one after the other; event loop only. What was not finished goes on at the next start."""

    def __init__(
        self,
        store: Store,
        rollup_worker: RollupWorker,
        deliveries: DeliveryReceiver,
        retention: Retention,
        forget: Callable[[str, Collection[str], Callable[[str], bool]], None],
        monotonic: Callable[[], float],
    ) -> None:
        """`forget` is called with a location, a person's ids and what knows him in a text: memory is to forget him."""
        self._store, self._rollup_worker, self._deliveries = store, rollup_worker, deliveries
        self._retention, self._forget = retention, forget
        self._asked = asyncio.Event()
        self._progress: dict[int, ErasureProgress] = {}
        self._lookups = LookupThread()
        self._tries = Tries(monotonic)
        self._searched: dict[int, list[str]] = {}
        """What is to be in no free space any more, of those who are gone from everything else."""

    async def erase(self, location: str, contact: str, by: str) -> ErasureProgress:
        """Begin to erase a contact, and return the progress, which goes on by itself; raise NotFound."""
        open_ = [each for each in await asyncio.to_thread(self._unfinished) if each.location == location]
        erasure = next((each for each in open_ if contact in each.contacts), None)
        if erasure is None:
            person = await self._lookups.run(MOST_ASKED, _find_known, self._store, location, contact)
            at, ids = datetime.now(UTC), [contact, *sorted(person.contacts - {contact})]
            number = await asyncio.wrap_future(self._store.erasures.begin(location, contact, ids, at, by))
        else:
            number = erasure.id
        progress = self._progress.setdefault(number, ErasureProgress(contact, location))
        progress.failure = ""
        self._tries.forget(number)
        self._asked.set()
        return progress

    async def export(self, location: str, contact: str, at: datetime) -> SpooledTemporaryFile[bytes]:
        """Return all that is known of a contact, as a file; raise NotFound, and TooMany while another is made."""
        return await self._lookups.run(1, export_person, self._store, location, contact, at)

    def close(self) -> None:
        """Begin to look nobody up any more."""
        self._lookups.close()

    def _unfinished(self) -> list[Erasure]:
        return [each for each in self._store.erasures.all() if each.done_at is None]

    async def run(self) -> None:
        """Erase whatever was asked for, until cancelled."""
        while True:
            self._asked.clear()
            for erasure in await self._still_asked():
                if not self._tries.is_due(erasure.id):
                    continue
                progress = self._progress.setdefault(erasure.id, ErasureProgress(erasure.contact, erasure.location))
                try:
                    await self._finish(erasure, progress)
                    self._progress.pop(erasure.id, None)
                    self._tries.forget(erasure.id)
                except Exception as error:  # the next one is not held up by it
                    self._tries.failed(erasure.id)
                    progress.failure = str(error) if isinstance(error, StoreError) else "something went wrong here"
                    logger.warning("an erasure waits: %s", progress.failure, exc_info=_unless_of_store(error))
            try:
                async with asyncio.timeout(self._tries.next_s()):
                    await self._asked.wait()
            except TimeoutError:
                pass

    async def _still_asked(self) -> list[Erasure]:
        """Return the erasures that are not done, and forget those whose office was removed; none while unreadable."""
        known = {*self._progress, *self._searched}  # what is asked for while this is read is not among what was read
        try:
            unfinished = await asyncio.to_thread(self._unfinished)
        except StoreError as error:
            logger.warning("which erasures wait cannot be read: %s", error)
            self._tries.failed(UNREADABLE)
            return []
        asked = {each.id for each in unfinished}
        self._tries.keep(asked)
        for number in known - asked:
            self._searched.pop(number, None)
            if gone := self._progress.pop(number, None):
                gone.finish()
        return unfinished

    async def _finish(self, erasure: Erasure, progress: ErasureProgress) -> None:
        store, location = self._store, erasure.location
        person: KnownPerson | None = None
        if erasure.plan != WIPING:
            async with self._retention.running:
                person, eraser = await self._planned(erasure, progress)
                progress.step = "events"
                await asyncio.to_thread(_erase_events, store, location, eraser, progress)
                progress.step = "archive"
                await asyncio.to_thread(_erase_archive, store, location, eraser, progress)
            progress.step = "deliveries"
            async with self._deliveries.batch:
                await asyncio.to_thread(_erase_deliveries, store, location, eraser, progress)
                await asyncio.to_thread(_erase_copies, store, location, eraser, progress)
            progress.step = "figures"
            await asyncio.to_thread(self._erase_folded, location, eraser, progress)
            await asyncio.to_thread(store.erasures.change_views, eraser.replaced)
            self._forget(location, person.contacts, eraser.may_mention)
            self._searched[erasure.id] = person.known.in_files()
        if not await asyncio.to_thread(self._contacts, erasure):
            progress.finish()  # with its office, which what is told there would begin anew
            return
        await self._tell(erasure, erasure.contacts if person is None else person.contacts)
        progress.step = "free space"
        await asyncio.to_thread(self._wipe, erasure)
        await self._note_done(erasure, progress)
        self._searched.pop(erasure.id, None)

    async def _planned(self, erasure: Erasure, progress: ErasureProgress) -> tuple[KnownPerson, Eraser]:
        """Return the person and its eraser, as they were noted before anything was rewritten."""
        progress.step = "looking"
        if erasure.plan is None:
            return await asyncio.to_thread(self._plan, erasure)
        plan = erasure.plan
        known = Identifiers.from_json(plan["known"])
        person = KnownPerson(set(erasure.contacts), set(plan["deals"]), known)
        eraser = person.eraser(bytes.fromhex(plan["key"]))
        eraser.renamed = plan["renamed"]
        return person, eraser

    def _plan(self, erasure: Erasure) -> tuple[KnownPerson, Eraser]:
        person = find_person(self._store, erasure.location, erasure.contacts)
        words = {value for _, _, value in self._store.erasures.words(erasure.location)}
        key = secrets.token_bytes(16)
        eraser = person.eraser(key)
        eraser.renamed = {value: new for value in words if (new := eraser.counted(value)) != value}
        plan = {"key": key.hex(), "deals": sorted(person.deals), "known": person.known.as_json()}
        self._store.erasures.plan(erasure, sorted(person.contacts), plan | {"renamed": eraser.renamed}).result()
        return person, eraser

    def _erase_folded(self, location: str, eraser: Eraser, progress: ErasureProgress) -> None:
        """Rewrite what was folded, while nothing is: the fold that follows goes on from what is stored then."""

        def erase() -> None:
            _rename_words(self._store, location, eraser)
            _erase_entities(self._store, location, eraser, self._rollup_worker.rules, progress)

        self._rollup_worker.standing(location, erase)

    async def _tell(self, erasure: Erasure, contacts: Collection[str]) -> None:
        """Tell every reader, by an event for each id of the person, to forget what it holds of it."""
        at = datetime.now(UTC)
        events = [
            {
                "id": f"{ERASURE_ID}{erasure.id}-{number}",
                "source": OWN,
                "type": "contact_update",
                "subject": contact,
                "data": {"contact_id": contact, "changed": {}, "erased": True},
            }
            for number, contact in enumerate(sorted(contacts), 1)
        ]
        reception = Reception(at, erasure.location)
        candidates = [admit(event, reception) for event in events]
        await asyncio.wrap_future(self._store.append(erasure.location, candidates))

    def _wipe(self, erasure: Erasure) -> None:
        """Leave nothing in the write-ahead log or in free space.

        The whole file is written anew where something was found in it, or where this goes on after a restart, and
        nobody knows any more what to look for.
        """
        wiping, searched = self._store.wiping, self._searched.get(erasure.id)
        self._store.erasures.plan(erasure, self._contacts(erasure), WIPING).result()
        wiping.empty_log()
        if searched is None or not wiping.is_wiped or wiping.finds(searched):
            wiping.rewrite()

    def _contacts(self, erasure: Erasure) -> tuple[str, ...]:
        """Return whom an erasure is of as of now; nobody where its office was removed."""
        return next((each.contacts for each in self._store.erasures.all() if each.id == erasure.id), ())

    async def _note_done(self, erasure: Erasure, progress: ErasureProgress) -> None:
        now = datetime.now(UTC)
        what = contact_in_audit(erasure.location, erasure.contact, self._store.digest)
        await asyncio.wrap_future(
            self._store.audit.record(
                AuditedAction(
                    now, "event-server", "contact.erased", what, location=erasure.location, after=progress.rewritten
                )
            )
        )
        await asyncio.wrap_future(self._store.erasures.finish(erasure, now))
        progress.finish()


class Tries:
    """When what failed is tried again, by its number; what never failed is due at once."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures: dict[int, tuple[int, float]] = {}  # how many in a row, and when it is due

    def failed(self, number: int) -> None:
        """Have it wait, longer at each failure in a row."""
        count = self._failures.get(number, (0, 0.0))[0] + 1
        self._failures[number] = count, self._monotonic() + PAUSES.delay_s(count)

    def forget(self, number: int) -> None:
        """Have it be due: it is done, or asked for anew."""
        self._failures.pop(number, None)

    def keep(self, numbers: Collection[int]) -> None:
        """Forget all others."""
        self._failures = {number: failure for number, failure in self._failures.items() if number in numbers}

    def is_due(self, number: int) -> bool:
        return self._failures.get(number, (0, 0.0))[1] <= self._monotonic()

    def next_s(self) -> float | None:
        """Return the seconds until something that failed is due; None where nothing did."""
        return min((due - self._monotonic() for _, due in self._failures.values()), default=None)


def _unless_of_store(error: Exception) -> Exception | None:
    return None if isinstance(error, StoreError) else error


def _find_known(store: Store, location: str, contact: str) -> KnownPerson:
    person = find_person(store, location, [contact])
    if not person.events and not _has_copy(store, location, person):
        raise NotFound(f"nothing is known of the contact {contact[:80]!r} in {location}")
    return person


def _has_copy(store: Store, location: str, person: KnownPerson) -> bool:
    return any(
        row["kind"] == "contact" and row["id"] in person.contacts
        for rows in store.erasures.rows("crm_entities", location)
        for row in rows
    )


def _erase_events(store: Store, location: str, eraser: Eraser, progress: ErasureProgress) -> None:
    changed: list[tuple[int, bytes]] = []
    for record in stored_records(store, location):
        body = _erased(record.wire, eraser, positioned=False)
        if body is not None:
            changed.append((record.seq, body))
        if len(changed) == AT_ONCE:
            store.erasures.rewrite_events(location, changed)
            progress.add("events", len(changed))
            changed = []
    store.erasures.rewrite_events(location, changed)
    progress.add("events", len(changed))


def _erased(wire: bytes, eraser: Eraser, positioned: bool) -> bytes | None:
    """Return an event's JSON without what is personal, with its position or without; None where nothing is."""
    text = wire.decode()
    if not eraser.may_mention(text):
        return None
    event = orjson.loads(text)
    data = eraser.erased(event["type"], event["subject"], event["data"])
    if data == event["data"]:
        return None
    kept = {name: value for name, value in event.items() if positioned or name not in ("seq", "epoch")}
    return orjson.dumps({**kept, "data": data})


def _erase_archive(store: Store, location: str, eraser: Eraser, progress: ErasureProgress) -> None:
    for path in store.archive.files(location):
        count = store.archive.change(path, lambda wire: _erased(wire, eraser, positioned=True) or wire)
        progress.add("archived events", count)


def _erase_deliveries(store: Store, location: str, eraser: Eraser, progress: ErasureProgress) -> None:
    for rows in store.erasures.rows("deliveries", location):
        changed = [
            StoredRow(row["id"], {"body": body.decode(), "error": row["error"] and "a contact in it was erased"})
            for row in rows
            if (body := _erased_body(row["body"], eraser)) is not None
        ]
        store.erasures.change("deliveries", changed)
        progress.add("deliveries", len(changed))


def _erased_body(text: str, eraser: Eraser) -> bytes | None:
    """Return a vendor's body without what is personal; None where it tells nothing of the person."""
    is_about = names_one_of(text, eraser.contacts | eraser.deals)
    if not is_about and not eraser.finds(text):
        return None
    try:
        body = read_body(text.encode())
    except ValueError:
        return NOTHING_LEFT
    stripped = orjson.dumps(structure_of(body) if is_about else _walked(body, eraser.replaced))
    if eraser.finds(stripped.decode()):
        stripped = NOTHING_LEFT
    return None if stripped == text.encode() else stripped


def _walked(value: Any, replaced: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, list):
        return [_walked(each, replaced) for each in value]
    return {key: _walked(each, replaced) for key, each in value.items()} if isinstance(value, dict) else value


def _erase_copies(store: Store, location: str, eraser: Eraser, progress: ErasureProgress) -> None:
    for rows in store.erasures.rows("crm_entities", location):
        changed = [(row["kind"], row["id"], body) for row in rows for body in _erased_copy(row, eraser)]
        store.erasures.change_copies(location, changed)
        progress.add("copies", len(changed))


def _erased_copy(row: dict[str, Any], eraser: Eraser) -> list[str | None]:
    """Return the body that a copy is to have, None where it is to go; nothing where it may stay as it is."""
    kind, id_, text = row["kind"], row["id"], row["body"]
    if kind in ("phone", "email"):
        holders = holders_of(orjson.loads(text))
        others = [holder for holder in holders if holder not in eraser.contacts]
        if len(others) == len(holders):
            return []
        copy = {"contact_id": others[0], "others": others[1:]} if others else None
        return [orjson.dumps(copy).decode() if copy else None]
    if id_ in eraser.contacts | eraser.deals or names_one_of(text, eraser.contacts | eraser.deals):
        return [None]
    return []  # another contact's number and name are his, also where they are the same


def _rename_words(store: Store, location: str, eraser: Eraser) -> None:
    """Have figures be split by a word instead of a text that names the person, one by one, so that they stay."""
    for kind, dim, value in store.erasures.words(location):
        for place, name in FREE_DIMS.get(kind, ()):
            if name == dim and value in eraser.renamed:
                store.erasures.rename_word(location, kind, dim, place, value, eraser.renamed[value])


def _erase_entities(store: Store, location: str, eraser: Eraser, rules: Rules, progress: ErasureProgress) -> None:
    for rows in store.erasures.rows("entities", location):
        changed = []
        for row in rows:
            summary, state = row["summary"].encode(), bytes(row["state"])
            if not eraser.may_mention(f"{row['key']} {row['name']} {row['summary']} {state.decode()}"):
                continue
            before = StoredEntity(row["family"], row["key"], row["name"], summary, state)
            after = erased_entity(before, eraser, rules)
            if after != before:
                values = {"name": after.name, "summary": after.summary.decode(), "state": after.state}
                changed.append(StoredRow(row["id"], values))
        store.erasures.change("entities", changed)
        progress.add("figures", len(changed))
