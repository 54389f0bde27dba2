"""The matrix: every route and frame × every role × own and foreign location × every kind, as the table says."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from fastapi import FastAPI

from jorge_data.events import KINDS as EVENTS
from jorge_data.metrics.entities import CUBES
from jorge_data.permissions import CALLERS, KINDS, ROLES, Caller, Right, Role, may_see_kind
from tests.server.auth.matrix import CANARY, FOREIGN, OWN, ROUTES, Office, event, fill, routes
from tests.server.clients import ask, receive, subscribe
from tests.server.socket_io.polling_client import OpenClient

SEEN_BY_VIEWERS = {"bot_status_update", "system_health_update"}

OF_SOMEBODY_ELSE = {"login_refused", "session_ended", "link_ended"}
"""The codes of 401 by which it is not the asking dashboard that is refused."""

REMOVABLE = "removable"
"""A location that may be removed: the others are read from."""


@pytest.fixture(scope="module", params=[True, False], ids=["anybody-reads", "tokens-only"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office(tmp_path_factory.mktemp("office"), request.param) as office:
        yield office


def request(
    office: Office, route: tuple[str, str], role: Caller, bound: str | None, location: str
) -> requests.Response:
    """Request a route as a caller; of a stream, its beginning."""
    method, expected = route[0], ROUTES[route]
    location = REMOVABLE if route == ("DELETE", "/api/locations/{location}") and location == OWN else location
    bound = REMOVABLE if location == REMOVABLE and bound else bound
    path = fill((expected.path or route[1]) + expected.query, location)
    answer = office.ask(method, path, role, bound, json=fill(expected.body, location), stream=True)
    if route[1] != "/events/stream" or answer.status_code != 200:
        answer.content  # noqa: B018 - it is read
    return answer


def refusal(answer: requests.Response) -> str:
    """Return why a caller was refused for who he is; empty where he was not."""
    if answer.status_code not in (401, 403, 422):
        return ""
    body = answer.json()
    if answer.status_code == 401 and body["error"]["code"] in OF_SOMEBODY_ELSE:
        return ""
    if "results" in body:  # a publish, event by event
        return next((str(r["error"]["detail"]) for r in body["results"] if "forbidden" in str(r.get("error"))), "")
    return str(body["error"]["detail"]) if answer.status_code != 422 else ""


def test_every_route_of_the_application_is_in_the_matrix(office: Office) -> None:
    app = office.inside.config.app
    assert isinstance(app, FastAPI)
    registered = set(routes(app.routes))
    assert {route for route in registered if route[0] != "WS"} == set(ROUTES)
    sockets = {
        ("WS", "/"),
        ("WS", "/ws"),
        ("WS", "/socket.io/"),
        ("WS", "/{path:path}"),
    }  # the last refuses every other path
    assert {route for route in registered if route[0] == "WS"} == sockets


@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_answers_whom_the_table_says_at_the_location_of_the_token(
    office: Office, route: tuple[str, str], role: Caller
) -> None:
    expected = ROUTES[route]
    if expected.vendor:
        assert request(office, route, role, OWN, OWN).status_code in (401, 403)
        return
    allowed = expected.right is None or office.may(role, expected.right)
    if expected.kind:
        allowed = allowed and may_see_kind(office.reader(role), expected.kind)
    free, own, foreign = (request(office, route, role, *each) for each in ((None, OWN), (OWN, OWN), (OWN, FOREIGN)))
    if expected.off and allowed:
        assert all(expected.off in refusal(answer) for answer in (free, own))
        return
    assert (not refusal(free)) is allowed, free.text
    names_a_location = "{location}" in json.dumps([expected.path, expected.query, expected.body])
    within = allowed and (not expected.everywhere or role == "anonymous")
    assert (not refusal(own)) is within, own.text
    assert (not refusal(foreign)) is (within and (not names_a_location or role == "anonymous")), foreign.text


@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_told_to_whom_the_table_says_by_every_question(office: Office, kind: str, role: Caller) -> None:
    visible = office.may(role, Right.READ) and may_see_kind(office.reader(role), kind)
    paths = [f"/api/table?kind={kind}&location={OWN}"]
    if kind in CUBES:
        paths.append(f"/api/series?kind={kind}&location={OWN}")
    if kind in EVENTS:
        paths += [f"/events{path}?after=oldest&types={kind}&location={OWN}" for path in ("", "/stream")]
    for path in paths:
        answer = office.ask("GET", path, role, stream=True)
        assert (answer.status_code == 200) is visible, path
        if not visible:
            assert answer.status_code == (401 if role == "anonymous" else 403)
        if office.may(role, Right.READ) and not visible:
            assert (kind in answer.text, role in answer.text) == (True, True), "it names the kind and the role"
        answer.close()


@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("kind", EVENTS)
def test_a_kind_is_served_on_a_socket_to_whom_the_table_says(office: Office, kind: str, role: Caller) -> None:
    if role == "anonymous" and not office.anonymous:
        return  # the socket waits for a token: see the frames
    visible = office.may(role, Right.READ) and may_see_kind(office.reader(role), kind)
    oldest = {"epoch": office.ask("GET", f"/events?location={OWN}", "admin").json()["epoch"], "seq": 0}
    with ExitStack() as stack:
        client = office.connect(stack, role)
        answer = ask(client, type="subscribe", location=OWN, types=[kind], after=oldest)
        if not visible:
            assert (answer["type"], answer["code"]) == ("error", "forbidden")
            return
        assert answer["recovered"]
        first = receive(client)
        assert {each["type"] for each in first.get("events", [first.get("event")])} == {kind}


@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("kind", EVENTS)
def test_a_kind_is_served_by_socket_io_to_whom_the_table_says(
    office: Office, kind: str, role: Caller, open_client: OpenClient
) -> None:
    visible = office.may(role, Right.READ) and may_see_kind(office.reader(role), kind)
    epoch = office.ask("GET", f"/events?location={OWN}", "admin").json()["epoch"]
    client, bearer = open_client(office.url), office.headers(role).get("Authorization", "").removeprefix("Bearer ")
    client.connect(location=OWN, types=[kind], epoch=epoch, seq=0, **({"token": bearer} if bearer else {}))
    if not visible:
        assert client.until("refused")[1]["data"]["code"] == ("unauthenticated" if role == "anonymous" else "forbidden")
        return
    assert client.until("subscribed")[1]["recovered"]
    assert client.until(kind)[0] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_bound_token_connects_by_socket_io_at_its_own_location_alone(
    office: Office, role: Caller, open_client: OpenClient
) -> None:
    token = office.headers(role, OWN)["Authorization"].removeprefix("Bearer ")
    for location, enters in ((None, office.may(role, Right.READ)), (FOREIGN, False)):
        client = open_client(office.url)
        client.connect(token=token, **({"location": location} if location else {}))
        if enters:
            assert client.until("subscribed")[1]["location"] == OWN
        else:
            assert client.until("refused")[1]["data"]["code"] == "forbidden"


def test_socket_io_tells_a_viewer_of_no_contact(office: Office, open_client: OpenClient) -> None:
    epoch = office.ask("GET", f"/events?location={OWN}", "admin").json()["epoch"]
    token = office.headers("viewer")["Authorization"].removeprefix("Bearer ")
    client = open_client(office.url)
    client.connect(location=OWN, token=token, epoch=epoch, seq=0, figures=True)
    told = [client.until(name) for name in ("subscribed", "bot_status_update", "system_health_update", "figures")]
    assert CANARY not in json.dumps(told)
    assert {name for events, _ in told for name, _ in events} <= {*SEEN_BY_VIEWERS, "figures"}


@pytest.mark.parametrize("role", CALLERS)
def test_a_frame_does_for_a_role_what_the_table_says(office: Office, role: Caller) -> None:
    """The frames are those that the server itself names, so that a new one cannot be forgotten."""
    with ExitStack() as stack:
        client = office.connect(stack, role)
        types = ask(client, type="nonsense")["detail"].partition("one of ")[2].split(", ")
        token = office.inside.tokens.issue("admin" if role == "anonymous" else role, "ann", 3600)
        reads, publishes = office.may(role, Right.READ), office.may(role, Right.PUBLISH)
        frames: dict[str, tuple[dict[str, Any], bool]] = {
            "publish": ({"events": [event("bot_status_update")]}, publishes),
            "refresh": ({"token": token}, True),
            "subscribe": ({"location": OWN}, reads),
            "auth": ({"token": token}, role == "anonymous"),
        }
        assert set(types) == set(frames)
    for kind, (fields, allowed) in frames.items():
        with ExitStack() as stack:
            client = office.connect(stack, role)
            if kind == "refresh":
                continue  # without a response where it succeeds: see what it narrows
            client.send(json.dumps({"type": kind, **fields}))
            assert (receive(client)["type"] != "error") is allowed, kind


@pytest.mark.parametrize("role", ROLES)
def test_a_bound_token_subscribes_and_publishes_at_its_own_location_alone(office: Office, role: Caller) -> None:
    reads = office.may(role, Right.READ)
    with ExitStack() as stack:
        assert (subscribe(office.connect(stack, role, OWN), OWN)["type"] == "subscribed") is reads
        assert subscribe(office.connect(stack, role, OWN), FOREIGN)["code"] == "forbidden"
        client = office.connect(stack, role, OWN)
        subscribe(client, OWN)
        if reads:  # and not by turning to another on a connection that has one
            assert ask(client, type="subscribe", location=FOREIGN)["code"] == "forbidden"
        answer = ask(office.connect(stack, role, OWN), type="publish", events=[event("bot_status_update", FOREIGN)])
        assert "error" in answer or "error" in answer.get("results", [{}])[0] or answer["type"] == "error"


@pytest.mark.parametrize("role", ["viewer", "dashboard"])
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_no_route_tells_of_a_contact_who_may_see_none(office: Office, route: tuple[str, str], role: Role) -> None:
    for bound in (None, OWN):
        answer = request(office, route, role, bound, OWN)
        if route[1] == "/events/stream" and answer.status_code == 200:
            chunks = answer.iter_content(None)
            body = next(chunks) + next(chunks)  # the greeting, and the log from its beginning
            answer.close()
        else:
            body = answer.content
        assert CANARY.encode() not in body
