"""The matrix by person through the dashboard: every page, drawer, file, frame and act × person × office.

A real dashboard with a login before a real event server; each tab is one of Streamlit's sessions without a browser.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from jorge_data.dashboard import http_routes
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.ui.navigation import ENTRIES, HOME
from jorge_data.events import KINDS as EVENTS
from jorge_data.events import new_id
from jorge_data.permissions import KINDS, PAGES, Person, may_see_page
from tests.dashboard.streamlit_tab import Drawn, StreamlitTab, open_tab
from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, cookie_of
from tests.served import Served
from tests.server.auth.people import AGENT, AGENTS, ANOTHER, FOREIGN, OWN, Whose, about, assigned, canary, contact

ELSEWHERE, THIRD = "elsewhere-", "third"
ALL, NONE = frozenset(AGENTS), frozenset[Whose]()


class Somebody(NamedTuple):
    """A person: what he is granted, where (None: at every office), and whose contacts he sees there."""

    role: Person
    location: str | None
    sees: frozenset[Whose]
    agent_id: str | None = None

    def sees_at(self, office: str) -> frozenset[Whose]:
        return self.sees if self.location in (office, None) else NONE


PEOPLE = {
    "vera": Somebody("viewer", OWN, NONE),
    "ann": Somebody("agent", OWN, frozenset({"own", "nobodys"}), AGENT),
    "bob": Somebody("agent", OWN, frozenset({"anothers", "nobodys"}), ANOTHER),
    "mary": Somebody("manager", OWN, ALL),
    "chief": Somebody("admin", OWN, ALL),
    "vera-of-all": Somebody("viewer", None, NONE),
    "ann-of-all": Somebody("agent", None, frozenset({"own", "nobodys"}), AGENT),
    "mary-of-all": Somebody("manager", None, ALL),
    "boss": Somebody("admin", None, ALL),
    "stranger": Somebody("manager", THIRD, ALL),
}
FORMATS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("vera", "ann", "bob"), ("csv",)),
    "mary": ("csv", "xlsx", "parquet"),
}
"""Who opens all that opens in a page and takes its files along, and in which formats: each is made of the same rows."""

EVERYBODY = pytest.mark.parametrize("name", PEOPLE)

PAGES_THAT_NAME: Mapping[str, bool] = {
    HOME: True,
    "qualification": True,
    "sequences": True,
    "ml": True,
    "revenue": False,
    "response": True,
    "conversations": True,
    "properties": True,
    "explore": False,
    "system": True,
    "connect": False,
    "audit": False,  # but for admins, of their offices
}
"""Each page, and whether it names contacts by itself, before any drawer is open. One that is not here fails."""

ROUTES = {
    "/api/live": "the wall's socket, and new tickets for it",
    "/api/act": "acts",
    "/api/search": "what the search finds",
    "/api/dashboard/metrics": "figures",
    "/health": "tells everybody the same",
    "/health/ready": "tells everybody the same",
    "/metrics": "counts of the process, for Prometheus' token alone",
}
"""Each route of the dashboard beside Streamlit's and those of the login, and what is tried of it below."""


def told(content: bytes | str, asked: str = "") -> frozenset[Whose]:
    """Return whose contacts at the first office are told of, beside what the question itself has named."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    text = text.replace(asked, "") if asked else text
    return frozenset(whose for whose in AGENTS if canary(whose) in text.replace(f"{ELSEWHERE}canary", ""))


def told_of_elsewhere(content: bytes | str) -> bool:
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return f"{ELSEWHERE}canary" in text


def of_elsewhere(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return events of the other office, whose every name is another one."""
    renamed: list[dict[str, Any]] = json.loads(json.dumps(events).replace("canary", f"{ELSEWHERE}canary"))
    return renamed


def of_office(office: str) -> list[dict[str, Any]]:
    events = []
    for whose, agent in AGENTS.items():
        events += [assigned(whose, agent, office)] if agent else []
        events += [about(whose, kind, office) for kind in EVENTS]
    return events


class Offices:
    """Two offices with every kind of event about everybody's contacts, and everybody logged in."""

    def __init__(self, server: Served, dashboard: Dashboard) -> None:
        self.server, self.dashboard = server, dashboard
        assert server.post(of_office(OWN)).status_code == 200
        assert server.post(of_elsewhere(of_office(FOREIGN))).status_code == 200
        for name, person in PEOPLE.items():
            add_user(server, name, person.role, person.location, person.agent_id)
        self.cookies = {name: cookie_of(dashboard, name) for name in PEOPLE}

    def tab(self, name: str) -> Any:
        return open_tab(self.dashboard.url, self.cookies[name])

    def ask(self, method: str, path: str, name: str, **given: Any) -> requests.Response:
        headers = {"Cookie": self.cookies[name], "Origin": self.dashboard.url}
        return requests.request(method, self.dashboard.url + path, headers=headers, timeout=20, **given)

    @contextmanager
    def wall(self, name: str, ticket: str) -> Iterator[ClientConnection]:
        """Open the wall's socket with the cookie of one person and a ticket."""
        address = f"{self.dashboard.url.replace('http', 'ws', 1)}/api/live"
        headers = {"Cookie": self.cookies[name]}
        with connect(address, additional_headers=headers, origin=Origin(self.dashboard.url), proxy=None) as socket:
            socket.send(json.dumps({"ticket": ticket}))
            yield socket


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    folder = tmp_path_factory.mktemp("offices")
    with Served(folder, JORGE_ANONYMOUS="off") as server, behind_login(server, folder, JORGE_LOCATION=OWN) as dashboard:
        yield Offices(server, dashboard)


