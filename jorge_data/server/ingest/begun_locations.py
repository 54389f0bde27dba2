"""How many locations each token has begun: each costs memory, a fold and a line in every list of them, for ever."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from jorge_data.errors import EventNotStored, EventRefused, Fault
from jorge_data.events import Candidate

MOST_TOKENS = 1_000
"""Tokens whose locations are known; of more, the one that began none for longest is forgotten."""


class BegunLocations:
    """The locations that tokens began since this process did, and the most that each may begin; event loop only."""

    def __init__(self, most: int, exists: Callable[[str], bool]) -> None:
        """`exists`: whether there is an event at a location already."""
        self._most, self._exists = most, exists
        self._known: set[str] = set()  # locations that exist
        self._begun: OrderedDict[str, set[str]] = OrderedDict()

    def bound(self, admitted: Sequence[Candidate | EventRefused], token: str) -> list[Candidate | EventRefused]:
        """Return the candidates, but for those at one location too many a refusal upon which a bot's spool keeps them.

        What a publisher may do about it is to be given another token, or one location after the other to be set up.
        """
        return [
            each if isinstance(each, EventRefused) or self._may(each.event.locationid, token) else self._refusal(each)
            for each in admitted
        ]

    def _may(self, location: str, token: str) -> bool:
        if location in self._known:
            return True
        begun = self._begun.get(token, set())
        if location not in begun:
            if self._exists(location):
                self._known.add(location)
                return True
            if len(begun) >= self._most:
                return False
            self._begun.setdefault(token, begun).add(location)
            self._begun.move_to_end(token)
            if len(self._begun) > MOST_TOKENS:
                self._begun.popitem(last=False)
        return True

    def _refusal(self, candidate: Candidate) -> EventNotStored:
        detail = (
            f"this token has begun {self._most} locations since the server started: no more can be; allowed are those "
            "that have events (the bound is the setting JORGE_LOCATIONS_A_TOKEN)"
        )
        return EventNotStored([Fault("/locationid", repr(candidate.event.locationid), detail)], candidate.event.id)

    def forget(self, location: str) -> None:
        """Note that a location was removed."""
        self._known.discard(location)
