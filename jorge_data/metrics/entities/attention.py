"""What people did about what needs them: their acts on an item, and how the item stands after them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from jorge_data.events import Event, parse_moment
from jorge_data.events.personal import is_erased
from jorge_data.events.timestamps import HOUR, event_micros, micros
from jorge_data.metrics.entities.entity import insert_record
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.status_run import Moment
from jorge_data.metrics.formatting import line

_moment_of = itemgetter(0, 1)

SNOOZE = HOUR

TRY_AGAIN = 2 * HOUR
"""After a call that nobody answered an item comes back in so long, where the act does not say when."""

SPOKE = frozenset({"reached", "appointment", "not_interested"})
"""The outcomes of a call in which a person spoke with the contact."""

CLOSING = SPOKE | {"other"}
"""The outcomes that close an item; a wrong number closes it where there is no other way to the contact."""


class Act(NamedTuple):
    """One act of a person on an item.

    `until` is when a snooze, or the wait after a call that nobody answered, ends, or when an appointment is; 0 without.
    `to` is to whom it was assigned, "" where that is who did it. `agent` is as which agent of the CRM he works.
    """

    at: int
    seq: int
    action: str
    by: str
    until: int = 0
    to: str = ""
    outcome: str = ""
    note: str = ""
    agent: str = ""
    agent_name: str = ""

    @property
    def closes(self) -> bool:
        """Return whether it deals with the item for good."""
        return self.action == "acknowledged" or (self.action == "called" and self.outcome in CLOSING)

    @property
    def hides(self) -> bool:
        """Return whether it puts the item off."""
        return self.action == "snoozed" or (self.action == "called" and self.outcome == "no_answer")

    @property
    def moves(self) -> bool:
        """Return whether it changes how an item stands: a note does not, neither does dialling a wrong number."""
        return self.closes or self.hides or self.action in ("assigned", "reopened")


class ItemStatus(NamedTuple):
    """How an item stands: since when its clock runs, from when it is shown, who has taken it ("" for nobody)."""

    since: int
    shown_from: int
    owner: str


class Acts:
    """The acts on the items of one contact, bot or component, by kind of item, in order of time and seq."""

    def __init__(self, acts: dict[str, list[Act]] | None = None) -> None:
        self._acts: dict[str, list[Act]] = acts or {}
        self._forget_derived()

    def _forget_derived(self) -> None:
        # A contact is asked for both dozens of times an event: they are worked out once, until its acts change.
        self._standing: dict[str, list[Act]] = {}
        self._calls: list[Act] | None = None

    def apply(self, event: Event) -> None:
        """Record an attention_update."""
        data, at = event.data, event_micros(event)
        action, outcome = data["action"], text(data.get("outcome")) if data["action"] == "called" else ""
        until = micros(parse_moment(data["until"])) if data.get("until") else 0
        if action == "snoozed":
            until = until or at + SNOOZE
        elif outcome == "no_answer":
            until = until or at + TRY_AGAIN
        elif outcome != "appointment":
            until = 0
        to = text(data.get("to")) if action == "assigned" else ""
        note = "" if is_erased(data.get("note")) else line(data.get("note"))
        kind = data["item"].partition(":")[0]
        agent = text(data.get("agent_id")), text(data.get("agent_name"))
        act = Act(at, event.seq, action, text(data["by"]), until, to, outcome, note, *agent)
        insert_record(self._acts.setdefault(kind, []), act)
        self._forget_derived()

    def standing(self, kind: str) -> Sequence[Act]:
        """Return the acts on an item that nobody took back, the oldest first.

        "undone" takes back the newest act of the same person that stands.
        """
        if kind not in self._standing:
            self._standing[kind] = self._find_standing(kind)
        return self._standing[kind]

    def _find_standing(self, kind: str) -> list[Act]:
        acts: list[Act] = []
        for act in self._acts.get(kind, ()):
            if act.action != "undone":
                acts.append(act)
                continue
            mine = next((n for n in reversed(range(len(acts))) if acts[n].by == act.by), None)
            if mine is not None:
                del acts[mine]
        return acts

    def hiding(self, kind: str, since: int, wrote: int) -> Act | None:
        """Return the act by which an item is put off that is open since a moment, or was until its time was up.

        None where somebody did something else with it after that, or the contact wrote, at `wrote` the last time.
        """
        newest = next((act for act in reversed(self.standing(kind)) if act.moves), None)
        return newest if newest is not None and newest.hides and newest.at >= max(since, wrote) else None

    def all(self) -> Iterator[tuple[str, Act]]:
        """Yield every act that stands, with its kind of item."""
        for kind in self._acts:
            for act in self.standing(kind):
                yield kind, act

    def before(self, moment: Moment) -> "Acts":
        """Return the acts from before a moment."""
        return Acts({kind: acts[: bisect_left(acts, moment, key=_moment_of)] for kind, acts in self._acts.items()})

    @property
    def calls(self) -> Sequence[Act]:
        """Return the calls that people told of, with their outcome, whatever the item was, oldest first."""
        if self._calls is None:
            self._calls = sorted(act for _, act in self.all() if act.action == "called")
        return self._calls

    @property
    def notes(self) -> list[Act]:
        """Return the acts with a note, whatever the item was, oldest first."""
        return sorted(act for _, act in self.all() if act.note)

    def closed_at(self, kind: str) -> int:
        """Return when an item was dealt with last, 0 where it was not, or was opened again since."""
        acts = reversed(self.standing(kind))
        last = next((act for act in acts if act.closes or act.action == "reopened"), None)
        return last.at if last and last.closes else 0

    def status(self, kind: str, since: int, again: int, shown_from: int = 0, wrote: int = 0) -> ItemStatus | None:
        """Return how an item stands that is open since then and happened again then; None where it is dealt with.

        What happens again, or is opened again, brings back what was dealt with, and its clock begins anew; who takes it
        or puts it off does not. What is put off comes back when
        the time is up, when it had closed and opens again, or once the contact writes: at `wrote`, the last time.
        """
        acts = self.standing(kind)
        closed = self.closed_at(kind)
        if closed and closed >= again:
            return None
        if since <= closed < again:
            since = again
        if hiding := self.hiding(kind, since, wrote):
            shown_from = max(shown_from, hiding.until)
        taken = next((act for act in reversed(acts) if act.action == "assigned"), None)
        return ItemStatus(since, shown_from, (taken.to or taken.by) if taken and taken.at >= since else "")

    def erase(self) -> None:
        """Take out what people wrote about the contact."""
        self._acts = {kind: [act._replace(note="") for act in acts] for kind, acts in self._acts.items()}
        self._forget_derived()

    def forget_notes(self, before: int) -> None:
        """Take out the notes from before a moment (microseconds)."""
        self._acts = {
            kind: [act._replace(note="") if act.at < before else act for act in acts]
            for kind, acts in self._acts.items()
        }
        self._forget_derived()

    def dump(self) -> dict[str, list[Act]]:
        return self._acts

    @classmethod
    def load(cls, state: Any) -> "Acts":
        """Read what was dumped; without it, nobody has acted."""
        return cls({kind: [Act(*row) for row in rows] for kind, rows in (state or {}).items()})
