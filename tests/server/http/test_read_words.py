"""Whoever reads contacts' words is in the audit log, by whichever route they are served to him."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests
import socketio

from jorge_data.events import new_id
from tests.served import Served
from tests.server.clients import subscribe
from tests.server.http.test_audit import entries
from tests.server.users.people import People, Person

OFFICE = "office"
OLDEST = {"location": OFFICE, "after": "oldest"}
WORDS = {"location": OFFICE, "kind": "conversation_event", "columns": "time,body"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("words"), JORGE_ANONYMOUS="off") as served:
        for contact in ("c1", "c2"):
            message = {"conversation_id": contact, "contact_id": contact, "kind": "message", "direction": "inbound"}
            event = {"id": new_id(), "source": "bots", "type": "conversation_event", "locationid": OFFICE}
            answer = served.post([event | {"data": message | {"body": f"I am {contact}"}}])
            assert answer.status_code == 200, answer.text
        served.post([event | {"data": {"kind": "shouted"}}])
        yield served


@pytest.fixture
def maria(office: Served) -> Person:
    """A manager of her own for each test, who has logged in."""
    return People(office).settle(f"maria-{new_id()}".lower(), "manager", location=OFFICE)


def get(served: Served, path: str, token: str, **query: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(served.url + path, params=query, headers=headers, timeout=20, stream=True)
    assert answer.status_code == 200, answer.text
    answer.close()


def follow(served: Served, token: str) -> None:
    with ExitStack() as stack:
        socket = served.connect(stack, additional_headers={"Authorization": f"Bearer {token}"})
        assert subscribe(socket, OFFICE, after={"epoch": "", "seq": 0})["type"] == "subscribed"


def follow_by_socket_io(served: Served, token: str) -> None:
    with socketio.SimpleClient() as client:
        client.connect(served.url, auth={"token": token, "location": OFFICE})
        client.receive(20)


Way = Callable[[Served, str], None]
MANY: dict[str, Way] = {
    "polling, from 0": lambda served, token: get(served, "/events", token, **OLDEST),
    "the stream, from 0": lambda served, token: get(served, "/events/stream", token, **OLDEST),
    "the socket, from 0": follow,
    "Socket.IO, from 2": follow_by_socket_io,
    "rows": lambda served, token: get(served, "/api/table", token, **WORDS),
    "figures": lambda served, token: get(served, "/api/dashboard/metrics", token, location=OFFICE),
    "refusals": lambda served, token: get(served, "/api/refusals", token, location=OFFICE),
}


@pytest.mark.parametrize("what", MANY)
def test_a_person_who_reads_many_at_once_is_in_the_log_once(office: Served, maria: Person, what: str) -> None:
    for _ in range(3):
        MANY[what](office, maria.token(OFFICE))
    found = [(each["act"], each["what"], each["location"]) for each in entries(office, by=maria.name)]
    assert found[-2:] == [("location.read", "the dashboard", OFFICE), ("location.read", what, OFFICE)]
    assert [act for act, *_ in found].count("location.read") == 2


@pytest.mark.parametrize("what", MANY)
def test_a_bot_that_reads_is_no_person(office: Served, what: str) -> None:
    before = len(entries(office, act="location.read"))
    MANY[what](office, office.token("manager", OFFICE))
    assert len(entries(office, act="location.read")) == before


@pytest.mark.parametrize("where", ["contact_id:eq:c1", "contact_id:in:c1", "subject:eq:c1"])
def test_rows_with_the_words_of_one_contact_are_a_transcript(office: Served, maria: Person, where: str) -> None:
    for columns in ("time,channel", "time,body", "time,summary"):
        get(office, "/api/table", maria.token(OFFICE), **WORDS | {"columns": columns, "where": where})
    found = [(each["act"], each["what"]) for each in entries(office, by=maria.name, act="transcript.open")]
    assert found == [("transcript.open", "c1")]


def test_words_by_which_a_figure_is_split_are_read_as_well(office: Served, maria: Person) -> None:
    get(office, "/api/series", maria.token(OFFICE), location=OFFICE, kind="conversation_event", by="body")
    assert "rows" in [each["what"] for each in entries(office, by=maria.name, act="location.read")]
