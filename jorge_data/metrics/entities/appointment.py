"""An appointment: booked once, however often it is told again."""

from collections.abc import Iterator

from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.cube import Fact


def appointment_facts(contact: Contact) -> Iterator[Fact]:
    """Return a fact for each appointment that was not deleted, at the moment at which it was first told.

    Those told without an id are not told apart: a contact has one of them.
    """
    for booking in contact.bookings.values():
        if booking.kept:
            yield Fact("appointment", booking.first, ())
