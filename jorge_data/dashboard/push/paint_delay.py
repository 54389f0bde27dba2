"""How far behind a tab is with painting, by when it says that it has painted what it was sent."""

from math import inf

ABSENT_S = 1.0
"""A tab that has not painted for so long is hidden, asleep or gone: nobody waits for it."""

FORGETTING = 256
"""Its shortest delay is forgotten by such a part with each paint: a laptop moves to another network."""


class PaintDelay:
    """The time from sending a patch to its paint beyond this tab's shortest one, which is the network's and its own."""

    def __init__(self) -> None:
        self._awaited: tuple[int, float] | None = None  # the oldest version not painted yet, and when it was sent
        self._shortest = inf
        self._last = 0.0

    def sent(self, version: int, at: float) -> None:
        """Note that a version was sent."""
        if self._awaited is None:
            self._awaited = version, at

    def painted(self, version: int, at: float) -> None:
        """Note that the tab shows a version."""
        if self._awaited is None or version < self._awaited[0]:
            return
        delay = max(0.0, at - self._awaited[1])
        forgotten = 0.0 if self._shortest == inf else (delay - self._shortest) / FORGETTING
        self._shortest = min(delay, self._shortest + forgotten)
        self._last, self._awaited = delay - self._shortest, None

    def behind(self, now: float) -> float | None:
        """Return by how many seconds the tab is behind; None where it does not paint."""
        if self._awaited is None:
            return self._last
        waits = now - self._awaited[1]
        if waits > ABSENT_S:
            return None
        return max(self._last, waits - (0.0 if self._shortest == inf else self._shortest))
