"""What people did about what needs them: their acts on an item, and how the item stands after them."""

from typing import Any, NamedTuple

from jorge_data.events import Event, parse_moment
from jorge_data.events.timestamps import HOUR, event_micros, micros
from jorge_data.metrics.entities.entity import insert_record
from jorge_data.metrics.entities.event_facts import text

SNOOZE = HOUR


class Act(NamedTuple):
    """One act on an item; `until` is when a snooze ends, 0 for any other act; `by` is to whom one is assigned."""

    at: int
    seq: int
    action: str
    by: str
    until: int = 0


class ItemStatus(NamedTuple):
    """How an item stands: since when its clock runs, from when it is shown, who has taken it ("" for nobody)."""

    since: int
    shown_from: int
    owner: str


class Acts:
    """The acts on the items of one contact, bot or component, by kind of item, in order of time and seq."""

    def __init__(self) -> None:
        self._acts: dict[str, list[Act]] = {}

    def apply(self, event: Event) -> None:
        """Record an attention_update."""
        data, at = event.data, event_micros(event)
        until = 0
        if data["action"] == "snoozed":
            until = micros(parse_moment(data["until"])) if data.get("until") else at + SNOOZE
        by = data.get("to") if data["action"] == "assigned" else None
        kind, act = data["item"].partition(":")[0], Act(at, event.seq, data["action"], text(by or data["by"]), until)
        insert_record(self._acts.setdefault(kind, []), act)

    def status(self, kind: str, since: int, again: int, shown_from: int = 0) -> ItemStatus | None:
        """Return how an item stands that is open since then and happened again then; None where it is acknowledged.

        What happens again brings back what was acknowledged, and its clock begins anew. What is snoozed comes back
        when the time is up, or when it had closed and opens again.
        """
        acts = self._acts.get(kind, ())
        newest = acts[-1] if acts else Act(0, 0, "", "")
        if newest.action == "acknowledged":
            if newest.at >= again:
                return None
            since = again if newest.at >= since else since
        if newest.action == "snoozed" and newest.at >= since:
            shown_from = max(shown_from, newest.until)
        taken = next((act for act in reversed(acts) if act.action == "assigned"), None)
        return ItemStatus(since, shown_from, taken.by if taken and taken.at >= since else "")

    def dump(self) -> dict[str, list[Act]]:
        return self._acts

    @classmethod
    def load(cls, state: Any) -> "Acts":
        """Read what was dumped; without it, nobody has acted."""
        acts = cls()
        acts._acts = {kind: list(map(Act._make, rows)) for kind, rows in (state or {}).items()}
        return acts
