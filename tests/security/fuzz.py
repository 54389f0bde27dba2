"""schemathesis against a real event server: requests as its OpenAPI describes them, and as it forbids them.

`python -m tests.security.fuzz --minutes 5` is `make security`; `make test` runs it shortly, by a seed.
"""

import argparse
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.served import Served

CONFIG = Path(__file__).with_name("schemathesis.toml")
SECRET = "sixteen characters, and more"


def fuzz(server: Served, *options: str) -> subprocess.CompletedProcess[str]:
    """Send requests of an admin to every route; the run fails where an answer is not as described."""
    program = (sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIG), "run")
    given = (f"{server.url}/openapi.json", "--header", f"Authorization: {server.bearer()['Authorization']}")
    command = [*program, *given, "--header", f"X-Jorge-Webhook-Secret: {SECRET}", *options]
    return subprocess.run(command, env=server.environment, cwd=server.folder, capture_output=True, text=True)


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
        run = fuzz(server, "--seed", str(given.seed), "--max-time", str(int(given.minutes * 60)))
        print(run.stdout, run.stderr)  # noqa: T201
        incidents = [line for line in server.log.splitlines() if "incident" in line]
        print(*incidents, sep="\n")  # noqa: T201
    return run.returncode or bool(incidents)


if __name__ == "__main__":
    sys.exit(main())
