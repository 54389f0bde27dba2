"""Tokens are made once and shown once, listed without themselves, and taken no more once they are revoked."""

import sqlite3
import time
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from jorge_data.permissions import Role
from jorge_data.server.auth.tokens import Tokens
from tests.served import Served, bot_status
from tests.server.clients import ask, publish, read_on, receive, subscribe
from tests.server.clients import closing as close_of


def make(served: Served, by: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
    token_request = {"role": "publisher", "subject": "ann"} | parameters
    return served.session.post(
        f"{served.url}/api/tokens", json=token_request, headers=by or served.bearer(), timeout=10
    )


def made(served: Served, **parameters: Any) -> dict[str, Any]:
    answer = make(served, **parameters)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def revoke(served: Served, jti: str, by: dict[str, str] | None = None) -> requests.Response:
    return served.session.delete(f"{served.url}/api/tokens/{jti}", headers=by or served.bearer(), timeout=10)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def listed(served: Served, jti: str) -> dict[str, Any]:
    tokens = served.get("/api/tokens", limit=1000)["tokens"]
    return next((each for each in tokens if each["jti"] == jti), {})


def test_a_token_made_here_publishes_where_it_is_bound(served: Served, location: str) -> None:
    token = made(served, location=location)["token"]
    elsewhere = [bot_status(locationid="elsewhere")]
    assert served.post([bot_status()], bearer(token)).json()["results"][0]["seq"] == 1
    assert served.post(elsewhere, bearer(token)).status_code == 422


def test_it_says_what_was_asked_for_and_lasts_as_long(served: Served, location: str) -> None:
    before = int(time.time())
    answer = made(served, role="viewer", subject="Ann of sales", location=location, ttl_s=120)
    claims = Tokens(served.secret).verify(answer["token"])
    assert (claims.role, claims.subject, claims.location) == ("viewer", "Ann of sales", location)
    assert claims.expires is not None
    assert before + 120 <= claims.expires <= time.time() + 120


def test_it_is_shown_once_and_kept_nowhere(served: Served, location: str) -> None:
    answer = made(served, location=location)
    record = listed(served, answer["jti"])
    assert record == {name: value for name, value in answer.items() if name != "token"}
    assert (record["issued_by"], record["revoked_at"]) == ("test-admin", None)
    signature = answer["token"].rpartition(".")[2].encode()
    assert not [path for path in served.folder.iterdir() if signature in path.read_bytes()]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"role": "root"}, "/body/role"),
        ({"subject": ""}, "/body/subject"),
        ({"subject": "a\nb"}, "/body/subject"),
        ({"location": "no such place"}, "/body/location"),
        ({"ttl_s": 59}, "/body/ttl_s"),
        ({"ttl_s": 366 * 86_400 + 1}, "/body/ttl_s"),
        ({"ttl_s": "long"}, "/body/ttl_s"),
        ({"sources": ["bot"]}, "/body/sources"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_made_is_told_by_its_field(served: Served, wrong: dict[str, Any], pointer: str) -> None:
    answer = make(served, **wrong)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["error"]["faults"]] == [pointer]


def test_what_is_asked_for_is_short_whoever_asks(served: Served) -> None:
    long, deep = b'{"role":"' + b"x" * (2 << 20) + b'"}', b'{"role":' + b"[" * 100_000
    url, by = f"{served.url}/api/tokens", served.bearer()
    assert served.session.post(url, data=iter([long]), headers=by, timeout=10).status_code == 413
    refused = requests.post(url, data=deep, headers=by, timeout=10)  # the server has closed the other connection
    assert (refused.status_code, len(refused.text) < 1000) == (422, True)


@pytest.mark.parametrize("role", ["publisher", "viewer", "agent", "manager"])
def test_only_an_admin_makes_lists_and_revokes(served: Served, role: Role) -> None:
    by = served.bearer(role)
    refusals = [
        make(served, by),
        served.session.get(f"{served.url}/api/tokens", headers=by, timeout=10),
        revoke(served, "1", by),
    ]
    assert [answer.status_code for answer in refusals] == [403] * 3
    assert [answer.json()["error"]["detail"] for answer in refusals] == [
        f"the role {role} may not make, list or revoke tokens: allowed is admin"
    ] * 3


