"""The targets, rates and limits in force, each with the setting that it comes from."""

from typing import Any

from jorge_data.dashboard.ui.cell_words import DAY_S
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
    "retention_days": Unit.SECONDS,
}
"""The settings shown, in order, with their units; minutes and days are written as durations."""
_SECONDS = {"_minutes": 60, "_days": DAY_S}


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
    size = next((seconds for ending, seconds in _SECONDS.items() if name.endswith(ending)), 1)
    return write(value * size, unit)
