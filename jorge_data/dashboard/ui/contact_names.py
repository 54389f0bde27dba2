"""The names of contacts and of the office's people, by their ids: the event server knows them all."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.requests import TableRequest, among
from jorge_data.errors import RequestRefused
from jorge_data.metrics.formatting import line

AT_ONCE = 200
"""Most values of one condition."""


PEOPLE = ("by", "to", "labelled_by", "assigned_to", "owner", "agent")
"""Columns whose values may be ids of the office's people."""


def people_named(frame: pd.DataFrame, location: str) -> pd.DataFrame:
    """Return the rows with people's names in the place of the ids that are known to be theirs."""
    name = partial(UserContext.current().person_name, location)
    return frame.assign(
        **{
            column: [line(name(each)) if isinstance(each, str) else each for each in frame[column]]
            for column in PEOPLE
            if column in frame
        }
    )


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
