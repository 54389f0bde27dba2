"""Facts and cubes: one countable thing at a moment, and which dimensions and measures each kind of it has."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

SCALE = 1_000_000
"""A measure is an integer of millionths, so that sums are exact in any order."""

CENTS = 100
"""Money is an integer of cents."""

PICODOLLARS = 10**12
"""What a bot costs is an integer of millionths of a millionth of a dollar: all that the contract's decimal text says,
so that sums are exact in any order."""

FREE = frozenset(
    {
        "agent",
        "agent_name",
        "bot_type",
        "component",
        "failure_reason",
        "feature",
        "lead_source",
        "model_version",
        "pipeline",
        "script_version",
        "source",
        "stage",
        "stall_type",
    }
)
"""Dimensions whose values publishers make up: a log counts only so many of each, see `Vocabulary`."""


class Cube(NamedTuple):
    """The dimensions of a kind of fact, and its measures with the scale of each.

    A fact of an event is final; facts of an entity are retracted when a later event changes the entity. What is not
    `counted` is only listed: it says how something stands now, and no figure adds it up over time.
    """

    dims: tuple[str, ...]
    measures: Mapping[str, int]
    entity: bool = False
    counted: bool = True


def _cube(dims: str, measures: str = "", money: str = "", entity: bool = False, counted: bool = True) -> Cube:
    scales = dict.fromkeys(measures.split(), SCALE) | dict.fromkeys(money.split(), CENTS)
    return Cube(tuple(dims.split()), MappingProxyType(scales), entity, counted)


def _event(dims: str, measures: str = "", money: str = "") -> Cube:
    return _cube(f"{dims} source", measures, money)


def _bot_event(dims: str, measures: str = "", money: str = "") -> Cube:
    """Return the cube of a kind that tells what it cost.

    The script stands last, after the source: a log that lost events still has cells from before there was the script.
    """
    cube = _cube(f"{dims} source script_version", f"{measures} tokens_in tokens_out", money)
    return cube._replace(measures=MappingProxyType({**cube.measures, "cost_usd": PICODOLLARS}))


def _entity(dims: str, measures: str = "", money: str = "") -> Cube:
    return _cube(dims, measures, money, entity=True)


def _listed(dims: str, measures: str = "") -> Cube:
    return _cube(dims, measures, entity=True, counted=False)


CUBES: Mapping[str, Cube] = MappingProxyType(
    {
        # Events
        "jorge_qualification_progress": _bot_event(
            "current_question questions_answered seller_temperature stall_detected stall_type",
            "confrontational_effectiveness frs_score pcs_score",
            "estimated_value",
        ),
        "lead_bot_sequence_update": _bot_event(
            "sequence_day action_type success failure_reason", "retell_call_duration_seconds"
        ),
        "intent_analysis_complete": _bot_event(
            "intent_category urgency_level model_version",
            "processing_time_ms confidence_score within_target above_target",
        ),
        "bot_status_update": _bot_event("bot_type status", "processing_time_ms"),
        "conversation_event": _bot_event("kind direction author channel sentiment stall_type", "duration_seconds"),
        "system_health_update": _event("component status", "response_time_ms"),
        "property_alert": _bot_event("alert_type score_bin", "match_score"),
        "commission_update": _event("status stage", money="deal_value"),
        "contact_update": _event(""),
        "attention_update": _event("action"),
        "intent_feedback": _event("actual_category"),
        "annotation": _event(""),
        # Details of events
        "effectiveness_spread": _event("current_question bin"),
        "confidence_spread": _event("intent_category bin"),
        "intent_feature": _event("feature", "confidence_score"),
        # Contacts
        "contact_state": _entity("temperature stalled outcome sequence_day waiting in_progress"),
        "seller_cohort": _entity("reached temperature hot"),
        "seller_step": _entity("step state", "duration_s"),
        "seller_stall": _entity("question stalled stall_type"),
        "seller_move": _entity("from to"),
        "human_touch": _entity(
            "state heard agent agent_name lead_source hour office_hours within", "duration_s heard_s"
        ),
        "seller_newest": _listed(""),
        "open_item": _listed("item owner", "again shown_from"),
        "dealt_with": _listed("item by action outcome", "until waited_s"),
        "sequence_due": _entity("day state"),
        "sequence_contact": _entity("reached outcome"),
        "sequence_flow": _entity("from to"),
        "alert_response": _entity("alert_type state", "duration_s"),
        "appointment": _entity(""),
        "conversation_edge": _entity("edge"),
        "bot_answer": _entity("source", "duration_s"),
        # Deals
        "deal_state": _entity("status stage lead_source pipeline", money="value commission weighted"),
        "deal_stage": _entity("stage state", "duration_s"),
        # Labels and components
        # Of the source nothing is "(other)": with the entity, the analysis's id, it names the analysis of a row.
        "intent_label": _entity("predicted actual right bin analysis_source", "confidence_score"),
        "component_time": _entity("component status", "duration_s"),
        "component_newest": _entity("component status", "reported_s"),
    }
)
"""Every kind of fact by its name; the kinds of event come first and are named as in the contract."""


class Fact(NamedTuple):
    """One thing that happened: its kind, when, in which dimensions, with which measures.

    `at` is microseconds since 1970 in UTC; `dims` stand in the order of the kind's cube; `measures` are
    (name, scaled integer) of those measures that have a value, in the order of the cube.
    """

    kind: str
    at: int
    dims: tuple[str, ...]
    measures: tuple[tuple[str, int], ...] = ()


DISTINCT = 200
"""Most values of one free dimension of one kind; further ones count together."""

OTHER = "(other)"
_MEMO = 50_000

Word = tuple[str, str, str]
"""(kind, dim, value)"""

_FREE_AT = {
    kind: [(position, dim) for position, dim in enumerate(cube.dims) if dim in FREE] for kind, cube in CUBES.items()
}


class Vocabulary:
    """The first DISTINCT values of each free dimension; later ones count as "(other)".

    A value's answer never changes: a fact is retracted as it was added. Store the words of `take_new` with the cells
    that use them, and begin with all that are stored. One thread at a time.
    """

    def __init__(self, stored: Iterable[Word] = ()) -> None:
        self._values: dict[tuple[str, str], set[str]] = {}
        self._new: list[Word] = []
        self._memo: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        for kind, dim, value in stored:
            self._values.setdefault((kind, dim), set()).add(value)

    def cap(self, kind: str, dim: str, value: str) -> str:
        """Return the value under which this one is counted."""
        values = self._values.setdefault((kind, dim), set())
        if value in values or not value:
            return value
        if len(values) >= DISTINCT:
            return OTHER
        values.add(value)
        self._new.append((kind, dim, value))
        return value

    def dims(self, kind: str, dims: tuple[str, ...]) -> tuple[str, ...]:
        """Return a fact's dimensions as they are counted."""
        capped = self._memo.get((kind, dims))
        if capped is None:
            values = list(dims)
            for position, dim in _FREE_AT[kind]:
                values[position] = self.cap(kind, dim, dims[position])
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            capped = self._memo[kind, dims] = dims if values == list(dims) else tuple(values)
        return capped

    def fact(self, fact: Fact) -> Fact:
        """Return a fact as it is counted."""
        if not _FREE_AT[fact.kind]:
            return fact
        dims = self.dims(fact.kind, fact.dims)
        return fact if dims == fact.dims else fact._replace(dims=dims)

    def take_new(self) -> list[Word]:
        """Return the words added since the last call, to be stored."""
        new, self._new = self._new, []
        return new
