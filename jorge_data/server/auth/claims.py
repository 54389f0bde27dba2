"""Claims: what a token grants, in its role and at its location.

Each method named `require…` raises the refusal, with what would be allowed. Roles are looked up in the table in
`jorge_data/permissions.py` and nowhere else; what is decided here is to which location and sources a token is bound.
"""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

from jorge_data.errors import Forbidden, Invalid, Unauthenticated
from jorge_data.events import KINDS
from jorge_data.events.envelope import OWN
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import (
    OF_EVERYBODY,
    RIGHTS,
    Caller,
    Fields,
    Right,
    Rights,
    may,
    may_see_field,
    rights_of,
    visible_fields,
    visible_kinds,
)

DEFAULT_LOCATION = "default"

NEW_TOKEN = "the dashboard's Connect page makes one, and so does `python -m jorge_data token`"
"""What to do about a token that is missing or taken no more."""

TOKEN_REQUIRED = f"a token is required: send it as `Authorization: Bearer <token>`; {NEW_TOKEN}"


@dataclass(frozen=True)
class Claims:
    """A subject in a role, perhaps bound to one location and to its sources, until the token expires.

    A person's also say as which agent of the CRM he works, his name as it is shown, and by which login they were made.
    """

    subject: str
    role: Caller
    location: str | None = None
    expires: float | None = None  # seconds since 1970
    sources: frozenset[str] | None = None
    reads_as_anonymous: bool = False
    token_id: str | None = None
    agent_id: str | None = None
    name: str | None = None
    session: str | None = None
    key: str | None = None  # the `kid` of the secret that it is signed with
    address: str = dataclasses.field(default="", compare=False)  # from where it came, for the audit log

    @cached_property
    def reader(self) -> Caller:
        """The role to read by: the token's own, or anonymous where anybody may read and the token may not."""
        return "anonymous" if self.reads_as_anonymous and not may(self.role, Right.READ) else self.role

    @cached_property
    def rights(self) -> Rights:
        """By which rights this reader reads: who has the same is answered the same.

        A person of the role agent is always bound: where it is not said to which agent, to one that there is not.
        """
        agent_id = "" if self.agent_id is None and self.session is not None else self.agent_id
        return rights_of(self.reader, agent_id)

    @property
    def shown_name(self) -> str:
        """The name that people read: the token's `name`, else its subject."""
        return self.name or self.subject

    @property
    def fields(self) -> Fields | None:
        """Of which kinds this reader sees some fields alone; None where it sees all."""
        return visible_fields(self.reader)

    def may(self, right: Right) -> bool:
        """Return whether the role has a right."""
        if right in OF_EVERYBODY and self.rights.agent_id is not None:
            return False
        return may(self.role, right) or may(self.reader, right)

    def require(self, right: Right) -> None:
        """Raise Unauthenticated without a token, Forbidden where its role has not this right."""
        if self.may(right):
            return
        if self.role == "anonymous":
            raise Unauthenticated(f"to {right}, {TOKEN_REQUIRED}")
        allowed = RIGHTS[right] - {self.role}
        bound = " of one agent's contacts" if self.role in RIGHTS[right] else ""
        raise Forbidden(f"the role {self.role}{bound} may not {right}: {_allowed(allowed)}")

    def require_at(self, right: Right, location: str | None) -> str:
        """Return the location, by default the token's; raise as `require` does, Invalid where it is no location's name.

        Raise Forbidden where the token is bound to another one. The product's own location is read by whoever may see
        how the server is, and by nobody else.
        """
        self.require(right)
        name = location or self.location or DEFAULT_LOCATION
        if not LOCATION.fullmatch(name):
            raise Invalid(f"location is {name[:80]!r}: {ALLOWED_LOCATION}")
        if name == OWN and right == Right.READ:
            self.require(Right.SYSTEM)
        elif self.location is not None and name != self.location:
            raise Forbidden(f"the token is bound to the location {self.location!r}, not to {name!r}")
        return name

    def require_everywhere(self, right: Right) -> None:
        """Raise as `require` does, and Forbidden where the token is bound to a location."""
        self.require(right)
        if self.location is not None:
            raise Forbidden(f"the token is bound to the location {self.location!r}: to {right} is for all locations")

    def require_publish_as(self, source: str, location: str) -> None:
        """Raise Forbidden where the token is bound to other sources or another location than a valid event's.

        In the product's own location nobody publishes but the product.
        """
        if self.location is not None and location != self.location:
            raise Forbidden(f"the token is bound to the location {self.location!r}, not to {location!r}")
        if location == OWN:
            raise Forbidden(f"{OWN!r} is the product's own location: nobody else publishes there")
        if self.sources is not None and source not in self.sources:
            raise Forbidden(f"the token is bound to the sources {', '.join(sorted(self.sources))}, not to {source!r}")

    def require_kind(self, kind: str, *fields: str) -> None:
        """Raise Forbidden where the reader may not see a kind, or one of these fields of it."""
        visible = visible_kinds(self.reader)
        if kind not in visible:
            raise Forbidden(
                f"the role {self.reader} may not see {kind[:80]!r}, which tells of contacts or money: "
                f"{_allowed(visible)}"
            )
        for field in fields:
            if not may_see_field(self.reader, kind, field):
                raise Forbidden(
                    f"the role {self.reader} may not see {field[:80]!r} of {kind!r}, which may name a contact"
                )

    def visible_types(self, requested: frozenset[str] | None) -> frozenset[str] | None:
        """Return the kinds of event to serve of the requested ones; None is all of them.

        From all, what the reader may not see is left out; requested by name, it raises Forbidden.
        """
        for kind in sorted(requested or ()):
            self.require_kind(kind)
        visible = visible_kinds(self.reader).intersection(KINDS)
        return requested if requested is not None or visible == KINDS.keys() else visible


ANONYMOUS = Claims("anonymous", "anonymous", reads_as_anonymous=True)
"""The claims without a token, where anybody on this machine may read."""


def _allowed(names: frozenset[str] | frozenset[Caller]) -> str:
    listed = sorted(set(names) - {"anonymous"})
    return f"allowed {'is' if len(listed) == 1 else 'are'} {', '.join(listed)}" if listed else "allowed is none"
