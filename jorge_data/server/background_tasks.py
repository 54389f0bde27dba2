"""What runs beside the server for as long as its context is open: translation, synchronization, retention."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jorge_data.server.clock_watch import ClockWatch, newest_receipt
from jorge_data.server.context import ServerContext
from jorge_data.server.descriptors import tell_of_descriptors
from jorge_data.server.ghl_sync.sync_store import SyncStore
from jorge_data.server.ghl_sync.synchronization import Synchronization, Wait
from jorge_data.server.log.retention import Policy, Retention
from jorge_data.server.parts import look_after_archive, report_parts, watch_parts
from jorge_data.server.privacy.erasing import Erasing
from jorge_data.server.privacy.field_retention import FieldRetention
from jorge_data.server.webhook.interpretation import Interpretation
from jorge_data.server.webhook.translator import Translator
from jorge_data.settings import Settings, read_field_days
from jorge_data.store import Archive, Store
from jorge_data.vendors import Json
from jorge_data.vendors.gohighlevel.api import API

logger = logging.getLogger(__name__)

RETAIN_EVERY_S = 3600.0

QUALIFICATION = "jorge_qualification_progress"
QUALIFICATION_FIELDS = (
    "seller_temperature",
    "questions_answered",
    "current_question",
    "confrontational_effectiveness",
    "stall_detected",
    "stall_type",
    "next_step",
    "estimated_value",
)
"""What a later qualification that does not say otherwise goes on from."""


@asynccontextmanager
async def watching(context: ServerContext) -> AsyncIterator[None]:
    """Watch the connections while the context lasts."""
    doorway = context.doorway
    tell_of_descriptors(asyncio.get_running_loop(), doorway.descriptors_used_up)
    async with _running(doorway.watch(), "connections"):
        yield


@asynccontextmanager
async def ending_sessions(context: ServerContext) -> AsyncIterator[None]:
    """End the sessions that are over, and who lives by a replaced secret, while the context lasts."""
    async with (
        _running(context.user_service.sessions.repeat(), "sessions"),
        _running(context.token_service.watch_secrets(), "secrets"),
    ):
        yield


@asynccontextmanager
async def translating(context: ServerContext) -> AsyncIterator[None]:
    """Translate deliveries while the context lasts; what is under way when it ends is done again at the next start."""
    deliveries = context.deliveries
    deliveries.waiting = await asyncio.to_thread(deliveries.inbox.waiting)
    context.telemetry.untranslated.set_function(lambda: deliveries.waiting)
    interpretation = Interpretation(deliveries.vendors, context.ingest.commission_rate, context.targets.zone.key)
    translator = Translator(deliveries, context.store, partial(known_sellers, context), interpretation)
    async with _running(translator.run(), "translation of deliveries"):
        yield


async def known_sellers(context: ServerContext, location: str, contacts: list[str]) -> dict[str, Json]:
    """Return the newest qualification of those contacts that have one, as of what is committed now."""
    return await asyncio.to_thread(_known_sellers, context.store, location, contacts)


def _known_sellers(store: Store, location: str, contacts: list[str]) -> dict[str, Json]:
    with store.view(location) as view:
        newest = {contact: view.newest_about(contact, QUALIFICATION) for contact in contacts}
    return {contact: _qualification(event.data) for contact, event in newest.items() if event is not None}


def _qualification(data: Json) -> Json:
    stalled = data["stall_detected"]
    known = {name: data.get(name) for name in QUALIFICATION_FIELDS if name != "stall_type" or stalled}
    return {name: value for name, value in known.items() if value is not None}


@asynccontextmanager
async def synchronizing(settings: Settings, context: ServerContext) -> AsyncIterator[None]:
    """Synchronize at the interval while the context lasts; without a token and a location it is off."""
    token, location = settings.ghl_token.get_secret_value(), settings.ghl_location
    if not (token and location):
        yield
        return

    def open_api(wait: Wait) -> API:
        return API(settings.ghl_base_url, token, location, wait, settings.ca_file)

    context.synchronization = Synchronization(open_api, SyncStore(context.deliveries, location), location)
    repeating = context.synchronization.repeat(settings.ghl_sync_minutes * 60, context.ending)
    try:
        async with _running(repeating, "synchronization"):
            yield
    finally:
        await context.synchronization.close()


@asynccontextmanager
async def watching_clock(context: ServerContext) -> AsyncIterator[None]:
    """Report while the context lasts whether this machine's clock is behind the times that it has shown."""
    newest = await asyncio.to_thread(newest_receipt, context.store)
    watch = ClockWatch(context.readiness.report, lambda: datetime.now(UTC), newest)
    async with _running(watch.repeat(), "watch of the clock"):
        yield


@asynccontextmanager
async def retaining(settings: Settings, context: ServerContext, store: Store) -> AsyncIterator[None]:
    """Look after the archive now and every hour while the context lasts, and remove what is old by the settings."""
    policy = Policy(settings.retention, settings.retention_days, settings.timezone)
    context.retention = Retention(store, store.archive, policy, lambda: datetime.now(UTC), context.shorten)
    days = read_field_days(settings.retention_fields)
    context.field_retention = fields = FieldRetention(
        store, context.rollup_worker, context.retention, days, context.forget_records
    )
    async with _running(_retain(context, context.retention, fields), "retention"):
        yield


async def _retain(context: ServerContext, retention: Retention, fields: FieldRetention) -> None:
    """Check the archive, fold anew what can be read again, remove what is old, whole or by field; every hour."""
    while True:
        try:
            await asyncio.to_thread(look_after_archive, context, retention.archive)
        except Exception:
            logger.exception("the archive could not be looked after: trying again in an hour")
        try:
            await retention.run()
        except Exception:
            logger.exception("old events could not be removed: trying again in an hour")
        try:
            await fields.run()
        except Exception:
            logger.exception("old fields could not be removed: trying again in an hour")
        report_parts(context, retention.archive)
        await asyncio.sleep(RETAIN_EVERY_S)


@asynccontextmanager
async def erasing(context: ServerContext, store: Store) -> AsyncIterator[None]:
    """Erase whom it is asked for while the context lasts; what was not finished goes on at the next start."""
    assert context.retention is not None
    context.erasing = Erasing(
        store, context.rollup_worker, context.deliveries, context.retention, context.forget_contacts, time.monotonic
    )
    try:
        async with _running(context.erasing.run(), "erasing"):
            yield
    finally:
        context.erasing.close()


@asynccontextmanager
async def watching_parts(context: ServerContext, archive: Archive) -> AsyncIterator[None]:
    """Report how the parts are while the context lasts."""
    async with _running(watch_parts(context, archive), "watch over the parts"):
        yield


@asynccontextmanager
async def reporting_itself(context: ServerContext) -> AsyncIterator[None]:
    """Tell how this server and its dashboards are, from the start of the context to its end."""
    await context.own_components.begin()
    try:
        async with _running(context.own_components.run(), "report of our own components"):
            yield
    finally:
        await context.own_components.end()


@asynccontextmanager
async def auditing(context: ServerContext) -> AsyncIterator[None]:
    """Write into the audit log while the context lasts, and at its end, how often callers were refused."""
    try:
        async with _running(context.refused_callers.repeat(), "audit of refusals"):
            yield
    finally:
        context.refused_callers.write(all_of_them=True)


@asynccontextmanager
async def _running(coroutine: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run a task while the context lasts, then cancel it."""
    task = asyncio.create_task(coroutine, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
