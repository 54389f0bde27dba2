"""The names of contacts, by their ids: the event server knows them all."""

from collections.abc import Callable, Iterable

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.requests import TableRequest, among
from jorge_data.errors import RequestRefused
from jorge_data.metrics.formatting import line

AT_ONCE = 200
"""Most values of one condition."""


def contact_names(location: str, contacts: Iterable[str]) -> Callable[[str], str]:
    """Return what writes a contact's name, or its id where the name is unknown or the server does not answer."""
    client, ids = UserContext.current().client, sorted({contact for contact in contacts if "," not in contact})
    names: dict[str, str] = {}
    for first in range(0, len(ids), AT_ONCE):
        where = (among("contact_id", ids[first : first + AT_ONCE]),)
        try:
            table = client.table(
                TableRequest(location, "contacts", where, columns=("contact_id", "name"), limit=AT_ONCE)
            )
        except RequestRefused:
            break
        names |= dict(table.rows)
    return lambda contact: line(names.get(contact, contact))
