"""What several commands make of their options; a wrong one is a SettingsError that names it."""

from typing import Any

from jorge_data.errors import SettingsError
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.settings import Settings, read_settings


def settings_with(**given: Any) -> Settings:
    """Return the settings, with what the command line gives (not None) before what the environment does."""
    return read_settings(**{name: value for name, value in given.items() if value is not None})


def checked_location(name: str | None) -> str | None:
    """Return the location of `--location`; raise SettingsError where it cannot be one."""
    if name is not None and not LOCATION.fullmatch(name):
        raise SettingsError("--location", name, ALLOWED_LOCATION.removeprefix("allowed: "))
    return name
