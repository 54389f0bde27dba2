"""What we are made of: no dependency with a known fault, each pinned by hash, and one list of them all (CycloneDX)."""

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from scripts import sbom

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def audit(lock: str) -> tuple[list[Any], str]:
    """Return what pip-audit says of each locked package, and what else it printed."""
    options = (
        "--requirement",
        lock,
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    )
    command = [sys.executable, "-m", "pip_audit", *options, "--timeout", "10"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    try:
        return json.loads(run.stdout)["dependencies"], run.stderr
    except ValueError:
        return [], run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("lock", LOCKS)
def test_no_locked_dependency_has_a_known_fault(lock: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A finding fails; where the advisory service cannot be asked, it is said in one line and the run goes on."""
    dependencies, said = audit(lock)
    faulty = {each["name"]: each["vulns"] for each in dependencies if each.get("vulns")}
    assert faulty == {}
    asked = [each for each in dependencies if "vulns" in each]
    if not asked:
        reason = dependencies[0]["skip_reason"] if dependencies else said.strip().rpartition("\n")[2][:200]
        with capfd.disabled():
            sys.stderr.write(f"\nnot audited: {lock}: the advisory service does not answer here ({reason})\n")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_by_version_and_hash(lock: str) -> None:
    packages = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE))
    assert len(packages) > 60
    for package in packages:
        assert re.match(r"[a-z0-9._\-\[\],]+==\S+", package), package[:80]
        assert "--hash=sha256:" in package, package[:80]


def test_the_bill_of_materials_names_every_locked_package_with_its_hashes() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = sbom.bill_of_materials((ROOT / "requirements.txt").read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the validator's own library is older than ours
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = {each["purl"]: each for each in json.loads(text)["components"]}
    locked = set(
        re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    )
    assert listed.keys() == {f"pkg:pypi/{name}@{version}" for name, version in locked}
    assert all(each["hashes"] for each in listed.values())
