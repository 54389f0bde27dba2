"""The dashboard's own token, by which it lets people in: made with this machine's secret, or set as JORGE_TOKEN."""

import logging
import subprocess
import threading
import time
from collections.abc import Callable

RENEWED_AFTER_S = 86_400.0
AGAIN_S = 60.0
"""How soon one is made again where that did not help; and for how long a refusal is the last that is known: the server
is asked with it at least each half minute."""

NEED = "`python -m jorge_data token --role {role} --ttl 365d`"

_log = logging.getLogger(__name__)


class OwnToken:
    """Makes itself anew each day, and as soon as the server refuses it, as after two rotations of the key.

    One that was given stays: its end is said once in the log, and on every page (`notice`). Any thread may ask.
    """

    def __init__(
        self,
        given: str = "",
        make: Callable[[], str] | None = None,
        role: str = "dashboard",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`make`: makes one where none is given, and raises OSError or SubprocessError where it cannot."""
        self._token, self._make, self._role, self._monotonic = given, None if given else make, role, monotonic
        self._lock = threading.Lock()  # one is made at a time, and guards the rest
        self._renew_at = self._again_at = -float("inf")
        self._refused_at: float | None = None
        self._is_said = False

    def current(self) -> str:
        """Return the token to ask with now; "" where there is none."""
        with self._lock:
            if self._make and self._monotonic() >= self._renew_at:
                self._renew()
            return self._token

    def refused(self, token: str) -> None:
        """Note that the server does not take a token: if it is this one, another is made where one can be."""
        with self._lock:
            if token != self._token:
                return
            now = self._monotonic()
            if self._make and now >= self._again_at:
                self._again_at = now + AGAIN_S
                self._renew()
            if self._token != token:
                return
            self._refused_at = now
            if not self._is_said:
                self._is_said = True
                _log.error("nobody can be let in, and nothing be read: %s", self._need())

    @property
    def notice(self) -> str | None:
        """What is wrong with it and what to set, in a sentence; None where the server takes it."""
        refused_at = self._refused_at
        if refused_at is None or self._monotonic() - refused_at > AGAIN_S:
            return None
        return f"Nothing new comes in and nobody can log in. Tell whoever runs this: {self._need()}."

    def _need(self) -> str:
        which = "one made with this machine's secret" if self._make else "JORGE_TOKEN, which may have ended"
        need = NEED.format(role=self._role)
        return f"the event server does not take this dashboard's own token ({which}): set JORGE_TOKEN to {need}"

    def _renew(self) -> None:
        assert self._make is not None, "one that was given is not made"
        now = self._monotonic()
        try:
            made = self._make()
        except (OSError, subprocess.SubprocessError):
            self._renew_at = now + AGAIN_S
            if not self._token:
                _log.warning("no %s token could be made here; set JORGE_TOKEN", self._role)
            return
        self._token, self._renew_at = made, now + RENEWED_AFTER_S
