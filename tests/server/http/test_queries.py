"""Questions over the history, as a client asks them of a real server."""

import base64
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
import requests

from jorge_data.permissions import Role
from tests.served import Served
from tests.server.query.past import MAKERS, events

KINDS = (*MAKERS, "seller_step", "sequence_due", "deal_stage", "component_time")


def publish(served: Served, some: list[dict[str, Any]]) -> None:
    for start in range(0, len(some), 200):
        assert served.post(some[start : start + 200]).status_code == 200


def ask(served: Served, path: str, role: Any = "admin", **query: str) -> requests.Response:
    return served.session.get(f"{served.url}{path}", params=query, headers=served.bearer(role), timeout=15)


def counts(served: Served, location: str) -> dict[str, Any]:
    return {kind: served.get("/api/series", kind=kind, location=location, step="1d")["rows"] for kind in KINDS}


def test_figures_and_their_rows_come_by_http(served: Served, location: str) -> None:
    publish(served, list(events(200, location=location)))
    answer = served.get("/api/series", location=location, kind="bot_status_update", by="bot_type", step="1w")
    assert answer["columns"] == ["t", "bot_type", "value", "n"]
    assert (answer["position"]["seq"], answer["exact"]) == (200, True)
    page = served.get("/api/table", location=location, kind="bot_status_update", limit=1000)
    assert page["total"] == len(page["rows"]) == sum(row[2] for row in answer["rows"])
    assert page["position"] == answer["position"]


def test_arrow_says_the_same_as_json(served: Served, location: str) -> None:
    publish(served, list(events(200, location=location)))
    query = {"location": location, "kind": "system_health_update", "by": "component", "step": "1d"}
    for measured in ({}, {"measure": "response_time_ms", "agg": "p95"}, {"measure": "response_time_ms", "agg": "bins"}):
        headers = served.bearer() | {"Accept": "application/vnd.apache.arrow.stream"}
        url, answer = f"{served.url}/api/series", served.get("/api/series", **query, **measured)
        raw = served.session.get(url, params=query | measured, headers=headers, timeout=15)
        table = pa.ipc.open_stream(raw.content).read_all()
        rows = [[row[0].isoformat(), *row[1:]] for row in zip(*table.to_pydict().values(), strict=True)]
        assert (table.column_names, rows) == (answer["columns"], answer["rows"])
        assert orjson.loads(table.schema.metadata[b"position"]) == answer["position"]
        assert orjson.loads(table.schema.metadata[b"exact"]) == answer["exact"]


def test_an_empty_answer_is_an_answer(served: Served, location: str) -> None:
    nothing = {"columns": ["t", "value", "n"], "rows": [], "position": {"epoch": "", "seq": 0}, "exact": True}
    assert served.get("/api/series", location=location, kind="deal_state", step="1d") == nothing
    page = served.get("/api/table", location=location, kind="contacts")
    assert (page["rows"], page["next"], page["total"]) == ([], None, 0)
    headers = served.bearer() | {"Accept": "application/vnd.apache.arrow.stream"}
    query = {"location": location, "kind": "deal_state"}
    raw = served.session.get(f"{served.url}/api/series", params=query, headers=headers, timeout=15)
    assert pa.ipc.open_stream(raw.content).read_all().num_rows == 0


@pytest.mark.parametrize("path", ["/api/series", "/api/table"])
def test_a_viewer_sees_how_bots_and_systems_are_and_no_contacts_nor_money(
    served: Served, location: str, path: str
) -> None:
    for kind in ("bot_status_update", "system_health_update", "component_time"):
        assert ask(served, path, "viewer", kind=kind, location=location).status_code == 200
    for kind in ("commission_update", "conversation_event", "deal_state", "seller_step", "contacts", "deals"):
        if path == "/api/series" and kind in ("contacts", "deals"):
            continue
        refused = ask(served, path, "viewer", kind=kind, location=location)
        assert refused.status_code == 403
        assert "the role viewer may not see" in refused.json()["error"]["detail"]
        assert ask(served, path, "agent", kind=kind, location=location).status_code == 200


def test_a_token_of_one_location_asks_of_no_other(served: Served, location: str) -> None:
    headers = served.bearer("admin", "elsewhere")
    query = {"kind": "bot_status_update", "location": location}
    assert served.session.get(f"{served.url}/api/series", params=query, headers=headers, timeout=5).status_code == 403


def test_a_bad_name_is_refused_in_the_one_shape(served: Served, location: str) -> None:
    refused = ask(served, "/api/series", kind="bot_status_update", by="x'; DROP TABLE events; --", location=location)
    assert refused.status_code == 422
    (fault,) = refused.json()["error"]["faults"]
    assert fault["pointer"] == "/query/by"
    assert "DROP TABLE" in fault["value"]
    assert fault["detail"].startswith("allowed: one of bot_type, status")


def written(cursor: str, *values: Any) -> str:
    """Return a cursor of the same query with other values."""
    digest = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]
    return base64.urlsafe_b64encode(orjson.dumps([digest, *values])).decode().rstrip("=")


