"""Who the office's people are: one id and one name for all by which the CRM and the product know a person."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from jorge_data.metrics.formatting import line


class Colleague(NamedTuple):
    """A user: the name that he logs in by, as it is shown, and as which agent of the CRM he works."""

    name: str
    display_name: str
    agent_id: str | None = None

    @property
    def id(self) -> str:
        """Return the id that stands for all of him."""
        return self.agent_id or self.name


def ids_told(ids: Iterable[str], people: Iterable[Colleague]) -> set[str]:
    """Return of whom events may tell a name: these ids, and all of each user."""
    return {*ids, *(each for person in people for each in (person.id, person.name))}


class Colleagues:
    """Knows a person by the CRM's agent id and by the user's name as one.

    `told` are names that events tell, by the id of who did something: of who is no user, and of who has a login alone.
    """

    def __init__(self, people: Sequence[Colleague] = (), told: Mapping[str, str] = MappingProxyType({})) -> None:
        self._one = {person.name: person.id for person in people}
        self._names = dict(told)
        for person in people:
            if person.display_name != person.name:
                self._names[person.id] = person.display_name
            elif name := told.get(person.id) or told.get(person.name):  # a login is no name
                self._names.setdefault(person.id, name)
            else:
                self._names.setdefault(person.id, person.name)

    def one(self, person: str) -> str:
        """Return the id that stands for all of a person."""
        return self._one.get(person, person)

    def name(self, person: str) -> str:
        """Return how a person is called, the id where nobody told it."""
        one = self.one(person)
        return line(self._names.get(one) or one)
