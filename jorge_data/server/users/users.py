"""Users: added, granted roles at offices, disabled and enabled; and the links by which they choose a password."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field

from jorge_data.errors import Conflict, Forbidden, Invalid, LinkEnded, NotFound
from jorge_data.events.encoding import show
from jorge_data.events.validation import LOCATION
from jorge_data.permissions import Person, Right, Role, may
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.token_service import TokenService, action_of
from jorge_data.server.users.names import RESERVED, check_name, read_name
from jorge_data.server.users.office_people import OfficePeople
from jorge_data.server.users.passwords import check_password
from jorge_data.server.users.sessions import OpenSession, SessionService
from jorge_data.store import ActName, AuditedAction, StoredGrant, StoredInvitation, StoredUser, Users

INVITED_FOR = timedelta(hours=24)
RANKS: dict[str, int] = {role: rank for rank, role in enumerate(get_args(Person))}

Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]


class GrantRequest(BaseModel):
    """A role at a location (null: every one), and as which agent of the CRM."""

    model_config = ConfigDict(extra="forbid", strict=True)

    location: Annotated[str, Field(pattern=f"^{LOCATION.pattern}$")] | None = None
    role: Person
    agent_id: Text | None = None


class UserRequest(GrantRequest):
    """A user to add, with the first of his grants; `login` other: he has no password here."""

    name: Text
    display_name: Text | None = None
    login: Literal["password", "other"] = "password"


class Invited(NamedTuple):
    """A user, and what the link holds by which he chooses a password; None where he needs none."""

    user: StoredUser
    invitation: str | None
    ends_at: datetime | None


class UserService:
    """For admins of every location; what changes a user ends his sessions at once."""

    def __init__(self, users: Users, sessions: SessionService, tokens: TokenService) -> None:
        self.sessions = sessions
        self._users, self._tokens = users, tokens

    async def all(self, by: Claims) -> list[StoredUser]:
        """Return all users by name; raise Forbidden."""
        by.require_everywhere(Right.USERS)
        return await asyncio.to_thread(self._users.all)

    def people_at(self, location: str) -> OfficePeople:
        """Return who the people of a location are, as figures and cards name them."""
        return OfficePeople(self._users, location)

    async def acting_at(self, location: str | None, by: Claims) -> list[tuple[StoredUser, StoredGrant]]:
        """Return who acts at a location, by name, each with what is granted to him there; raise Forbidden.

        It is for those who may assign to them.
        """
        name = by.require_at(Right.ASSIGN, location)
        granted = [
            (user, next((grant for at in (name, None) for grant in user.grants if grant.location == at), None))
            for user in await asyncio.to_thread(self._users.all)
            if user.disabled_at is None
        ]
        return [(user, grant) for user, grant in granted if grant is not None and may(_role(grant), Right.ACT)]

    async def add(self, request: UserRequest, by: Claims) -> Invited:
        """Add a user; raise Forbidden, Invalid, or Conflict where the name is another's already."""
        by.require_everywhere(Right.USERS)
        name, now = check_name(request.name), datetime.now(UTC)
        granted = _checked([StoredGrant(request.location, request.role, request.agent_id)])
        shown = request.display_name or request.name.strip()
        user = StoredUser(0, name, shown, request.login, None, now, None, granted)
        link, invitation = _invitation(None, now) if request.login == "password" else (None, None)
        added = await asyncio.wrap_future(
            self._users.add(user, invitation, action_of(by, "user.add", name, after=_state(granted)))
        )
        if added is None:
            raise Conflict(f"there is a user {name} already")
        return Invited(added, link, invitation and invitation.ends_at)

    async def set_grants(self, name: str, requested: Sequence[GrantRequest], by: Claims) -> StoredUser:
        """Replace what is granted to a user; raise Forbidden, NotFound, Invalid, Conflict."""
        by.require_everywhere(Right.USERS)
        granted = _checked([StoredGrant(each.location, each.role, each.agent_id) for each in requested])
        async with self.sessions.changing:
            user = await self._user(name)
            if not _may_change_users(granted):
                await self._require_another_admin(user)
            act = action_of(by, "user.grants", user.name, before=_state(user.grants), after=_state(granted))
            await asyncio.wrap_future(self._users.set_grants(user.id, granted, act))
            self.sessions.forget(user.id)
            offices = {grant.location for grant in granted if grant.role == "admin"}
            if None not in offices:
                await self._tokens.revoke_peoples_of(user.id, by, kept=offices)
        return user._replace(grants=granted)

    async def set_disabled(self, name: str, disabled: bool, by: Claims) -> StoredUser:
        """Let a user come in no more, or again; raise Forbidden, NotFound, Conflict."""
        by.require_everywhere(Right.USERS)
        async with self.sessions.changing:
            user = await self._user(name)
            if disabled:
                await self._require_another_admin(user)
            was = {"may_log_in": user.disabled_at is None}
            name_of_act: ActName = "user.disable" if disabled else "user.enable"
            act = action_of(by, name_of_act, user.name, before=was, after={"may_log_in": not disabled})
            await asyncio.wrap_future(self._users.set_disabled(user.id, disabled, act))
            if disabled:
                self.sessions.forget(user.id)
                await self._tokens.revoke_peoples_of(user.id, by)
            return await self._user(name)

    async def reset(self, name: str, by: Claims) -> Invited:
        """Forget a user's password, for one that he chooses by a link; raise Forbidden, NotFound, Conflict.

        Of who comes in by a provider, forget by which account of it: the next by his name is his.
        """
        by.require_everywhere(Right.USERS)
        async with self.sessions.changing:
            user = await self._user(name)
            if user.disabled_at is not None:
                raise Conflict(f"{user.name} is disabled: enable him first")
            by_password = user.login == "password"
            link, invitation = _invitation(user.id, datetime.now(UTC)) if by_password else (None, None)
            await asyncio.wrap_future(self._users.reset(user.id, invitation, action_of(by, "user.reset", user.name)))
            self.sessions.forget(user.id)
        user = user._replace(password=None, issuer=None, subject=None)
        return Invited(user, link, invitation and invitation.ends_at)

    async def invite_first(self) -> Invited:
        """Return a link for the first user, an admin of every location; it ends the one before.

        Raises Conflict where there is a user.
        """
        link, invitation = _invitation(None, datetime.now(UTC))
        if not await asyncio.wrap_future(self._users.invite_first(invitation)):
            raise Conflict("there are users already: an admin adds others")
        return Invited(_first("first", ""), link, invitation.ends_at)

    async def use_invitation(self, link: str, name: str | None, password: str, address: str | None) -> OpenSession:
        """Choose a password by a link, once, and be logged in; of the first user it takes the name as well.

        Raises LinkEnded, Invalid, TooMany.
        """
        now, identifier = datetime.now(UTC), _id_of(link)
        async with self.sessions.attempt(address) as attempt:
            invitation = await asyncio.to_thread(self._users.invitation, identifier, now)
        if invitation is None:
            raise LinkEnded(ENDED)
        attempt.succeed()
        if invitation.user is None:
            if name is None:
                raise Invalid("name is null: the first user chooses one")
            first, user_name = _first(check_name(name), name.strip()), read_name(name)
        else:
            user = await asyncio.to_thread(self._users.get, invitation.user)
            first, user_name = None, user.name if user is not None else ""
        check_password(password, user_name)
        hashed = await self.sessions.passwords.hash(password)
        async with self.sessions.changing:
            act = AuditedAction(
                now, user_name, "user.password", user_name, address=address or "", after={"by": "a link"}
            )
            used = await asyncio.wrap_future(self._users.use_invitation(identifier, first, hashed, act))
            if used is None:
                raise LinkEnded(ENDED)
            self.sessions.forget(used.id)
        return await self.sessions.begin(used, "password", address, None)

    async def require_free(self, name: str, role: Role, by: Claims) -> None:
        """Raise where no token may be made in a name: what is done with it would be another's in the audit log.

        Invalid where it is our own word, Forbidden where it is another user's; a bot's token may say whose bot it is.
        """
        kept = read_name(name)
        if kept in RESERVED:
            raise Invalid(f"subject is {show(name)}: allowed is any but {', '.join(sorted(RESERVED))}")
        if role == "publisher":
            return
        if kept != read_name(by.subject) and await asyncio.to_thread(self._users.named, kept) is not None:
            raise Forbidden(f"subject is {show(name)}, which is a user: people get their tokens by logging in")

    async def _user(self, name: str) -> StoredUser:
        user = await asyncio.to_thread(self._users.named, read_name(name))
        if user is None:
            raise NotFound(f"there is no user {show(name)}")
        return user

    async def _require_another_admin(self, user: StoredUser) -> None:
        """Raise Conflict where nobody else could change users: then nobody could let anybody in again."""
        if not _may_change_users(user.grants):
            return
        others = [each for each in await asyncio.to_thread(self._users.all) if each.id != user.id]
        if not any(each.disabled_at is None and _may_change_users(each.grants) for each in others):
            raise Conflict(f"{user.name} is the only admin of every office: make another one first")


