"""What a client adds to an address is ignored on the contract's routes; whatever else is wrong with one is refused."""

from typing import Any

import pytest

from jorge_data.permissions import Role
from tests.served import Served

OF_THE_CONTRACT = ("/events", "/api/dashboard/metrics", "/api/contacts/dana/timeline")
OURS = ("/api/series?kind=bot_status_update", "/api/table?kind=bot_status_update", "/api/sources", "/api/audit")


def ask(served: Served, path: str) -> tuple[int, Any]:
    answer = served.session.get(f"{served.url}{path}", headers=served.bearer(), timeout=10)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", OF_THE_CONTRACT)
def test_what_a_client_adds_against_caches_changes_nothing(served: Served, path: str) -> None:
    status, body = ask(served, f"{path}?location=empty")
    added = ask(served, f"{path}?location=empty&_=1764637200000&utm_source=mail&lastEventId=")
    assert (status, added[0]) == (200, 200)
    assert added[1].keys() == body.keys()


def test_a_stream_begins_for_a_polyfill_of_eventsource_too(served: Served) -> None:
    address = f"{served.url}/events/stream?location=empty&lastEventId=e%3A1"
    answer = served.session.get(address, headers=served.bearer(), stream=True, timeout=10)
    with answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")


@pytest.mark.parametrize("path", OURS)
def test_what_a_question_of_ours_has_not_is_refused_by_name(served: Served, path: str) -> None:
    status, body = ask(served, f"{path}{'&' if '?' in path else '?'}wher=x")
    assert (status, body["error"]["code"]) == (422, "invalid")
    assert "wher" in body["error"]["detail"]
    assert "no such parameter" in body["error"]["detail"]


@pytest.mark.parametrize("path", OF_THE_CONTRACT)
@pytest.mark.parametrize("query", ["location=a&location=b", "location=%00"])
def test_a_parameter_that_is_known_stands_there_once_and_well(served: Served, path: str, query: str) -> None:
    status, body = ask(served, f"{path}?{query}")
    assert (status, body["error"]["code"]) == (422, "invalid")
    assert "location" in body["error"]["detail"]


def test_an_office_that_cannot_be_is_refused_where_the_audit_log_is_asked_of_it(served: Served) -> None:
    for path in ("/api/audit", "/api/audit/export"):
        status, body = ask(served, f"{path}?location=%C2%84")
        assert (status, body["error"]["code"]) == (422, "invalid")
        assert "location" in body["error"]["detail"]


@pytest.mark.parametrize(
    ("role", "method", "path", "field", "body"),
    [
        ("dashboard", "POST", "/api/sessions/end", "everywhere", {"session": "none", "everywhere": 0}),
        ("dashboard", "POST", "/api/sessions/used", "used", {"sessions": [{"id": "none", "used": "no"}]}),
        ("admin", "PUT", "/api/views", "shared", {"name": "a", "page": "ml", "parameters": {}, "shared": 0}),
        ("admin", "POST", "/api/users", "display_name", {"name": "ann", "role": "viewer", "display_name": 5}),
    ],
)
def test_a_field_of_a_body_is_of_its_very_type(
    served: Served, role: Role, method: str, path: str, field: str, body: Any
) -> None:
    answer = served.session.request(method, served.url + path, json=body, headers=served.bearer(role), timeout=10)
    assert answer.status_code == 422
    assert any(fault["pointer"].endswith(f"/{field}") for fault in answer.json()["error"]["faults"])
