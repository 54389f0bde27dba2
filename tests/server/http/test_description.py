"""OpenAPI describes every route as it answers, and any reader of it can follow each reference."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from jorge_data.events import KINDS
from tests.events.examples import FULL
from tests.served import Served

Document = dict[str, Any]


@pytest.fixture(scope="module")
def description(served: Served) -> Document:
    document: Document = served.get("/openapi.json")
    return document


def references(part: Any) -> Iterator[str]:
    """Return every reference in a part of the document."""
    if isinstance(part, list):
        for each in part:
            yield from references(each)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_reference_is_of_a_schema_among_the_components(description: Document) -> None:
    named = set(references(description))
    assert {f"#/components/schemas/{kind}" for kind in KINDS} <= named
    assert named <= {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert "$defs" not in str(description)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_is_valid_by_the_schema_that_its_publish_has(description: Document, kind: str) -> None:
    registry: Registry[Any] = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(description))
    body = "urn:openapi#/paths/~1events/post/requestBody/content/application~1json/schema"
    valid = Draft202012Validator({"$ref": body}, registry=registry)
    event = {"source": "bots", "type": kind, "data": FULL[kind]}
    assert [error.message for error in valid.iter_errors([event])] == []
    assert list(valid.iter_errors([{**event, "data": {"nonsense": 1}}])) != []


def test_what_is_no_json_is_described_as_what_it_is(description: Document) -> None:
    types = {
        name: set(operation["responses"].get("200", {}).get("content", {}))
        for name, operation in operations(description)
    }
    assert types["POST /api/rollups/rebuild"] == types["POST /api/sync/ghl"] == {"application/x-ndjson"}
    assert types["GET /events/stream"] == {"text/event-stream"}
    assert types["GET /api/series"] == {"application/json", "application/vnd.apache.arrow.stream"}
    (prometheus,) = types["GET /metrics"]
    assert prometheus.startswith("text/plain")


def test_each_route_says_who_is_refused_and_how(description: Document) -> None:
    shape = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for name, operation in operations(description):
        answers = operation["responses"]
        assert "security" not in operation or {"401", "403"} <= answers.keys(), name
        assert ("parameters" not in operation and "requestBody" not in operation) or (
            "422" in answers or name.startswith("POST /webhooks/")
        ), name
        for status, answer in answers.items():
            assert status < "400" or answer["content"] in (shape, {"application/json": {}}), (name, status)


def test_what_is_removed_or_taken_is_answered_without_a_body(description: Document) -> None:
    without = {name for name, operation in operations(description) if "204" in operation["responses"]}
    assert {"DELETE /api/tokens/{jti}", "DELETE /api/locations/{location}", "POST /api/components/dashboard"} <= without
    assert not any("200" in operation["responses"] for name, operation in operations(description) if name in without)


@pytest.mark.parametrize(
    ("query", "named"),
    [("locaton=office", "locaton"), ("location=a&location=b", "location"), ("limit=5&limit=7", "limit")],
)
def test_a_parameter_that_is_none_or_stands_twice_is_refused(served: Served, query: str, named: str) -> None:
    refused = served.session.get(f"{served.url}/api/refusals?{query}", headers=served.bearer(), timeout=5)
    assert refused.status_code == 422
    assert refused.json()["error"]["faults"][0]["pointer"] == f"/query/{named}"
    assert served.session.get(f"{served.url}/events?{query}", headers={"Via": "a"}, timeout=5).status_code == 401


@pytest.mark.parametrize(("path", "allowed"), [("/api/tokens", "GET, POST"), ("/events", "GET, OPTIONS, POST")])
def test_a_method_that_is_none_is_told_all_that_there_are(served: Served, path: str, allowed: str) -> None:
    refused = served.session.request("PATCH", served.url + path, headers=served.bearer(), timeout=5)
    assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)
