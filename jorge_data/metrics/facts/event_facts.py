"""Facts of a single event: the event itself, and what it says besides."""

from collections.abc import Callable, Iterator
from typing import Any

from jorge_data.events import Event
from jorge_data.events.timestamps import happened
from jorge_data.metrics.facts.bins import tenth, twentieth
from jorge_data.metrics.facts.cube import CUBES, SCALE
from jorge_data.metrics.facts.fact import Fact
from jorge_data.metrics.facts.measure import scaled, text
from jorge_data.metrics.facts.rules import Rules

FEATURES = 100
"""Most features of one analysis that count, each once."""

_Data = dict[str, Any]


def event_facts(event: Event, rules: Rules) -> Iterator[Fact]:
    """Return the facts of an event alone: one of its own kind first, then what it says besides."""
    at, data, source = happened(event), event.data, text(event.source)
    dims, measures = _PLANS[event.type]
    derive = _DERIVED.get(event.type)
    if derive is not None:
        data = data | derive(data, rules)
    values = [(name, data.get(name), scale) for name, scale in measures]
    known = [(name, scaled(value, scale)) for name, value, scale in values if value is not None]
    yield Fact(
        event.type,
        at,
        (*[text(data.get(dim)) for dim in dims], source),
        tuple([(name, value) for name, value in known if value is not None]),
    )
    further = _FURTHER.get(event.type)
    if further is not None:
        yield from further(data, at, source)


_PLANS = {kind: (cube.dims[:-1], tuple(cube.measures.items())) for kind, cube in CUBES.items() if not cube.entity}
"""What to read of an event: its dimensions but for the source, and its measures with their scales."""


def _derive_targets(data: _Data, rules: Rules) -> _Data:
    return {
        "within_target": data["processing_time_ms"] <= rules.intent_target_ms,
        "above_target": data["confidence_score"] > rules.confidence_target,
    }


def _derive_score_bin(data: _Data, rules: Rules) -> _Data:
    return {"score_bin": tenth(data["match_score"])}


_DERIVED: dict[str, Callable[[_Data, Rules], _Data]] = {
    "intent_analysis_complete": _derive_targets,
    "property_alert": _derive_score_bin,
}


def _effectiveness(data: _Data, at: int, source: str) -> Iterator[Fact]:
    dims = text(data["current_question"]), tenth(data["confrontational_effectiveness"]), source
    yield Fact("effectiveness_spread", at, dims)


def _analysis(data: _Data, at: int, source: str) -> Iterator[Fact]:
    confidence = data["confidence_score"]
    yield Fact("confidence_spread", at, (data["intent_category"], twentieth(confidence), source))
    measures = (("confidence_score", round(confidence * SCALE)),)
    for feature in list(dict.fromkeys(data["ml_features_triggered"]))[:FEATURES]:
        yield Fact("intent_feature", at, (text(feature), source), measures)


_FURTHER: dict[str, Callable[[_Data, int, str], Iterator[Fact]]] = {
    "jorge_qualification_progress": _effectiveness,
    "intent_analysis_complete": _analysis,
}
