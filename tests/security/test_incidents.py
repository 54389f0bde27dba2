"""Whatever fails in whichever route: the answer is one sentence and an id, and the log has the rest."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import requests

from tests.server.auth.matrix import OWN, ROUTES, fill
from tests.server.inside import Inside

CANARY = "canary-7f3a"
ALONE = {("GET", "/"), ("OPTIONS", "/events"), ("GET", "/ws"), ("GET", "/docs/{name}")} | {
    (method, path) for method, path in ROUTES if method in ("GET", "OPTIONS") and path.startswith("/webhooks/")
}
"""Routes that ask nothing of the server around them, and so have nothing that could fail."""


class Broken:
    """A server's context of which every part fails with what nobody may read."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"{CANARY}: /srv/jorge/{name}.py, SELECT * FROM {name}")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    with Inside(tmp_path_factory.mktemp("broken")) as inside:
        state: Any = inside.config.app.state  # type: ignore[union-attr]
        whole, state.context = state.context, Broken()
        yield inside
        state.context = whole


@pytest.mark.parametrize(
    ("method", "path"), [each for each in ROUTES if each not in ALONE and "socket.io" not in each[1]]
)
def test_an_exception_in_any_route_is_one_sentence_and_an_id(
    broken: Inside, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    route = ROUTES[method, path]
    address = fill(re.sub(r"\{(?!location)[^}]*\}", "x", route.path or path) + route.query, OWN)
    headers = {"Authorization": f"Bearer {broken.tokens.issue('admin', 'ann', 60)}"}
    body = fill(route.body, OWN) if route.body is not None else None
    with caplog.at_level(logging.ERROR):
        answer = requests.request(method, broken.url + address, json=body, headers=headers, timeout=10)
    assert answer.status_code == 500
    error = json.loads(answer.text)["error"]
    assert error.keys() == {"code", "detail"}
    said = re.fullmatch(r"something went wrong here; the log names it by ([0-9a-f-]{36})", error["detail"])
    assert said is not None
    assert CANARY not in answer.text + str(answer.headers)
    (line,) = (record for record in caplog.records if said[1] in record.getMessage())
    assert line.exc_info is not None
    assert CANARY in str(line.exc_info[1])
