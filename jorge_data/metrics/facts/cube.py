"""Cubes: which dimensions and measures each kind of fact has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

SCALE = 1_000_000
"""A measure is an integer of millionths, so that sums are exact in any order."""

CENTS = 100
"""Money is an integer of cents."""

FREE = frozenset(
    {
        "bot_type",
        "component",
        "failure_reason",
        "feature",
        "lead_source",
        "model_version",
        "pipeline",
        "source",
        "stage",
        "stall_type",
    }
)
"""Dimensions whose values publishers make up: a log keeps so many of each, see `Vocabulary`."""


class Cube(NamedTuple):
    """Name the dimensions of a kind of fact, and its measures with the scale of each.

    A fact of an event is for ever; facts of an entity are retracted when a later event changes what is known.
    """

    dims: tuple[str, ...]
    measures: Mapping[str, int]
    entity: bool = False


def _cube(dims: str, measures: str = "", money: str = "", entity: bool = False) -> Cube:
    scales = dict.fromkeys(measures.split(), SCALE) | dict.fromkeys(money.split(), CENTS)
    return Cube(tuple(dims.split()), MappingProxyType(scales), entity)


def _event(dims: str, measures: str = "", money: str = "") -> Cube:
    return _cube(f"{dims} source", measures, money)


def _entity(dims: str, measures: str = "", money: str = "") -> Cube:
    return _cube(dims, measures, money, entity=True)


CUBES: Mapping[str, Cube] = MappingProxyType(
    {
        # Events
        "jorge_qualification_progress": _event(
            "current_question questions_answered seller_temperature stall_detected stall_type",
            "confrontational_effectiveness frs_score pcs_score",
            "estimated_value",
        ),
        "lead_bot_sequence_update": _event(
            "sequence_day action_type success failure_reason", "retell_call_duration_seconds"
        ),
        "intent_analysis_complete": _event(
            "intent_category urgency_level model_version",
            "processing_time_ms confidence_score within_target above_target",
        ),
        "bot_status_update": _event("bot_type status", "processing_time_ms"),
        "conversation_event": _event("kind direction author channel sentiment stall_type", "duration_seconds"),
        "system_health_update": _event("component status", "response_time_ms"),
        "property_alert": _event("alert_type score_bin", "match_score"),
        "commission_update": _event("status stage", money="deal_value"),
        "contact_update": _event(""),
        "attention_update": _event("action"),
        "intent_feedback": _event("actual_category"),
        # What events say besides
        "effectiveness_spread": _event("current_question bin"),
        "confidence_spread": _event("intent_category bin"),
        "intent_feature": _event("feature", "confidence_score"),
        # Contacts
        "contact_state": _entity("temperature stalled outcome sequence_day waiting"),
        "seller_cohort": _entity("reached temperature hot"),
        "seller_step": _entity("step state", "duration_s"),
        "seller_stall": _entity("question stalled stall_type"),
        "seller_move": _entity("from to"),
        "sequence_due": _entity("day state"),
        "sequence_contact": _entity("reached outcome"),
        "sequence_flow": _entity("from to"),
        "alert_response": _entity("alert_type state", "duration_s"),
        "conversation_edge": _entity("edge"),
        # Deals
        "deal_state": _entity("status stage lead_source pipeline", money="value commission weighted"),
        "deal_stage": _entity("stage state", "duration_s"),
        # Labels and components
        "intent_label": _entity("predicted actual right bin", "confidence_score"),
        "component_time": _entity("component status", "duration_s"),
    }
)
"""Every kind of fact by its name; the kinds of event come first and are named as in the contract."""
