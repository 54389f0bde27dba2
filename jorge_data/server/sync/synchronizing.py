"""The synchronization beside a node: on where a token and a location are set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jorge_data.crm.ghl.api import API
from jorge_data.server.node import Node
from jorge_data.server.sync.shelf import Shelf
from jorge_data.server.sync.synchronization import Synchronization, Wait
from jorge_data.settings import Settings


@asynccontextmanager
async def synchronizing(settings: Settings, node: Node) -> AsyncIterator[None]:
    """Synchronize at the interval while the context lasts; without a token and a location there is nothing to ask."""
    token, location = settings.ghl_token.get_secret_value(), settings.ghl_location
    if not (token and location):
        yield
        return

    def open_api(wait: Wait) -> API:
        return API(settings.ghl_base_url, token, location, wait)

    node.synchronization = Synchronization(open_api, Shelf(node.deliveries, location), location)
    repeating = asyncio.create_task(node.synchronization.repeat(settings.ghl_sync_minutes * 60, node.ending))
    try:
        yield
    finally:
        repeating.cancel()
        await asyncio.gather(repeating, return_exceptions=True)
        await node.synchronization.close()
