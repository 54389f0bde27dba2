"""Bots: what each is doing, since when, and how its last hour went."""

from collections.abc import Container
from copy import copy
from typing import Any, Literal, NamedTuple

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, HOUR, MINUTE, SECOND
from jorge_data.metrics.statistics.counter import KeyCounter, share
from jorge_data.metrics.statistics.quantile_sketch import Histogram, bucket
from jorge_data.metrics.wall.rolling_window import RollingWindow

LABELS = {"jorge-seller": "Seller bot", "lead-bot": "Lead bot", "intent-decoder": "Intent decoder"}
OWNERS = {
    "jorge_qualification_progress": "jorge-seller",
    "lead_bot_sequence_update": "lead-bot",
    "intent_analysis_complete": "intent-decoder",
}
"""Kinds that are the work of one bot and count to it."""

RETENTION = 30 * DAY
State = Literal["working", "idle", "error", "silent"]
_STATES: dict[str, State] = {"active": "working", "processing": "working", "error": "error"}


class BotReport(NamedTuple):
    """The newest status report of a bot; `since` is when it came into that state."""

    at: int = 0
    status: str = "idle"
    since: int = 0
    step: str = ""
    contact: str | None = None
    error: str = ""


class Bot:
    """Keep one bot's newest report and its last hours by minute."""

    def __init__(self) -> None:
        self.report = BotReport()
        self.newest = 0
        self._counts: RollingWindow[KeyCounter[str]] = RollingWindow(KeyCounter)
        self._steps: RollingWindow[Histogram] = RollingWindow(Histogram)

    def count(self, at: int) -> None:
        """Count one event of any kind."""
        self.newest = max(self.newest, at)
        self._counts.add(at // MINUTE, "events")

    def update(self, at: int, data: dict[str, Any]) -> None:
        """Take a status report, unless a newer one is known."""
        was = self.report
        if at < was.at:
            return
        status = data["status"]
        since = was.since if was.at and _STATES.get(status) == _STATES.get(was.status) else at
        self.report = BotReport(
            at, status, since, data.get("current_step") or "", data.get("contact_id"), data.get("error_message") or ""
        )

    def outcome(self, at: int, good: bool) -> None:
        self._counts.add(at // MINUTE, "good" if good else "bad")

    def took(self, at: int, milliseconds: float | None) -> None:
        if milliseconds is not None:
            self._steps.add(at // MINUTE, bucket(milliseconds))

    def state(self, now: int, silent_after_s: float) -> State:
        """Return what the bot does now; silent is one that works but has sent no event for too long."""
        state = _STATES.get(self.report.status, "idle")
        if state == "working" and now - self.newest > silent_after_s * SECOND:
            return "silent"
        return state

    def since(self, state: State, silent_after_s: float) -> int:
        """Return since when it is in this state; silence begins `silent_after_s` after the newest event."""
        return self.newest + round(silent_after_s * SECOND) if state == "silent" else self.report.since or self.newest

    def events(self, now: int) -> int:
        """Return how many events it made in the last hour."""
        return self._hour(now).of("events")

    def success(self, now: int) -> float | None:
        """Return the share of the last hour's outcomes that were good."""
        hour = self._hour(now)
        return share(hour.of("good"), hour.of("bad"))

    def median_step(self, now: int) -> float | None:
        """Return the median of the last hour's processing times, in milliseconds."""
        minute = now // MINUTE
        return self._steps.total("hour", minute - 59, minute + 1).quantile(0.5)

    def spark(self, now: int) -> list[int]:
        """Return the events of the last twenty three-minute spans, cut on the clock so that bars do not slide."""
        first = (now // MINUTE // 3 - 19) * 3
        buckets = [self._counts.at(minute) for minute in range(first, first + 60)]
        events = [bucket.of("events") if bucket else 0 for bucket in buckets]
        return [sum(events[span : span + 3]) for span in range(0, 60, 3)]

    def expire(self, at: int) -> None:
        before = (at - 2 * HOUR) // MINUTE
        self._counts.expire(before)
        self._steps.expire(before)

    def dump(self) -> list[Any]:
        return [list(self.report), self.newest, self._counts.dump(), self._steps.dump()]

    def load(self, dump: list[Any]) -> None:
        report, self.newest, counts, steps = dump
        self.report = BotReport(*report)
        self._counts.load(counts)
        self._steps.load(steps)

    def _hour(self, now: int) -> KeyCounter[str]:
        minute = now // MINUTE
        return self._counts.total("hour", minute - 59, minute + 1)


class Bots:
    """Every bot of the last 30 days by its name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Bot] = {}

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        bot = self._bot(OWNERS.get(event.type) or data["bot_type"])
        bot.count(at)
        match event.type:
            case "bot_status_update":
                bot.update(at, data)
                bot.took(at, data.get("processing_time_ms"))
                self._count_outcome(bot, at, data)
            case "intent_analysis_complete":
                bot.took(at, data["processing_time_ms"])
                bot.outcome(at, good=True)
            case "lead_bot_sequence_update":
                bot.outcome(at, data["success"])

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget bots that have sent nothing for 30 days, and minutes that no figure needs."""
        self.by_name = {name: bot for name, bot in self.by_name.items() if bot.newest >= at - RETENTION}
        for bot in self.by_name.values():
            bot.expire(at)

    def without_contacts(self) -> "Bots":
        """Return the same bots without their steps and errors, which quote contacts; for reading."""
        bots = Bots()
        for name, bot in self.by_name.items():
            redacted = bots.by_name[name] = copy(bot)
            redacted.report = bot.report._replace(step="", contact=None, error="")
        return bots

    def dump(self) -> dict[str, Any]:
        return {name: bot.dump() for name, bot in self.by_name.items()}

    def load(self, dump: dict[str, Any]) -> None:
        for name, bot in dump.items():
            self._bot(name).load(bot)

    def _bot(self, name: str) -> Bot:
        bot = self.by_name.get(name)
        if bot is None:
            bot = self.by_name[name] = Bot()
        return bot

    @staticmethod
    def _count_outcome(bot: Bot, at: int, data: dict[str, Any]) -> None:
        # The lead bot is judged by its steps, the decoder's successes are its analyses: counting their
        # reports as well would count the same work twice.
        name, status = data["bot_type"], data["status"]
        if status == "error" and name != "lead-bot":
            bot.outcome(at, good=False)
        elif status == "completed" and name not in ("lead-bot", "intent-decoder"):
            bot.outcome(at, good=True)
