"""Import and export as a person at a terminal runs them, in programs of their own."""

import os
import subprocess
import sys
from pathlib import Path

from jorge_data.bots import Client
from tests.files.conftest import contents
from tests.served import Served

ROOT = Path(__file__).parents[2]


def run(served: Served, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    socket = f"ws://127.0.0.1:{served.port}"
    environment = {"PYTHONPATH": str(ROOT), "JORGE_SOCKET_URL": socket, "JORGE_TOKEN_SECRET": served.secret}
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", *map(str, arguments)],
        env={**{k: v for k, v in os.environ.items() if not k.startswith("JORGE_")}, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_was_exported_is_imported(served: Served, client: Client, filled: str, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    exported = run(served, "export", path, "--location", filled, "--types", "contact_update,property_alert")
    assert exported.returncode == 0, exported.stderr
    assert exported.stderr.endswith("events\n")
    imported = run(served, "import", path, "--location", f"{filled}.again", "--token", served.token("publisher"))
    assert imported.returncode == 0, imported.stderr
    events = contents(client, f"{filled}.again")
    assert {event["type"] for event in events} == {"contact_update", "property_alert"}
    assert exported.stdout == f"{len(events):,} events in {path}\n"
    assert imported.stdout == f"events, Parquet: {len(events):,} events kept, 0 known already, 0 refused\n"


def test_refused_lines_are_named_and_the_command_says_so(served: Served, location: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_text('{"source": "tests"}\n')
    imported = run(served, "import", path, "--location", location)
    assert (imported.returncode, "1 refused: see" in imported.stdout) == (1, True)
    assert "/data" in Path(f"{path}.refused.ndjson").read_text()


def test_a_wrong_moment_is_one_sentence(served: Served, tmp_path: Path) -> None:
    exported = run(served, "export", tmp_path / "e.csv", "--location", "default", "--from", "yesterday")
    assert exported.returncode == 2
    assert exported.stderr == "--from is 'yesterday'; allowed: RFC 3339 with a zone, as in 2026-11-23T14:07:31Z\n"


def test_an_export_of_the_crm_is_recognised_and_needs_its_location(
    served: Served, client: Client, location: str, tmp_path: Path
) -> None:
    path = tmp_path / "Export_Contacts.csv"
    path.write_text("Contact Id,First Name,Last Activity\nc1,Ann,Jul 22 2026 02:09 PM\n")
    imported = run(served, "import", path)
    assert (imported.returncode, imported.stdout) == (2, "")
    assert "export of contacts, which names no location; say with --location whose it is" in imported.stderr
    imported = run(served, "import", path, "--location", location, "--zone", "America/New_York")
    assert imported.stdout == (
        "GoHighLevel's export of contacts, CSV (UTF-8, commas): 1 events kept, 0 known already, 0 refused\n"
    )
    assert [event["time"] for event in contents(client, location)] == ["2026-07-22T18:09:00Z"]
