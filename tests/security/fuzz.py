"""schemathesis against a real event server: requests as its OpenAPI describes them, and as it forbids them.

`python -m tests.security.fuzz --minutes 5` is `make security`; `make test` runs it shortly, by a seed.
"""

import argparse
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from jorge_data.permissions import Person
from tests.people import PASSWORD, add_user
from tests.served import Served

CONFIG = Path(__file__).with_name("schemathesis.toml")
SECRET = "sixteen characters, and more"
SHARES: dict[Person, float] = {"admin": 0.55, "manager": 0.15, "agent": 0.15, "viewer": 0.15}
"""Whose requests are sent for which part of the time."""


def fuzz(server: Served, *options: str, role: Person = "admin") -> subprocess.CompletedProcess[str]:
    """Send a person's requests to every route, and a dashboard's to those by which it lets people in.

    The run fails where an answer is not as described. One who is logged in is there: half of what is asked of a session
    is asked of his.
    """
    add_user(server, name := f"fay-{role}")
    login = {"name": name, "password": PASSWORD}
    entered = server.session.post(f"{server.url}/api/sessions", json=login, headers=server.bearer("dashboard"))
    environment = server.environment | {
        "FUZZ_TOKEN": server.token(role),
        "FUZZ_DASHBOARD_TOKEN": server.token("dashboard"),
        "FUZZ_WORKFLOW_SECRET": SECRET,
        "FUZZ_SESSION": entered.json()["session"],
    }
    program = (sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIG), "run")
    command = [*program, f"{server.url}/openapi.json", *options]
    return subprocess.run(command, env=environment, cwd=server.folder, capture_output=True, text=True)


def serving(folder: Path) -> Served:
    """Return a server that reads nothing without a token, and takes a workflow's webhooks."""
    return Served(folder, JORGE_ANONYMOUS="off", JORGE_WORKFLOW_SECRET=SECRET, JORGE_LOG_LEVEL="warning")


def main() -> int:
    """Run for so many minutes; return 0 where nothing was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=5)
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = arguments.parse_args()
    with TemporaryDirectory() as folder, serving(Path(folder)) as server:
        failed = False
        for role, share in SHARES.items():
            seconds = max(1, int(given.minutes * 60 * share))
            run = fuzz(server, "--seed", str(given.seed), "--max-time", str(seconds), role=role)
            print(f"As {role}:", run.stdout, run.stderr)  # noqa: T201
            failed = failed or bool(run.returncode)
        incidents = [line for line in server.log.splitlines() if "incident" in line]
        print(*incidents, sep="\n")  # noqa: T201
    return failed or bool(incidents)


if __name__ == "__main__":
    sys.exit(main())
