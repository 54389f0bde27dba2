"""Looking a person up, which reads all of an office: nobody else waits, and what fails is not repeated all the time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from jorge_data.server.privacy import export
from jorge_data.server.privacy.erasing import PAUSES, Tries
from jorge_data.server.privacy.known_person import KnownPerson, find_person
from tests.server.inside import Inside
from tests.server.privacy.person import CONTACT, OFFICE, life
from tests.waiting import wait_until

WITHIN = 60
"""Seconds that nothing takes but what waits for ever."""


class Held:
    """A place at which whoever comes by waits until he is let go."""

    def __init__(self) -> None:
        self.reached, self.let_go = threading.Event(), threading.Event()

    def find_person(self, *asked: object) -> KnownPerson:
        self.reached.set()
        assert self.let_go.wait(WITHIN)
        return find_person(*asked)  # type: ignore[arg-type]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held()
    monkeypatch.setattr(export, "find_person", held.find_person)
    yield held
    held.let_go.set()


def test_while_a_person_is_exported_a_login_and_a_question_are_answered(tmp_path: Path, held: Held) -> None:
    with Inside(tmp_path) as server, ThreadPoolExecutor(10) as threads:
        admin = {"Authorization": f"Bearer {server.tokens.issue('admin', 'ann', 600)}"}
        dashboard = {"Authorization": f"Bearer {server.tokens.issue('dashboard', 'dashboard', 600)}"}

        def ask(path: str) -> requests.Response:
            return requests.get(server.url + path, headers=admin, timeout=WITHIN)

        def exports() -> list[str]:
            acts = ask("/api/audit").json()["entries"]
            return [act["what"] for act in acts if act["act"] == "contact.export"]

        requests.post(f"{server.url}/events", json=life(), headers=admin, timeout=WITHIN).raise_for_status()
        path = f"/api/contacts/{CONTACT}/export?location={OFFICE}"
        first = threads.submit(ask, path)
        assert held.reached.wait(WITHIN)
        for refused in threads.map(ask, [path] * 8):
            assert refused.status_code == 429
            assert int(refused.headers["Retry-After"]) > 0
        login = {"name": "ann", "password": "not hers", "address": "203.0.113.7"}
        answer = requests.post(f"{server.url}/api/sessions", json=login, headers=dashboard, timeout=WITHIN)
        assert answer.status_code == 401, answer.text
        assert ask(f"/api/table?location={OFFICE}&kind=contacts").status_code == 200
        assert exports() == [], "nothing was served yet"
        held.let_go.set()
        assert CONTACT in {each["id"] for each in first.result().json()["contacts"]}
        assert ask(f"/api/contacts/nobody/export?location={OFFICE}").status_code == 404
        assert exports() == [CONTACT]


def test_who_goes_away_keeps_the_thread_until_it_is_done(tmp_path: Path, held: Held) -> None:
    with Inside(tmp_path) as server:
        admin = {"Authorization": f"Bearer {server.tokens.issue('admin', 'ann', 600)}"}
        url = f"{server.url}/api/contacts/{CONTACT}/export?location={OFFICE}"
        requests.post(f"{server.url}/events", json=life(), headers=admin, timeout=WITHIN).raise_for_status()
        with pytest.raises(requests.ReadTimeout):
            requests.get(url, headers=admin, timeout=(WITHIN, 0.1))
        assert held.reached.wait(WITHIN)
        assert requests.get(url, headers=admin, timeout=WITHIN).status_code == 429
        held.let_go.set()
        wait_until(lambda: requests.get(url, headers=admin, timeout=WITHIN).status_code == 200)


def test_what_fails_is_tried_again_after_pauses_that_grow_to_an_hour() -> None:
    now = 1000.0
    tries = Tries(lambda: now)
    assert tries.next_s() is None
    pauses = []
    for _ in range(9):
        assert tries.is_due(7)
        tries.failed(7)
        assert not tries.is_due(7)
        pause = tries.next_s()
        assert pause is not None
        pauses.append(pause)
        now += pause
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert pauses[-1] == PAUSES.cap_s
    tries.failed(7)
    assert tries.is_due(8), "another one does not wait for it"
    tries.forget(7)
    assert tries.is_due(7)
    assert tries.next_s() is None
    tries.failed(7)
    tries.keep({8})
    assert tries.next_s() is None, "what is asked for no more wakes nobody"
