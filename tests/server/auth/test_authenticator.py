"""Who may come in, how long they may stay, and that no secret is left behind."""

import http.client
import json
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from jorge_data.permissions import ROLES
from tests.served import Served
from tests.server.clients import ask, closing, next_events, publish, receive, seqs, subscribe


def by_protocol(token: str) -> dict[str, Any]:
    return {"subprotocols": [Subprotocol("jorge.v1"), Subprotocol(f"bearer.{token}")]}


def test_where_nobody_may_read_a_token_is_asked_for_and_waited_for(
    guarded: Served, stack: ExitStack, location: str
) -> None:
    silent, answering = guarded.connect(stack), guarded.connect(stack)
    for client in (silent, answering):
        assert receive(client) == {**receive_nothing(), "auth": "required", "locations": []}
    assert ask(answering, type="auth", token=guarded.token("viewer", location))["auth"] == "ok"
    assert closing(silent) == (4501, "no token came in time")
    assert subscribe(answering, location)["type"] == "subscribed"


def receive_nothing() -> dict[str, Any]:
    return {"type": "connected", "protocol": 1, "heartbeat_s": 25}


def test_without_a_token_nothing_is_answered(guarded: Served, stack: ExitStack, location: str) -> None:
    client = guarded.connect(stack)
    receive(client)
    assert subscribe(client, location)["code"] == "unauthenticated"
    assert closing(client)[0] == 4501


@pytest.mark.parametrize("carrier", ["frame", "header", "protocol"])
def test_a_token_lets_in_whichever_way_it_comes(guarded: Served, stack: ExitStack, location: str, carrier: str) -> None:
    token = guarded.token("viewer", location)
    options: dict[str, dict[str, Any]] = {
        "header": {"additional_headers": {"Authorization": f"Bearer {token}"}},
        "protocol": by_protocol(token),
    }
    client = guarded.connect(stack, **options.get(carrier, {}))
    assert client.subprotocol == ("jorge.v1" if carrier == "protocol" else None)  # the token is never sent back
    greeting = receive(client)
    if carrier == "frame":
        greeting = ask(client, type="auth", token=token)
    assert (greeting["auth"], greeting["locations"]) == ("ok", [location])
    assert subscribe(client, location)["type"] == "subscribed"


@pytest.mark.parametrize("carrier", ["frame", "header", "protocol"])
@pytest.mark.parametrize(("ttl_s", "code"), [(3600, 4501), (-60, 4401)], ids=["bad", "expired"])
def test_a_token_that_does_not_hold_is_told_why(
    guarded: Served, stack: ExitStack, carrier: str, ttl_s: float, code: int
) -> None:
    token = guarded.token(ttl_s=ttl_s) + ("" if ttl_s < 0 else "x")
    options = {"header": {"additional_headers": {"Authorization": f"Bearer {token}"}}, "protocol": by_protocol(token)}
    client = guarded.connect(stack, **options.get(carrier, {}))
    if carrier == "frame":
        client.send(json.dumps({"type": "auth", "token": token}))
    assert closing(client)[0] == code


@pytest.mark.parametrize("token", [None, 7, "", ["x"]])
def test_a_token_is_text(guarded: Served, stack: ExitStack, token: Any) -> None:
    client = guarded.connect(stack)
    receive(client)
    assert ask(client, type="auth", token=token)["code"] == "unauthenticated"
    assert closing(client)[0] == 4501


def test_a_connection_ends_with_its_token_unless_that_is_renewed(
    served: Served, stack: ExitStack, location: str
) -> None:
    ending, renewed = (
        served.connect(stack, additional_headers=served.bearer("viewer", location, ttl_s=2)) for _ in range(2)
    )
    stream = stack.enter_context(
        served.session.get(
            f"{served.url}/events/stream", headers=served.bearer("viewer", location, ttl_s=2), stream=True, timeout=10
        )
    )
    for client in (ending, renewed):
        subscribe(client, location)
    renewed.send(json.dumps({"type": "refresh", "token": served.token("viewer", location)}))
    assert closing(ending) == (4401, "the token has expired")
    assert b"subscribed" in b"".join(stream.iter_content(None))
    publish(served, location)
    assert seqs(next_events(renewed, 1)) == [1]


def test_another_tokens_rights_do_not_carry_what_is_read(served: Served, stack: ExitStack, location: str) -> None:
    client = served.connect(stack, additional_headers=served.bearer("viewer", location))
    subscribe(client, location)
    assert ask(client, type="refresh", token=served.token("viewer", "elsewhere"))["code"] in (
        "forbidden",
        "unauthenticated",
    )
    assert closing(client)[0] in (4501, 4503)


def test_a_connection_that_has_a_token_takes_no_other_by_auth(served: Served, stack: ExitStack) -> None:
    client = served.connect(stack, additional_headers=served.bearer("viewer"))
    receive(client)
    assert ask(client, type="auth", token=served.token("admin"))["code"] == "invalid"


@pytest.mark.parametrize("frame", [{"type": "subscribe", "types": ["\ud800"]}, {"type": "auth", "token": "\ud800"}])
def test_text_that_is_not_unicode_is_refused_like_any_other(
    served: Served, stack: ExitStack, frame: dict[str, Any]
) -> None:
    client = served.connect(stack)
    receive(client)
    assert ask(client, **frame)["type"] == "error"


