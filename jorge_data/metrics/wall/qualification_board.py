"""The qualification board: the sellers last touched, with their four questions as marks."""

from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.seller import QUESTIONS
from jorge_data.metrics.wall.view import BoardRow, Mark

SHOWN = 12


def board_row(contact: Contact) -> BoardRow:
    """Return a seller's row, as of its newest qualification."""
    answer, seller = contact.answers[-1], contact.seller
    marks: list[Mark] = [
        "done" if question < answer.answered else "now" if question == answer.question else "todo"
        for question in range(len(QUESTIONS))
    ]
    return {
        "contact": contact.key,
        "name": contact.shown_name,
        "marks": marks,
        "temperature": answer.temperature,
        "effectiveness": round(seller.effectiveness) if seller else 0,
        "stalled": answer.stalled,
        "next_step": seller.next_step if seller else "",
        "at_ms": answer.at // 1000,
    }
