"""Refusals of callers whose token is good, in the audit log: once a minute a kind, and counted, so a flood is small."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jorge_data.errors import (
    EventRefused,
    Forbidden,
    LinkEnded,
    LoginRefused,
    RequestRefused,
    StoreError,
    TokenExpired,
    Unauthenticated,
)
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.token_service import action_of
from jorge_data.store import AppendResult, Audit

logger = logging.getLogger(__name__)

EVERY_S = 60.0
"""How long refusals of one kind are counted before they are written again."""

MOST_KINDS = 100
"""Kinds that are counted in one such time; all others are one kind: at most 200 entries a minute, of 1 KiB each."""

OTHERS = "others"
FORBIDDEN = "forbidden"
LONGEST_DETAIL = 400


@dataclass
class _Kind:
    claims: Claims
    what: str
    began: float
    count: int = 0
    """How many came after the one that was written."""


class RefusedCallers:
    """Counts them by who, from where, and what was refused; event loop only."""

    def __init__(self, audit: Audit, clock: Callable[[], float] = time.monotonic) -> None:
        self._audit, self._clock = audit, clock
        self._kinds: dict[tuple[str, ...], _Kind] = {}

    def refuse(self, claims: Claims | None, asked: str, refused: RequestRefused) -> None:
        """Note that a known caller was refused what he may not, or for his token was revoked; nothing is waited for."""
        if claims is None or claims.role == "anonymous" or not isinstance(refused, Forbidden | Unauthenticated):
            return
        if isinstance(refused, TokenExpired):  # of every client, now and then; of every session in the end
            return
        if isinstance(refused, LoginRefused | LinkEnded):  # of the person, and not of the dashboard
            return
        self._note(claims, asked, refused.code, refused.detail)

    def refuse_events(self, claims: Claims, asked: str, results: Iterable[AppendResult | EventRefused]) -> None:
        """Note which events of a publish its token may not publish."""
        for result in results:
            if isinstance(result, EventRefused):
                for fault in result.faults:
                    if fault.value == FORBIDDEN:
                        self._note(claims, asked, FORBIDDEN, fault.detail)

    def _note(self, claims: Claims, asked: str, code: str, detail: str) -> None:
        self.write()
        key: tuple[str, ...] = claims.subject, claims.role, claims.address, asked, code
        if key not in self._kinds and len(self._kinds) >= MOST_KINDS:
            key = (OTHERS,)
        what = f"{asked}: {detail[:LONGEST_DETAIL]}"
        kind = self._kinds.get(key)
        if kind is not None:
            kind.claims, kind.what, kind.count = claims, what, kind.count + 1
            return
        self._kinds[key] = _Kind(claims, what, self._clock())
        self._record(claims, what, 1)

    def write(self, all_of_them: bool = False) -> None:
        """Write how often there was another refusal of each kind whose minute is over, or of all at the end."""
        now = self._clock()
        over = [key for key, kind in self._kinds.items() if all_of_them or now - kind.began >= EVERY_S]
        for key in over:
            kind = self._kinds.pop(key)
            if kind.count:
                what = f"{kind.what} (the last of {kind.count} others)" if key == (OTHERS,) else kind.what
                self._record(kind.claims, what, kind.count)

    async def repeat(self) -> None:
        """Write now and then what is over, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S / 12)
            self.write()

    def _record(self, claims: Claims, what: str, times: int) -> None:
        act = action_of(claims, "request.refuse", what, claims.location, after={"times": times})
        try:
            self._audit.record(act)
        except StoreError as error:
            logger.warning("a refusal could not be written into the audit log: %s", error)
