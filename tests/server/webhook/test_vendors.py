"""The vendors by the settings: a wrong setting is refused at the start, without showing a secret."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from pydantic import SecretStr

from jorge_data.errors import SettingsError
from jorge_data.server.webhook.vendors import vendors_of
from jorge_data.settings import Settings
from tests.server.inside import Inside
from tests.server.webhook.ghl import PEM, contact, signature


def settings(secret: str) -> Settings:
    return Settings(_env_file=None, workflow_secret=SecretStr(secret))  # type: ignore[call-arg]


@pytest.mark.parametrize("short", ["guessable", "fifteen letters"])
def test_a_workflows_secret_that_can_be_guessed_is_refused_unseen(short: str) -> None:
    with pytest.raises(SettingsError, match=r"JORGE_WORKFLOW_SECRET is .*; allowed: 16 characters or more") as refused:
        vendors_of(settings(short))
    assert short not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "sixteen letters!"])
def test_no_secret_and_a_long_one_are_taken(secret: str) -> None:
    assert "ghl-workflow" in vendors_of(settings(secret))


def answered(server: Inside, webhook: dict[str, Any], given: str = "") -> int:
    body = orjson.dumps(webhook)
    headers = {"X-GHL-Signature": given or signature(body)}
    return requests.post(f"{server.url}/webhooks/ghl", data=body, headers=headers, timeout=10).status_code


def test_where_locations_are_named_what_is_signed_for_another_is_refused_and_counted(tmp_path: Path) -> None:
    with Inside(tmp_path, {"ghl_public_key": PEM, "ghl_locations": "ours, also-ours"}) as server:
        assert [answered(server, contact(name)) for name in ("ours", "also-ours")] == [200, 200]
        assert [answered(server, contact(name)) for name in ("another", "")] == [403, 403]
        assert answered(server, contact("another"), "wrong") == 401
        counts = requests.get(f"{server.url}/metrics", timeout=10).text
    assert 'jorge_deliveries_total{outcome="forbidden",vendor="ghl"} 2.0' in counts
