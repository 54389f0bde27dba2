"""Options that several commands have; a wrong one is a SettingsError that names it."""

from typing import Any

from jorge_data.errors import SettingsError
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.settings import Settings, read_settings


def settings_with(**options: Any) -> Settings:
    """Return the settings, where an option of the command line that is not None replaces the environment's."""
    return read_settings(**{name: value for name, value in options.items() if value is not None})


def checked_location(name: str | None) -> str | None:
    """Return the value of `--location`; raise SettingsError where it is not a location's name."""
    if name is not None and not LOCATION.fullmatch(name):
        raise SettingsError("--location", name, ALLOWED_LOCATION.removeprefix("allowed: "))
    return name
