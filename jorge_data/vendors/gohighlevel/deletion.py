"""Deletions: what is deleted stays deleted, until it was changed later by its own clock.

GoHighLevel tells an update that was under way after the deletion (highlevel-api-docs, issue 27), without a clock or
with an older one. `timestamp` is when a webhook was sent, and a late update is sent after the deletion.
"""

from datetime import datetime

from jorge_data.vendors.base import Json
from jorge_data.vendors.moments import first_moment

TRAILS = "it was deleted before: only a dateUpdated after the deletion brings it back"
OUTLIVED = "it was changed after this deletion, as its dateUpdated said"


def changed_at(was: Json | None, fields: Json, at: datetime) -> str | None:
    """Return when a record was last changed by its own clock, as the copy or the body says; None where neither does.

    `at` is when the body says that it happened, by that clock where it has one, and never after its receipt.
    """
    own = at.isoformat() if first_moment(fields, "dateUpdated", "updatedAt") else None
    return max(filter(None, ((was or {}).get("changed_at"), own)), default=None)


def is_deleted(was: Json | None) -> bool:
    """Return whether a copy is of what was deleted."""
    return bool(was and was.get("deleted"))


def trails(was: Json | None, fields: Json, at: datetime) -> bool:
    """Return whether a body trails behind the deletion of its record: it says of no later change; `at` as above."""
    if was is None or not was.get("deleted"):
        return False
    changed = changed_at(None, fields, at)
    return changed is None or changed <= _deleted_at(was)


def outlives(was: Json | None, deleted_at: datetime) -> bool:
    """Return whether a copy was changed, by its own clock, after a deletion that is told now."""
    changed = (was or {}).get("changed_at")
    return bool(changed and changed > deleted_at.isoformat())


def deleted(was: Json | None, deleted_at: datetime) -> Json:
    """Return the copy of a deleted record: of several deletions the last one is what a later change must follow."""
    old = was or {}
    moments = [deleted_at.isoformat(), *([_deleted_at(old)] if old.get("deleted") else [])]
    return {**old, "at": max(deleted_at.isoformat(), old.get("at", "")), "deleted": max(moments)}


def _deleted_at(was: Json) -> str:
    """Return when a copy's record was deleted; copies of earlier versions say no more than that it was."""
    return str(was["at"] if was["deleted"] is True else was["deleted"])
