"""Facts of a single event, and its values as dimensions and measures."""

from collections.abc import Callable, Iterator
from typing import Any

from jorge_data.events import Event
from jorge_data.events.money import dollars
from jorge_data.events.timestamps import event_micros
from jorge_data.metrics.entities.cube import CUBES, PICODOLLARS, SCALE, Cube, Fact
from jorge_data.metrics.rules import Rules

_TENTHS = [str(10 * tenth) for tenth in range(10)]
_TWENTIETHS = [f"{twentieth / 20:.2f}" for twentieth in range(20)]


def tenth(score: float) -> str:
    """Return the bin of a score of 0–100: "0", "10", … "90", which holds 100 as well."""
    return _TENTHS[min(int(score // 10), 9)]


def twentieth(share: float) -> str:
    """Return the bin of a share of 0–1: "0.00", "0.05", … "0.95", which holds 1 as well."""
    # 0.15 * 20 is a hair over 3, 0.35 * 20 a hair under 7: the decimal that was meant decides.
    return _TWENTIETHS[min(int(round(share * 20, 9)), 19)]


MAX_TEXT = 64
LARGEST = 10**15
"""Greatest scaled value (a billion of its unit): an event with a greater one is counted, but its value left out."""


def text(value: Any) -> str:
    """Return a value as a dimension: at most 64 characters, "" where there is none."""
    if type(value) is str:
        return value[:MAX_TEXT]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)[:MAX_TEXT]


def scaled(value: Any, scale: int = SCALE) -> int | None:
    """Return a number as a scaled integer, None where it is not a number, or beyond LARGEST.

    Money in picodollars may be decimal text. A product of at most LARGEST is less than a half off by its binary
    fraction, so that the integer is the one that was written.
    """
    if scale == PICODOLLARS:
        value = dollars(value)
    try:
        if not -LARGEST <= value <= LARGEST:
            return None
    except TypeError:  # events are older than the rule that it is a number
        return None
    integer = round(value * scale)
    return integer if -LARGEST <= integer <= LARGEST else None


FEATURES = 100
"""Most features of one analysis that are counted, each once."""

_Data = dict[str, Any]

_Plan = tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, int], ...]]
"""The dimensions before and after the source, and the measures with their scales."""


def event_facts(event: Event, rules: Rules) -> Iterator[Fact]:
    """Return the facts of an event alone: first the one of its own kind, then those of its details."""
    at, data, source = event_micros(event), event.data, text(event.source)
    dims, after_source, measures = _PLANS[event.type]
    derive = _DERIVED.get(event.type)
    if derive is not None:
        data = data | derive(data, rules)
    values = [(name, data.get(name), scale) for name, scale in measures]
    present = [(name, scaled(value, scale)) for name, value, scale in values if value is not None]
    yield Fact(
        event.type,
        at,
        (*[text(data.get(dim)) for dim in dims], source, *[text(data.get(dim)) for dim in after_source]),
        tuple([(name, value) for name, value in present if value is not None]),
    )
    further = _FURTHER.get(event.type)
    if further is not None:
        yield from further(data, at, source)


def _plan(cube: Cube) -> _Plan:
    at = cube.dims.index("source")
    return cube.dims[:at], cube.dims[at + 1 :], tuple(cube.measures.items())


_PLANS = {kind: _plan(cube) for kind, cube in CUBES.items() if not cube.entity}
"""What to read of an event of each kind."""


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
