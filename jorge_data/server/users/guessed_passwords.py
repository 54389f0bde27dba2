"""Whose password somebody is guessing, by the logins that the audit log has as refused or held back."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from jorge_data.server.users.login_limits import A_NAME_FROM_ONE, AN_ADDRESS
from jorge_data.server.users.names import NOBODY, UNKNOWN
from jorge_data.store import AuditEntry

LOOKED_BACK = timedelta(minutes=10)
MOST_ADDRESSES = 20


class GuessedPassword(NamedTuple):
    """Somebody's password that is being guessed: how often in LOOKED_BACK, from which addresses, and when last.

    The name is None where nobody of the names that were tried is known.
    """

    name: str | None
    tries: int
    addresses: tuple[str, ...]
    last: datetime

    def as_json(self) -> dict[str, Any]:
        """Return it as the API answers it."""
        return {**self._asdict(), "minutes": int(LOOKED_BACK.total_seconds() / 60)}


def guessed(refused: Iterable[AuditEntry]) -> list[GuessedPassword]:
    """Return whose passwords are guessed, by entries of LOOKED_BACK, oldest first; the most often tried first.

    It is told from as many tries on as one has before the next must wait: whoever has forgotten his has fewer. Who is
    vouched for by a provider has no password, however often he is refused.
    """
    tries, tried_from = dict[str, int](), dict[str, str]()
    addresses = dict[str, dict[str, None]]()
    last = dict[str, datetime]()
    for act in (entry.act for entry in refused if "login" not in (entry.act.after or {})):
        # Where an address is held back, nobody has looked as whom: as the same as before.
        name = tried_from.get(act.address, UNKNOWN) if act.by == NOBODY else act.by
        tried_from[act.address] = name
        tries[name] = tries.get(name, 0) + int((act.after or {}).get("times", 1))
        addresses.setdefault(name, {})[act.address] = None
        last[name] = act.at
    found = [
        GuessedPassword(None if name == UNKNOWN else name, count, _newest(addresses[name]), last[name])
        for name, count in tries.items()
        if count >= (AN_ADDRESS if name == UNKNOWN else A_NAME_FROM_ONE)
    ]
    return sorted(found, key=lambda each: -each.tries)


def _newest(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(address for address in addresses if address)[-MOST_ADDRESSES:]
