"""Users who are in, each by a cookie of his name, as tests want them."""

from collections.abc import Callable, Mapping

from jorge_data.dashboard.login.user import Grant, User
from jorge_data.errors import Unauthenticated
from jorge_data.permissions import Person

COOKIE = "who"


def person(name: str, role: Person, location: str | None = None, agent_id: str | None = None) -> User:
    """Return a user who is logged in, with one grant."""
    return User(name, name.capitalize(), (Grant(location, role, agent_id),), f"session-of-{name}")


class People:
    """Who is in (an `Access`): users come and go as a test says."""

    def __init__(self, *users: User, token: Callable[[User, str | None], str] = lambda user, _: user.name) -> None:
        self.users = {user.name: user for user in users}
        self._token = token

    def user_of(self, cookies: Mapping[str, str]) -> User | None:
        return self.users.get(cookies.get(COOKIE, ""))

    def token(self, user: User, location: str | None) -> str:
        if not self.is_in(user):
            raise Unauthenticated(f"{user.name} is no longer in")
        return self._token(user, location)

    def refused(self, token: str) -> None:
        return None

    def is_in(self, user: User) -> bool:
        return self.users.get(user.name) == user


class Turns(People):
    """Users who take turns at one browser, whose pages are run without one: whoever is `here` has every cookie."""

    here: str | None = None

    def user_of(self, cookies: Mapping[str, str]) -> User | None:
        return self.users.get(self.here or "")
