"""The store's condition: what is wrong with it now, by cause, reported as the worst of each part."""

import threading
from typing import NamedTuple

from jorge_data.store.base import PartOfStore, PartState, Report

_RANK: dict[PartState, int] = {"ok": 0, "degraded": 1, "failed": 2}


class _Fault(NamedTuple):
    state: PartState
    why: str


class StoreCondition:
    """Holds the faults of each part until they are cleared; any thread may call."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()  # guards _faults, and keeps reports in order
        self._faults: dict[PartOfStore, dict[str, _Fault]] = {"store": {}, "log": {}}

    def start(self) -> None:
        """Report every part as it is."""
        with self._lock:
            for part in self._faults:
                self._tell(part)

    def set(self, part: PartOfStore, cause: str, state: PartState, why: str) -> None:
        """Note a fault of a part, or how it is now."""
        with self._lock:
            if self._faults[part].get(cause) != (state, why):
                self._faults[part][cause] = _Fault(state, why)
                self._tell(part)

    def clear(self, part: PartOfStore, cause: str) -> None:
        """Note that a fault is no more."""
        if cause in self._faults[part]:  # looked at before the lock is taken: it is asked at each commit
            with self._lock:
                if self._faults[part].pop(cause, None):
                    self._tell(part)

    def _tell(self, part: PartOfStore) -> None:
        worst = max(self._faults[part].values(), key=lambda fault: _RANK[fault.state], default=_Fault("ok", ""))
        self._report(part, *worst)
