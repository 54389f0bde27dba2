"""Users of the dashboard: what each may do in which office, and with which token the event server is asked for him."""

import logging
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.errors import Forbidden
from jorge_data.permissions import Person, Rights, rights_of

_log = logging.getLogger(__name__)


class Grant(NamedTuple):
    """A role at an office; at every office where none is named."""

    location: str | None
    role: Person
    agent_id: str | None = None  # whose contacts an agent sees


@dataclass(frozen=True)
class User:
    """A person with a name here; without a session it is the one on this machine, who needs no login."""

    name: str
    display_name: str
    grants: tuple[Grant, ...]
    session: str | None = None

    def grant_at(self, location: str) -> Grant | None:
        """Return what he is granted at an office: the grant that names it before that of every office, or None."""
        by_location = {grant.location: grant for grant in self.grants}
        return by_location.get(location) or by_location.get(None)

    def rights_at(self, location: str) -> Rights:
        """Return what he shares with all who get the same answers; raise Forbidden at an office that is not his."""
        grant = self.grant_at(location)
        if grant is None:
            raise Forbidden(f"{self.name} may not see the office {location!r}")
        return rights_of(grant.role, grant.agent_id)


class Access(Protocol):
    """Who is in, and with which token the event server is asked for him; from any thread."""

    def user_of(self, cookies: Mapping[str, str]) -> User | None:
        """Return whose cookies these are; None where nobody is in by them, or no longer. Asks nobody: it is cheap."""

    def token(self, user: User, location: str | None) -> str:
        """Return the token of a user for an office, None for every office; good for a minute or longer.

        Raises Unauthenticated where his session has ended, Forbidden where he has no grant there, and Unavailable.
        """

    def refused(self, token: str) -> None:
        """Note that the server no longer takes a token: `token` returns another, where there is one."""

    def is_in(self, user: User) -> bool:
        """Return whether a user is still let in: what is open for one who is not must be closed."""


class LocalAccess:
    """The one person on this machine, who needs no login."""

    def __init__(self, name: str, role: Person, own: OwnToken, make_for: Callable[[int], str] | None = None) -> None:
        """`make_for`: makes a token of his that lasts longer than so many seconds; as `OwnToken`'s, it may raise."""
        self.user = User(name, name, (Grant(None, role),))
        self._own, self._make_for = own, make_for

    def user_of(self, cookies: Mapping[str, str]) -> User:
        return self.user

    def token(self, user: User, location: str | None) -> str:
        return self._own.current()

    def maker_token(self, ttl_s: int) -> str:
        """Return the token by which he makes one of so many seconds: no token outlives the one by which it was made.

        The dashboard's own, which is some weeks' and nobody's in particular, where no other can be made here.
        """
        if self._make_for is not None:
            try:
                return self._make_for(ttl_s)
            except (OSError, subprocess.SubprocessError):
                _log.warning("a token is made by the dashboard's own, and ends with it: no other could be made here")
        return self._own.current()

    def refused(self, token: str) -> None:
        self._own.refused(token)

    def is_in(self, user: User) -> bool:
        return True