def test_without_a_token_none_is_made(served: Served) -> None:
    answer = requests.post(f"{served.url}/api/tokens", json={"role": "admin", "subject": "me"}, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["detail"].startswith("to make, list or revoke tokens, a token is required")


def test_an_admin_of_one_location_has_only_its_tokens(served: Served, location: str) -> None:
    by = served.bearer("admin", location)
    own, other = make(served, by, location=location).json(), made(served, location="elsewhere")
    assert make(served, by, location="elsewhere").status_code == 403
    assert make(served, by).status_code == 403
    assert revoke(served, other["jti"], by).status_code == 403
    seen = served.session.get(f"{served.url}/api/tokens", headers=by, timeout=10).json()["tokens"]
    assert [each["jti"] for each in seen] == [own["jti"]]


@pytest.mark.parametrize("sources", [[], ["crm"]])
def test_an_admin_of_some_sources_makes_no_token_of_all(served: Served, sources: list[str]) -> None:
    claims = {"sub": "ann", "role": "admin", "exp": int(time.time()) + 3600, "jti": "of-sources", "sources": sources}
    answer = make(served, bearer(jwt.encode(claims, served.secret, "HS256")))
    assert (answer.status_code, "it makes no tokens" in answer.json()["error"]["detail"]) == (403, True)


def test_a_token_that_is_made_ends_with_its_makers(served: Served) -> None:
    by = served.token(ttl_s=600)
    ends = Tokens(served.secret).verify(by).expires
    answer = make(served, bearer(by), role="admin", ttl_s=366 * 86_400).json()
    made = Tokens(served.secret).verify(answer["token"])
    assert (made.expires, datetime.fromisoformat(answer["expires_at"]).timestamp()) == (ends, ends)


def test_a_revoked_token_is_refused_at_once(served: Served, location: str) -> None:
    answer = made(served, location=location)
    headers = bearer(answer["token"])
    assert served.post([bot_status()], headers).status_code == 200
    assert revoke(served, answer["jti"]).status_code == 204
    refused = served.post([bot_status()], headers)
    assert (refused.status_code, refused.json()["error"]["detail"]) == (
        401,
        "the token was revoked: ask for a new one",
    )
    assert listed(served, answer["jti"])["revoked_at"] is not None


def test_who_lives_by_a_revoked_token_is_sent_away_and_nobody_else(
    served: Served, stack: ExitStack, location: str
) -> None:
    answer = made(served, role="viewer", location=location)
    ending = served.connect(stack, additional_headers=bearer(answer["token"]))
    staying = served.connect(stack, additional_headers=served.bearer("viewer", location))
    stream = read_on(stack, served, bearer(answer["token"]))
    for client in (ending, staying):
        subscribe(client, location)
    revoke(served, answer["jti"])
    assert close_of(ending, 5) == (4501, "the token was revoked")
    assert b"subscribed" in stream.result(5), "nothing was sent on it, nor a heartbeat"
    publish(served, location)
    assert receive(staying)["event"]["seq"] == 1


def test_a_connection_goes_on_by_the_token_that_renewed_it(served: Served, stack: ExitStack, location: str) -> None:
    first, second = (made(served, role="viewer", location=location) for _ in range(2))
    client = served.connect(stack, additional_headers=bearer(first["token"]))
    subscribe(client, location)
    client.send('{"type":"refresh","token":"' + second["token"] + '"}')
    assert ask(client, type="no such thing")["code"] == "invalid"  # so the refresh has been read
    revoke(served, first["jti"])
    publish(served, location)
    assert receive(client)["event"]["seq"] == 1
    revoke(served, second["jti"])
    assert close_of(client, 5)[0] == 4501


def test_a_token_made_on_the_command_line_is_revoked_by_its_id(served: Served, location: str) -> None:
    token = served.token("publisher", location)
    jti = Tokens(served.secret).verify(token).token_id
    assert jti is not None
    assert revoke(served, jti).status_code == 204
    assert served.post([bot_status()], bearer(token)).status_code == 401
    assert listed(served, jti)["role"] is None


@pytest.mark.parametrize("jti", ["x" * 129, "%20", "%C3%A9"])
def test_what_is_no_id_is_refused(served: Served, jti: str) -> None:
    answer = revoke(served, jti)
    assert answer.status_code == 422
    assert "allowed are 1–128 printable characters" in answer.json()["error"]["detail"]


def test_revoked_stays_revoked_after_a_restart(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        answer = made(server)
        elsewhere = server.token("publisher")
        revoke(server, answer["jti"])
        revoke(server, str(Tokens(server.secret).verify(elsewhere).token_id))
        server.stop()
        server.start()
        refused = [server.post([bot_status()], bearer(token)) for token in (answer["token"], elsewhere)]
        assert [each.status_code for each in refused] == [401, 401]
        assert server.post([bot_status()]).status_code == 200


def test_the_audit_log_says_who_did_what_newest_first(served: Served, location: str) -> None:
    token = made(served, subject="ann", location=location)
    revoke(served, token["jti"])
    publish(served, location)
    served.session.post(f"{served.url}/api/rollups/rebuild", params={"location": location}, headers=served.bearer())
    served.session.post(
        f"{served.url}/api/deliveries/retranslate", params={"location": location}, headers=served.bearer("manager")
    )
    served.session.delete(f"{served.url}/api/locations/{location}", headers=served.bearer())
    entries = served.get("/api/audit", limit=5)["entries"]
    assert [(each["by"], each["act"], each["what"]) for each in reversed(entries)] == [
        ("test-admin", "token.make", f"publisher ann for {location}: {token['jti']}"),
        ("test-admin", "token.revoke", token["jti"]),
        ("test-admin", "rollups.rebuild", location),
        ("test-manager", "deliveries.retranslate", location),
        ("test-admin", "location.remove", location),
    ]
    before = served.get("/api/audit", limit=5, before=entries[0]["id"])["entries"]
    assert before[0] == entries[1]


def test_what_was_refused_was_not_done_and_stands_in_the_log_as_refused(served: Served, location: str) -> None:
    last = served.get("/api/audit", limit=1)["entries"]
    served.session.delete(f"{served.url}/api/locations/{location}", headers=served.bearer("viewer"))
    make(served, served.bearer("agent"))
    entries = served.get("/api/audit", limit=100)["entries"]
    since = [each["act"] for each in entries if each["id"] > (last[0]["id"] if last else 0)]
    assert set(since) <= {"request.refuse"}


@pytest.mark.parametrize("role", ["manager", "agent", "viewer", "publisher"])
@pytest.mark.parametrize("bound", [False, True])
def test_the_audit_log_is_for_admins(served: Served, location: str, role: Role, bound: bool) -> None:
    headers = served.bearer(role, location if bound else None)
    assert served.session.get(f"{served.url}/api/audit", headers=headers, timeout=10).status_code == 403


@pytest.mark.parametrize("change", ["UPDATE audit SET by = 'nobody'", "DELETE FROM audit"])
def test_the_audit_log_only_grows(served: Served, change: str) -> None:
    made(served)
    database = sqlite3.connect(served.folder / "events.db")
    with closing(database), pytest.raises(sqlite3.IntegrityError, match="the audit log only grows"):
        database.execute(change)
