"""Token buckets: how much one publisher, or one connection, may send in a second."""

from collections import OrderedDict
from collections.abc import Callable

from jorge_data.errors import TooMany

MAX_KEYS = 10_000


class Bucket:
    """Holds up to two seconds' worth, or `most`; refills at its rate a second; the clock is passed in."""

    def __init__(self, rate: float, clock: Callable[[], float], most: float | None = None) -> None:
        self._rate = rate
        self._most = 2 * rate if most is None else most
        self._clock = clock
        self._level = self._most
        self._at = clock()

    def take(self, amount: float, what: str) -> None:
        """Take from the bucket; raise TooMany with the seconds to wait where it holds too little."""
        now = self._clock()
        self._level = min(self._most, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < min(amount, self._most):
            wait = (min(amount, self._most) - self._level) / self._rate
            raise TooMany(f"more than {self._rate:g} {what} a second: try again in {wait:.1f} s", retry_after_s=wait)
        self._level -= amount

    def give_back(self, amount: float) -> None:
        """Have what was taken not count."""
        self._level = min(self._most, self._level + amount)


class Buckets:
    """A bucket for each key; beyond MAX_KEYS the one least recently used is dropped."""

    def __init__(self, rate: float, what: str, clock: Callable[[], float], most: float | None = None) -> None:
        self.rate = rate
        self._what, self._clock, self._most = what, clock, most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, amount: float) -> None:
        """Take from a key's bucket; raise TooMany."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self.rate, self._clock, self._most)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        bucket.take(amount, self._what)

    def give_back(self, key: str, amount: float) -> None:
        """Have what was taken from a key's bucket not count."""
        if bucket := self._buckets.get(key):
            bucket.give_back(amount)
