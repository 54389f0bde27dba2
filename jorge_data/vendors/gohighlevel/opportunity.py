"""Opportunities: deals that open, move, are won or lost, compared with the stored copy."""

from datetime import datetime

from jorge_data.events.encoding import show
from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.clocks import CLOCKS, clocks_after, overtaken
from jorge_data.vendors.gohighlevel.contact import Diff
from jorge_data.vendors.gohighlevel.deletion import changed_at, deleted, is_deleted
from jorge_data.vendors.gohighlevel.names import Names, slug
from jorge_data.vendors.moments import first_moment
from jorge_data.vendors.money import ALLOWED, read_money

PROBABILITY = {"prospect": 0.10, "qualified": 0.25, "showing": 0.40, "offer": 0.65, "under_contract": 0.90}
"""The chance that a deal in a stage is won, by the stage's name; a stage of another name has none."""

MAX_VALUE = 1e12
_CLOCKED = {
    "assignedTo": "assigned_to",
    "contactId": "contact_id",
    "lastStatusChangeAt": "status",
    "monetaryValue": "deal_value",
    "name": "name",
    "pipelineId": "stage",
    "pipelineStageId": "stage",
    "pipelineStageName": "stage",
    "status": "status",
}
"""The fields of a body, and what of a deal each tells: these change together, and have a clock together."""

_FIELDS = set(_CLOCKED.values())
_CLOSED = {"closed": 1.0}
_STATUSES = ("open", "won", "lost", "abandoned")
_COMPARED = ("deal_value", "status", "contact_id", "name", "pipeline_id", "stage_id", "stage", "deleted")


def opportunity_events(was: Json | None, body: Json, names: Names, at: datetime) -> Diff:
    """Return a deal's `commission_update` where it changed; a value that cannot be read stays what it was.

    What is not in the body is unchanged, and so is what the copy has from a later moment. A body that trails behind a
    deletion is not to be passed.
    """
    told = {ours for theirs, ours in _CLOCKED.items() if theirs in body}
    if was and not is_deleted(was) and (late := overtaken(was, told & was.keys(), at.isoformat())):
        body, told = {name: value for name, value in body.items() if _CLOCKED.get(name) not in late}, told - late
        if not told:
            return Diff([], was)
    old = was or {}
    faults: list[str] = []
    now = {
        **_deal(old, body, names, at, faults),
        "at": max(at.isoformat(), old.get("at", "")),
        "changed_at": changed_at(was, body, at),
        CLOCKS: dict.fromkeys(_FIELDS - old.keys() - told, "")
        | clocks_after(was, _FIELDS & old.keys(), told, at.isoformat()),
    }
    # Copies of earlier versions do not say whose a deal is: that is no change.
    compared = (*_COMPARED, "assigned_to") if was and "assigned_to" in was else _COMPARED
    if was and all(was.get(name) == now.get(name) for name in compared):
        return Diff([], now, tuple(faults))
    return _diff(now)._replace(faults=tuple(faults))


def opportunity_deleted(was: Json | None, at: datetime) -> Diff:
    """Return a deal as deleted; nothing is told where no copy of it is stored."""
    now = deleted(was, at)
    if was is not None:  # what trails behind may still be the newest of a field
        now[CLOCKS] = clocks_after(was, _FIELDS & was.keys(), set(), at.isoformat())
    if was is None or is_deleted(was):
        return Diff([], now)
    return _diff(now)


def _deal(was: Json, body: Json, names: Names, at: datetime, faults: list[str]) -> Json:
    stage_id = _text(body, "pipelineStageId", was.get("stage_id"))
    named = _text(body, "pipelineStageName", None) or names.stage(stage_id)
    same_stage = stage_id == was.get("stage_id") and "pipelineStageName" not in body
    status = _status(body, was, faults)
    return {
        "deal_id": str(body.get("id")),
        "deal_value": _value(body, was, faults),
        "status": status,
        "contact_id": _text(body, "contactId", was.get("contact_id")),
        "name": _text(body, "name", was.get("name")),
        "assigned_to": _text(body, "assignedTo", was.get("assigned_to")),
        "pipeline_id": _text(body, "pipelineId", was.get("pipeline_id")),
        "stage_id": stage_id,
        "stage": named or (was.get("stage") if same_stage else None),
        "closed_at": _closed_at(status, was, body, at),
    }


def _diff(deal: Json) -> Diff:
    not_told = ("at", "changed_at", "deleted", CLOCKS)
    data = {name: value for name, value in deal.items() if value is not None and name not in not_told}
    if is_deleted(deal):
        data["status"] = "deleted"  # in the copy stands what it was, should it come back
    elif (probability := _probability(deal)) is not None:
        data["probability"] = probability
    return Diff([{"type": "commission_update", "time": deal["at"], "data": data}], deal)


def _probability(deal: Json) -> float | None:
    if deal["status"] != "open":
        return 1.0 if deal["status"] == "won" else 0.0
    return (PROBABILITY | _CLOSED).get(slug(deal["stage"])) if deal["stage"] else None


def _value(body: Json, was: Json, faults: list[str]) -> float:
    """Return a deal's value; one without a value is worth nothing yet, as in the CRM's own lists."""
    known = float(was.get("deal_value", 0))
    given = body.get("monetaryValue", known)
    if given is None or given == "":
        return 0
    value = read_money(given)
    if value is None or value > MAX_VALUE:
        faults.append(f"monetaryValue is {show(given)}: allowed is {ALLOWED}, up to $1,000 billion")
        return known
    return value


def _status(body: Json, was: Json, faults: list[str]) -> str:
    known = str(was.get("status", "open"))
    status = body.get("status") or known  # every deal has a status: null means that it is not given
    word = status.strip().lower() if isinstance(status, str) else status
    if word not in _STATUSES:
        faults.append(f"status is {show(status)}: allowed are {', '.join(_STATUSES)}")
        return known
    return str(word)


def _closed_at(status: str, was: Json, body: Json, at: datetime) -> str | None:
    """Return when a deal closed: as the CRM says, else when a delivery first had it closed."""
    if status == "open":
        return None
    if was.get("status") == status and was.get("closed_at"):
        return str(was["closed_at"])
    closed = first_moment(body, "lastStatusChangeAt")
    return (closed or at).isoformat()


def _text(body: Json, name: str, default: str | None) -> str | None:
    value = body.get(name, default)
    return value if isinstance(value, str) and value else None
