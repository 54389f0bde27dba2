"""What is told of a walk through a graph: the bot's status, and what the declared mapping makes of the state."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from jorge_data.bots.langgraph.mapping import Rule, as_state, fields, required
from jorge_data.bots.langgraph.runs import Walk


class Publisher(Protocol):
    """What a report needs of `jorge_data.bots.Publisher`."""

    def publish(self, kind: str, data: Mapping[str, Any]) -> str: ...


class Report:
    """Publishes for one bot, whatever number of walks it is on."""

    def __init__(self, publisher: Publisher, bot_type: str, rules: Iterable[Rule]) -> None:
        self._publisher = publisher
        self._bot_type = bot_type
        self._rules = tuple(rules)

    def status(self, walk: Walk, status: str, step: str | None = None, **more: Any) -> None:
        """Publish what the bot does now."""
        told = {"bot_type": self._bot_type, "status": status, "contact_id": walk.contact_id, "current_step": step}
        self._publisher.publish("bot_status_update", {name: value for name, value in told.items() if value} | more)

    def state(self, walk: Walk, given: Any, wrote: Any, took_ms: float) -> None:
        """Publish what the rules make of the state after a node: what it was given, and what it wrote over it."""
        if not self._rules:
            return
        written = as_state(wrote)
        state = as_state(given) | written
        for number, rule in enumerate(self._rules):
            data = rule.event(state, written)
            # The node around a subgraph writes again what the nodes inside have written: that is no news.
            if data is not None and walk.told.get(number) != data:
                walk.told[number] = data
                self._publish(rule, data, walk, took_ms)

    def _publish(self, rule: Rule, data: dict[str, Any], walk: Walk, took_ms: float) -> None:
        known = {
            "contact_id": walk.contact_id,
            "conversation_id": walk.conversation_id or walk.contact_id,
            "processing_time_ms": took_ms,
        }
        whole = {name: known[name] for name in fields(rule.kind).keys() & known.keys() if known[name]} | data
        if required(rule.kind) <= whole.keys():
            self._publisher.publish(rule.kind, whole)