def _role(grant: StoredGrant) -> Person:
    return next(role for role in get_args(Person) if role == grant.role)


ENDED = "this link is not valid any more: each is for one use within a day; ask for a new one"


def _checked(granted: list[StoredGrant]) -> tuple[StoredGrant, ...]:
    """Raise Invalid where a location has two grants, or one that is no more than that of every location; and where it
    is not said which agent somebody is."""
    if any(grant.role == "agent" and grant.agent_id is None for grant in granted):
        raise Invalid("agent_id is null: required for the role agent, the id of the CRM's user whose contacts he sees")
    by_location = {grant.location: grant for grant in granted}
    if len(by_location) < len(granted):
        raise Invalid("grants has a location twice: allowed is one grant at each")
    every = by_location.pop(None, None)
    for location, grant in by_location.items():
        if every is not None and RANKS[grant.role] <= RANKS[every.role]:
            raise Invalid(f"grants has {grant.role} at {location}: allowed is more than at every office, {every.role}")
    return tuple(granted)


def _may_change_users(granted: Sequence[StoredGrant]) -> bool:
    return any(grant.location is None and grant.role == "admin" for grant in granted)


def _first(name: str, shown: str) -> StoredUser:
    return StoredUser(0, name, shown, "password", None, datetime.now(UTC), None, (StoredGrant(None, "admin"),))


def _invitation(user: int | None, now: datetime) -> tuple[str, StoredInvitation]:
    link = secrets.token_urlsafe(32)
    return link, StoredInvitation(_id_of(link), user, now + INVITED_FOR)


def _id_of(link: str) -> str:
    return sha256(b"jorge-invitation:" + link.encode()).hexdigest()[:32]


def _state(granted: Sequence[StoredGrant]) -> dict[str, Any]:
    """Return what is granted as the audit log has it."""
    return {"grants": [grant._asdict() for grant in granted]}
