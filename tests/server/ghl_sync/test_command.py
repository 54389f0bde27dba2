"""`python -m jorge_data sync ghl`, as a person uses it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.served import Served
from tests.server.ghl_sync.api import LOCATION, FakeGHL, deal, person
from tests.server.webhook.translated import events

ROOT = Path(__file__).parents[3]


def run(office: Served, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = office.environment | {
        "JORGE_SOCKET_URL": office.url.replace("http", "ws"),
        "PYTHONPATH": os.fspath(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", "sync", *arguments],
        env=environment,
        cwd=office.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_it_shows_how_far_it_is_and_says_what_it_found(office: Served, ghl: FakeGHL) -> None:
    office.start()
    first = run(office, "ghl")
    assert first.returncode == 0, first.stderr
    ghl.opportunities = [deal(number) for number in range(150)]
    ghl.contacts = [person(number) for number in range(2)]
    second = run(office, "ghl")
    assert second.stdout == "152 records differed and are told as events\n"
    assert second.stderr.splitlines()[-1] == "GoHighLevel: 100 %, contacts: 2, 152 differ"
    events(office, LOCATION, 152)


def test_what_the_api_refuses_is_one_sentence(office: Served, ghl: FakeGHL) -> None:
    office.environment["JORGE_GHL_TOKEN"] = "pit-wrong"
    office.start()
    failed = run(office, "ghl")
    assert failed.returncode == 2
    (line,) = failed.stderr.splitlines()
    assert "GoHighLevel answered 401" in line
    assert "pit-wrong" not in failed.stderr + office.log


def test_a_server_that_does_not_run_is_one_sentence(office: Served) -> None:
    failed = run(office, "ghl")
    assert failed.returncode == 2
    (line,) = failed.stderr.splitlines()
    assert "does not answer" in line


def test_another_source_is_refused_by_name(office: Served) -> None:
    failed = run(office, "salesforce")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "sync is 'salesforce'; allowed: ghl" in failed.stderr
