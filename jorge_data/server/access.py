"""Who may do what: the claims of a token, and the rules over them."""

from dataclasses import dataclass
from typing import Literal

from jorge_data.errors import Forbidden, Invalid, Unauthenticated
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION

Role = Literal["publisher", "viewer", "agent", "manager", "admin"]

READERS = frozenset({"viewer", "agent", "manager", "admin"})
WORKERS = ("admin", "manager", "agent")
"""Who may read what was refused or failed: it says of contacts what events say."""

PUBLISHERS = frozenset({"publisher", "agent", "manager", "admin"})
DEFAULT_LOCATION = "default"


@dataclass(frozen=True)
class Claims:
    """Who asks: a subject in a role, perhaps bound to one location and to its sources, until a moment."""

    subject: str
    role: Role | Literal["anonymous"]
    location: str | None = None
    expires: float | None = None  # seconds since 1970
    sources: frozenset[str] | None = None
    reads_as_anonymous: bool = False
    token_id: str | None = None

    @property
    def may_read(self) -> bool:
        return self.role in READERS or self.reads_as_anonymous

    @property
    def may_publish(self) -> bool:
        return self.role in PUBLISHERS

    def require_read(self, location: str | None) -> str:
        """Return the location to read; raise Forbidden where the token may not read it."""
        if not self.may_read:
            raise Forbidden(f"the role {self.role} may not read: allowed are {', '.join(sorted(READERS))}")
        return self._location(location)

    def require_publish(self) -> None:
        """Raise Unauthenticated without a token, Forbidden where it may not publish."""
        if self.role == "anonymous":
            raise Unauthenticated("to publish, a token is required: send it as `Authorization: Bearer <token>`")
        if not self.may_publish:
            raise Forbidden(f"the role {self.role} may not publish: allowed are {', '.join(sorted(PUBLISHERS))}")

    def require_publish_as(self, source: str, location: str) -> None:
        """Raise Forbidden where the token is bound to other sources or another location."""
        self._location(location)
        if self.sources is not None and source not in self.sources:
            raise Forbidden(f"the token is bound to the sources {', '.join(sorted(self.sources))}, not to {source!r}")

    def require_removal(self, location: str) -> str:
        """Return the location to remove; raise Forbidden where the token is neither an admin's nor bound to it."""
        location = self._location(location)
        if self.role == "anonymous":
            raise Unauthenticated("to remove a location, a token is required")
        if self.role == "admin" or (self.location == location and self.may_publish):
            return location
        raise Forbidden(f"the role {self.role} may not remove {location}: an admin may, or a publisher bound to it")

    def require_admin(self, act: str) -> None:
        """Raise Unauthenticated without a token, Forbidden where it is not an admin's; the act is told."""
        if self.role == "anonymous":
            raise Unauthenticated(f"to {act}, a token is required")
        if self.role != "admin":
            raise Forbidden(f"the role {self.role} may not {act}: allowed is admin")

    def require_rebuild(self, location: str) -> str:
        """Return the location whose rollups to rebuild; raise Forbidden where the token is not an admin's."""
        location = self._location(location)
        self.require_admin("rebuild rollups")
        return location

    def _location(self, location: str | None) -> str:
        wanted = location or self.location or DEFAULT_LOCATION
        if not LOCATION.fullmatch(wanted):
            raise Invalid(f"location is {wanted[:80]!r}: {ALLOWED_LOCATION}")
        if self.location is not None and wanted != self.location:
            raise Forbidden(f"the token is bound to the location {self.location!r}, not to {wanted!r}")
        return wanted


ANONYMOUS = Claims("anonymous", "anonymous", reads_as_anonymous=True)
"""Who comes without a token where the server lets anybody on this machine read."""
