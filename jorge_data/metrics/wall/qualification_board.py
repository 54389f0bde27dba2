"""The qualification board: the sellers last touched, with their four questions as marks."""

import heapq

from jorge_data.metrics.formatting import line
from jorge_data.metrics.wall.qualification import SellerStatus
from jorge_data.metrics.wall.state import LiveState
from jorge_data.metrics.wall.view import Board, BoardRow, Mark

SHOWN = 12


def board(state: LiveState, now: int) -> Board:
    """Return how many sellers are in progress, and the twelve last touched, finished ones among them."""
    sellers = state.qualification.current(state.contacts, now)
    newest = heapq.nsmallest(SHOWN, sellers, key=lambda seller: (-seller.at, seller.contact))
    return {
        "count": sum(seller.in_progress for seller in sellers),
        "rows": [_row(seller, state.contacts.name(seller.contact)) for seller in newest],
    }


def _row(seller: SellerStatus, name: str) -> BoardRow:
    marks: list[Mark] = [
        "done" if question < seller.answered else "now" if question == seller.question else "todo"
        for question in range(4)
    ]
    return {
        "contact": seller.contact,
        "name": name,
        "marks": marks,
        "temperature": seller.temperature,
        "effectiveness": seller.effectiveness,
        "stalled": bool(seller.stalled_since),
        "next_step": line(seller.next_step),
        "at_ms": seller.at // 1000,
    }
