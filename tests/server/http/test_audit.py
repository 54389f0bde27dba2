"""The audit log over HTTP: what people do, who was refused, what was taken along; filtered, exported and verified."""

import csv
import io
import sqlite3
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from jorge_data.events import new_id
from jorge_data.permissions import Role
from jorge_data.store.sqlite.triggers import AUDIT_TRIGGERS
from tests.served import Served, bot_status
from tests.server.clients import ask
from tests.waiting import wait_until


def entries(served: Served, **query: Any) -> list[dict[str, Any]]:
    """Return what the log has, oldest first."""
    found: list[dict[str, Any]] = served.get("/api/audit", **({"limit": 1000} | query))["entries"]
    return found[::-1]


def publish(served: Served, role: Role, location: str, type_: str, **data: Any) -> requests.Response:
    event = {"id": new_id(), "source": "tests", "type": type_, "locationid": location, "data": data}
    return served.post([event], served.bearer(role))


def act(served: Served, location: str, role: Role = "agent", item: str = "hot:c1", **data: Any) -> requests.Response:
    return publish(served, role, location, "attention_update", item=item, by=f"test-{role}", **data)


def test_an_action_says_who_from_where_and_what_was_before_and_after(served: Served, location: str) -> None:
    assert act(served, location, action="assigned").status_code == 200
    until = "2036-12-01T09:00:00Z"
    assert act(served, location, "manager", action="snoozed", until=until, note="Maria is out").status_code == 200
    first, second = entries(served, location=location)
    assert (first["by"], first["role"], first["address"]) == ("test-agent", "agent", "127.0.0.1")
    assert (first["act"], first["what"], first["location"]) == ("needs.act", "hot:c1", location)
    assert (first["before"], first["after"]) == (None, {"action": "assigned"})
    assert (second["by"], second["before"], second["after"]["action"]) == (
        "test-manager",
        {"action": "assigned"},
        "snoozed",
    )
    assert "Maria" not in str(second)


def test_an_action_that_is_sent_again_is_one_entry(served: Served, location: str) -> None:
    data = {"item": "hot:c1", "action": "assigned", "by": "test-agent"}
    event = {"id": new_id(), "source": "tests", "type": "attention_update", "locationid": location, "data": data}
    for _ in range(2):
        assert served.post([event], served.bearer("agent")).status_code == 200
    assert len(entries(served, location=location)) == 1


def test_a_label_says_which_one_was_before(served: Served, location: str) -> None:
    for category in ("seller", "curious"):
        answer = publish(served, "agent", location, "intent_feedback", analysis_id="a1", actual_category=category)
        assert answer.status_code == 200
    states = [(each["act"], each["what"], each["before"], each["after"]) for each in entries(served, location=location)]
    assert states == [
        ("label.set", "a1", None, {"category": "seller"}),
        ("label.set", "a1", {"category": "seller"}, {"category": "curious"}),
    ]


def test_a_contact_that_a_person_gives_to_another_has_both_names_and_no_word_of_it(
    served: Served, location: str
) -> None:
    changed = {"assigned_to": {"from": "ann", "to": "bob"}, "phone": {"from": "+15125550142", "to": "+15125550143"}}
    assert publish(served, "manager", location, "contact_update", contact_id="c1", changed=changed).status_code == 200
    (entry,) = entries(served, location=location)
    assert (entry["before"], entry["after"]) == ({"assigned_to": "ann"}, {"assigned_to": "bob", "fields": ["phone"]})
    assert "512555" not in str(entry)


def test_what_a_bot_publishes_is_no_persons_act(served: Served, location: str) -> None:
    assert act(served, location, "publisher", action="assigned").status_code == 200
    assert entries(served, location=location) == []


def test_a_transcript_is_audited_where_it_is_served_once_for_each_reader(served: Served, location: str) -> None:
    message = {"conversation_id": "c1", "contact_id": "c1", "kind": "message", "direction": "inbound", "body": "hello"}
    assert publish(served, "publisher", location, "conversation_event", **message).status_code == 200
    readers: list[Role] = ["agent", "agent", "manager", "agent"]
    for role in readers:
        for contact in ("c1", "nobody"):
            path = f"{served.url}/api/contacts/{contact}/timeline"
            answer = served.session.get(path, params={"location": location}, headers=served.bearer(role), timeout=10)
            assert answer.status_code == 200
    found = [(each["by"], each["act"], each["what"]) for each in entries(served, location=location)]
    assert found == [("test-agent", "transcript.open", "c1"), ("test-manager", "transcript.open", "c1")]


