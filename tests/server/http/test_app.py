"""The application: a publish goes past the framework's layers, and is refused as everything else is."""

import asyncio
import json
from collections.abc import MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jorge_data.server.context import ServerContext
from jorge_data.server.http.app import PublishingApp, build_app
from jorge_data.server.http.responses import answer_directly


def no_context() -> AbstractAsyncContextManager[ServerContext]:
    raise NotImplementedError("the application is not started")


class Layer:
    """Notes which requests go through the framework."""

    def __init__(self, app: ASGIApp, passed: list[tuple[str, str]]) -> None:
        self.app, self.passed = app, passed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.passed.append((scope["method"], scope["path"]))
        await self.app(scope, receive, send)


def ask(app: PublishingApp, method: str, path: str) -> tuple[int, dict[str, Any]]:
    """Return the status and the body of the answer to a request, which must have failed in the application."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    with pytest.raises(AttributeError, match="context"):
        asyncio.run(app({**scope, "headers": [], "http_version": "1.1", "state": {}}, receive, send))
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (HTTPException(404, "gone"), 404, "not_found"),
        (RequestValidationError([{"loc": ("query", "n"), "msg": "no number", "input": "x"}]), 422, "invalid"),
    ],
)
def test_what_is_answered_directly_is_refused_as_by_the_framework(error: Exception, status: int, code: str) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def endpoint(request: Request) -> Response:
        raise error

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/events", "query_string": b"", "headers": []}
    asyncio.run(answer_directly(endpoint, scope, receive, send))
    assert sent[0]["status"] == status
    assert json.loads(sent[1]["body"])["error"]["code"] == code


def test_a_publish_passes_none_of_the_framework_s_layers_and_is_answered_alike() -> None:
    app, passed = build_app(no_context, 1), list[tuple[str, str]]()
    app.add_middleware(Layer, passed=passed)
    answers = [ask(app, "POST", "/events"), ask(app, "GET", "/events")]
    assert passed == [("GET", "/events")]
    for status, body in answers:
        assert (status, body["error"]["code"]) == (500, "internal")
