"""Translating: the translator's task, for as long as a node is open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from jorge_data.server.interpretation import Interpretation
from jorge_data.server.known import known_sellers
from jorge_data.server.node import Node
from jorge_data.server.translator import Translator


@asynccontextmanager
async def translating(node: Node) -> AsyncIterator[None]:
    """Translate deliveries while the context lasts; what is under way when it ends is done again at the next start."""
    deliveries = node.deliveries
    deliveries.waiting = await asyncio.to_thread(deliveries.inbox.waiting)
    node.telemetry.untranslated.set_function(lambda: deliveries.waiting)
    interpretation = Interpretation(deliveries.vendors, node.acceptance.commission_rate)
    translator = Translator(deliveries, node.store, partial(known_sellers, node), interpretation)
    task = asyncio.create_task(translator.run(), name="translation of deliveries")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
