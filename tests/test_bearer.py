"""The token that a request carries is ours, whatever else the machine knows of the host."""

from pathlib import Path

import pytest
import requests

from jorge_data.bearer import Bearer


@pytest.mark.parametrize(("token", "carried"), [("t0ken", "Bearer t0ken"), ("", None)])
def test_netrc_adds_nothing_and_replaces_nothing(
    token: str, carried: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with requests.Session() as session:
        session.auth = Bearer(token)
        prepared = session.prepare_request(requests.Request("GET", "http://events.example/events"))
    assert prepared.headers.get("Authorization") == carried
