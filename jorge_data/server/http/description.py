"""The OpenAPI description: what FastAPI knows of the routes, and what it cannot know, said once for all of them.

That is how a refusal looks and who may get one; how a parameter is spelled, by its name; and definitions where every
reader of OpenAPI looks for them, which is beneath `components`.
"""

from typing import Any

from fastapi import FastAPI

from jorge_data.events import KINDS
from jorge_data.events.validation import LOCATION
from jorge_data.server.http.dependencies import JSON
from jorge_data.server.query.query_schema import KINDS_OF_QUERIES
from jorge_data.server.query.series_request import AGGREGATIONS
from jorge_data.server.query.time_buckets import STEPS
from jorge_data.server.requests import MAX_LIMIT

REFUSAL = {
    "title": "Refusal",
    "description": "Every refusal has this shape, whatever was asked.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "detail"],
            "properties": {
                "code": {"type": "string", "description": "for programs"},
                "detail": {"type": "string", "description": "for people: what was wrong, and what is allowed"},
                "faults": {
                    "type": "array",
                    "description": "each field that is wrong",
                    "items": {
                        "type": "object",
                        "required": ["pointer", "value", "detail"],
                        "properties": {name: {"type": "string"} for name in ("pointer", "value", "detail")},
                    },
                },
            },
        }
    },
}

_WHOLE = "[0-9]{1,18}"
_CURSOR = f"[^\\u0000]*:{_WHOLE}"
_KINDS = "|".join((r"\*", *KINDS))

PARAMETERS: dict[str, dict[str, Any]] = {
    "location": {"type": "string", "pattern": f"^({LOCATION.pattern})?$"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    "before": {"type": "string", "pattern": f"^{_WHOLE}$"},
    "after": {"type": "string", "pattern": f"^(|oldest|latest|{_CURSOR})$"},
    "types": {"type": "string", "pattern": f"^(({_KINDS})(,({_KINDS}))*)?$"},
    "names": {"type": "boolean"},
    "jti": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    "kind": {"enum": sorted(KINDS_OF_QUERIES)},
    "agg": {"enum": list(AGGREGATIONS)},
    "step": {"enum": list(STEPS)},
}
"""How a parameter is spelled, by its name: the routes read it themselves, after they have seen who asks."""

_REFUSALS = {
    "401": "No token, or one that is not valid, has ended or was revoked.",
    "403": "The token may not do this, or not there.",
    "413": "The body is longer than is taken.",
    "422": "A parameter or the body is not as described: `faults` or `detail` say what is allowed.",
    "503": "Not now: `Retry-After` says when to come back.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application's routes as OpenAPI 3.1."""
    if app.openapi_schema is None:
        app.openapi_schema = _described(FastAPI.openapi(app))
    return app.openapi_schema


def _described(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = {"Refusal": REFUSAL}
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _spelled(parameter)
            _say_refusals(operation)
    document = _hoisted(document, schemas)
    document["components"]["schemas"] = schemas  # FastAPI's own are of refusals that it never makes here
    return document


def _spelled(parameter: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter; none is ever null: one that is not there is left out."""
    schema = {name: value for name, value in parameter["schema"].items() if name not in ("anyOf", "default")}
    alternatives = [each for each in parameter["schema"].get("anyOf", ()) if each != {"type": "null"}]
    if parameter["in"] == "path" and parameter["name"] == "location":
        return {"type": "string", "pattern": f"^{LOCATION.pattern}$"}
    return {**(alternatives[0] if alternatives else {}), **PARAMETERS.get(parameter["name"], {}), **schema}


def _say_refusals(operation: dict[str, Any]) -> None:
    """Give an operation the refusals that it may answer with, and each of its refusals the one shape."""
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]  # FastAPI's own shape, which is none of ours
    possible = ["503"]
    if "security" in operation:
        possible += ["401", "403"]
    if "parameters" in operation:
        possible += ["422"]
    if "requestBody" in operation:
        possible += ["413"]
    if operation.get("requestBody", {}).get("required"):  # a vendor's webhook is kept whatever is in it
        possible += ["422"]
    for status in possible:
        answers.setdefault(status, {"description": _REFUSALS[status]})
    for status, answer in answers.items():
        if status >= "400":
            answer.setdefault("content", {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}})
    operation["responses"] = dict(sorted(answers.items()))


def _hoisted(part: Any, schemas: dict[str, Any], renamed: dict[str, str] | None = None) -> Any:
    """Return a part of the document without `$defs`: these are put into `schemas`, and what refers to them follows.

    `renamed` is the new address of each definition, by the address that the schema around it knows it by.
    """
    if isinstance(part, list):
        return [_hoisted(each, schemas, renamed) for each in part]
    if not isinstance(part, dict):
        return part
    if definitions := part.get("$defs"):
        renamed = _addresses(definitions, "#/$defs") | (renamed or {})
        _take(definitions, schemas, renamed)
    kept = {name: value for name, value in part.items() if name not in ("$defs", "$schema")}
    if isinstance(reference := kept.get("$ref"), str):
        return {**kept, "$ref": (renamed or {}).get(reference, reference)}
    return {name: _hoisted(value, schemas, renamed) for name, value in kept.items()}


def _addresses(definitions: dict[str, Any], beneath: str) -> dict[str, str]:
    """Return where each definition, and each within it, will stand, by where it stands."""
    found = {}
    for name, schema in definitions.items():
        found[f"{beneath}/{name}"] = f"#/components/schemas/{name}"
        found |= _addresses(schema.get("$defs", {}), f"{beneath}/{name}/$defs")
    return found


def _take(definitions: dict[str, Any], schemas: dict[str, Any], renamed: dict[str, str]) -> None:
    for name, schema in definitions.items():
        _take(schema.get("$defs", {}), schemas, renamed)
        own = {key: value for key, value in schema.items() if key != "$defs"}
        taken = schemas.setdefault(name, hoisted := _hoisted(own, schemas, renamed))
        if taken != hoisted:
            raise ValueError(f"two schemas of the description are called {name}")