@pytest.mark.parametrize(
    ("kind", "order", "right"),
    [
        ("bot_status_update", "-time", [1, 1, 1, 1]),
        ("component_time", "time", [1, 1]),
        ("contacts", "at", [1, 1]),
        ("contacts", "-name", ["Ann", 1]),
        ("contacts", "value", [1, 1]),
    ],
)
def test_a_cursor_that_somebody_wrote_is_refused_by_its_field(
    served: Served, location: str, kind: str, order: str, right: list[Any]
) -> None:
    publish(served, list(events(200, location=location)))
    query = {"kind": kind, "order": order, "location": location, "limit": "1"}
    cursor = ask(served, "/api/table", **query).json()["next"]
    for value in (2**62, -(2**62), 0):
        fit = written(cursor, *(value if isinstance(each, int) else each for each in right))
        assert ask(served, "/api/table", **query, cursor=fit).status_code == 200
    odd: list[list[Any]] = [[], right[:-1], [*right, 1], ["x", *right[1:]] if right[0] == 1 else [1, *right[1:]]]
    unfit: tuple[Any, ...] = ({}, [], None, True, 1.5, "1", 2**63, 2**62 + 1)
    odd += [[*right[:-1], last] for last in unfit]
    for values in odd:
        answer = ask(served, "/api/table", **query, cursor=written(cursor, *values))
        assert answer.status_code == 422, (values, answer.text)
        assert answer.json()["error"]["faults"][0]["pointer"] == "/query/cursor"


def test_hostile_text_is_counted_and_found_as_it_is(served: Served, location: str) -> None:
    names = ["a\0b", "'; --", '"', "\\", "[1]", "{}", "null", "%", "ü" * 128, "\u2028", "$.data", "a b"]
    some = [
        {"id": str(n), "source": "x", "type": "bot_status_update", "data": {"bot_type": name, "status": "idle"}}
        for n, name in enumerate(names)
    ]
    publish(served, [event | {"locationid": location} for event in some])
    rows = served.get("/api/series", location=location, kind="bot_status_update", by="bot_type")["rows"]
    assert {row[1] for row in rows} == {name[:64] for name in names}
    for name in names:
        where = f"bot_type:eq:{name[:64]}"
        page = served.get("/api/table", location=location, kind="bot_status_update", where=where, columns="bot_type")
        assert (page["rows"], page["total"]) == ([[name]], 1)


def test_a_server_that_is_killed_while_it_folds_answers_the_same_afterwards(tmp_path: Path) -> None:
    some = list(events(3000, location="office"))
    with Served(tmp_path) as served:
        publish(served, some[:2000])
        right = counts(served, "office")
        for start in range(2000, 3000, 250):
            publish(served, some[start : start + 250])
            served.kill()
            served.start()
        rebuilt = counts(served, "office")
        response = served.session.post(f"{served.url}/api/rollups/rebuild", headers=served.bearer(), timeout=60)
        last = orjson.loads(response.text.splitlines()[-1])
        assert (last["location"], last["folded"], last["top"]) == ("office", 3000, 3000)
        assert counts(served, "office") == rebuilt
        assert sum(row[1] for kind in MAKERS for row in rebuilt[kind]) == 3000
        assert sum(row[1] for kind in MAKERS for row in right[kind]) == 2000


def test_only_an_admin_rebuilds(served: Served, location: str) -> None:
    url, query = f"{served.url}/api/rollups/rebuild", {"location": location}
    assert served.session.post(url, params=query, timeout=5).status_code == 401
    for role in ("viewer", "agent", "manager", "publisher"):
        assert served.session.post(url, params=query, headers=served.bearer(role), timeout=5).status_code == 403
    assert served.session.post(url, params=query, headers=served.bearer(), timeout=5).status_code == 200


@pytest.mark.parametrize("role", [None, "admin"], ids=["secret", "token"])
def test_the_command_rebuilds_one_location_and_tells_how_far_it_is(
    served: Served, location: str, role: Role | None
) -> None:
    """With a token of every location too, only the one in the request is rebuilt."""
    publish(served, list(events(1, location=f"{location}-other")))
    publish(served, list(events(200, location=location)))
    before = counts(served, location)
    url, token = f"ws://127.0.0.1:{served.port}", served.token(role) if role else ""
    environment = served.environment | {"JORGE_SOCKET_URL": url, "JORGE_TOKEN": token}
    command = [sys.executable, "-m", "jorge_data", "rebuild", "--location", location]
    done = subprocess.run(command, env=environment, cwd=served.folder, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"Rollups: 100 %, {location}: 200 of 200 events\n"
    assert counts(served, location) == before


def test_questions_are_answered_while_others_publish(served: Served, location: str) -> None:
    done = threading.Event()
    some = list(events(1500, location=location))

    def publishing() -> None:
        with requests.Session() as session:
            for start in range(0, len(some), 50):
                session.post(f"{served.url}/events", json=some[start : start + 50], headers=served.bearer(), timeout=20)
        done.set()

    thread = threading.Thread(target=publishing)
    with ExitStack() as stack:
        thread.start()
        stack.callback(thread.join)
        seen = [0]
        while not done.is_set():
            top = served.get("/events", location=location, after="latest")["top"]
            answer = served.get("/api/series", location=location, kind="conversation_event")
            seen.append(answer["position"]["seq"])
            assert seen[-1] >= top
    assert seen == sorted(seen)
    assert sum(sum(row[1] for row in rows) for kind, rows in counts(served, location).items() if kind in MAKERS) == 1500