def test_a_token_renews_only_its_own_subjects(served: Served, stack: ExitStack) -> None:
    client = served.connect(stack, additional_headers=served.bearer("viewer"))
    receive(client)
    assert ask(client, type="refresh", token=served.token("agent"))["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("role", "bound", "frame", "code"),
    [
        ("publisher", "elsewhere", {"type": "subscribe", "location": "default"}, 4503),
        ("viewer", "elsewhere", {"type": "subscribe", "location": "default"}, 4503),
    ],
)
def test_who_may_not_is_sent_away_for_good(
    served: Served, stack: ExitStack, role: Any, bound: str | None, frame: dict[str, Any], code: int
) -> None:
    client = served.connect(stack, additional_headers=served.bearer(role, bound) if role else {})
    receive(client)
    client.send(json.dumps(frame))
    assert closing(client)[0] == code


@pytest.mark.parametrize(("role", "code"), [("viewer", "forbidden"), (None, "unauthenticated")])
def test_who_may_not_publish_may_read_on(served: Served, stack: ExitStack, location: str, role: Any, code: str) -> None:
    client = served.connect(stack, additional_headers=served.bearer(role) if role else {})
    receive(client)
    refused = ask(client, type="publish", ref=1, events=[{}])
    assert (refused["type"], refused["code"], refused["ref"]) == ("error", code, 1)
    assert subscribe(client, location)["type"] == "subscribed"


HOSTS = [("localhost:{port}", True), ("127.0.0.1", True), ("[::1]:{port}", True), ("evil.example:{port}", False)]
HOSTS += [("127.evil.example", False), ("localhost.evil.example", False), ("[", False), ("", False)]


@pytest.mark.parametrize(("host", "enters"), HOSTS)
def test_a_page_that_gives_our_address_its_own_name_is_no_neighbour(served: Served, host: str, enters: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
    connection.putrequest("GET", "/events", skip_host=True)
    connection.putheader("Host", host.format(port=served.port))
    connection.endheaders()
    assert connection.getresponse().status == (200 if enters else 401)
    connection.close()


@pytest.mark.parametrize("location", ["", None])
def test_a_question_without_a_token_is_answered_only_where_that_is_allowed(
    served: Served, guarded: Served, location: str | None
) -> None:
    for server, status in ((served, 200), (guarded, 401)):
        for path in ("/events", "/events/stream", "/api/dashboard/metrics"):
            with server.session.get(server.url + path, params={"location": location}, stream=True, timeout=5) as answer:
                assert answer.status_code == status, path
        for path in ("/api/locations", "/metrics"):
            with server.session.get(server.url + path, stream=True, timeout=5) as answer:
                assert answer.status_code == status, path


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("manager", 200), ("agent", 403), ("publisher", 403)])
def test_counts_are_for_those_who_run_the_house(guarded: Served, role: Any, status: int) -> None:
    assert guarded.session.get(f"{guarded.url}/metrics", headers=guarded.bearer(role), timeout=5).status_code == status


@pytest.mark.parametrize("path", ["/metrics", "/api/system"])
def test_counts_of_all_locations_are_for_no_token_of_one(guarded: Served, path: str) -> None:
    for location, status in ((None, 200), ("office", 403)):
        headers = guarded.bearer("manager", location)
        assert guarded.session.get(guarded.url + path, headers=headers, timeout=5).status_code == status


@pytest.mark.parametrize("path", ["/api/dashboard/metrics/", "/events/", "/api/locations/", "/health/"])
def test_no_redirect_names_the_host_that_a_request_named(served: Served, path: str) -> None:
    headers = {"Host": "evil.example"} | served.bearer()
    answer = served.session.get(served.url + path, headers=headers, allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_only_an_admin_removes_a_location(served: Served, location: str) -> None:
    publish(served, location)
    for headers, status in (
        ({}, 401),
        *((served.bearer(role, location), 403) for role in ROLES if role != "admin"),
        (served.bearer("admin", "elsewhere"), 403),
        (served.bearer("admin", location), 204),
    ):
        answer = served.session.delete(f"{served.url}/api/locations/{location}", headers=headers, timeout=5)
        assert answer.status_code == status


def test_no_token_is_written_to_the_log(guarded: Served, stack: ExitStack) -> None:
    tokens = [guarded.token("viewer", f"canary-{number}") for number in range(4)]
    header, protocol, frame, query = tokens
    receive(guarded.connect(stack, additional_headers={"Authorization": f"Bearer {header}"}))
    receive(guarded.connect(stack, **by_protocol(protocol)))
    client = guarded.connect(stack, f"/?token={query}")
    receive(client)
    ask(client, type="auth", token=frame)
    closing(guarded.connect(stack, additional_headers={"Authorization": f"Bearer {header}x"}))
    guarded.session.get(
        f"{guarded.url}/events?token={query}", headers={"Authorization": f"Bearer {header}x"}, timeout=5
    )
    with pytest.raises(InvalidStatus):
        guarded.connect(stack, origin="http://evil.example", **by_protocol(protocol))
    assert guarded.log
    for secret in (guarded.secret, *(part for token in tokens for part in token.split(".")[1:])):
        assert secret not in guarded.log
