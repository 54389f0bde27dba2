"""Tokens: only ours, only whole, only while they last."""

import json
import secrets
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from jwt.utils import base64url_encode

from jorge_data.errors import SettingsError, TokenExpired, Unauthenticated
from jorge_data.permissions import Rights
from jorge_data.server.auth.signing_secrets import find_secrets, key_id, new_setting, rotate
from jorge_data.server.auth.tokens import Identity, Tokens, check_role
from tests.waiting import wait_until

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
NOW = int(time.time())
GOOD: dict[str, Any] = {"sub": "ann", "role": "viewer", "exp": NOW + 3600, "jti": "1"}


def sign(secret: str = SECRET, algorithm: str | None = "HS256", **changes: Any) -> str:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return jwt.encode(claims, secret, algorithm)


NO_MOMENTS: tuple[Any, ...] = (
    10**400,
    -(10**400),
    10**12,
    -1,
    1e300,
    float("nan"),
    float("inf"),
    True,
    "soon",
    "9999999999",
    [1],
    {},
)


def deep(parts: list[str]) -> str:
    return ".".join((base64url_encode(b"[" * 20_000).decode(), *parts[1:]))


def signed(body: bytes) -> str:
    return jwt.api_jws.encode(body, SECRET, "HS256")


def tampered() -> str:
    head, _, signature = sign().split(".")
    return ".".join((head, sign(role="admin").split(".")[1], signature))


FORGED: dict[str, Callable[[], str]] = {
    "no signature": lambda: sign("", "none"),
    "signature cut off": lambda: sign().rpartition(".")[0] + ".",
    "another secret": lambda: sign(SECRET[::-1]),
    "another algorithm": lambda: sign(SECRET + SECRET, "HS384"),
    "changed": tampered,
    "no end": lambda: sign(exp=None),
    "no subject": lambda: sign(sub=None),
    "no role": lambda: sign(role=None),
    "no name": lambda: sign(jti=None),
    "unknown role": lambda: sign(role="root"),
    "role of another kind": lambda: sign(role=["admin"]),
    "location of another kind": lambda: sign(locationid=7),
    "empty location": lambda: sign(locationid=""),
    "sources of another kind": lambda: sign(sources="bot"),
    "not yet": lambda: sign(nbf=NOW + 3600),
    **{f"end at {str(end)[:12]}": lambda end=end: sign(exp=end) for end in NO_MOMENTS},  # type: ignore[misc]
    "half a character in the subject": lambda: sign(sub="ann\ud800"),
    "half a character in the name": lambda: sign(jti="1\udfff"),
    "not yet, and never": lambda: sign(nbf=float("inf")),
    "a head of a thousand lists": lambda: deep(sign().split(".")),
    "a body of a thousand lists": lambda: signed(b"[" * 20_000),
    "a body with a number of 5,000 digits": lambda: signed(b'{"exp":' + b"9" * 5_000 + b"}"),
    **{
        f"{claim} of {value!r}": lambda claim=claim, value=value: signed(json.dumps({**GOOD, claim: value}).encode())  # type: ignore[misc]
        for claim, values in {
            "iss": ("somebody", "", 7, ["jorge"]),
            "aud": ("another", "", 7, [], ["another"], {"jorge-events": 1}),
            "agent_id": ("", 7, ["a"], "a" * 129, "a\ud800"),
            "name": ("", 7, {}),
            "sid": ("", 7, True),
        }.items()
        for value in values
    },
    **{
        f"signed with the key {kid!r}": lambda kid=kid: jwt.encode(GOOD, SECRET, "HS256", {"kid": kid})  # type: ignore[misc]
        for kid in ("", "1", key_id(SECRET[::-1]))
    },
    "the key's name, and another secret": lambda: jwt.encode(GOOD, SECRET[::-1], "HS256", {"kid": key_id(SECRET)}),
    "rubbish": lambda: "a.b.c",
    "nothing": lambda: "",
}


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        Tokens(SECRET).verify(forge())
    assert SECRET not in str(refused.value)


def test_a_token_says_who_in_which_role_for_where() -> None:
    before = int(time.time())
    claims = Tokens(SECRET).verify(Tokens(SECRET).issue("agent", "ann", 60, "office"))
    assert (claims.subject, claims.role, claims.location, claims.sources) == ("ann", "agent", "office", None)
    assert claims.expires is not None
    assert before + 60 <= claims.expires <= time.time() + 60


def test_a_token_made_elsewhere_with_the_shared_secret_need_not_say_by_whom_it_was_made_and_for_whom() -> None:
    assert Tokens(SECRET).verify(sign()).subject == "ann"
    for said in ({"iss": "jorge"}, {"aud": "jorge-events"}, {"aud": ["another", "jorge-events"]}):
        assert Tokens(SECRET).verify(sign(**said)).subject == "ann"


def test_ours_say_by_whom_for_whom_and_with_which_key() -> None:
    token = Tokens(SECRET).issue("agent", "ann", 60, "office", Identity("crm-7", "Ann of sales", "s1"))
    head, body = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    assert head["kid"] == key_id(SECRET)
    assert (body["iss"], body["aud"]) == ("jorge", "jorge-events")
    claims = Tokens(SECRET).verify(token)
    assert (claims.agent_id, claims.name, claims.session) == ("crm-7", "Ann of sales", "s1")
    assert claims.rights == Rights("agent", "crm-7")
    plain = Tokens(SECRET).verify(Tokens(SECRET).issue("admin", "ann", 60))
    assert (plain.agent_id, plain.name, plain.session, plain.rights) == (None, None, None, Rights("manager"))


