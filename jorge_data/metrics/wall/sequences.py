"""Sequences: which 3-7-30 steps were done today, which are due, which are overdue."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, HOUR, MINUTE, micros_of
from jorge_data.metrics.entities.event_subject import is_response
from jorge_data.metrics.statistics.counter import KeyCounter, share
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.rolling_window import RollingWindow

_RETENTION = DAY + 3 * HOUR
"""Longer than a day of the office, which has up to 25 hours."""


class DueStep(NamedTuple):
    """A contact's newest step; `due` is when the next one is, 0 for none, or where the contact has responded since.

    `promised` is when the step was that promised it: an earlier one, where this one failed and names no next try.
    """

    at: int
    due: int
    promised: int


class Sequences:
    """Keep each contact's newest step, when it last responded, and the steps of the last day by minute."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._steps: dict[str, DueStep] = {}
        self._responded: dict[str, int] = {}
        self._counts: RollingWindow[KeyCounter[str]] = RollingWindow(KeyCounter)

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        self._counts.add(at // MINUTE, "good" if data["success"] else "bad")
        contact, was = data["contact_id"], self._steps.get(data["contact_id"])
        if was is None or at >= was.at:
            step = self._step(at, data, was)
            is_settled = self._responded.get(contact, 0) > step.promised
            self._steps[contact] = step._replace(due=0) if is_settled else step

    def settle(self, event: Event, at: int) -> None:
        """Settle the promised step of a contact that has answered, booked or opted out after it."""
        if not is_response(event.data):
            return
        contact = event.data["contact_id"]
        self._responded[contact] = max(at, self._responded.get(contact, 0))
        step = self._steps.get(contact)
        if step is not None and at >= step.promised:
            self._steps[contact] = step._replace(due=0)

    @property
    def started(self) -> bool:
        return bool(self._steps)

    def done(self, day: tuple[int, int]) -> int:
        """Return how many steps succeeded in the office's day."""
        return self._counts.total("today", day[0] // MINUTE, day[1] // MINUTE).of("good")

    def due(self, day: tuple[int, int]) -> int:
        """Return for how many contacts the next step is due in the office's day."""
        return sum(day[0] <= step.due < day[1] for step in self._steps.values())

    def overdue(self, day: tuple[int, int]) -> int:
        """Return for how many contacts the next step was due before the office's day, with nothing since."""
        return sum(0 < step.due < day[0] for step in self._steps.values())

    def success(self, now: int) -> float | None:
        """Return the share of the last 24 hours' steps that succeeded."""
        minute = now // MINUTE
        day = self._counts.total("24 h", minute - 1439, minute + 1)
        return share(day.of("good"), day.of("bad"))

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget contacts that are no longer known, and minutes that no figure needs."""
        self._counts.expire((at - _RETENTION) // MINUTE)
        self._steps = {contact: step for contact, step in self._steps.items() if contact in contacts}
        self._responded = {contact: responded for contact, responded in self._responded.items() if contact in contacts}

    def dump(self) -> dict[str, Any]:
        steps = {contact: list(step) for contact, step in self._steps.items()}
        return {"steps": steps, "heard": dict(self._responded), "counts": self._counts.dump()}

    def load(self, dump: dict[str, Any]) -> None:
        self._steps = {contact: DueStep(*row) for contact, row in dump["steps"].items()}
        self._responded = dict(dump["heard"])
        self._counts.load(dump["counts"])

    def _step(self, at: int, data: dict[str, Any], was: DueStep | None) -> DueStep:
        text = data.get("next_action_date")
        if text:
            return DueStep(at, micros_of(text, self._targets.zone), at)
        # A step that failed and names no next try is still to be done.
        return was._replace(at=at) if was and not data["success"] else DueStep(at, 0, at)
