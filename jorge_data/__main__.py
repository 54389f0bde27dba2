"""The command line: `python -m jorge_data --help` names the commands."""

import sys

from jorge_data.cli.app import app
from jorge_data.errors import JorgeError


def main() -> None:
    """Run a command; a fault of ours or the user's is one sentence, not a traceback."""
    try:
        app(prog_name="python -m jorge_data")
    except JorgeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
