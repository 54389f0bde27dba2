"""The commands of users and of keys, as an admin uses them beside a running event server."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest

from jorge_data.server.auth.signing_secrets import KeptSecrets
from jorge_data.server.auth.tokens import Tokens
from tests.served import Served
from tests.server.clients import ask, closing, subscribe
from tests.server.users.people import PASSWORD, People


def run(served: Served, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with the settings of a server."""
    url = f"ws://127.0.0.1:{served.port}"
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", *arguments],
        env={**served.environment, "JORGE_SOCKET_URL": url, **environment},
        cwd=served.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def printed(served: Served, *arguments: str) -> str:
    done = run(served, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip()


def test_users_are_added_listed_changed_and_disabled_by_commands(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_PUBLIC_URL="https://example.com/jorge", JORGE_ANONYMOUS="off") as served:
        people = People(served)
        link = printed(served, "users", "add", "Ann", "--role", "agent", "--location", "austin", "--agent-id", "crm-7")
        parts = urlsplit(link)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://example.com/jorge/login/invitation"
        assert people.ask("invitations/use", invitation=parts.fragment, password=PASSWORD).status_code == 201
        assert printed(served, "users", "list") == "ann\tAnn\tagent at austin as crm-7\tmay log in"
        changed = printed(served, "users", "role", "ann", "manager", "--location", "boston")
        assert changed == "ann\tagent at austin as crm-7, manager at boston"
        assert printed(served, "users", "role", "ann", "none", "--location", "austin") == "ann\tmanager at boston"
        assert printed(served, "users", "disable", "ann") == "ann\tdisabled"
        assert people.log_in("ann").status_code == 401
        assert printed(served, "users", "enable", "ann") == "ann\tmay log in"
        served.environment["JORGE_TOKEN"] = served.token("dashboard")  # beside the secret, as a dashboard there has it
        again = printed(served, "users", "reset", "ann")
        assert again != link
        assert printed(served, "users", "list") == "ann\tAnn\tmanager at boston\thas chosen no password yet"
        assert printed(served, "users", "add", "bob@example.com", "--role", "viewer", "--login", "other") == (
            "bob@example.com may log in"
        )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("role", "nobody", "viewer"), "there is no user 'nobody'"),
        (("disable", "nobody"), "there is no user 'nobody'"),
        (("add", "ann", "--role", "agent"), "agent_id is null"),
        (("add", "ann", "--role", "viewer", "--location", "a b"), "--location is 'a b'"),
        (("add", "ann", "--role", "viewer", "--login", "oidc"), "--login is 'oidc'; allowed: password, other"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(served: Served, arguments: tuple[str, ...], why: str) -> None:
    done = run(served, "users", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert why in line.replace('"', "'")


def test_keys_are_rotated_while_the_server_runs_and_two_are_valid_at_once(tmp_path: Path, stack: ExitStack) -> None:
    """Who lives by the key before the last is sent away, from HTTP and from the socket."""
    with Served(tmp_path, JORGE_TOKEN_SECRET="", JORGE_ANONYMOUS="off") as served:
        served._tokens = Tokens(KeptSecrets(tmp_path / "token-secret"))
        old = served.bearer("viewer")
        socket = served.connect(stack, additional_headers=old)
        subscribe(socket, "default")
        first = printed(served, "keys", "rotate")
        assert printed(served, "keys", "list").splitlines()[0] == first
        assert served.session.get(f"{served.url}/events", headers=old, timeout=10).status_code == 200
        assert ask(socket, type="no such thing")["code"] == "invalid", "it is still served"
        token = printed(served, "token", "--role", "viewer")
        assert jwt.get_unverified_header(token)["kid"] == first
        new = {"Authorization": f"Bearer {token}"}
        assert served.session.get(f"{served.url}/events", headers=new, timeout=10).status_code == 200
        second = printed(served, "keys", "rotate")
        assert closing(socket, 20) == (4501, "the key of this token was replaced")
        assert served.session.get(f"{served.url}/events", headers=old, timeout=10).status_code == 401
        assert served.session.get(f"{served.url}/events", headers=new, timeout=10).status_code == 200
        assert printed(served, "keys", "list").splitlines() == [second, first]


def test_a_secret_of_the_settings_is_rotated_by_what_is_printed(served: Served) -> None:
    setting = printed(served, "keys", "rotate")
    name, _, value = setting.partition("=")
    assert name == "JORGE_TOKEN_SECRET"
    new, old = value.split(",")
    assert old == served.secret
    assert Tokens(value).verify(served.token()).role == "admin"
    assert jwt.get_unverified_header(Tokens(value).issue("admin", "ann", 60)) == jwt.get_unverified_header(
        Tokens(new).issue("admin", "ann", 60)
    )
