"""Who the people of an office are, as figures and cards name them."""

from jorge_data.metrics.colleagues import Colleague
from jorge_data.server.users.sessions import grant_at
from jorge_data.store import Users


class OfficePeople:
    """Knows the users of a location, who may come in no more as well; read anew once users have changed."""

    def __init__(self, users: Users, location: str) -> None:
        self._users, self._location = users, location
        self._known: tuple[int, list[Colleague]] = -1, []

    @property
    def version(self) -> int:
        """Return a number that is another one once users have changed."""
        return self._users.version

    def all(self) -> list[Colleague]:
        """Return them by name; any thread may call."""
        version, known = self._known
        if version != self._users.version:
            version = self._users.version
            granted = [(user, grant_at(user, self._location)) for user in self._users.all()]
            known = [Colleague(user.name, user.display_name, grant.agent_id) for user, grant in granted if grant]
            self._known = version, known
        return known
