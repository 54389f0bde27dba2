"""What erases while other things happen to the office, or to the store."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from jorge_data.backoff import Backoff
from jorge_data.errors import StoreError
from jorge_data.server.privacy import erasing
from jorge_data.server.privacy.known_person import find_person
from tests.server.inside import Inside
from tests.server.privacy.person import CONTACT, OFFICE, life
from tests.waiting import wait_until

WITHIN = 60


class Asked:
    """An admin of a server."""

    def __init__(self, server: Inside) -> None:
        self._server = server
        self._headers = {"Authorization": f"Bearer {server.tokens.issue('admin', 'ann', 600)}"}

    def __call__(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = requests.request(method, self._server.url + path, json=body, headers=self._headers, timeout=WITHIN)
        answer.raise_for_status()
        return answer

    def erase(self, office: str) -> bool:
        lines = self("POST", f"/api/contacts/{CONTACT}/erase?location={office}").text.splitlines()
        return '"done":true' in lines[-1].replace(" ", "")

    def offices(self) -> set[str]:
        return {each["location"] for each in self("GET", "/api/locations").json()["locations"]}


def life_at(office: str) -> list[dict[str, Any]]:
    return [each | {"locationid": office} for each in life()]


def held_at(call: int, reached: threading.Event, let_go: threading.Event) -> Callable[..., Any]:
    """Return what looks a person up, and waits at its call of that number."""
    calls = iter(range(1, 100))

    def look(*asked: Any) -> Any:
        if next(calls) == call:
            reached.set()
            assert let_go.wait(WITHIN)
        return find_person(*asked)

    return look


def test_an_office_that_is_removed_while_somebody_there_is_erased_stays_so_and_others_are_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, let_go = threading.Event(), threading.Event()
    monkeypatch.setattr(erasing, "find_person", held_at(2, reached, let_go))  # the first is before it is noted
    with Inside(tmp_path) as server, ThreadPoolExecutor(2) as threads:
        ask = Asked(server)
        for office in (OFFICE, "another"):
            ask("POST", "/events", life_at(office))
        threads.submit(ask.erase, OFFICE)
        try:
            assert reached.wait(WITHIN)
            ask("DELETE", f"/api/locations/{OFFICE}")
        finally:
            let_go.set()
        assert ask.erase("another")
        assert OFFICE not in ask.offices()


def test_a_store_that_cannot_be_read_for_a_moment_ends_no_erasing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "PAUSES", Backoff(base_s=0.05, cap_s=0.05, random=lambda: 1.0))
    unfinished, failed = erasing.Erasing._unfinished, threading.Event()

    def fail_once(self: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise StoreError("the disk does not answer")
        return unfinished(self)

    monkeypatch.setattr(erasing.Erasing, "_unfinished", fail_once)
    with Inside(tmp_path) as server:
        ask = Asked(server)
        wait_until(failed.is_set)
        ask("POST", "/events", life())
        assert ask.erase(OFFICE)
