"""The schema of queries: what each kind may be split, filtered and measured by; a query has no other names."""

from collections.abc import Iterable
from typing import NoReturn

from jorge_data.errors import Invalid
from jorge_data.events import KINDS
from jorge_data.events.encoding import show
from jorge_data.events.kinds import BotCost
from jorge_data.metrics.entities import CUBES, SCALE
from jorge_data.store import FactOwner

ENVELOPE = ("id", "time", "source", "subject", "type", "seq", "receivedat", "priority")
COLUMNS = frozenset({"id", "source", "subject", "type", "seq"})
"""Names of the envelope that the store has in columns."""

EVENTS = "events"
"""The measure that counts facts."""

BOOLEAN_MEASURES = frozenset({"within_target", "above_target"})
BOOLEAN_DIMS = frozenset({"stall_detected", "success", "stalled", "right", "hot"})
TRUE, TRUE_OR_FALSE = frozenset({"true", "yes"}), frozenset({"true", "yes", "false", "no"})

DERIVED_FACTS = {
    "effectiveness_spread": "jorge_qualification_progress",
    "confidence_spread": "intent_analysis_complete",
    "intent_feature": "intent_analysis_complete",
}
"""Further kinds of fact that are made from an event, and the kind of that event."""

_CONTACT = """contact_id name at temperature answered effectiveness stalled next_step frs_score pcs_score
    sequence_day sequence_due outcome waiting messages alerts
    phone email address url owner value"""
_DEAL = """deal_id name contact_id at status stage stage_since value commission probability expected_close
    opened_at closed_at lead_source pipeline"""
LISTS = {"contacts": ("contact", tuple(_CONTACT.split())), "deals": ("deal", tuple(_DEAL.split()))}
"""Each list: its family of entities, and its columns."""

_OTHERS: dict[str, FactOwner | None] = {
    **dict.fromkeys(("deal_state", "deal_stage"), "deal"),
    **dict.fromkeys(("conversation_edge", "bot_answer"), "conversation"),
    "intent_label": "analysis",
    **dict.fromkeys(("component_time", "component_newest"), None),
}
OWNERS: dict[str, FactOwner | None] = {
    kind: _OTHERS.get(kind, "contact") for kind, cube in CUBES.items() if cube.entity
}
"""For each kind of fact of entities, what those are; a component belongs to no contact."""

COUNTED = {kind: cube for kind, cube in CUBES.items() if cube.counted}
"""The kinds of fact that figures count."""

KINDS_OF_QUERIES = COUNTED.keys() | LISTS.keys()
"""Every kind that a query may name."""


def refuse(field: str, value: object, allowed: str | Iterable[str]) -> NoReturn:
    """Raise Invalid that names a parameter, its value and what is allowed."""
    text = allowed if isinstance(allowed, str) else f"one of {', '.join(allowed)}"
    fault = {"pointer": f"/query/{field}", "value": show(value), "detail": f"allowed: {text}"}
    raise Invalid(f"{field} is {show(value)}: allowed is {text}", faults=[fault])


def event_of(kind: str) -> str | None:
    """Return the kind of event that a kind of fact is made from, None for the facts of entities."""
    return None if CUBES[kind].entity else DERIVED_FACTS.get(kind, kind)


def data_fields(kind: str) -> tuple[str, ...]:
    """Return the fields of `data` of a kind of event, those that tell what it cost last."""
    return tuple(sorted(KINDS[kind].__annotations__, key=BotCost.__annotations__.__contains__))


def fields_of(kind: str) -> tuple[str, ...]:
    """Return the fields of a kind of event, those of its envelope first."""
    return (*ENVELOPE, *data_fields(kind))


def names_of(kind: str) -> tuple[str, ...]:
    """Return what facts of a kind may be split and filtered by: their dimensions, and the fields of an event."""
    dims = CUBES[kind].dims
    further = [name for name in fields_of(kind) if name not in dims] if kind in KINDS else ()
    return (*dims, *further)


def scale_of(kind: str, measure: str) -> int:
    """Return what a measure's integers are divided by."""
    return CUBES[kind].measures.get(measure, SCALE)
