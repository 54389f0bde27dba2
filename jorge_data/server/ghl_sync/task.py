"""The synchronization beside a node: on where a token and a location are set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jorge_data.server.context import ServerContext
from jorge_data.server.ghl_sync.sync_store import SyncStore
from jorge_data.server.ghl_sync.synchronization import Synchronization, Wait
from jorge_data.settings import Settings
from jorge_data.vendors.gohighlevel.api import API


@asynccontextmanager
async def synchronizing(settings: Settings, context: ServerContext) -> AsyncIterator[None]:
    """Synchronize at the interval while the context lasts; without a token and a location there is nothing to ask."""
    token, location = settings.ghl_token.get_secret_value(), settings.ghl_location
    if not (token and location):
        yield
        return

    def open_api(wait: Wait) -> API:
        return API(settings.ghl_base_url, token, location, wait)

    context.synchronization = Synchronization(open_api, SyncStore(context.deliveries, location), location)
    repeating = asyncio.create_task(context.synchronization.repeat(settings.ghl_sync_minutes * 60, context.ending))
    try:
        yield
    finally:
        repeating.cancel()
        await asyncio.gather(repeating, return_exceptions=True)
        await context.synchronization.close()