@pytest.mark.parametrize("contact", ["maria@example.com", "+1 512 555-0142", "5125550142"])
def test_an_id_that_is_an_address_or_a_number_is_a_digest_in_the_log(
    served: Served, location: str, contact: str
) -> None:
    assert act(served, location, item=f"hot:{contact}", action="acknowledged").status_code == 200
    (entry,) = entries(served, location=location)
    about, _, name = entry["what"].partition(":")
    assert (about, name[:5], len(name)) == ("hot", "hmac-", 29)
    assert name[5:] not in sha256(f"{location}:{contact}".encode()).hexdigest(), "whoever tries all numbers finds none"
    assert contact not in str({**entry, "location": ""})  # this test names it after the contact


def test_an_export_is_audited_with_its_rows(served: Served, location: str) -> None:
    told = {"act": "export", "page": "explore", "part": "numbers", "format": "csv", "rows": 12, "location": location}
    answer = served.session.post(
        f"{served.url}/api/audit", json=told, headers=served.bearer("viewer", location), timeout=10
    )
    assert answer.status_code == 204
    (entry,) = entries(served, location=location)
    assert (entry["by"], entry["act"], entry["what"]) == ("test-viewer", "export.download", "explore/numbers, csv")
    assert entry["after"] == {"rows": 12}


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "token.make"},
        {"act": "export", "by": "bob"},
        {"page": "nowhere"},
        {"part": "Maria Lopez"},
        {"part": "x" * 65},
        {"format": "exe"},
        {"rows": -1},
    ],
)
def test_nobody_writes_what_he_likes(served: Served, location: str, wrong: dict[str, Any]) -> None:
    told = {"act": "export", "page": "explore", "part": "numbers", "format": "csv", "rows": 1, "location": location}
    answer = served.session.post(f"{served.url}/api/audit", json=told | wrong, headers=served.bearer(), timeout=10)
    assert answer.status_code == 422
    assert entries(served, location=location) == []


