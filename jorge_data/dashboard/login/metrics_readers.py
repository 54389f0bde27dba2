"""Who may read the dashboard's `/metrics` by a token: whoever may read the event server's, which is asked."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from jorge_data.errors import Forbidden, RequestRefused, TooMany, Unauthenticated

NEED = "a token is needed: `Authorization: Bearer …`, of a role that may read /metrics (docs/operations.md)"
FRESH_S = 60.0
"""For so long what the server said of a token is good: a scrape comes each 15 s."""

FORGOTTEN_S = 600.0
"""Who was let in and has not come for so long is a stranger again."""

MOST = 64
"""Tokens that are kept of those that may read, and as many of those that may not."""

MOST_WAITING = 8
"""Strangers who may wait at once, each for one question to the server."""

LONGEST = 4096
AGAIN_S = 5.0


class _Verdict(NamedTuple):
    at: float  # monotonic
    refused_as: type[RequestRefused] | None = None
    detail: str = ""


class _Verdicts:
    """The newest verdicts, by token; each for so many seconds."""

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._kept: OrderedDict[bytes, _Verdict] = OrderedDict()  # oldest first

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: bytes, now: float) -> _Verdict | None:
        while self._kept and now - next(iter(self._kept.values())).at > self._kept_s:
            self._kept.popitem(last=False)
        return self._kept.get(key)

    def keep(self, key: bytes, verdict: _Verdict) -> None:
        self._kept[key] = verdict
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def drop(self, key: bytes) -> None:
        self._kept.pop(key, None)


class MetricsReaders:
    """Asks the event server who may read; on one event loop.

    Anybody can send any token: strangers are asked for one at a time, and take nothing from who was let in. He stays
    in while the server is silent and he comes: its silence is what Prometheus is to see.
    """

    def __init__(self, ask: Callable[[str], object], monotonic: Callable[[], float]) -> None:
        """`ask`: reads the server's `/metrics` by a token; raises RequestRefused."""
        self._ask, self._monotonic = ask, monotonic
        self._admitted, self._refused = _Verdicts(FORGOTTEN_S), _Verdicts(FRESH_S)
        self._one_reader, self._one_stranger = asyncio.Lock(), asyncio.Lock()
        self._waiting = 0  # strangers

    async def admit(self, authorization: str) -> None:
        """Let in who carries a token that may read, by the header that he sent; raise RequestRefused."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not 1 <= len(token) <= LONGEST or not token.isascii():
            raise Unauthenticated(NEED)
        key = sha256(token.encode()).digest()
        if self._is_admitted(key):
            return
        if self._admitted.get(key, self._monotonic()) is not None:
            async with self._one_reader:
                await self._settle(key, token)
            return
        if self._waiting >= MOST_WAITING:
            raise TooMany("too many tokens wait to be looked at: try again in a moment", retry_after_s=AGAIN_S)
        self._waiting += 1
        try:
            async with self._one_stranger:
                await self._settle(key, token)
        finally:
            self._waiting -= 1

    def _is_admitted(self, key: bytes) -> bool:
        """Return whether the server has just let a token in; raise what it refused it with."""
        now = self._monotonic()
        refused, admitted = self._refused.get(key, now), self._admitted.get(key, now)
        if refused is not None and refused.refused_as is not None:
            raise refused.refused_as(refused.detail)  # a new one: it takes along by which ways it was raised
        return admitted is not None and now - admitted.at <= FRESH_S

    async def _settle(self, key: bytes, token: str) -> None:
        if self._is_admitted(key):  # asked for meanwhile
            return
        try:
            await asyncio.to_thread(self._ask, token)
        except (Unauthenticated, Forbidden) as refusal:
            self._admitted.drop(key)
            self._refused.keep(key, _Verdict(self._monotonic(), type(refusal), refusal.detail))
            raise
        except RequestRefused:  # of no token: not kept, for it may be answered the next time
            if self._admitted.get(key, self._monotonic()) is None:
                raise
        self._admitted.keep(key, _Verdict(self._monotonic()))
