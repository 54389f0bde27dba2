"""Retaining: the task that removes what is old, for as long as a node is open; and asking for it at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from jorge_data.permissions import Right
from jorge_data.server.answers import ORJSONAnswer
from jorge_data.server.node import Node
from jorge_data.server.retention import Policy, Retention
from jorge_data.server.routes import AsClaims, AsNode
from jorge_data.settings import Settings
from jorge_data.store import Archive
from jorge_data.store.archive import FOLDER

retentions = APIRouter()


@asynccontextmanager
async def retaining(settings: Settings, node: Node) -> AsyncIterator[None]:
    """Remove what is old every hour while the context lasts, as the settings say; `keep` removes nothing."""
    policy = Policy(settings.retention, settings.retention_days, settings.timezone)
    archive = Archive(settings.store_file.with_name(FOLDER))
    node.retention = Retention(node.store, archive, policy, lambda: datetime.now(UTC), node.shorten)
    task = asyncio.create_task(node.retention.repeat(), name="retention")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@retentions.post("/api/retention/run", summary="Remove what is old now")
async def run(node: AsNode, claims: AsClaims) -> Response:
    """Answer with what left each log; nothing where JORGE_RETENTION says keep. For admins of all locations."""
    claims.require_everywhere(Right.RETENTION)
    assert node.retention is not None
    removals = await node.retention.run()
    return ORJSONAnswer({"removed": [removal._asdict() for removal in removals]})