def test_two_keys_are_valid_at_once_and_the_one_before_them_no_more() -> None:
    first, second, third = SECRET, SECRET[::-1], SECRET + "3"
    old, foreign = Tokens(first).issue("viewer", "ann", 60), sign(first)
    both = Tokens(f"{second}, {first}")
    assert [both.verify(each).subject for each in (old, foreign)] == ["ann", "ann"]
    assert jwt.get_unverified_header(both.issue("viewer", "ann", 60))["kid"] == key_id(second)
    for each in (old, foreign):
        with pytest.raises(Unauthenticated):
            Tokens(f"{third},{second}").verify(each)


def test_a_kept_secret_is_rotated_while_servers_run(tmp_path: Path) -> None:
    running = Tokens(find_secrets("", True, tmp_path))
    path = tmp_path / "token-secret"
    old = running.issue("viewer", "ann", 3600)
    kid = rotate(path)
    wait_until(lambda: jwt.get_unverified_header(running.issue("viewer", "ann", 60))["kid"] == kid)
    assert running.verify(old).subject == "ann"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["token-secret"]
    rotate(path)
    wait_until(lambda: len(set(running.secrets)) == 2 and key_id(running.secrets[1]) == kid)
    with pytest.raises(Unauthenticated, match="kid"):
        running.verify(old)


def test_a_secret_of_the_settings_is_rotated_by_a_new_setting() -> None:
    first = new_setting(SECRET)
    assert first.endswith(f",{SECRET}")
    second = new_setting(first)
    assert second.endswith(f",{first.partition(',')[0]}")


def test_more_than_two_secrets_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="two at once"):
        find_secrets(",".join((SECRET, SECRET[::-1], SECRET + "3")), True, tmp_path)


@pytest.mark.parametrize(("sources", "bound"), [(None, None), (["bot"], frozenset({"bot"})), ([], frozenset())])
def test_an_empty_list_of_sources_binds_to_nothing(sources: Any, bound: Any) -> None:
    assert Tokens(SECRET).verify(sign(sources=sources)).sources == bound


def test_clocks_may_differ_by_the_leeway_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.server.auth.tokens.LEEWAY_S", 3600)  # so that a busy machine has a minute to look
    tokens = Tokens(SECRET)
    tokens.verify(sign(exp=int(time.time()) - 3600 + 60))
    with pytest.raises(TokenExpired):
        tokens.verify(sign(exp=int(time.time()) - 3600 - 1))


SAMPLES = [
    "your-256-bit-secret-your-256-bit-key",
    "change-me-to-something-long-and-random",
    "ChangeMe1234567890ChangeMe0987654321",
    "super-insecure-development-key-0123456789",
    "abcdefghijklmnopabcdefghijklmnop",
]


def test_what_is_made_by_chance_or_is_a_phrase_of_ones_own_is_taken(tmp_path: Path) -> None:
    for secret in (secrets.token_hex(32), secrets.token_urlsafe(32), "another secret of thirty-two bytes or more"):
        assert list(find_secrets(secret, False, tmp_path)()) == [secret]


@pytest.mark.parametrize("weak", ["short", "a" * 64, "abababab" * 8, *SAMPLES])
def test_a_weak_secret_is_refused_unseen(weak: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        find_secrets(weak, True, tmp_path)
    assert weak not in str(refused.value)


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda _: tuple(find_secrets("", True, folder)()), range(8)))
    assert kept == {tuple(find_secrets("", True, folder)())}
    assert stat.S_IMODE((folder / "token-secret").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["token-secret"]


def test_beyond_this_machine_the_secret_is_ones_own(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="JORGE_TOKEN_SECRET"):
        find_secrets("", False, tmp_path)


def test_a_role_is_one_of_six() -> None:
    assert check_role("agent") == "agent"
    with pytest.raises(SettingsError, match="publisher, dashboard, viewer, agent, manager, admin"):
        check_role("root")


@pytest.mark.parametrize("exp", [4_000_000_000, 4_000_000_000.5, 253_402_300_799])
def test_an_end_may_be_any_second_of_our_calendar(exp: float) -> None:
    assert Tokens(SECRET).verify(sign(exp=exp)).expires == exp


@pytest.mark.parametrize("iat", [4_000_000_000, 10**400, "yesterday"])
def test_when_it_was_issued_says_nothing_of_a_tokens_worth(iat: Any) -> None:
    """A server whose clock is behind its issuer's takes it: only the end bounds a token."""
    assert Tokens(SECRET).verify(sign(iat=iat)).subject == "ann"


def test_an_expired_token_is_told_both_times() -> None:
    with pytest.raises(TokenExpired) as refused:
        Tokens(SECRET).verify(sign(exp=1_000_000_000))
    assert str(refused.value).startswith("the token has expired: it ended at 2001-09-09T01:46:40Z, and here it is 2")
