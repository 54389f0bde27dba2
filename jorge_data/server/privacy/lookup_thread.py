"""A thread of its own for what reads all that an office has stored: no login and no question waits behind it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from jorge_data.errors import TooMany

AGAIN_S = 30.0
"""After how long to ask again who is refused because another person is being looked up."""

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class LookupThread:
    """Looks persons up, one after the other; event loop only."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, "looking-up")
        self._asked: list[Future[Any]] = []

    async def run(
        self, most: int, look: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Return what a function does on the thread; raise TooMany where `most` are asked for already.

        Whom nobody waits for any more counts until the thread is done with him.
        """
        self._asked = [each for each in self._asked if not each.done()]
        if len(self._asked) >= most:
            raise TooMany("all that is known of a person is being read here: try again later", None, AGAIN_S)
        future = self._threads.submit(look, *args, **kwargs)
        self._asked.append(future)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Begin nothing any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
