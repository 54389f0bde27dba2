"""An erased contact: what is personal stands nowhere any more, figures are as they were, and readers are told."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from jorge_data.events import KINDS
from jorge_data.metrics.entities import CUBES
from tests.served import Served
from tests.server.clients import events_of, receive, subscribe
from tests.server.privacy.person import (
    CONTACT,
    OFFICE,
    PERSONAL,
    SECRET,
    WORKFLOW,
    erase,
    event,
    found,
    in_store,
    live_through,
    message,
)
from tests.server.socket_io.polling_client import OpenClient
from tests.waiting import wait_until

NOW = "2026-11-30T00:00:00Z"
"""After all that happened, and before the erasure."""


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Served]:
    """A server that knows the person, with half of its events in the archive."""
    with Served(tmp_path, **WORKFLOW, JORGE_RETENTION="archive", JORGE_RETENTION_DAYS="21") as served:
        live_through(served)
        served.get("/api/table", location=OFFICE, kind="contacts")  # waits until all is folded
        answer = served.session.post(f"{served.url}/api/retention/run", headers=served.bearer(), timeout=60)
        assert answer.status_code == 200, answer.text
        yield served


def series(served: Served) -> dict[str, Any]:
    """Return every figure of every kind of fact, by hour, by each of its dimensions."""
    figures: dict[str, Any] = {}
    for kind, cube in CUBES.items():
        if not cube.counted:
            continue
        for by in ("", *cube.dims):
            for measure in ("events", *cube.measures):
                agg = "count" if measure == "events" else "sum"
                asked = {"kind": kind, "by": by, "measure": measure, "agg": agg, "step": "1h", "to": NOW}
                rows = served.get("/api/series", location=OFFICE, **{"from": "2026-11-01T00:00:00Z"}, **asked)["rows"]
                figures[f"{kind} {measure} by {by}"] = sorted((row[0], row[-2], row[-1]) for row in rows)
    return figures


def rebuild(served: Served) -> None:
    url = f"{served.url}/api/rollups/rebuild?location={OFFICE}"
    assert served.session.post(url, headers=served.bearer(), timeout=60).status_code == 200


def test_no_byte_of_any_file_holds_a_name_a_number_an_address_or_a_word_of_it(known: Served, tmp_path: Path) -> None:
    before = found(tmp_path)
    assert {"events.db"} < before.keys() | {"events.db"}
    assert any(name.endswith(".parquet") for name in before)
    assert set(PERSONAL) == {text for texts in before.values() for text in texts}
    assert erase(known)["done"]
    assert found(tmp_path) == {}
    known.stop()
    assert found(tmp_path) == {}


def test_every_series_is_as_it_was_and_so_it_is_when_folded_anew(known: Served) -> None:
    before = series(known)
    assert sum(map(bool, before.values())) > 40
    assert erase(known)["done"]
    assert series(known) == before
    rebuild(known)
    assert series(known) == before


def test_the_figures_of_the_wall_stay_but_for_the_names(known: Served) -> None:
    names = ("revenue", "qualification", "sequences", "ml")
    before = {name: known.get("/api/dashboard/metrics", location=OFFICE)[name] for name in names}
    assert erase(known)["done"]
    assert {name: known.get("/api/dashboard/metrics", location=OFFICE)[name] for name in names} == before
    assert not [text for text in PERSONAL if text in json.dumps(known.get("/api/dashboard/metrics", location=OFFICE))]


def test_positions_epoch_and_names_of_events_stay_also_after_a_kill(known: Served) -> None:
    page = known.get("/events", location=OFFICE, after="latest")
    assert erase(known)["done"]
    known.kill()
    known.start()
    after = known.get("/events", location=OFFICE, after="latest")
    assert (after["epoch"], after["oldest"]) == (page["epoch"], page["oldest"])
    again = known.post([message(2, "I am a beekeeper in a blue house")]).json()["results"][0]
    assert again["duplicate"] or page["oldest"] > 2, again
    again = known.post([message(20, "it is me, the beekeeper", "c-76")]).json()["results"][0]
    assert again["duplicate"], again
    assert again["seq"] == 20


def test_no_answer_has_it_any_more(known: Served) -> None:
    assert erase(known)["done"]
    answers = [
        known.get("/events", location=OFFICE, after="oldest"),
        known.get(f"/api/contacts/{CONTACT}/timeline", location=OFFICE),
        known.get("/api/table", location=OFFICE, kind="contacts"),
        known.get("/api/table", location=OFFICE, kind="deals"),
        known.get("/api/deliveries", location=OFFICE),
        known.get("/api/refusals", location=OFFICE),
        *(known.get("/api/table", location=OFFICE, kind=kind, limit=1000) for kind in KINDS),
    ]
    assert not [text for text in PERSONAL if text in json.dumps(answers)]


def test_another_contact_keeps_its_own_name_and_words(known: Served) -> None:
    assert erase(known)["done"]
    listed = known.get("/api/table", location=OFFICE, kind="contacts", columns="contact_id,name")["rows"]
    assert ["c-78", "Ann Lee"] in listed
    assert [CONTACT, CONTACT] in listed
    said = known.get("/api/contacts/c-78/timeline", location=OFFICE)["events"][0]["data"]["body"]
    assert said == "my neighbour [erased] sent me"


def test_readers_are_told_to_forget_it(known: Served, stack: ExitStack) -> None:
    client = known.connect(stack, additional_headers=known.bearer())
    subscribe(client, OFFICE)
    assert erase(known)["done"]
    told: list[dict[str, Any]] = []
    while len(told) < 2:
        frame = receive(client)
        told += [each for each in (events_of(frame) if "event" in frame["type"] else []) if each["data"].get("erased")]
    assert {each["subject"] for each in told} == {CONTACT, "c-76"}
    assert all(each["type"] == "contact_update" for each in told)


def test_who_follows_other_kinds_and_who_comes_back_is_told_in_a_frame(
    known: Served, stack: ExitStack, open_client: OpenClient
) -> None:
    types, gone = ["conversation_event"], {CONTACT, "c-76"}
    page = known.get("/events", location=OFFICE, after="latest")
    cursor = {"epoch": page["epoch"], "seq": page["top"]}
    polled = {"location": OFFICE, "after": f"{cursor['epoch']}:{cursor['seq']}", "types": types[0]}

    def followed(**after: Any) -> list[set[str]]:
        """Return whom a socket, a stream and a client of Socket.IO are told to forget, who are at the cursor."""
        socket = known.connect(stack, additional_headers=known.bearer())
        subscribe(socket, OFFICE, types=types, after=cursor)
        url = f"{known.url}/events/stream"
        stream = known.session.get(url, params=polled, headers=known.bearer(), stream=True, timeout=20)
        lines = stream.iter_lines(decode_unicode=True, chunk_size=1)
        assert next(line for line in lines if line.startswith("event")) == "event: subscribed"
        socket_io = open_client(known.url)
        socket_io.connect(location=OFFICE, token=known.token("admin"), types=types, **cursor)
        assert after or erase(known)["done"]
        told: list[set[str]] = [set(), set(), set()]
        while told[0] != gone:
            frame = receive(socket)
            told[0] |= {frame["contact"]} if frame["type"] == "forget" else set()
        while told[1] != gone:
            if next(lines) == "event: forget":
                told[1].add(json.loads(next(lines)[6:])["contact"])
        stream.close()
        told[2] = {socket_io.until("forget")[1]["contact"] for _ in gone}
        return told

    assert followed() == [gone] * 3
    assert followed(after=cursor) == [gone] * 3
    assert set(known.get("/events", **polled)["forget"]) == gone
    assert "forget" not in known.get("/events", **{**polled, "after": "latest"})
    viewers, of_bots = known.bearer("viewer"), {**polled, "types": "bot_status_update"}
    seen = known.session.get(f"{known.url}/events", params=of_bots, headers=viewers, timeout=20).json()
    assert (seen["recovered"], "forget" in seen) == (True, False), "who sees no contacts is told of none"
    known.stop()
    known.start()
    assert set(known.get("/events", **polled)["forget"]) == gone, "also by a server that has started since"


def test_what_comes_of_it_later_is_stored_without_what_is_personal(known: Served, tmp_path: Path) -> None:
    assert erase(known)["done"]
    body = {"contact_id": CONTACT, "full_name": "Zebediah Quux", "phone": "+15125550142", "location": {"id": OFFICE}}
    known.post([message(50, "Zebediah here, the beekeeper"), message(51, "another one", "c-79")]).raise_for_status()
    headers = {"X-Jorge-Webhook-Secret": SECRET}
    sent = known.session.post(f"{known.url}/webhooks/ghl/workflow", json=body, headers=headers, timeout=10)
    assert sent.status_code == 200
    wait_until(lambda: known.get("/api/deliveries", location=OFFICE)["deliveries"][0]["state"] != "pending")
    bodies = [each["data"].get("body") for each in known.get("/events", location=OFFICE, after="oldest")["events"]]
    assert "another one" in bodies
    assert found(tmp_path) == {}
    known.stop()
    known.start()
    known.post([message(52, "Zebediah again, the beekeeper")]).raise_for_status()
    assert found(tmp_path) == {}


def test_killed_midway_it_goes_on_at_the_next_start(tmp_path: Path) -> None:
    with Served(tmp_path, **WORKFLOW) as served:
        live_through(served)
        for first in range(100, 2100, 500):
            words = [message(number, f"the beekeeper says {number}") for number in range(first, first + 500)]
            assert served.post(words).status_code == 200
        epoch = served.get("/events", location=OFFICE, after="latest")["epoch"]
        url = f"{served.url}/api/contacts/{CONTACT}/erase?location={OFFICE}"
        answer = served.session.post(url, headers=served.bearer(), stream=True, timeout=60)

        def begun() -> bool:
            newest = served.get(f"/api/contacts/{CONTACT}/timeline", location=OFFICE, before=f"{epoch}:40", limit=1)
            return "erased" in json.dumps(newest)

        wait_until(begun)
        served.kill()
        answer.close()
        served.start()
        acts = wait_until_erased(served)
        erasing = [act["act"] for act in acts if act["act"].startswith("contact.eras")]
        assert erasing == ["contact.erased", "contact.erase"]
        assert served.get("/events", location=OFFICE, after="latest")["epoch"] == epoch
        assert found(tmp_path) == {}
        served.stop()
        assert found(tmp_path) == {}
        assert in_store(tmp_path, "SELECT plan, done_at IS NULL FROM erasures") == [(None, 0)]


STEPS = (
    "erasing._erase_events",
    "erasing._erase_archive",
    "erasing._erase_deliveries",
    "erasing._erase_copies",
    "erasing._rename_words",
    "erasing._erase_entities",
    "SQLErasures.change_views",
    "erasing.Erasing._tell",
    "erasing.Erasing._wipe",
    "SQLiteWiping.empty_log",
    "SQLiteWiping.rewrite",
    "erasing.Erasing._note_done",
)
"""What an erasure does, one after the other; the file is written anew because it goes on after a restart."""

DYING = """
import os, signal
from jorge_data.server.privacy import erasing
from jorge_data.store.sql.erasures import SQLErasures
from jorge_data.store.sqlite.wiping import SQLiteWiping
{step} = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
from jorge_data.__main__ import main
main()
"""


class Mortal(Served):
    """An event server that can be told at which step of an erasure it is to be killed."""

    def die_at(self, step: str) -> None:
        """Go on from what is stored, up to a step."""
        self.program = ("-c", DYING.format(step=step))
        self.spawn()
        assert self.process.wait(120) == -signal.SIGKILL, (step, self.log[-2000:])
        self.kill()
        self.program = Served.program


def live_long(served: Served) -> None:
    """Have a store hold the person wherever one can: in what is old, new, saved, cut off, refused and searched for."""
    live_through(served)
    served.get("/api/table", location=OFFICE, kind="contacts")  # waits until all is folded
    served.session.post(f"{served.url}/api/retention/run", headers=served.bearer(), timeout=60).raise_for_status()
    (draft := next(served.folder.rglob("*.parquet"))).with_name(f"{draft.name}.new").write_bytes(draft.read_bytes())
    for name, shared in (("Zebediah Quux's", True), ("of mine", False)):
        view = {"name": name, "page": "explore", "parameters": {"q": "zeb@quux.example"}, "shared": shared}
        answer = served.session.put(f"{served.url}/api/views", json=view, headers=served.bearer(), timeout=10)
        assert answer.status_code == 200, answer.text
    for contact in (CONTACT, "+15125550142"):
        served.get(f"/api/contacts/{contact}/timeline", location=OFFICE)
    assert "Quux" in json.dumps(served.get("/api/refusals", location=OFFICE))


def test_killed_at_each_step_it_goes_on_and_no_file_of_a_store_that_lived_long_has_a_byte_of_it(tmp_path: Path) -> None:
    kept = {"Zebediah Quux": {"q": "Zebediah Quux"}}
    for name in ("views.json", "views.json.taken-over"):
        (tmp_path / name).write_text(json.dumps(kept))
    with Mortal(tmp_path, **WORKFLOW, JORGE_RETENTION="archive", JORGE_RETENTION_DAYS="21") as served:
        assert "Zebediah Quux" in [view["name"] for view in served.get("/api/views")["views"]]
        live_long(served)
        figures = series(served)
        held = found(tmp_path)
        assert {"events.db-wal"} < held.keys()
        assert {Path(name).suffix for name in held} >= {".parquet", ".new", ".db-wal"}
        served.kill()
        aside = tmp_path / "before-restore-20261101T000000"
        aside.mkdir()
        (aside / "aside.db").write_bytes((tmp_path / "events.db").read_bytes() + b"Zebediah")
        with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
            row = (OFFICE, CONTACT, json.dumps([CONTACT]), 1, "ann")
            connection.execute(
                "INSERT INTO erasures (location, contact, contacts, asked_at, asked_by) VALUES (?, ?, ?, ?, ?)", row
            )
            connection.commit()
        for step in STEPS:
            served.die_at(step)
        served.start()
        wait_until_erased(served)
        wait_until(lambda: found(tmp_path).keys() == {"aside.db"}, 60)
        assert series(served) == figures
        rebuild(served)
        assert series(served) == figures
        served.stop()
        assert found(tmp_path).keys() == {"aside.db"}, "what an operator has put aside is his to remove"


def wait_until_erased(served: Served) -> list[dict[str, Any]]:
    def acts() -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = served.get("/api/audit")["entries"]
        return entries

    wait_until(lambda: acts()[0]["act"] == "contact.erased", 60)
    return acts()


def test_what_was_removed_before_there_were_erasures_goes_from_free_space_too(tmp_path: Path) -> None:
    with Served(tmp_path, **WORKFLOW) as served:
        live_through(served)
        served.stop()
        with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
            connection.execute("PRAGMA secure_delete=OFF")
            connection.execute("CREATE TABLE old (text TEXT)")
            connection.executemany("INSERT INTO old VALUES (?)", [("Zebediah Quux " * 300,)] * 50)
            connection.commit()
            connection.execute("DROP TABLE old")
            connection.execute("UPDATE store SET wiped = 0")
            connection.commit()
        assert "Quux" in str(found(tmp_path))
        served.start()
        assert erase(served)["done"]
        assert found(tmp_path) == {}
        served.post([message(60, "and on it goes", "c-79")]).raise_for_status()


def test_a_contact_that_nobody_knows_is_refused_by_its_id(known: Served) -> None:
    url = f"{known.url}/api/contacts/c-78x/erase?location={OFFICE}"
    answer = known.session.post(url, headers=known.bearer(), timeout=60)
    assert answer.status_code == 404
    assert "c-78x" in answer.json()["error"]["detail"]


def test_it_is_audited_before_it_is_done_and_an_id_that_is_a_number_is_not_told(known: Served) -> None:
    number = "+15125550199"
    known.post([message(70, "hello", number)]).raise_for_status()
    assert erase(known, number)["done"]
    acts = known.get("/api/audit")["entries"]
    assert [act["act"] for act in acts][:2] == ["contact.erased", "contact.erase"]
    assert "5550199" not in json.dumps(acts)


def test_a_stage_and_an_agents_number_stay_where_a_contact_is_called_or_reached_by_them(tmp_path: Path) -> None:
    deal = {"deal_id": "d-5", "contact_id": "c-5", "stage": "New Lead", "deal_value": 400_000, "status": "open"}
    lead = {"contact_id": "c-6", "name": "New Lead", "agent_phone": "+1 512 555 0142", "changed": {}}
    said = "Call the office at +1 512 555 0142"
    with Served(tmp_path) as served:
        told = [event(1, "commission_update", deal), event(2, "contact_update", lead), message(3, said, "c-5")]
        answer = served.post(told)
        assert answer.status_code == 200, answer.text
        served.get("/api/table", location=OFFICE, kind="deals")  # waits until all is folded
        assert erase(served, "c-6")["done"]
        first, second, third, *_ = served.get("/events", location=OFFICE, after="oldest")["events"]
        assert (first["data"]["stage"], third["data"]["body"]) == ("New Lead", said)
        assert "New Lead" not in json.dumps(second)


def test_a_number_of_two_stays_with_the_other(tmp_path: Path) -> None:
    both = {"phone": "+1 512 555 0142", "email": "lopez@home.example", "changed": {}}
    maria, juan = (
        {"contact_id": "c-5", "name": "Maria Lopez", **both},
        {"contact_id": "c-6", "name": "Juan Cruz", **both},
    )
    said = "call us at 512-555-0142 or lopez@home.example, ask for {}"
    with Served(tmp_path, **WORKFLOW) as served:
        told = [event(1, "contact_update", maria), event(2, "contact_update", juan)]
        told += [message(3, said.format("Maria Lopez"), "c-6"), message(4, said.format("me"), "c-5")]
        answer = served.post(told)
        assert answer.status_code == 200, answer.text
        body = {"contact_id": "c-6", "phone": both["phone"], "location": {"id": OFFICE}}
        sent = {"X-Jorge-Webhook-Secret": SECRET}
        served.session.post(
            f"{served.url}/webhooks/ghl/workflow", json=body, headers=sent, timeout=10
        ).raise_for_status()
        served.get("/api/table", location=OFFICE, kind="contacts")  # waits until all is folded
        assert erase(served, "c-5")["done"]
        first, second, third, fourth, *_ = served.get("/events", location=OFFICE, after="oldest")["events"]
        assert third["data"]["body"] == said.format("[erased]")
        assert second["data"]["phone"] == both["phone"]
        assert "555" not in json.dumps([first["data"], fourth["data"]])
        served.stop()
        assert in_store(tmp_path, "SELECT count(*) FROM deliveries WHERE body LIKE '%555 0142%'") == [(1,)]


def test_an_export_has_all_that_is_known_of_one_person_in_one_file(known: Served, tmp_path: Path) -> None:
    known.get(f"/api/contacts/{CONTACT}/export", location=OFFICE)
    person = known.get(f"/api/contacts/{CONTACT}/export", location=OFFICE)
    assert person["known_as"]["names"] == ["Z. Quux", "Zebediah Quux"]
    assert person["known_as"]["emails"] == ["zeb@quux.example"]
    assert {each["subject"] for each in person["events"]} >= {CONTACT, "c-76"}
    assert "c-78" not in {each["subject"] for each in person["events"]}
    assert [deal["id"] for deal in person["deals"]] == ["d-1"]
    assert person["deliveries"][0]["body"]["full_name"] == "Zebediah Quux"
    assert {copy["kind"] for copy in person["copies"]} >= {"contact", "phone"}
    assert {act["act"] for act in person["audit"]} == {"contact.change", "contact.export", "needs.act"}
    assert all(text in json.dumps(person) for text in PERSONAL)


def test_the_commands_erase_and_export_by_the_running_server(known: Served, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**known.environment, "NEXT_PUBLIC_SOCKET_URL": known.url.replace("http", "ws")}
        command = [sys.executable, "-m", "jorge_data", *arguments, "--location", OFFICE]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    file = tmp_path.parent / f"{tmp_path.name}-person.json"
    exported = run("export-contact", CONTACT, str(file))
    assert exported.returncode == 0, exported.stderr
    assert "Zebediah Quux" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    erased = run("erase", CONTACT)
    assert erased.returncode == 0, erased.stderr
    assert f"{CONTACT} is erased" in erased.stdout
    unknown = run("erase", "nobody")
    assert unknown.returncode == 2
    assert "nothing is known of the contact 'nobody'" in unknown.stderr
