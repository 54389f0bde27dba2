"""How often one may try to log in: by the address from which, and by the name as which; known or not, alike."""

import logging
import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from jorge_data.errors import TooMany
from jorge_data.server.auth.rate_limit import Buckets

logger = logging.getLogger(__name__)

A_NAME, A_NAME_EVERY_S = 10, 30.0
AN_ADDRESS, AN_ADDRESS_EVERY_S = 30, 10.0
"""How many failures in a row, then one more each so many seconds: of a name, and from an address, which may be that of
a whole office. A password of 12 characters is guessed by nobody at 2,880 attempts a day."""

TELL_EVERY_S = 60.0


class LoginLimits:
    """Counts the attempts that fail; one that succeeds costs nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Apart: else who makes names up in numbers would have those of users forgotten.
        self._users, self._names = (Buckets(1 / A_NAME_EVERY_S, "", clock, most=A_NAME) for _ in range(2))
        self._addresses = Buckets(1 / AN_ADDRESS_EVERY_S, "", clock, most=AN_ADDRESS)
        self._told = float("-inf")
        self.held_back = 0
        """Attempts that were not looked at since it was told of them last."""

    def take(self, name: str | None, address: str | None, is_user: bool) -> Callable[[], None]:
        """Count an attempt as a name, or as none; return what takes it back.

        Raise TooMany, which does not say whether it is for the name or for the address.

        It is counted before it is looked at: of a thousand at once, no more are looked at than of a thousand in a row.
        """
        counted: list[tuple[Buckets, str]] = []
        try:
            for buckets, key in ((self._addresses, _network(address)), (self._users if is_user else self._names, name)):
                if key is not None:
                    buckets.take(key, 1)
                    counted.append((buckets, key))
        except TooMany as refused:
            for buckets, key in counted:
                buckets.give_back(key, 1)
            self.held_back += 1
            wait = math.ceil(refused.retry_after_s or 1)
            raise TooMany(f"too many attempts to log in: try again in {wait} s", retry_after_s=wait) from None

        def take_back() -> None:
            for buckets, key in counted:
                buckets.give_back(key, 1)

        return take_back

    def to_tell(self) -> int:
        """Return how many attempts were held back since it was told last; 0 where that is less than a minute ago."""
        if not self.held_back or self._clock() - self._told < TELL_EVERY_S:
            return 0
        count, self.held_back, self._told = self.held_back, 0, self._clock()
        return count


def _network(address: str | None) -> str:
    """Return what one client cannot change at will: an address of IPv4, of IPv6 its network of 64 bits."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(int(parsed) >> 64)
    return str(parsed)
