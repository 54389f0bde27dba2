"""No secret in the tree: what detect-secrets finds in any file of ours, somebody has looked at."""

import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[2]

GUESSING = {"Base64HighEntropyString", "HexHighEntropyString"}
"""These find what is merely random: hashes of a lock, ids of an example."""

BY_NAME = {"KeywordDetector", "BasicAuthDetector"}
"""Passwords by their name: tests, documents and messages are full of those that open nothing."""

LOOKED_AT = {
    ("tests/server/http/test_refusal_words.py", "JSON Web Token"),  # signed by nobody
    ("tests/test_logs.py", "JSON Web Token"),  # signed by nobody
}


def secrets_in(root: Path, names: Iterable[str], without: Collection[str] = ()) -> set[tuple[str, str]]:
    """Return each file that holds something like a secret, and of which kind."""
    kinds: list[type] = list(get_mapping_from_secret_type_to_class().values())
    plugins = {plugin.__name__ for plugin in kinds}
    with transient_settings({"plugins_used": [{"name": name} for name in plugins - GUESSING - {*without}]}):
        return {(name, secret.type) for name in names for secret in scan_file(str(root / name))}


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = (
        ".py",
        ".md",
        ".toml",
        ".in",
        ".js",
        ".cjs",
        ".html",
        ".css",
        ".conf",
        ".yml",
        ".yaml",
        ".json",
        ".env",
        "",
    )
    return [name for name in listed.stdout.split("\0") if Path(name).suffix in texts and (ROOT / name).is_file()]


@pytest.mark.slow
def test_no_file_holds_a_secret_that_nobody_has_looked_at() -> None:
    names = tracked()
    assert {"README.md", "jorge_data/settings.py", "tests/test_logs.py"} <= {*names}
    assert secrets_in(ROOT, {*names, ".env.example"}, BY_NAME) == LOOKED_AT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('AWS = "AKIA' + 'Z3MUDTLYIW6KQ2PJ"', "AWS Access Key"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ('token_secret = "' + 'k3Jd92mXqP0vTz71"', "Secret Keyword"),
        ('url = "redis://office:' + 'Tr0ub4dor@redis/0"', "Basic Auth Credentials"),
    ],
)
def test_one_that_gets_in_is_found(tmp_path: Path, text: str, kind: str) -> None:
    (tmp_path / "settings.py").write_text(f"{text}\n")
    assert secrets_in(tmp_path, ["settings.py"]) == {("settings.py", kind)}


def test_what_holds_secrets_is_kept_out_of_the_tree() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".env", "var/"} <= set(ignored)
