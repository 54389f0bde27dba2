"""Every act that the audit log knows, done by a person before a real server: who, from where, what before and after."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
import requests

from jorge_data.events import new_id
from jorge_data.server.auth.signing_secrets import key_id
from jorge_data.store import ActName, verify_audit_log
from jorge_data.store.sqlite.triggers import AUDIT_TRIGGERS
from tests.served import Served, bot_status, free_port
from tests.server.http.test_audit import entries
from tests.server.users.people import PASSWORD, People, Person
from tests.waiting import wait_until

ADDRESS = "203.0.113.7"
OFFICE = "office"


class Expected(NamedTuple):
    """What the newest entry of an act must say; `...` is of anything that is not empty."""

    what: Any
    before: Any = None
    after: Any = None
    location: str = ""
    by: str = "maria"
    role: str = "admin"
    address: str = ADDRESS
    served: Served | None = None


class World:
    """A server with one admin, who has logged in from ADDRESS."""

    def __init__(self, folder: Path) -> None:
        self.served = Served(
            folder,
            JORGE_ANONYMOUS="off",
            JORGE_RETENTION_FIELDS="body=5",
            JORGE_GHL_TOKEN="a token of the CRM",
            JORGE_GHL_LOCATION=OFFICE,
            JORGE_GHL_BASE_URL=f"http://127.0.0.1:{free_port()}",  # nobody answers there
        )
        self.people = People(self.served)

    def begin(self) -> None:
        self.people.settle("maria", "admin")
        self.maria = self.log_in("maria")

    def log_in(self, name: str, password: str = PASSWORD) -> Person:
        answer = self.people.log_in(name, password, ADDRESS)
        assert answer.status_code == 201, answer.text
        return Person(self.people, name, answer.json()["session"])

    def settled(self, name: str) -> Person:
        self.people.settle(name, "viewer")
        return self.log_in(name)

    def do(self, method: str, path: str, status: int = 200, **given: Any) -> requests.Response:
        """Ask as Maria."""
        answer = requests.request(method, self.served.url + path, headers=self.maria.headers(), timeout=60, **given)
        assert answer.status_code == status, answer.text
        return answer

    def publish(self, kind: str, **data: Any) -> None:
        event = {"id": new_id(), "source": "dashboard", "type": kind, "locationid": OFFICE, "data": data}
        self.do("POST", "/events", json=[event])

    def say(self, contact: str, body: str = "hello", **attributes: Any) -> None:
        data = {"conversation_id": contact, "contact_id": contact, "kind": "message", "direction": "inbound"}
        event = {"id": new_id(), "source": "bots", "type": "conversation_event", "locationid": OFFICE}
        answer = self.served.post([event | {"data": data | {"body": body}} | attributes])
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = World(tmp_path_factory.mktemp("acts"))
    with found.served:
        found.begin()
        yield found


Case = Callable[[World, Path], Expected]
CASES: dict[str, Case] = {}


def case(act: ActName) -> Callable[[Case], Case]:
    """Note how an act is done, and what its entry must say."""

    def noted(done: Case) -> Case:
        CASES[act] = done
        return done

    return noted


def _of(name: str, **given: Any) -> Expected:
    return Expected(name, by=name, role="", **given)


@case("session.begin")
def log_in(world: World, folder: Path) -> Expected:
    world.settled("begins")
    return _of("begins", after={"login": "password"})


@case("session.refuse")
def guess_once(world: World, folder: Path) -> Expected:
    world.settled("guessed")
    assert world.people.log_in("guessed", "another password", ADDRESS).status_code == 401
    return _of("guessed")


@case("session.limit")
def guess_often(world: World, folder: Path) -> Expected:
    for _ in range(40):
        if world.people.log_in("nobody.at.all", "another password", "198.51.100.9").status_code == 429:
            break
    tried = "attempts were held back", None, {"times": 1}
    return Expected(*tried, by="nobody", role="", address="198.51.100.9")


@case("session.end")
def log_out(world: World, folder: Path) -> Expected:
    person = world.settled("ends")
    assert world.people.ask("sessions/end", session=person.session).status_code == 204
    return _of("ends", after={"sessions": 1})


@case("user.add")
def add(world: World, folder: Path) -> Expected:
    world.do("POST", "/api/users", 201, json={"name": "added", "role": "viewer", "location": OFFICE})
    return Expected("added", after={"grants": [{"location": OFFICE, "role": "viewer", "agent_id": None}]})


@case("user.grants")
def grant(world: World, folder: Path) -> Expected:
    world.people.add("granted", "viewer")
    world.do("PUT", "/api/users/granted/grants", json={"grants": [{"location": OFFICE, "role": "manager"}]})
    return Expected(
        "granted",
        {"grants": [{"location": None, "role": "viewer", "agent_id": None}]},
        {"grants": [{"location": OFFICE, "role": "manager", "agent_id": None}]},
    )


@case("user.disable")
def disable(world: World, folder: Path) -> Expected:
    world.people.add("disabled", "viewer")
    world.do("POST", "/api/users/disabled/disable")
    return Expected("disabled", {"may_log_in": True}, {"may_log_in": False})


@case("user.enable")
def enable(world: World, folder: Path) -> Expected:
    world.people.add("enabled", "viewer")
    world.do("POST", "/api/users/enabled/disable")
    world.do("POST", "/api/users/enabled/enable")
    return Expected("enabled", {"may_log_in": False}, {"may_log_in": True})


@case("user.reset")
def reset(world: World, folder: Path) -> Expected:
    world.settled("reset")
    world.do("POST", "/api/users/reset/reset")
    return Expected("reset")


@case("user.password")
def change_password(world: World, folder: Path) -> Expected:
    person = world.settled("changes")
    answer = world.people.ask("sessions/password", session=person.session, old=PASSWORD, new="of another horse, right")
    assert answer.status_code == 204, answer.text
    return _of("changes")


@case("key.rotate")
def rotate(world: World, folder: Path) -> Expected:
    served = Served(folder)
    with served:
        pass
    old, new = served.secret, served.secret[::-1]
    served.environment["JORGE_TOKEN_SECRET"] = f"{new},{old}"
    with served:
        wait_until(lambda: bool(entries(served, act="key.rotate")))
    served.start()  # it is told once
    keys = [key_id(new), key_id(old)]
    return Expected(keys[0], {"keys": keys[1:]}, {"keys": keys}, by="event-server", role="", address="", served=served)


@case("token.make")
def make_token(world: World, folder: Path) -> Expected:
    asked = {"role": "publisher", "subject": "a bot", "location": OFFICE}
    made = world.do("POST", "/api/tokens", 201, json=asked).json()
    return Expected(f"publisher a bot for {OFFICE}: {made['jti']}", location=OFFICE)


@case("token.revoke")
def revoke_token(world: World, folder: Path) -> Expected:
    asked = {"role": "publisher", "subject": "a bot", "location": OFFICE}
    made = world.do("POST", "/api/tokens", 201, json=asked).json()
    world.do("DELETE", f"/api/tokens/{made['jti']}", 204)
    return Expected(made["jti"], location=OFFICE)


@case("request.refuse")
def ask_for_what_he_may_not(world: World, folder: Path) -> Expected:
    headers = world.settled("refused").headers()
    assert requests.get(f"{world.served.url}/api/audit", headers=headers, timeout=20).status_code == 403
    return Expected(
        "GET /api/audit: the role viewer may not read the audit log: allowed is admin",
        after={"times": 1},
        by="refused",
        role="viewer",
    )


@case("needs.act")
def act_on_what_needs_you(world: World, folder: Path) -> Expected:
    for action in ("assigned", "acknowledged"):
        world.publish("attention_update", item="hot:c1", action=action, by="maria")
    return Expected("hot:c1", {"action": "assigned"}, {"action": "acknowledged"}, OFFICE)


@case("label.set")
def label(world: World, folder: Path) -> Expected:
    for category in ("seller", "curious"):
        world.publish("intent_feedback", analysis_id="a1", actual_category=category, labelled_by="maria")
    return Expected("a1", {"category": "seller"}, {"category": "curious"}, OFFICE)


@case("chart.annotate")
def annotate(world: World, folder: Path) -> Expected:
    for label in ("campaign", "the campaign of Mrs. Quux"):
        world.publish("annotation", label=label, annotation_id="a-1", by="maria", **{"from": "2026-11-01"})
    return Expected("a-1", {"from": "2026-11-01"}, {"from": "2026-11-01"}, OFFICE)


@case("contact.change")
def give_away(world: World, folder: Path) -> Expected:
    changed = {"assigned_to": {"from": "ann", "to": "bob"}}
    world.publish("contact_update", contact_id="c1", changed=changed)
    return Expected("c1", {"assigned_to": "ann"}, {"assigned_to": "bob"}, OFFICE)


@case("contact.erase")
def erase(world: World, folder: Path) -> Expected:
    world.say("c-erased")
    world.do("POST", f"/api/contacts/c-erased/erase?location={OFFICE}")
    return Expected("c-erased", location=OFFICE)


@case("contact.erased")
def erase_to_the_end(world: World, folder: Path) -> Expected:
    erase(world, folder)
    return Expected("c-erased", None, ..., OFFICE, by="event-server", role="", address="")


@case("contact.export")
def export_contact(world: World, folder: Path) -> Expected:
    world.say("c-exported")
    world.do("GET", f"/api/contacts/c-exported/export?location={OFFICE}")
    return Expected("c-exported", location=OFFICE)


@case("fields.remove")
def remove_old_fields(world: World, folder: Path) -> Expected:
    world.say("c-old", time="2026-01-05T09:00:00Z")
    world.served.get("/api/table", location=OFFICE, kind="contacts")  # waits until all is folded
    world.do("POST", "/api/retention/run")
    return Expected("body", None, ..., OFFICE, by="event-server", role="", address="")


@case("transcript.open")
def open_transcript(world: World, folder: Path) -> Expected:
    world.say("c-read")
    world.do("GET", f"/api/contacts/c-read/timeline?location={OFFICE}")
    return Expected("c-read", location=OFFICE)


@case("location.read")
def read_the_log(world: World, folder: Path) -> Expected:
    world.say("c-read")
    world.do("GET", f"/events?location={OFFICE}&after=oldest&types=conversation_event")
    return Expected("polling, from 0", location=OFFICE)


@case("export.download")
def download(world: World, folder: Path) -> Expected:
    told = {"act": "export", "page": "explore", "part": "numbers", "format": "csv", "rows": 12, "location": OFFICE}
    world.do("POST", "/api/audit", 204, json=told)
    return Expected("explore/numbers, csv", after={"rows": 12}, location=OFFICE)


def _share(world: World) -> int:
    given = {"name": "this week", "page": "explore", "parameters": {}, "shared": True}
    return int(world.do("PUT", "/api/views", json=given).json()["view"]["id"])


@case("view.share")
def share_view(world: World, folder: Path) -> Expected:
    _share(world)
    return Expected("explore")


@case("view.remove")
def remove_view(world: World, folder: Path) -> Expected:
    world.do("DELETE", f"/api/views/{_share(world)}", 204)
    return Expected("explore", {"owner": "maria"})


@case("audit.export")
def export_audit(world: World, folder: Path) -> Expected:
    world.do("GET", "/api/audit/export?format=csv")
    return Expected("csv")


@case("audit.break")
def cut_the_log(world: World, folder: Path) -> Expected:
    served = _left(folder)
    with closing(sqlite3.connect(folder / "events.db")) as connection:
        connection.execute("DROP TRIGGER audit_delete")
        connection.execute("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
        connection.execute(next(trigger for trigger in AUDIT_TRIGGERS if "BEFORE DELETE" in trigger))
        connection.commit()
    served.start()
    return _found_by_server("the newest entry is missing", served)


@case("location.remove")
def remove_office(world: World, folder: Path) -> Expected:
    event = {"id": new_id(), "source": "bots", "type": "bot_status_update", "locationid": "closed"}
    world.served.post([event | {"data": {"bot_type": "lead-bot", "status": "idle"}}]).raise_for_status()
    world.do("DELETE", "/api/locations/closed", 204)
    return Expected("closed", {"events": 1}, location="closed")


@case("crm.synchronize")
def synchronize(world: World, folder: Path) -> Expected:
    world.do("POST", "/api/sync/ghl")
    return Expected("ghl", location=OFFICE)


@case("deliveries.retranslate")
def retranslate(world: World, folder: Path) -> Expected:
    world.do("POST", f"/api/deliveries/retranslate?location={OFFICE}")
    return Expected(OFFICE, location=OFFICE)


@case("rollups.rebuild")
def rebuild(world: World, folder: Path) -> Expected:
    world.do("POST", f"/api/rollups/rebuild?location={OFFICE}")
    return Expected(OFFICE, location=OFFICE)


@case("retention.run")
def run_retention(world: World, folder: Path) -> Expected:
    world.do("POST", "/api/retention/run")
    return Expected("every location")


@case("epoch.begin")
def put_back_a_copy(world: World, folder: Path) -> Expected:
    served = _left(folder)
    (folder / "events.db-mark").unlink()
    served.start()
    return _found_by_server(..., served)


@case("store.restore")
def restore(world: World, folder: Path) -> Expected:
    served = _left(folder)
    saved = _end_of(served)
    _command(served, "backup", "saved")
    served.start()
    _export(served)
    replaced = _end_of(served)
    served.stop()
    _command(served, "restore", "saved")
    served.start()
    return Expected("saved", replaced, saved, by="command-line", role="", address="", served=served)


@case("store.move")
def move(world: World, folder: Path) -> Expected:
    served = _left(folder)
    (folder / "new").mkdir()
    _command(served, "move", "--to", "sqlite:///new/events.db")
    served.environment["JORGE_STORE_URL"] = f"sqlite:///{folder / 'new' / 'events.db'}"
    served.start()
    what = f"from {folder / 'events.db'} to new/events.db"
    return Expected(what, by="command-line", role="", address="", served=served)


def _left(folder: Path) -> Served:
    """Return a server that has ended, with an event and two entries in its audit log."""
    served = Served(folder)
    with served:
        served.post([bot_status(locationid=OFFICE)]).raise_for_status()
        _export(served)
        _export(served)
    return served


def _export(served: Served) -> None:
    served.session.get(f"{served.url}/api/audit/export", headers=served.bearer(), timeout=20).raise_for_status()


def _end_of(served: Served) -> dict[str, Any]:
    found = verify_audit_log(served.folder / "events.db")
    assert found is not None
    return {"entries": found.entries, "hash": found.head}


def _command(served: Served, *arguments: str) -> None:
    command = [sys.executable, "-m", "jorge_data", *arguments]
    subprocess.run(command, env=served.environment, cwd=served.folder, timeout=120, check=True, capture_output=True)


def _found_by_server(what: Any, served: Served) -> Expected:
    return Expected(what, by="event-server", role="", address="", served=served)


@pytest.mark.parametrize("act", get_args(ActName))
def test_each_act_is_in_the_log_with_who_from_where_and_what_before_and_after(
    world: World, tmp_path: Path, act: ActName
) -> None:
    assert act in CASES, f"nobody does {act} here: an act without a case"
    expected = CASES[act](world, tmp_path)
    served = expected.served or world.served
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found[:] = [
            each
            for each in entries(served, act=act)
            if (expected.what in (..., each["what"]), each["by"]) == (True, expected.by)
        ]
        return bool(found)

    try:
        wait_until(is_there)
        newest = found[-1]
        told = {name: newest[name] for name in ("by", "role", "address", "location", "what", "before", "after")}
        wanted = expected._asdict()
        del wanted["served"]
        assert told == {name: (told[name] or "something") if value is ... else value for name, value in wanted.items()}
    finally:
        if expected.served is not None:
            expected.served.stop()