def test_a_refusal_of_a_known_caller_is_in_the_log_once_a_minute_and_counted(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        for _ in range(5):
            asked = server.session.get(f"{server.url}/api/audit", headers=server.bearer("agent"), timeout=10)
            assert asked.status_code == 403
        assert server.session.get(f"{server.url}/api/audit", timeout=10).status_code == 401  # nobody knows who
        bound = server.post([bot_status(locationid="b")], server.bearer("publisher", "a"))
        assert bound.status_code == 422
        wait_until(lambda: len(entries(server, act="request.refuse")) == 2)  # nobody waits for their entries
        refused = [(each["by"], each["what"], each["after"]) for each in entries(server, act="request.refuse")]
        assert refused == [
            (
                "test-agent",
                "GET /api/audit: the role agent may not read the audit log: allowed is admin",
                {"times": 1},
            ),
            ("test-publisher", "POST /events: the token is bound to the location 'a', not to 'b'", {"times": 1}),
        ]
        server.stop()
        server.start()
        again = [each["after"] for each in entries(server, act="request.refuse")]
        assert again == [{"times": 1}, {"times": 1}, {"times": 4}]


def test_who_comes_with_a_revoked_token_is_in_the_log(served: Served, location: str) -> None:
    asked = {"role": "viewer", "subject": f"revoked {location}"[:128], "location": location}
    made = served.session.post(f"{served.url}/api/tokens", json=asked, headers=served.bearer(), timeout=10).json()
    served.session.delete(f"{served.url}/api/tokens/{made['jti']}", headers=served.bearer(), timeout=10)
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert served.session.get(f"{served.url}/api/locations", headers=headers, timeout=10).status_code == 401
    wait_until(lambda: [each["act"] for each in entries(served, by=made["subject"])] == ["request.refuse"])


def test_a_refusal_on_the_socket_is_in_the_log(served: Served, location: str, stack: ExitStack) -> None:
    client = served.connect(stack, additional_headers=served.bearer("viewer", location))
    ask(client, type="subscribe", location="elsewhere")
    wait_until(
        lambda: any("the socket: " in each["what"] for each in entries(served, by="test-viewer", location=location))
    )


def test_it_is_filtered_and_says_what_is_allowed(served: Served, location: str) -> None:
    act(served, location, action="assigned", item="hot:c1")
    act(served, location, "manager", action="acknowledged", item="stall:c2")
    both = entries(served, location=location)
    assert entries(served, location=location, by="test-manager") == both[1:]
    assert entries(served, location=location, act="needs.act,label.set") == both
    assert entries(served, location=location, act="label.set") == []
    assert entries(served, location=location, q="STALL") == both[1:]
    assert entries(served, location=location, **{"from": both[1]["at"]}) == both[1:]
    assert entries(served, location=location, to=both[1]["at"]) == both[:1]
    assert {"test-agent", "test-manager"} <= set(served.get("/api/audit", limit=1)["names"])
    for query in ({"act": "x"}, {"from": "yesterday"}, {"before": "x"}, {"q": "x" * 201}):
        answer = served.session.get(f"{served.url}/api/audit", params=query, headers=served.bearer(), timeout=10)
        assert (answer.status_code, "allowed" in answer.text) == (422, True)


def export(served: Served, **query: Any) -> requests.Response:
    answer = served.session.get(f"{served.url}/api/audit/export", params=query, headers=served.bearer(), timeout=10)
    assert answer.status_code == 200
    return answer


def test_an_export_of_all_of_it_is_verified_by_whoever_has_it(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        act(server, "a", action="assigned")
        act(server, "a", "manager", action="reopened")
        lines = [orjson.loads(line) for line in export(server).content.splitlines()]
        head = server.get("/api/audit/verify")
    database = sqlite3.connect(tmp_path / "events.db")
    with closing(database):
        micros = dict(database.execute("SELECT id, at FROM audit").fetchall())
    hashed = "0" * 64
    for line in lines:
        states = [
            None if line[name] is None else orjson.dumps(line[name], option=orjson.OPT_SORT_KEYS).decode()
            for name in ("before", "after")
        ]
        told = [line[name] for name in ("by", "role", "address", "session", "location", "act", "what")]
        hashed = sha256(hashed.encode() + orjson.dumps([line["id"], micros[line["id"]], *told, *states])).hexdigest()
        assert line["hash"] == hashed
    assert head == {"entries": len(lines), "head": hashed, "fault": None}
    assert lines[-1]["act"] == "audit.export"


def test_an_export_as_csv_runs_nothing_in_a_spreadsheet(served: Served, location: str) -> None:
    act(served, location, item="=1+1", action="acknowledged")
    answer = export(served, format="csv", location=location)
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["by"], row["act"], row["what"], row["before"]) == ("test-agent", "needs.act", "'=1+1", "")
    assert row["after"] == '{"action":"acknowledged"}'
    assert export(served, format="csv", location="nowhere").text.startswith("id,at,by,")
    refused = served.session.get(
        f"{served.url}/api/audit/export", params={"format": "exe"}, headers=served.bearer(), timeout=10
    )
    assert refused.status_code == 422


def test_a_log_that_was_changed_is_told_by_the_server_and_by_the_doctor(tmp_path: Path) -> None:
    from jorge_data.store import verify_audit_log

    store = tmp_path / "events.db"
    with Served(tmp_path) as server:
        act(server, "a", action="assigned")
        act(server, "a", "manager", action="assigned")
        first = entries(server)[0]
        whole = verify_audit_log(store)  # beside the running server
        assert whole is not None
        assert (whole.entries, whole.fault) == (2, None)
        server.stop()
        with closing(sqlite3.connect(store)) as connection:
            for change in ("update", "delete"):
                connection.execute(f"DROP TRIGGER audit_{change}")
            connection.execute("UPDATE audit SET by = 'somebody' WHERE id = 1")
            for trigger in AUDIT_TRIGGERS[:2]:
                connection.execute(trigger)
            connection.commit()
        found = verify_audit_log(store)
        assert found is not None
        assert (found.fault or "").startswith("entry 1 is not as it was written")
        server.start()
        assert server.get("/api/audit/verify")["fault"] == found.fault
    assert first["by"] == "test-agent"


@pytest.mark.parametrize(
    ("query", "status"), [({"id": "1"}, 422), ({"hash": "x"}, 422), ({"id": "x", "hash": "x"}, 422)]
)
def test_a_noted_hash_is_asked_about_with_its_entry(served: Served, query: dict[str, str], status: int) -> None:
    answer = served.session.get(f"{served.url}/api/audit/verify", params=query, headers=served.bearer(), timeout=10)
    assert answer.status_code == status


def test_an_admin_of_one_office_sees_what_was_done_there_and_nowhere_else(served: Served, location: str) -> None:
    own, other = f"{location[:100]}-own", f"{location[:100]}-other"
    headers = served.bearer("admin", own)
    for office in (own, other):
        answer = act(served, office, "agent" if office == own else "manager", action="assigned")
        assert answer.status_code == 200, answer.text

    def asked(path: str, **query: str) -> requests.Response:
        return served.session.get(f"{served.url}/api/audit{path}", params=query, headers=headers, timeout=10)

    for query in ({}, {"location": own}, {"q": "hot"}, {"act": "needs.act"}):
        body = asked("", **query).json()
        assert {(each["by"], each["location"]) for each in body["entries"]} == {("test-agent", own)}
        assert body["names"] == ["test-agent"]
    assert asked("", by="test-manager").json()["entries"] == []
    lines = [orjson.loads(line) for line in asked("/export").text.splitlines()]
    assert {each["location"] for each in lines} == {own}
    assert {each["act"] for each in lines} == {"needs.act", "audit.export"}
    for path, query in (
        ("", {"location": other}),
        ("/export", {"location": other}),
        ("/verify", {}),
        ("/warnings", {}),
    ):
        assert asked(path, **query).status_code == 403, path
