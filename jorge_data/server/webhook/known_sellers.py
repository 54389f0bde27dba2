"""What the live state knows of sellers, in the words of the event that told it."""

import asyncio

from jorge_data.errors import Unavailable
from jorge_data.metrics.wall.qualification import SellerStatus
from jorge_data.server.context import ServerContext
from jorge_data.vendors import Json

CATCH_UP_S = 30.0
"""Longest that a translation waits for the state; after it, an older one is better than none."""


async def known_sellers(context: ServerContext, location: str, contacts: list[str]) -> dict[str, Json]:
    """Return the newest qualification of those contacts that have one, as of what is committed now."""
    try:
        live_state = context.place(location).live_state
    except Unavailable:
        return {}
    try:
        async with asyncio.timeout(CATCH_UP_S):
            await live_state.at_top()
    except TimeoutError:
        pass
    found = {contact: live_state.seller(contact) for contact in contacts}
    return {contact: _told(seller) for contact, seller in found.items() if seller is not None}


def _told(seller: SellerStatus) -> Json:
    told = {
        "seller_temperature": seller.temperature,
        "questions_answered": seller.answered,
        "current_question": seller.question,
        "confrontational_effectiveness": seller.effectiveness,
        "stall_detected": bool(seller.stalled_since),
        "stall_type": seller.stall_type or None,
        "next_step": seller.next_step,
        "estimated_value": seller.value,
    }
    return {name: value for name, value in told.items() if value is not None}
