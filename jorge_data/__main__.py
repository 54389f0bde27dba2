"""The command line: `jorge --help`, or `python -m jorge_data --help`, names the commands."""

import sys
from pathlib import Path

from jorge_data.errors import JorgeError

COMMANDS = (
    "serve, demo, token, users, keys, sync, rebuild, schema, retranslate, import, export, backup, restore, move,"
    " doctor, erase, export-contact"
)
"""What the help lists where the command line itself cannot be imported."""


def main() -> None:
    """Run a command; a JorgeError becomes one sentence on standard error and exit code 2, not a traceback."""
    name = "python -m jorge_data" if Path(sys.argv[0]).name == "__main__.py" else "jorge"
    try:
        from jorge_data.cli.app import app

        app(prog_name=name)
    except ModuleNotFoundError as error:
        if not error.name or error.name.partition(".")[0] == "jorge_data":
            raise
        _print_missing_extra(name, error.name)
    except JorgeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def _print_missing_extra(name: str, missing: str) -> None:
    """Print which extra has the missing package: the command line comes with the event server; a bot needs neither."""
    sentence = f"the commands of {name} need jorge-data[server], as in `pip install 'jorge-data[server]'`"
    if len(sys.argv) == 1 or "--help" in sys.argv:
        sys.stdout.write(f"Usage: {name} [OPTIONS] COMMAND [ARGS]...\n\nCommands: {COMMANDS}\n\nHere, {sentence}.\n")
        return
    sys.stderr.write(f"{missing} is not installed: {sentence}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
