"""The targets, rates and limits in force, each with the setting that it comes from."""

from typing import Any

from jorge_data.metrics.formatting import Unit, write
from jorge_data.settings import Settings

UNITS = {
    "commission_rate": Unit.SHARE,
    "commission_rates": None,
    "monthly_target": Unit.DOLLARS,
    "intent_target_ms": Unit.MS,
    "confidence_target": Unit.SHARE,
    "accuracy_target": Unit.SHARE,
    "uptime_target": Unit.SHARE,
    "down_until_reported": None,
    "silent_after_minutes": Unit.SECONDS,
    "fresh_amber_s": Unit.SECONDS,
    "fresh_red_s": Unit.SECONDS,
    "zone": None,
    "location": None,
    "retention": None,
    "retention_days": Unit.COUNT,
}
"""The settings shown, in order, with their units; minutes are written as a duration."""


def settings_table(settings: Settings) -> list[dict[str, str]]:
    """Return a row for each rule: its description, its value, and the setting that changes it."""
    return [
        {
            "rule": str(Settings.model_fields[name].description),
            "value": _write(getattr(settings, name), name, unit),
            "setting": f"JORGE_{name.upper()}",
        }
        for name, unit in UNITS.items()
    ]


def _write(value: Any, name: str, unit: Unit | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit is None:
        return str(value) or "none"
    return write(value * 60 if name.endswith("_minutes") else value, unit)
