"""Whose a downloaded file is: Streamlit serves what it holds to whoever knows its address."""

from pathlib import PurePosixPath
from typing import Any

from streamlit.runtime import Runtime, exists, get_instance

OWNER = "session"
"""Under which name Streamlit's sessions know the login that opened them (`server.trustedUserHeaders`)."""

IDENTITY_HEADER = "X-Jorge-Session"
"""In which the gate tells Streamlit whose socket it is; taken off what comes from outside."""


def may_have_file(path: str, login: str) -> bool:
    """Return whether the file at a path was made in a page that this login has open."""
    if not exists():
        return False
    runtime: Runtime = get_instance()
    name = PurePosixPath(path).name
    file = name.partition(".")[0]
    owned: dict[str, dict[str, str]] = runtime.media_file_mgr._files_by_session_and_coord
    owners = [session for session, files in list(owned.items()) if not {file, name}.isdisjoint(files.values())]
    sessions: Any = runtime._session_mgr
    found = (sessions.get_session_info(session) for session in owners)
    return any(info is not None and info.session.matches_user_info({OWNER: login}) for info in found)
