"""Retaining: the task that removes what is old, for as long as a node is open; and asking for it at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from jorge_data.permissions import Right
from jorge_data.server.context import ServerContext
from jorge_data.server.http.events import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONAnswer
from jorge_data.server.log.retention import Policy, Retention
from jorge_data.settings import Settings
from jorge_data.store import Archive
from jorge_data.store.archive.archive import FOLDER

retentions = APIRouter()


@asynccontextmanager
async def retaining(settings: Settings, context: ServerContext) -> AsyncIterator[None]:
    """Remove what is old every hour while the context lasts, as the settings say; `keep` removes nothing."""
    policy = Policy(settings.retention, settings.retention_days, settings.timezone)
    archive = Archive(settings.store_file.with_name(FOLDER))
    context.retention = Retention(context.store, archive, policy, lambda: datetime.now(UTC), context.shorten)
    task = asyncio.create_task(context.retention.repeat(), name="retention")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@retentions.post("/api/retention/run", summary="Remove what is old now")
async def run(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with what left each log; nothing where JORGE_RETENTION says keep. For admins of all locations."""
    claims.require_everywhere(Right.RETENTION)
    assert context.retention is not None
    removals = await context.retention.run()
    return ORJSONAnswer({"removed": [removal._asdict() for removal in removals]})
