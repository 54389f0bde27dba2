"""The vendors as the settings say: a wrong one is told at the start, and no secret is told with it."""

import pytest
from pydantic import SecretStr

from jorge_data.errors import SettingsError
from jorge_data.server.vendors import vendors_of
from jorge_data.settings import Settings


def settings(secret: str) -> Settings:
    return Settings(_env_file=None, workflow_secret=SecretStr(secret))  # type: ignore[call-arg]


@pytest.mark.parametrize("short", ["guessable", "fifteen letters"])
def test_a_workflows_secret_that_can_be_guessed_is_refused_unseen(short: str) -> None:
    with pytest.raises(SettingsError, match="JORGE_WORKFLOW_SECRET is .*; allowed: 16 characters or more") as refused:
        vendors_of(settings(short))
    assert short not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "sixteen letters!"])
def test_no_secret_and_a_long_one_are_taken(secret: str) -> None:
    assert "ghl-workflow" in vendors_of(settings(secret))
