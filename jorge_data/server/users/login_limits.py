"""How often one may try to log in: by the address from which, and by the name as which; known or not, alike."""

import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from jorge_data.errors import TooMany
from jorge_data.server.auth.rate_limit import MAX_KEYS, Buckets

AN_ADDRESS, AN_ADDRESS_EVERY_S = 30, 10.0
"""How many failures in a row, then one more each so many seconds: from an address, which may be that of an office."""

A_NAME_FROM_ONE, A_NAME, A_NAME_EVERY_S = 10, 100, 30.0
"""The same as a name: from one address, and from all together that nobody has logged in from.

One address takes as much of the second as comes back to it, one in 30 s: 90 are left for whoever else is called so,
wherever he is. A password of 12 characters is guessed by nobody at 2,880 attempts a day.
"""

TELL_EVERY_S = 60.0
UNKNOWN = "unknown"


class LoginLimits:
    """Counts the attempts that fail; one that succeeds costs nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = float("-inf")
        self.held_back = 0
        """Attempts that were not looked at since it was told of them last."""
        self.addresses = Buckets(1 / AN_ADDRESS_EVERY_S, "", clock, most=AN_ADDRESS)
        # Apart: else who makes names up in numbers would have those of users forgotten.
        self.users, self.no_users = _OfNames(clock), _OfNames(clock)
        self._familiar: dict[str, None] = {}

    def begin(self, address: str | None) -> "Attempt":
        """Count an attempt from an address; raise TooMany."""
        attempt = Attempt(self, network_of(address))
        attempt.take(self.addresses, attempt.network)
        return attempt

    def note_login(self, address: str | None) -> None:
        """Note from where somebody has logged in; of more than MAX_KEYS the first is forgotten."""
        if (network := network_of(address)) != UNKNOWN:
            self._familiar.pop(network, None)
            self._familiar[network] = None
            if len(self._familiar) > MAX_KEYS:
                del self._familiar[next(iter(self._familiar))]

    def is_familiar(self, network: str) -> bool:
        """Return whether somebody has logged in from there: not who, or one could tell by it that a name is known."""
        return network in self._familiar

    def to_tell(self) -> int:
        """Return how many attempts were held back since it was told last; 0 where that is less than a minute ago."""
        if not self.held_back or self._clock() - self._told < TELL_EVERY_S:
            return 0
        count, self.held_back, self._told = self.held_back, 0, self._clock()
        return count


class _OfNames:
    """What is left to names, of users or of nobody."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.from_one = Buckets(1 / A_NAME_EVERY_S, "", clock, most=A_NAME_FROM_ONE)
        self.from_all = Buckets(1 / A_NAME_EVERY_S, "", clock, most=A_NAME)


class Attempt:
    """An attempt to log in. It is counted before it is looked at: of a thousand at once, no more are looked at than of
    a thousand in a row."""

    def __init__(self, limits: LoginLimits, network: str) -> None:
        self.network = network
        self.user: str | None = None
        """As whom, where it is a user's name and that is known by now."""
        self._limits = limits
        self._taken: list[tuple[Buckets, str]] = []

    def name(self, name: str, is_user: bool) -> None:
        """Count it as a name too; raise TooMany, which does not say for what. The address has paid for it then.

        Where somebody has logged in from there, what strangers elsewhere have used up does not count: they may be
        many, and would keep whole offices out.
        """
        self.user = name if is_user else None
        of_names = self._limits.users if is_user else self._limits.no_users
        key = f"{self.network} {name}"
        self.take(of_names.from_one, key)
        if self._limits.is_familiar(self.network):
            return
        try:
            self.take(of_names.from_all, name)
        except TooMany:
            of_names.from_one.give_back(key, 1)
            raise

    def take(self, buckets: Buckets, key: str) -> None:
        try:
            buckets.take(key, 1)
        except TooMany as refused:
            self._limits.held_back += 1
            wait = math.ceil(refused.retry_after_s or 1)
            raise TooMany(f"too many attempts to log in: try again in {wait} s", retry_after_s=wait) from None
        self._taken.append((buckets, key))

    def succeed(self) -> None:
        """Have it not count."""
        for buckets, key in self._taken:
            buckets.give_back(key, 1)
        self._taken.clear()


def network_of(address: str | None) -> str:
    """Return what one client cannot change at will: an address of IPv4, of IPv6 its network of 64 bits."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(int(parsed) >> 64)
    return str(parsed)
