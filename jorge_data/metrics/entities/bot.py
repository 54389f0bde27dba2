"""A bot: its newest report, since when it is in that state, and when it was last heard of."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import SECOND, event_micros
from jorge_data.metrics.entities.attention import Acts
from jorge_data.metrics.entities.entity import newer
from jorge_data.metrics.entities.status_run import Moment, StatusRun
from jorge_data.metrics.formatting import line

OWNERS = {
    "jorge_qualification_progress": "jorge-seller",
    "lead_bot_sequence_update": "lead-bot",
    "intent_analysis_complete": "intent-decoder",
}
"""Kinds of event that are the work of one bot, and count to it."""

BOT_KINDS = frozenset({*OWNERS, "bot_status_update"})

BotState = Literal["working", "idle", "error", "silent"]
_STATES: dict[str, BotState] = {"active": "working", "processing": "working", "error": "error"}


class BotReport(NamedTuple):
    """A status report of a bot."""

    at: int
    seq: int
    status: str
    step: str
    contact: str | None
    error: str


class Bot:
    """A bot's newest report and its newest event of any kind, in whatever order they arrive."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.at = 0
        self.report: BotReport | None = None
        self.acts = Acts()
        self._run = StatusRun()

    def apply(self, event: Event, following: Callable[[Moment], Moment | None]) -> None:
        """Record an event of this bot's work, or an act on its item; `following` returns its next report after one."""
        if event.type == "attention_update":
            self.acts.apply(event)
            return
        at, data = event_micros(event), event.data
        self.at = max(self.at, at)
        if event.type == "bot_status_update":
            step, error = line(data.get("current_step")), line(data.get("error_message"))
            report = BotReport(at, event.seq, data["status"], step, data.get("contact_id"), error)
            self.report = newer(self.report, report)
            moment = at, event.seq
            self._run.add(moment, _STATES.get(data["status"], "idle"), lambda: following(moment))

    @property
    def contact(self) -> str | None:
        """Return whom the newest report is about, None where that is nobody."""
        return self.report.contact if self.report else None

    @property
    def reported_state(self) -> BotState:
        """Return the state that the newest report says, idle before the first."""
        return _STATES.get(self.report.status, "idle") if self.report else "idle"

    def state(self, now: int, silent_after_s: float) -> BotState:
        """Return what the bot does now; silent is one that works but has sent no event for too long."""
        state = self.reported_state
        if state == "working" and now - self.at > silent_after_s * SECOND:
            return "silent"
        return state

    def since(self, state: BotState, silent_after_s: float) -> int:
        """Return since when it is in this state; silence begins `silent_after_s` after the newest event."""
        return self.at + round(silent_after_s * SECOND) if state == "silent" else self._run.since or self.at

    def dump(self) -> bytes:
        return orjson.dumps(
            (self.at, self.report, self._run.dump(), self.acts.dump()), default=tuple, option=orjson.OPT_SORT_KEYS
        )

    @classmethod
    def load(cls, key: str, state: bytes | None) -> "Bot":
        """Read a stored bot; without a state it is a new one."""
        bot = cls(key)
        if state:
            bot.at, report, run, acts = orjson.loads(state)
            bot.report = report and BotReport._make(report)
            bot._run, bot.acts = StatusRun.load(run), Acts.load(acts)
        return bot


def bot_of(event: Event) -> str:
    """Return the name of the bot whose work an event is."""
    name: Any = OWNERS.get(event.type) or event.data["bot_type"]
    return str(name)
