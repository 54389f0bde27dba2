"""How a contact is reached and whose it is: telephone, e-mail, address, its page in the CRM, its agent and its zone."""

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.events.assignment import assignment_in
from jorge_data.events.personal import is_erased
from jorge_data.events.timestamps import event_micros
from jorge_data.metrics.entities.entity import insert_record, newer
from jorge_data.metrics.formatting import line
from jorge_data.telephone import normalize

PERSONAL = ("phone", "email", "address", "url")
"""The details that an erasure takes."""

FREE = ("timezone", "lead_source")
"""The details in a publisher's own words, which may name the person."""

DETAILS = (*PERSONAL, *FREE, "owner")


class Detail(NamedTuple):
    """What was told of a contact at a moment; "" where it has none any more."""

    at: int
    seq: int
    value: str


class ContactDetails:
    """The newest of each detail of a contact, and every telephone number and owner that it was told to have."""

    def __init__(self) -> None:
        self.newest: dict[str, Detail] = {}
        self.phones: list[Detail] = []
        self.owners: list[Detail] = []

    def apply(self, event: Event) -> None:
        """Record what a contact_update tells: in fields of its own, else as a change."""
        at = event_micros(event)
        for name, value in _told(event.data):
            detail = Detail(at, event.seq, value)
            self.newest[name] = newer(self.newest.get(name), detail)
            if name == "phone":
                insert_record(self.phones, detail)
            elif name == "owner":
                insert_record(self.owners, detail)

    def get(self, name: str) -> str:
        """Return a detail, "" where it is not known."""
        known = self.newest.get(name)
        return known.value if known else ""

    @property
    def phone(self) -> str:
        """Return the telephone number, in E.164 where it is one."""
        return self.get("phone")

    @property
    def phone_since(self) -> int:
        """Return since when the number is the one that it is, 0 without any: told again it is no other one."""
        runs = [next(run) for _, run in groupby(self.phones, attrgetter("value"))]
        return runs[-1].at if runs else 0

    def erase(self, counted: Callable[[str], str]) -> None:
        """Take out what is personal, as if it had been told so; of what figures are split by, what names the person."""
        for name in PERSONAL:
            if name in self.newest:
                self.newest[name] = self.newest[name]._replace(value="")
        for name in FREE:
            if name in self.newest:
                self.newest[name] = self.newest[name]._replace(value=counted(self.newest[name].value))
        self.phones = [each._replace(value="") for each in self.phones]

    def forget(self, field: str, before: int) -> None:
        """Take out a field that was told before a moment (microseconds)."""
        known = self.newest.get(field)
        if known is not None and known.at < before:
            self.newest[field] = known._replace(value="")
        if field == "phone":
            self.phones = [each._replace(value="") if each.at < before else each for each in self.phones]

    def dump(self) -> tuple[Any, ...]:
        return self.newest, self.phones, self.owners

    @classmethod
    def load(cls, state: Any) -> "ContactDetails":
        """Read what was dumped; without it, nothing is known."""
        details = cls()
        if state:
            newest, phones, owners = state
            details.owners = list(map(Detail._make, owners))
            details.newest = {name: Detail._make(each) for name, each in newest.items()}
            details.phones = list(map(Detail._make, phones))
        return details


def _told(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each detail that an update tells, by its name; what was erased is told as nothing."""
    changed = data["changed"]
    for name in (*PERSONAL, *FREE):
        value = data.get(name)
        if value is None and name in changed:
            value = changed[name].get("to") or ""
        if value is not None:
            yield name, _shown(name, value)
    if (owner := assignment_in(data)) is not None:
        yield "owner", line(owner)


def _shown(name: str, value: object) -> str:
    if is_erased(value):
        return ""
    if name == "phone" and (number := normalize(value)):
        return number
    return line(value) if isinstance(value, str) else ""