def test_every_page_and_every_route_has_a_case() -> None:
    assert PAGES_THAT_NAME.keys() == {entry.path for entry in ENTRIES} == PAGES.keys()
    assert {route.path for route in http_routes.routes()} == ROUTES.keys()  # type: ignore[attr-defined]


def contents(file: bytes) -> str:
    """Return what a downloaded file says, whatever its format."""
    if file.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(file))
        return "".join(archive.read(member).decode() for member in archive.namelist())
    return str(pq.read_table(io.BytesIO(file)).to_pylist()) if file.startswith(b"PAR1") else file.decode()


def run(tab: StreamlitTab, path: str, popovers: Iterable[str] = (), **query: str) -> Drawn:
    return tab.run("" if path == HOME else path, popovers, **query)


def opened(tab: StreamlitTab, path: str, **query: str) -> Drawn:
    """Run a page, and once more with all that opens in it open; return both."""
    drawn = run(tab, path, **query)
    return drawn.and_then(run(tab, path, drawn.popovers, **query))


def files(tab: StreamlitTab, drawn: Drawn, *formats: str) -> str:
    """Return what the files of these formats say that a page offers."""
    pressed = [file for button, file in drawn.downloads.items() if any(f"-{each}_" in f"{button}_" for each in formats)]
    return "".join(contents(tab.download(file)) for file in pressed)


@EVERYBODY
def test_pages_and_their_files_tell_a_person_of_whom_he_sees(offices: Offices, name: str) -> None:
    person, in_files = PEOPLE[name], set[Whose]()
    with offices.tab(name) as tab:
        for path, names in PAGES_THAT_NAME.items():
            sees = person.sees_at(OWN) if names and may_see_page(person.role, path) else NONE
            for query in ({}, {"location": OWN}):  # without an office in its address a page is of one that is his
                drawn = (opened if query and name in FORMATS else run)(tab, path, **query)
                assert b"could not be read" not in drawn.content, path
                if path in (HOME, "ml"):  # what the wall says comes by its socket; one analysis at a time is labelled
                    assert told(drawn.content) <= sees, path
                elif path != "audit":
                    assert told(drawn.content) == sees, path
                    assert not told_of_elsewhere(drawn.content), path
            assert bool(drawn.downloads) <= (person.location in (OWN, None)), path
            taken = told(files(tab, drawn, *FORMATS.get(name, ())))
            assert taken <= sees, path
            in_files |= taken
    assert in_files == (person.sees_at(OWN) if name in FORMATS else NONE)


@EVERYBODY
def test_the_pages_of_another_office_are_for_who_is_granted_it(offices: Offices, name: str) -> None:
    person = PEOPLE[name]
    with offices.tab(name) as tab:
        for path, names in PAGES_THAT_NAME.items():
            drawn = run(tab, path, location=FOREIGN)
            if path in (HOME, "audit"):
                continue
            assert told(drawn.content) == NONE, path
            sees = person.sees_at(FOREIGN) if names and may_see_page(person.role, path) else NONE
            assert told_of_elsewhere(drawn.content) is bool(sees), path
            assert bool(drawn.wall) is (person.location is None), path


@EVERYBODY
def test_the_audit_log_is_for_admins_each_of_his_offices(offices: Offices, name: str) -> None:
    with offices.tab(name) as tab:
        drawn = opened(tab, "audit", location=OWN)
        assert not told_of_elsewhere(drawn.content) or name == "boss"
        log = files(tab, drawn, "audit_csv", "audit_ndjson")
        assert bool(log) is (name in ("boss", "chief"))
        assert told(log) == (ALL if log else NONE)
        assert told_of_elsewhere(log) is (name == "boss")


@pytest.fixture(scope="module")
def named(offices: Offices) -> dict[str, frozenset[Whose]]:
    """Whom the drawer names of each kind, to who sees everybody."""
    with offices.tab("chief") as tab:
        return {kind: told(drawer(tab, "chief", kind).content) for kind in KINDS}


def drawer(tab: StreamlitTab, name: str, kind: str, *where: str, office: str = OWN) -> Drawn:
    page = "explore" if may_see_page(PEOPLE[name].role, "explore") else "system"
    return tab.run(page, location=office, drill=TableRequest(office, kind, where).token())


