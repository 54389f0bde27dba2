"""A blocking question aside of the event loop, on a thread that may be left behind when the server ends."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def aside(question: Callable[[], T]) -> T:
    """Return what a question answers; where nobody waits for it any more, neither does the end of the process."""
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # told to whoever asked
            answer.set_exception(error)

    # Not an executor: at its end Python waits for every thread of one, and a request may take half a minute.
    threading.Thread(target=ask, name="ghl-sync", daemon=True).start()
    return await asyncio.wrap_future(answer)
