"""The dashboard's own token while keys are rotated and tokens end: people come in, or are told why they cannot."""

import subprocess
import sys
import time
from pathlib import Path

from jorge_data.server.auth.signing_secrets import KeptSecrets
from jorge_data.server.auth.tokens import Tokens
from tests.dashboard.login.test_gate import ends_within, open_socket
from tests.people import add_user, behind_login, change_user, cookie_of, post_login
from tests.served import Served
from tests.waiting import wait_until


def rotate(server: Served) -> None:
    command = [sys.executable, "-m", "jorge_data", "keys", "rotate"]
    subprocess.run(command, env=server.environment, cwd=server.folder, check=True, capture_output=True, timeout=120)


def test_after_two_rotations_people_come_in_and_are_ended_as_before(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_TOKEN_SECRET="", JORGE_ANONYMOUS="off") as server:
        server._tokens = Tokens(KeptSecrets(tmp_path / "token-secret"))
        same = {"JORGE_TOKEN_SECRET": "", "JORGE_STORE_URL": server.environment["JORGE_STORE_URL"]}
        with behind_login(server, tmp_path, **same) as dashboard:
            add_user(server, "dana")
            cookie_of(dashboard, "dana")
            first = server.token("dashboard")
            for _ in range(2):
                rotate(server)
            wait_until(lambda: not is_taken(server, first))  # from now on the token of the start is worth nothing
            cookie = cookie_of(dashboard, "dana")
            with open_socket(dashboard, "/_stcore/stream", cookie) as socket:
                time_of_act = time.monotonic()
                change_user(server, "dana", "disable")
                assert ends_within(socket, time_of_act) == 4401
            assert "does not take this dashboard's own token" not in dashboard.log


def is_taken(server: Served, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    answer = server.session.post(f"{server.url}/api/sessions/used", json={"sessions": []}, headers=headers, timeout=10)
    return answer.status_code != 401


def test_a_token_that_was_set_and_has_ended_is_named_once_in_the_log_and_at_the_login(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        ended = server.token("dashboard", ttl_s=1)
        wait_until(lambda: not is_taken(server, ended))
        with behind_login(server, tmp_path, JORGE_TOKEN=ended) as dashboard:
            for _ in range(3):
                refused = post_login(dashboard.url, "dana")
            assert refused.status_code == 503
            assert "own token (JORGE_TOKEN, which may have ended): set JORGE_TOKEN to `python -m" in refused.text
            assert dashboard.log.count("nobody can be let in, and nothing be read") == 1