@EVERYBODY
def test_drawers_and_their_files_tell_a_person_of_whom_he_sees(
    offices: Offices, named: dict[str, frozenset[Whose]], name: str
) -> None:
    person = PEOPLE[name]
    assert set(named.values()) == {ALL, NONE}
    with offices.tab(name) as tab:
        for kind in KINDS:
            drawn = drawer(tab, name, kind)
            assert told(drawn.content) == named[kind] & person.sees_at(OWN), kind
            assert not told_of_elsewhere(drawn.content), kind
            if name in FORMATS:
                assert told(files(tab, drawn, *FORMATS[name])) == told(drawn.content), kind
        for whose in AGENTS:
            drawn = drawer(tab, name, "contacts", f"contact_id:eq:{contact(whose)}")
            assert told(drawn.content, contact(whose)) == {whose} & person.sees_at(OWN)


@EVERYBODY
def test_a_conversation_is_shown_to_who_sees_its_contact(offices: Offices, name: str) -> None:
    person = PEOPLE[name]
    with offices.tab(name) as tab:
        for whose in AGENTS:
            drawn = opened(tab, "conversations", location=OWN, contact=contact(whose))
            assert told(drawn.content, contact(whose)) & {whose} == {whose} & person.sees_at(OWN)
            assert told(drawn.content, contact(whose)) <= person.sees_at(OWN)


def closing_event(number: int) -> dict[str, Any]:
    """Return an event that everybody sees, and that tells of no contact: the last of what is waited for."""
    data = {"component": f"The end {number}", "status": "healthy", "response_time_ms": 1}
    return {"source": "bots", "type": "system_health_update", "locationid": OWN, "data": data}


@EVERYBODY
def test_the_wall_and_its_patches_tell_a_person_of_whom_he_sees(offices: Offices, name: str) -> None:
    person = PEOPLE[name]
    with offices.tab(name) as tab:
        drawn = tab.run(location=OWN)
        figures = offices.ask("GET", f"/api/dashboard/metrics?location={OWN}", name)
        elsewhere = offices.ask("GET", f"/api/dashboard/metrics?location={FOREIGN}", name)
        assert told(figures.text) <= person.sees_at(OWN)
        assert not told_of_elsewhere(figures.text + ("" if person.location is None else elsewhere.text))
        if person.location not in (OWN, None):
            assert (drawn.wall, figures.status_code) == ({}, 403)
            return
        with offices.wall(name, drawn.wall["ticket"]) as socket:
            heard = str(socket.recv(20))
            assert told(heard) <= person.sees
            number, again = list(PEOPLE).index(name), [about(whose, "conversation_event") for whose in AGENTS]
            assert offices.server.post([*again, closing_event(number)]).status_code == 200
            while f"The end {number}" not in heard or told(heard) != person.sees:
                heard += str(socket.recv(20))
                assert told(heard) <= person.sees
            assert not told_of_elsewhere(heard)


@EVERYBODY
def test_the_search_finds_for_a_person_whom_he_sees(offices: Offices, name: str) -> None:
    person = PEOPLE[name]
    for office, elsewhere in ((OWN, False), (FOREIGN, True)):
        with offices.tab(name) as tab:
            wall = tab.run(location=office).wall
        if not wall:
            assert person.location not in (office, None)
            continue
        for text in ("canary", "Maria", *(contact(whose) for whose in AGENTS), ""):
            answer = offices.ask("POST", "/api/search", name, json={"key": wall["key"], "q": text})
            groups = {group["title"]: str(group["rows"]) for group in answer.json()["groups"]}
            assert told("".join(groups.values())) <= (NONE if elsewhere else person.sees_at(OWN))
            assert not told_of_elsewhere(str(groups)) or (elsewhere and person.sees_at(FOREIGN))
            if text == "canary":
                assert ("Contacts" in groups) is bool(person.sees_at(office))
                assert elsewhere or told(groups.get("Contacts", "")) == person.sees_at(OWN)


def test_a_ticket_and_a_key_are_of_one_person_alone(offices: Offices) -> None:
    with offices.tab("mary") as tab:
        wall = tab.run(location=OWN).wall
    for name in ("ann", "vera", "stranger", "boss"):
        with offices.wall(name, wall["ticket"]) as socket, pytest.raises(ConnectionClosed):
            socket.recv(20)
        for path in ("/api/live", "/api/act", "/api/search"):
            sent = {"key": wall["key"], "item": f"hot:{contact('own')}", "action": "acknowledged", "ref": "r"}
            assert offices.ask("POST", path, name, json=sent).status_code == 401


@EVERYBODY
def test_nobody_reads_the_metrics_because_he_is_logged_in(offices: Offices, name: str) -> None:
    assert offices.ask("GET", "/metrics", name).status_code == 401


@EVERYBODY
def test_a_person_acts_on_whom_he_sees(offices: Offices, name: str) -> None:
    person = PEOPLE[name]
    with offices.tab(name) as tab:
        wall = tab.run(location=OWN).wall
    if not person.sees_at(OWN) and person.role != "viewer":
        assert wall == {}
        return
    for whose in AGENTS:
        sent = {"key": wall["key"], "item": f"hot:{contact(whose)}", "action": "acknowledged"}
        answer = offices.ask("POST", "/api/act", name, json={**sent, "ref": new_id()}).json()
        assert answer["type"] == ("done" if whose in person.sees else "refused"), answer
        assert told(answer.get("detail", ""), contact(whose)) == NONE
