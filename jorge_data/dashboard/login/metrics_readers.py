"""Who may read the dashboard's `/metrics` by a token: whoever may read the event server's, which is asked."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from jorge_data.errors import RequestRefused, Unauthenticated, Unavailable

NEED = "a token is needed: `Authorization: Bearer …`, of a role that may read /metrics (docs/operations.md)"
FRESH_S = 60.0
"""For so long what the server said of a token is good: a scrape comes each 15 s."""

SILENT_S = 600.0
"""While the server is silent, for so long: its silence is what Prometheus is to see."""

MOST = 64
LONGEST = 4096


class _Verdict(NamedTuple):
    at: float  # monotonic
    refusal: RequestRefused | None


class MetricsReaders:
    """Asks the event server who may read; on one event loop."""

    def __init__(self, ask: Callable[[str], object], monotonic: Callable[[], float]) -> None:
        """`ask`: reads the server's `/metrics` by a token; raises RequestRefused."""
        self._ask, self._monotonic = ask, monotonic
        self._verdicts: OrderedDict[bytes, _Verdict] = OrderedDict()
        self._one = asyncio.Lock()  # anybody can send any token: one at a time is asked for

    async def admit(self, authorization: str) -> None:
        """Let in who carries a token that may read, by the header that he sent; raise RequestRefused."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not 1 <= len(token.strip()) <= LONGEST or not token.isascii():
            raise Unauthenticated(NEED)
        key = sha256(token.strip().encode()).digest()
        async with self._one:
            verdict = self._verdicts.get(key)
            if verdict is None or self._monotonic() - verdict.at > FRESH_S:
                verdict = await self._asked(token.strip(), verdict)
                self._verdicts[key] = verdict
                self._verdicts.move_to_end(key)
                while len(self._verdicts) > MOST:
                    self._verdicts.popitem(last=False)
        if verdict.refusal is not None:
            raise verdict.refusal

    async def _asked(self, token: str, before: _Verdict | None) -> _Verdict:
        now = self._monotonic()
        try:
            await asyncio.to_thread(self._ask, token)
        except Unavailable:
            if before is None or before.refusal is not None or now - before.at > SILENT_S:
                raise  # not kept: it may be answered the next time
            return before
        except RequestRefused as refusal:
            return _Verdict(now, refusal)
        return _Verdict(now, None)
