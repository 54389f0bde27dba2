"""Whose a downloaded file is: Streamlit serves what it holds to whoever knows its address."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import PurePosixPath

from streamlit.runtime.memory_media_file_storage import _calculate_file_id

OWNER = "session"
"""Under which name Streamlit's sessions know the login that opened them (`server.trustedUserHeaders`)."""

IDENTITY_HEADER = "X-Jorge-Session"
"""In which the gate tells Streamlit whose socket it is; taken off what comes from outside."""

MOST_FILES = 1000
"""The files made last that are still given out; one is fetched within a second of the click that makes it."""

_lock = threading.Lock()  # guards the dictionary: files are made in threads, and asked for on the loop
_logins: OrderedDict[str, set[str]] = OrderedDict()


def owned_by(login: str | None, make: Callable[[], bytes], mime: str, filename: str) -> Callable[[], bytes]:
    """Return what makes a file that is given to this login alone; where there is no login, to this machine."""

    def made() -> bytes:
        content = make()
        if login is not None:
            _note(_calculate_file_id(content, mime, filename), login)
        return content

    return made


def may_have_file(path: str, login: str) -> bool:
    """Return whether the file at a path was made for this login."""
    file = PurePosixPath(path).name.partition(".")[0]
    with _lock:
        return login in _logins.get(file, ())


def _note(file: str, login: str) -> None:
    with _lock:
        # The same content has the same address: two who make it may both have it.
        _logins.setdefault(file, set()).add(login)
        _logins.move_to_end(file)
        while len(_logins) > MOST_FILES:
            _logins.popitem(last=False)
