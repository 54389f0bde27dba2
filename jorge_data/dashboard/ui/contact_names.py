"""The names of contacts, by their ids: the event server knows them all."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.requests import TableRequest, among
from jorge_data.errors import RequestRefused
from jorge_data.metrics.formatting import line

AT_ONCE = 200
"""Most values of one condition."""


def contact_details(location: str, contacts: Iterable[str]) -> Callable[[str], tuple[str, str]]:
    """Return what tells a contact's name, or its id where the name is unknown, and its phone; "" where it has none."""
    known = _fetched(location, contacts, ("name", "phone"))
    return lambda contact: _detail(contact, known.get(contact))


def _detail(contact: str, known: Sequence[Any] | None) -> tuple[str, str]:
    name, phone = known or (None, None)
    return line(name or contact), phone or ""


def contact_names(location: str, contacts: Iterable[str]) -> Callable[[str], str]:
    """Return what writes a contact's name, or its id where the name is unknown or the server does not answer."""
    known = _fetched(location, contacts, ("name",))
    return lambda contact: line(known[contact][0] if contact in known else contact)


def _fetched(location: str, contacts: Iterable[str], columns: tuple[str, ...]) -> dict[str, Sequence[Any]]:
    """Return these columns of each contact that the server knows."""
    client, ids = UserContext.current().client, sorted({contact for contact in contacts if "," not in contact})
    known: dict[str, Sequence[Any]] = {}
    for first in range(0, len(ids), AT_ONCE):
        where = (among("contact_id", ids[first : first + AT_ONCE]),)
        try:
            table = client.table(
                TableRequest(location, "contacts", where, columns=("contact_id", *columns), limit=AT_ONCE)
            )
        except RequestRefused:
            break
        known |= {row[0]: row[1:] for row in table.rows}
    return known
