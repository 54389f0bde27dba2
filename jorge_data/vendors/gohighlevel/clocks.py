"""A clock for each field of a copy: what overtook an older body leaves that body the fields which it did not name.

Webhooks come in any order, and many name few fields. Each field is the one that was told last by the vendor's clock;
a copy has the clocks of those fields alone that are older than itself.
"""

from jorge_data.vendors.base import Json

CLOCKS = "clocks"


def overtaken(was: Json | None, fields: set[str], at: str) -> set[str]:
    """Return which of these fields a copy has from a later moment than `at`."""
    if was is None or was["at"] <= at:
        return set()
    clocks = was.get(CLOCKS, {})
    return {field for field in fields if clocks.get(field, was["at"]) > at}


def clocks_after(was: Json | None, had: set[str], told: set[str], at: str) -> dict[str, str]:
    """Return the clocks of a copy, which `had` these fields before, after a body that told those at a moment.

    Of a field that nobody told yet the clock is "".
    """
    before: str = was["at"] if was else ""
    if at >= before and had <= told:  # a whole body, as most are
        return {}
    clocks: dict[str, str] = was.get(CLOCKS, {}) if was else {}
    newest = max(at, before)
    after = {field: clocks.get(field, before) for field in had} | dict.fromkeys(told, at)
    return {field: clock for field, clock in after.items() if clock != newest}
