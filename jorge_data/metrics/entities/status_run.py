"""Since when a status holds, whatever the order in which its reports arrive."""

from collections.abc import Callable
from typing import Any

Moment = tuple[int, int]
"""The time and seq of a report: of two reports the later one is newer, of two at one time that of the greater seq."""

NEVER: Moment = (0, 0)


class StatusRun:
    """The newest report of each status, and the first report of the present one since the newest of any other."""

    def __init__(self) -> None:
        self._newest: dict[str, Moment] = {}
        self._first = NEVER

    @property
    def status(self) -> str:
        """Return the status of the newest report, "" before the first."""
        return max(self._newest, key=self._newest.__getitem__, default="")

    @property
    def since(self) -> int:
        """Return when the present status began (microseconds), 0 before the first report."""
        return self._first[0]

    def add(self, report: Moment, status: str, following: Callable[[], Moment | None]) -> None:
        """Take a report, however late it comes; `following` returns the report of any status that comes next after it.

        It is called for a late report of another status within the present run alone, which then begins after it.
        """
        present = self.status
        before = max((newest for name, newest in self._newest.items() if name != present), default=NEVER)
        self._newest[status] = max(report, self._newest.get(status, report))
        if self.status != present:
            self._first = report  # what came before it in this status came before the other one
        elif status == present:
            self._first = min(self._first, report) if report > before else self._first
        elif report > self._first:
            self._first = following() or self._newest[present]

    def dump(self) -> tuple[Any, ...]:
        return self._newest, self._first

    @classmethod
    def load(cls, state: Any) -> "StatusRun":
        """Read what was dumped; without it, no report has come."""
        run = cls()
        if state:
            newest, (at, seq) = state
            run._newest = {status: (at, seq) for status, (at, seq) in newest.items()}
            run._first = (at, seq)
        return run
