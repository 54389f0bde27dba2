"""From a graph's state to events: declared, not programmed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, cast

from jorge_data.events import KINDS

State = Mapping[str, Any]
_COST = {"cost_usd", "tokens_in", "tokens_out"}


@dataclass(frozen=True)
class Rule:
    """Makes an event of `kind` from the state, after each node that wrote one of the keys that `fields` reads.

    `fields` names for each field of the event the state's key (`"intent.frs_score"` goes into what it holds) or a
    function of the state; without it, each field is read from the key of its own name, except tokens and cost, which
    the status of a step has and a sum must not count twice. `constants` are the same in
    every event. `when` names a key that must hold something true, and have been written, for there to be an event.
    As long as a required field is missing from the state, there is none.
    """

    kind: str
    fields: Mapping[str, str | Callable[[State], Any]] | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    when: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a Rule's kind is {self.kind!r}: allowed are {', '.join(KINDS)}")
        if not self._triggers():
            raise ValueError(f"a Rule for {self.kind} reads no key of the state: give `when`, or a key in `fields`")

    def event(self, state: State, written: State) -> dict[str, Any] | None:
        """Return the event's data, or None where what a node has written makes none."""
        if not self._triggers() & written.keys() or (self.when is not None and not written[self.when]):
            return None
        data = {name: _value(state, source) for name, source in self._sources().items()}
        return {name: value for name, value in data.items() if value is not None} | dict(self.constants)

    def _sources(self) -> Mapping[str, str | Callable[[State], Any]]:
        return {name: name for name in fields(self.kind) if name not in _COST} if self.fields is None else self.fields

    def _triggers(self) -> set[str]:
        """Return the keys of the state of which one must have been written."""
        if self.when is not None:
            return {self.when}
        return {source.split(".")[0] for source in self._sources().values() if isinstance(source, str)}


STALL = Rule(
    "conversation_event",
    {"stall_type": "detected_stall_type"},
    constants={"kind": "stall_detected"},
    when="stall_detected",
)
"""A stall as the seller bots keep it in their state: `stall_detected`, `detected_stall_type`."""


def fields(kind: str) -> dict[str, Any]:
    """Return the fields of a kind."""
    return KINDS[kind].__annotations__


def required(kind: str) -> frozenset[str]:
    """Return the fields that an event of a kind must have."""
    return cast(frozenset[str], getattr(KINDS[kind], "__required_keys__", frozenset()))


def as_state(value: Any) -> dict[str, Any]:
    """Return what a node was given or has written as a mapping: of a dict, a model, a Command, or a list of those."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        pairs = all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in value)
        return dict(value) if pairs else reduce(lambda state, item: state | as_state(item), value, {})
    if hasattr(value, "update") and hasattr(value, "goto"):
        return as_state(value.update)
    return dict(vars(value)) if hasattr(value, "__dict__") else {}


def _value(state: State, source: str | Callable[[State], Any]) -> Any:
    return reduce(_step, source.split("."), state) if isinstance(source, str) else source(state)


def _step(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
