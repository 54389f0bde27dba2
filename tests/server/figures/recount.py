"""Every figure counted once more, naively, from the list of events alone: slow, and by nothing of the product's code.

A moment is microseconds since 1970. Events are sorted by (time, seq) wherever order matters, and every window begins
on a whole minute and has no end.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events import Event

Json = dict[str, Any]
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
OF_CONTACTS = (
    "jorge_qualification_progress",
    "lead_bot_sequence_update",
    "conversation_event",
    "property_alert",
    "contact_update",
)
WORK = {
    "jorge_qualification_progress": "jorge-seller",
    "lead_bot_sequence_update": "lead-bot",
    "intent_analysis_complete": "intent-decoder",
}
STATES = {"active": "working", "processing": "working", "error": "error"}
GROUPS = {
    "sale": ("hot", "callback"),
    "rule": ("optout",),
    "answer": ("reply", "stall"),
    "promise": ("overdue", "call", "send"),
    "machine": ("bot", "component"),
}
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
SPOKE = ("reached", "appointment", "not_interested")
ABOUT_CONTACTS = ("optout", "hot", "callback", "reply", "stall", "overdue", "call", "send", "contact")


class Judged(NamedTuple):
    """The settings by which figures are judged; `rates`: the first one, and those that follow with their days."""

    zone: ZoneInfo
    rates: tuple[Decimal, tuple[tuple[date, Decimal], ...]]
    intent_target_ms: float
    confidence_target: float
    monthly_target: float
    silent_after_s: float
    down_until_reported: bool


def at(event: Event) -> int:
    return (event.time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def order(event: Event) -> tuple[int, int]:
    return at(event), event.seq


def text(moment: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def quantile(values: list[float], q: float) -> float | None:
    return sorted(values)[max(0, math.ceil(q * len(values)) - 1)] if values else None


def _person_ids(event: Event) -> list[str]:
    return [id_ for id_ in (event.data.get("agent_id"), event.data.get("by")) if id_]


ALL = ("sms", "email", "call", "chat", "other")


class Sent(NamedTuple):
    """What a bot sent: its message id and words, and whether it failed or arrived."""

    at: int
    seq: int
    channel: str
    name: str = ""
    body: str = ""
    failed: bool = False
    arrived: bool = False


def _near(one: Sent, other: Sent) -> bool:
    return one.channel == other.channel and abs(one.at - other.at) <= MINUTE


def by_channel(data: Json) -> str:
    channel = data.get("channel") or "other"
    return "call" if channel == "voicemail" else str(channel)


class Recount:
    """A log's events as they stand at a moment."""

    def __init__(self, events: Sequence[Event], now: datetime, judged: Judged) -> None:
        self.events = sorted({(event.source, event.id): event for event in reversed(events)}.values(), key=order)
        self.now, self.judged = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), judged
        self.local = now.astimezone(judged.zone)
        heard_of = {c for event in self.of(*OF_CONTACTS) if (c := self.contact(event))}
        self.contacts = sorted(contact for contact in heard_of if not self.was_deleted(contact))

    def sections(self) -> Json:
        made: dict[str, Callable[[], Any]] = {
            "revenue": self.revenue,
            "bots": self.bots,
            "qualification": self.qualification,
            "sequences": self.sequences,
            "ml": self.ml,
            "conversations": self.conversations,
            "system": self.system,
            "needs": self.needs,
            "board": self.board,
            "sources": self.sources,
            "sparks": self.sparks,
            "unlisted": lambda: {"bots": 0, "components": 0, "sources": 0},  # the random office has fewer than a wall
            "people": self.people,
        }
        return {name: section() for name, section in made.items()}

    def of(self, *kinds: str) -> list[Event]:
        return [event for event in self.events if event.type in kinds]

    def about(self, contact: str, *kinds: str) -> list[Event]:
        return [event for event in self.of(*kinds) if self.contact(event) == contact]

    @staticmethod
    def contact(event: Event) -> str | None:
        return event.data.get("contact_id") or event.subject

    def was_deleted(self, contact: str) -> bool:
        told = [event.data.get("deleted") for event in self.about(contact, "contact_update")]
        return next((deleted for deleted in reversed(told) if deleted is not None), False)

    def within(self, length: int) -> int:
        return (self.now - length) // MINUTE * MINUTE

    def midnight(self, day: date) -> int:
        begins = datetime.combine(day, time(), self.judged.zone)
        return (begins.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    def moment(self, given: str) -> int:
        """Return a date's midnight in the office, or a moment."""
        if len(given) == 10:
            return self.midnight(date.fromisoformat(given))
        return (datetime.fromisoformat(given) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    def is_today(self, moment: int) -> bool:
        today = self.local.date()
        return self.midnight(today) <= moment < self.midnight(today + timedelta(days=1))

    # People

    def people(self) -> dict[str, str]:
        """Return the name that each id of a person was last given."""
        named = [event for event in self.of("conversation_event", "attention_update") if event.data.get("agent_name")]
        ids = {id_: event.data["agent_name"] for event in named for id_ in _person_ids(event)}
        return {id_: name for id_, name in ids.items() if id_ != name}

    # Money

    def commission(self, cents: int, closed: int | None) -> int:
        first, later = self.judged.rates
        rate = first
        day = datetime.fromtimestamp(closed // SECOND, self.judged.zone).date() if closed is not None else date.max
        for since, following in later:
            rate = following if since <= day else rate
        return int((cents * rate).quantize(Decimal(1), ROUND_HALF_EVEN))

    def revenue(self) -> Json:
        target, month = self.judged.monthly_target, (self.local.year, self.local.month)
        deals = {event.data["deal_id"]: event for event in self.of("commission_update")}
        if not deals:
            nothing = dict.fromkeys(("pipeline_value", "commission_pipeline", "commission_won_month", "progress"))
            return {**nothing, "target": target}
        value = commission = won = 0
        for event in deals.values():
            cents = round(Decimal(str(event.data["deal_value"])) * 100)
            if event.data["status"] == "open":
                value, commission = value + cents, commission + self.commission(cents, None)
            elif event.data["status"] == "won":
                closed = self.moment(event.data["closed_at"]) if event.data.get("closed_at") else at(event)
                day = datetime.fromtimestamp(closed // SECOND, self.judged.zone)
                won += self.commission(cents, closed) if (day.year, day.month) == month else 0
        return {
            "pipeline_value": value / 100,
            "commission_pipeline": commission / 100,
            "commission_won_month": won / 100,
            "target": target,
            "progress": won / 100 / target,
        }

    # Contacts

    def answers(self, contact: str) -> list[Event]:
        return self.about(contact, "jorge_qualification_progress")

    def heard_of(self, length: int) -> list[str]:
        start = self.within(length)
        return [each for each in self.contacts if max(map(at, self.about(each, *OF_CONTACTS))) >= start]

    def name(self, contact: str) -> str | None:
        names = [
            event.data.get("contact_name") or (event.data.get("name") if event.type == "contact_update" else None)
            for event in self.about(contact, *OF_CONTACTS)
        ]
        return next((name for name in reversed(names) if name), None)

    def qualification(self) -> Json:
        newest = [answers[-1].data for each in self.heard_of(30 * DAY) if (answers := self.answers(each))]
        if not newest:
            keys = ("hot", "warm", "cold", "stalled", "in_progress", "turned_hot_today")
            return dict.fromkeys(keys)
        turned = 0
        for contact in self.contacts:
            before = ""
            for answer in self.answers(contact):
                temperature = answer.data["seller_temperature"]
                turned += temperature == "hot" != before and self.is_today(at(answer))
                before = temperature
        return {
            **{each: sum(n["seller_temperature"] == each for n in newest) for each in ("hot", "warm", "cold")},
            "stalled": sum(n["stall_detected"] for n in newest),
            "in_progress": sum(n["questions_answered"] < 4 for n in newest),
            "turned_hot_today": turned,
        }

    def board(self) -> Json:
        newest = [answers[-1] for each in self.contacts if (answers := self.answers(each))]
        heard = self.heard_of(30 * DAY)
        rows = []
        for event in sorted(newest, key=lambda event: (-at(event), self.contact(event))):
            data, contact = event.data, str(self.contact(event))
            answered, asked = data["questions_answered"], data["current_question"]
            rows.append(
                {
                    "contact": contact,
                    "name": self.name(contact) or contact,
                    "marks": ["done" if q < answered else "now" if q == asked else "todo" for q in range(4)],
                    "temperature": data["seller_temperature"],
                    "effectiveness": round(data["confrontational_effectiveness"]),
                    "stalled": data["stall_detected"],
                    "next_step": data["next_step"],
                    "at_ms": at(event) // 1000,
                }
            )
        open_ones = [e for e in newest if e.data["questions_answered"] < 4 and self.contact(e) in heard]
        return {"count": len(open_ones), "rows": rows[:12]}

    @classmethod
    def own(cls, event: Event) -> bool:
        """Return whether a conversation event is the contact's own message or call that is no STOP or START."""
        return event.data["kind"] in ("message", "call_started") and cls._inbound(event) and not cls.said(event)

    @staticmethod
    def _inbound(event: Event) -> bool:
        return event.data.get("direction") == "inbound" and event.data.get("author") in (None, "contact")

    @classmethod
    def said(cls, event: Event) -> tuple[str, tuple[str, ...]] | None:
        """Return "out" or "in", and of which channels, where an event is an opting out or in."""
        data, body = event.data, event.data.get("body")
        if event.type == "attention_update":
            return "out", ALL
        channel = (by_channel(data),) if data.get("channel") else ALL
        if data.get("kind") in ("opted_out", "opted_in"):
            return data["kind"].removeprefix("opted_"), channel
        if data.get("kind") == "message" and cls._inbound(event):
            if body in ("STOP", "Start."):
                return ("out" if body == "STOP" else "in"), channel
            return ("out", ("call",)) if body == "don't call me" else None
        return None

    @classmethod
    def out_since(cls, talk: list[Event], channel: str, before: tuple[int, int] = (2**63, 0)) -> Event | None:
        """Return the first opting out of a channel since the last opting in, of what came before a moment."""
        since = None
        for event in talk:
            said = cls.said(event)
            if said and channel in said[1] and order(event) < before:
                since = (since or event) if said[0] == "out" else None
        return since

    @staticmethod
    def clears(event: Event) -> bool:
        """Return whether an event says that its conversation was deleted."""
        return event.data["kind"] == "stage_changed" and event.data.get("conversation_deleted") is True

    def answered(self, messages: list[Event]) -> list[tuple[int, int]]:
        """Return when messages that are no answer of the contact were first told, of those that did not fail."""
        named: dict[str, list[Event]] = {}
        found = []
        for event in messages:
            if event.data.get("message_id"):
                named.setdefault(event.data["message_id"], []).append(event)
            elif not self.own(event) and event.data.get("delivery") != "failed":
                found.append(order(event))
        for told in named.values():
            statuses = {event.data.get("delivery") for event in told}
            failed = "failed" in statuses and "delivered" not in statuses
            found += [order(told[0])] if not failed and not all(map(self.own, told)) else []
        return found

    def waits(self, contact: str) -> bool:
        talk = self.about(contact, "conversation_event")
        messages = [event for event in talk if event.data["kind"] == "message"]
        said = [event for event in messages if self.own(event)]
        cleared = max((at(event) for event in talk if self.clears(event)), default=0)
        if not said or at(said[-1]) <= cleared or max(self.answered(messages), default=(0, 0)) > order(said[-1]):
            return False
        spoke = [call for call in self.calls(contact) if call.data["outcome"] in SPOKE]
        if any(touch >= order(said[-1]) for touch in [*self.touches(talk), *map(order, spoke)]):
            return False
        channel = by_channel(said[-1].data)
        consents = [event for event in self.words(contact) if (words := self.said(event)) and channel in words[1]]
        return not consents or self.said(consents[-1])[0] == "in" or order(consents[-1]) < order(said[-1])  # type: ignore[index]

    def conversations(self) -> Json:
        start, by_id = self.within(DAY), dict[str, list[Event]]()
        for event in self.of("conversation_event"):
            by_id.setdefault(event.data["conversation_id"], []).append(event)
        if not by_id:
            return {"active": None, "waiting": None}
        cleared = {name: max((at(e) for e in talk if self.clears(e)), default=-1) for name, talk in by_id.items()}
        whole = by_id
        by_id = {name: [event for event in talk if not self.clears(event)] for name, talk in by_id.items()}
        by_id = {name: talk for name, talk in by_id.items() if talk and at(talk[-1]) > cleared[name]}
        whose = {name: {event.data["contact_id"] for event in talk} for name, talk in whole.items()}
        by_id = {name: talk for name, talk in by_id.items() if not all(map(self.was_deleted, whose[name]))}
        gone = [each for each in by_id.values() if self.is_over(each)]
        return {
            "active": sum(at(each[-1]) >= start for each in by_id.values() if each not in gone),
            "waiting": sum(self.waits(contact) for contact in self.heard_of(DAY)),
        }

    def is_over(self, talk: list[Event]) -> bool:
        """Return whether the contact is opted out of every channel of a conversation, of any where none was used."""
        spoken = [e for e in talk if e.data["kind"] in ("message", "call_started", "call_ended") and not self.said(e)]
        used = {by_channel(event.data) for event in spoken}
        out = {channel for channel in ALL if self.out_since(talk, channel)}
        return used <= out if used else bool(out)

    def sequences(self) -> Json:
        steps, start = self.of("lead_bot_sequence_update"), self.within(DAY)
        if not steps:
            return dict.fromkeys(("due_today", "overdue", "done_today", "success_rate_24h"))
        due = [promised for contact in self.contacts for promised in self.promises(contact)]
        of_day = [event.data["success"] for event in steps if at(event) >= start]
        return {
            "due_today": sum(map(self.is_today, due)),
            "overdue": sum(each < self.midnight(self.local.date()) for each in due),
            "done_today": sum(event.data["success"] and self.is_today(at(event)) for event in steps),
            "success_rate_24h": ratio(sum(of_day), len(of_day)),
        }

    def words(self, contact: str) -> list[Event]:
        """Return a contact's conversation, with the calls in which it told a person that it is not interested."""
        refused = [call for call in self.calls(contact) if call.data["outcome"] == "not_interested"]
        return sorted([*self.about(contact, "conversation_event"), *refused], key=order)

    def standing(self, item: str) -> list[Event]:
        """Return the acts on an item that nobody took back."""
        acts: list[Event] = []
        for act in self.of("attention_update"):
            if act.data["item"] == item and act.data["action"] == "undone":
                mine = [each for each in acts if each.data["by"] == act.data["by"]]
                acts = [each for each in acts if not mine or each is not mine[-1]]
            elif act.data["item"] == item:
                acts.append(act)
        return acts

    def calls(self, contact: str) -> list[Event]:
        acts = [act for kind in ABOUT_CONTACTS for act in self.standing(f"{kind}:{contact}")]
        return sorted((a for a in acts if a.data["action"] == "called" and a.data.get("outcome")), key=order)

    def phones(self, contact: str) -> list[tuple[int, str]]:
        """Return the numbers that a contact was told to have; "" where it has none."""
        told = []
        for event in self.about(contact, "contact_update"):
            number, changed = event.data.get("phone"), event.data["changed"].get("phone")
            if number is not None or changed:
                told.append((at(event), number if number is not None else changed["to"] or ""))
        return told

    def phone(self, contact: str) -> tuple[str, str]:
        """Return a contact's number, and whether it may be called."""
        told = self.phones(contact)
        number = told[-1][1] if told else ""
        if any(self.out_since(self.words(contact), channel) for channel in ("sms", "call")):
            return number, "do_not_contact"
        since = next((told[n][0] for n in range(len(told)) if all(each == number for _, each in told[n:])), 0)
        wrong = [at(call) for call in self.calls(contact) if call.data["outcome"] == "wrong_number"]
        if not number:
            return number, "none"
        return number, "struck" if wrong and wrong[-1] >= since else "ok"

    def newest(self, contact: str, field: str) -> str:
        values = [event.data.get(field) for event in self.about(contact, "contact_update")]
        return next((value for value in reversed(values) if value is not None), "")

    def may_be_mailed(self, contact: str) -> bool:
        return bool(self.newest(contact, "email")) and not self.out_since(self.words(contact), "email")

    def promises(self, contact: str) -> list[int]:
        """Return the moments of the promises that nothing has kept or settled."""
        following = [
            event
            for event in self.about(contact, "lead_bot_sequence_update", "conversation_event")
            if event.data.get("success")
            or (event.type == "conversation_event" and self.own(event))
            or event.data.get("kind") == "appointment_booked"
        ]
        made = [event for event in self.about(contact, "lead_bot_sequence_update") if event.data["next_action_date"]]
        return [
            self.moment(event.data["next_action_date"])
            for event in made
            if not any(order(each) > order(event) for each in following) and not self.is_called_off(contact, event)
        ]

    def is_called_off(self, contact: str, step: Event) -> bool:
        """Return whether the contact is out of the promised step's channel when its day ends, or any time later."""
        talk, data = self.words(contact), step.data
        own = {"sms_sent": "sms", "email_sent": "email"}.get(data["action_type"], "call")
        due = self.moment(data["next_action_date"])
        target = data["sequence_day"] + (due - at(step)) / DAY
        later = [day for day in (3, 7, 14, 30) if day > data["sequence_day"]]
        candidates = later if data["success"] else [data["sequence_day"], *later]
        if data["action_type"] == "call_scheduled" or not candidates:
            channel = own
        else:
            day = sorted(candidates, key=lambda day: (abs(day - target), day))[0]
            channel = own if day == data["sequence_day"] else {7: "call", 14: "email", 30: "sms"}[day]
        local = datetime.fromtimestamp(due // SECOND, self.judged.zone).date()
        end = max((self.midnight(local + timedelta(days=1)), 0), order(step))
        later_outs = (
            e for e in talk if order(e) > end and (words := self.said(e)) and words[0] == "out" and channel in words[1]
        )
        return bool(self.out_since(talk, channel, end)) or any(later_outs)

    # Bots and components

    def ml(self) -> Json:
        start = self.within(DAY)
        analyses = self.of("intent_analysis_complete")
        day = [event.data for event in analyses if at(event) >= start]
        earlier = [event.data["processing_time_ms"] for event in analyses if start - DAY <= at(event) < start]
        times = [data["processing_time_ms"] for data in day]
        right = [verdict == event.data["intent_category"] for event in analyses if (verdict := self.verdict(event))]
        return {
            "p50_ms": quantile(times, 0.5),
            "p95_ms": quantile(times, 0.95),
            "within_target": ratio(sum(ms <= self.judged.intent_target_ms for ms in times), len(day)),
            "confidence_mean": sum(data["confidence_score"] for data in day) / len(day) if day else None,
            "above_target": ratio(
                sum(data["confidence_score"] > self.judged.confidence_target for data in day), len(day)
            ),
            "accuracy": ratio(sum(right), len(right)),
            "labelled": len(right),
            "p95_ms_before": quantile(earlier, 0.95),
        }

    def verdict(self, analysis: Event) -> str | None:
        verdicts = [
            event.data["actual_category"]
            for event in self.of("intent_feedback")
            if event.data["analysis_id"] == analysis.id and event.data.get("analysis_source") in (None, analysis.source)
        ]
        return verdicts[-1] if verdicts else None

    def run_since(self, events: list[Event], state: Callable[[Event], str]) -> int:
        """Return when the last run of one state began."""
        since = at(events[-1])
        for event in reversed(events):
            if state(event) != state(events[-1]):
                break
            since = at(event)
        return since

    def components(self) -> dict[str, list[Event]]:
        reports: dict[str, list[Event]] = {}
        for event in self.of("system_health_update"):
            reports.setdefault(event.data["component"], []).append(event)
        return reports

    def system(self) -> Json:
        components, up, known = {}, 0, 0
        for name, reports in sorted(self.components().items()):
            newest = reports[-1]
            components[name] = {
                "status": self.status_of(newest),
                "since": text(self.run_since(reports, lambda event: str(event.data["status"]))),
                "response_time_ms": newest.data["response_time_ms"],
                "error_message": newest.data.get("error_message") or None,
            }
            for event, following in zip(reports, [*map(at, reports[1:]), self.now], strict=True):
                time_s = self.speaks_for(event, following)
                known += time_s
                up += time_s if event.data["status"] != "down" else 0
        statuses = {each["status"] for each in components.values()} - {"unknown"}
        worst = "critical" if "down" in statuses else "healthy" if statuses <= {"healthy"} else "degraded"
        return {
            "overall": worst if statuses else None,
            "components": components,
            "not_reporting": sum(each["status"] == "unknown" for each in components.values()),
            "uptime_30d": ratio(up, known),
        }

    def status_of(self, newest: Event) -> str:
        status: str = newest.data["status"]
        speaks = self.now - at(newest) <= 15 * MINUTE or (status == "down" and self.judged.down_until_reported)
        return status if speaks else "unknown"

    def speaks_for(self, report: Event, until: int) -> int:
        """Return for how long a report speaks, of the quarters of an hour that begin within 30 days."""
        down = report.data["status"] == "down" and self.judged.down_until_reported
        begins, start, total = at(report), self.within(30 * DAY), 0
        end = min(until, begins + (366 * DAY if down else 15 * MINUTE))
        for quarter in range(begins, end, 15 * MINUTE):
            total += min(end - quarter, 15 * MINUTE) if quarter >= start else 0
        return total

    def bot_events(self) -> dict[str, list[Event]]:
        bots: dict[str, list[Event]] = {}
        for event in self.of("bot_status_update", *WORK):
            bots.setdefault(WORK.get(event.type) or event.data["bot_type"], []).append(event)
        return bots

    def bot_state(self, events: list[Event]) -> tuple[str, int, int]:
        """Return the state of a bot, since when, and since when it is in the state that it reports."""
        reports = [event for event in events if event.type == "bot_status_update"]
        newest = at(events[-1])
        if not reports:
            return "idle", newest, newest
        since = self.run_since(reports, lambda event: STATES.get(event.data["status"], "idle"))
        state = STATES.get(reports[-1].data["status"], "idle")
        silence = newest + int(self.judged.silent_after_s * SECOND)
        return ("silent", silence, since) if state == "working" and self.now > silence else (state, since, since)

    def bots(self) -> Json:
        return {name: self.bot(name, events) for name, events in sorted(self.bot_events().items())}

    def bot(self, name: str, events: list[Event]) -> Json:
        reports = [event for event in events if event.type == "bot_status_update"]
        report = reports[-1].data if reports else Json()
        state, state_since, since = self.bot_state(events)
        contact = report.get("contact_id")
        hour = [event for event in events if at(event) >= self.within(HOUR)]
        analyses = [e.data["processing_time_ms"] for e in hour if e.type == "intent_analysis_complete"]
        took = [e.data.get("processing_time_ms") for e in hour if e.type == "bot_status_update"]
        return {
            "status": report.get("status"),
            "current_step": report.get("current_step") or None,
            "since": text(since) if reports else None,
            "state": state,
            "state_since": text(state_since),
            "contact": contact,
            "error_message": report.get("error_message") or None,
            "contact_name": self.name(contact) if contact else None,
            "events_1h": len(hour),
            "success_rate_1h": self.success(name, hour),
            "processing_ms_p50": quantile(analyses or [ms for ms in took if ms is not None], 0.5),
        }

    def sparks(self) -> Json:
        midnight, sparks = self.midnight(self.local.date()), Json()
        for name, events in self.bot_events().items():
            bars = [(moment - midnight) // (2 * MINUTE) for moment in (self.now, *map(at, events))]
            places = [bar - bars[0] + 29 for bar in bars[1:]]
            if any(0 <= place < 30 for place in places):
                sparks[name] = [places.count(place) for place in range(30)]
        return sparks

    @staticmethod
    def success(name: str, hour: list[Event]) -> float | None:
        statuses = [event.data["status"] for event in hour if event.type == "bot_status_update"]
        good, bad = statuses.count("completed"), statuses.count("error")
        if name == "lead-bot":
            steps = [event.data["success"] for event in hour if event.type == "lead_bot_sequence_update"]
            good, bad = steps.count(True), steps.count(False)
        elif name == "intent-decoder":
            good = len(hour) - len(statuses)
        return ratio(good, good + bad)

    def sources(self) -> dict[str, str]:
        return {source: text(newest) for source, newest in sorted({e.source: at(e) for e in self.events}.items())}

    # Needs you

    def needs(self) -> Json:
        open_ones: list[Json] = []
        for kind, about, since, again, shown_from in self.open_items():
            acts = self.standing(f"{kind}:{about}")
            machine = kind in ("bot", "component")
            wrote = 0 if machine else self.wrote(about)
            stands = self.after_acts(acts, since, again, shown_from, wrote)
            if stands is None or (not machine and self.is_out_of_reach(about, acts, again)):
                continue
            since, shown_from, taken_by = stands
            moved = [act for act in acts if self.closes(act) or self.hides(act) or self.is_taken(act)]
            put_off = moved[-1] if moved and self.hides(moved[-1]) and at(moved[-1]) >= max(since, wrote) else None
            number, state = ("", "none") if machine else self.phone(about)
            answers = [] if machine else self.answers(about)
            need = {
                "item": f"{kind}:{about}",
                "group": GROUP_OF[kind],
                "since_ms": since // 1000,
                "temperature": answers[-1].data["seller_temperature"] if answers else "",
                "contact": None if machine else about,
                "phone": number.replace("+1512555", "(512) 555-"),
                "phone_state": state,
                "owner": taken_by or (None if machine else self.newest(about, "assigned_to") or None),
                "next_ms": self.until(put_off) // 1000 if put_off else None,
                "news": self.now - again < 15 * MINUTE,
            }
            open_ones.append({"shown_from": shown_from, "since": since, **need})
        for_a_call = {each["contact"] for each in open_ones if each["group"] == "sale"}
        open_ones = [n for n in open_ones if not n["item"].startswith("reply:") or n["contact"] not in for_a_call]
        open_ones = [need for need in open_ones if need["shown_from"] <= self.now]
        order_of = list(GROUPS).index
        open_ones.sort(key=lambda n: (order_of(n["group"]), -n["since"], *n["item"].split(":")[::-1]))
        owners = [need["owner"] for need in open_ones]
        groups = [need["group"] for need in open_ones]
        return {
            "count": len(open_ones),
            "nobodys": owners.count(None),
            "by_owner": {owner: owners.count(owner) for owner in {*owners} - {None}},
            "unlisted": 0,
            "groups": [{"key": group, "count": groups.count(group)} for group in GROUPS if group in groups],
            "items": [{k: v for k, v in need.items() if k not in ("shown_from", "since")} for need in open_ones],
            "done": self.done(),
        }

    def done(self) -> Json:
        subjects = [f"{kind}:{c}" for kind in ABOUT_CONTACTS for c in self.acted_on() if not self.was_deleted(c)]
        subjects += [f"bot:{name}" for name in self.bot_events()] + [f"component:{name}" for name in self.components()]
        acts = [act for item in subjects for act in self.standing(item) if at(act) >= self.midnight(self.local.date())]
        over = [act for act in acts if self.closes(act) or self.ends_by_wrong_number(act)]
        items = [{"at_ms": at(a) // 1000, "item": a.data["item"], "by": a.data["by"]} for a in over]
        return {"count": len(items), "items": sorted(items, key=str)}

    def acted_on(self) -> set[str]:
        return {act.data["item"].partition(":")[2] for act in self.of("attention_update")}

    def wrote(self, contact: str) -> int:
        talk = [event for event in self.about(contact, "conversation_event") if event.data["kind"] == "message"]
        return max((at(event) for event in talk if self.own(event)), default=0)

    def is_out_of_reach(self, contact: str, acts: list[Event], again: int) -> bool:
        acts = [act for act in acts if act.data["action"] != "noted"]
        if not acts or self.outcome(acts[-1]) != "wrong_number" or at(acts[-1]) < again:
            return False
        return self.has_no_way_left(contact)

    def has_no_way_left(self, contact: str) -> bool:
        return self.phone(contact)[1] != "ok" and not self.may_be_mailed(contact)

    def ends_by_wrong_number(self, act: Event) -> bool:
        kind, _, about = act.data["item"].partition(":")
        of_contact = kind not in ("bot", "component")
        return of_contact and self.outcome(act) == "wrong_number" and self.has_no_way_left(about)

    @staticmethod
    def outcome(act: Event) -> str:
        return (act.data.get("outcome") or "") if act.data["action"] == "called" else ""

    @classmethod
    def closes(cls, act: Event) -> bool:
        return act.data["action"] == "acknowledged" or cls.outcome(act) in (*SPOKE, "other")

    @classmethod
    def hides(cls, act: Event) -> bool:
        return act.data["action"] == "snoozed" or cls.outcome(act) == "no_answer"

    @staticmethod
    def is_taken(act: Event) -> bool:
        """Return whether somebody took an item, or opened it again: it is put off no more."""
        return act.data["action"] in ("assigned", "reopened")

    @classmethod
    def until(cls, act: Event) -> int:
        hours = 1 if act.data["action"] == "snoozed" else 2
        until = act.data.get("until")
        ends = datetime.fromisoformat(until) if until else act.time + timedelta(hours=hours)
        return (ends - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    @classmethod
    def closed_at(cls, acts: list[Event]) -> int:
        turns = [act for act in acts if cls.closes(act) or act.data["action"] == "reopened"]
        return at(turns[-1]) if turns and cls.closes(turns[-1]) else 0

    @classmethod
    def after_acts(
        cls, acts: list[Event], since: int, again: int, shown_from: int, wrote: int
    ) -> tuple[int, int, str | None] | None:
        """Return since when an item's clock runs, from when it is shown and who has it; None where it is done."""
        moved = [a for a in acts if cls.closes(a) or cls.hides(a) or cls.is_taken(a)]
        newest = moved[-1] if moved else None
        closed = cls.closed_at(acts)
        if closed and closed >= again:
            return None
        since = again if since <= closed < again else since
        if newest and cls.hides(newest) and at(newest) >= max(since, wrote):
            shown_from = max(shown_from, cls.until(newest))
        taken = [event for event in acts if event.data["action"] == "assigned"]
        return (
            since,
            shown_from,
            (taken[-1].data.get("to") or taken[-1].data["by"]) if taken and at(taken[-1]) >= since else None,
        )

    def open_items(self) -> list[tuple[str, str, int, int, int]]:
        """Return (kind, about whom, since, again, shown from) of all that is open before anybody acts."""
        items: list[tuple[str, str, int, int, int]] = []
        for name, reports in self.components().items():
            status = self.status_of(reports[-1])
            if status in ("down", "degraded"):
                since = self.run_since(reports, lambda event: str(event.data["status"]))
                items.append(("component", name, since, since, 0))
        for name, events in self.bot_events().items():
            state, since, _ = self.bot_state(events)
            if state in ("error", "silent"):
                items.append(("bot", name, since, since, 0))
        for contact in self.contacts:
            items += [(kind, contact, *moments) for kind, *moments in self.of_contact(contact)]  # type: ignore[misc]
        return items

    def of_contact(self, contact: str) -> list[tuple[str, int, int, int]]:
        talk, answers = self.about(contact, "conversation_event"), self.answers(contact)
        spoke = [call for call in self.calls(contact) if call.data["outcome"] in SPOKE]
        touched = max([*self.touches(talk), *map(order, spoke)], default=(0, 0))
        messages = [event for event in talk if event.data["kind"] == "message"]
        answered = max([*self.answered(messages), touched])
        items = []
        if sent := self.sent_after_opting_out(contact):
            items.append(("optout", sent[0], sent[-1], 0))
        if (hot := self._first(answers, lambda answer: answer.data["seller_temperature"] == "hot")) and hot > touched:
            items.append(("hot", hot[0], hot[0], 0))
        handed_over = max((order(event) for event in talk if event.data["kind"] == "handoff"), default=(0, 0))
        asked = [event for event in talk if event.data["kind"] == "task" and event.data.get("author") == "contact"]
        if asked := [event for event in asked if order(event) > max(touched, handed_over)]:
            items.append(("callback", at(asked[0]), at(asked[-1]), 0))
        if (stall := self.stalled(answers, talk)) and stall > touched:
            items.append(("stall", stall[0], stall[0], 0))
        return [*items, *self.of_calls(contact, talk, touched), *self.of_messages(contact, messages, answered)]

    def of_calls(self, contact: str, talk: list[Event], touched: tuple[int, int]) -> list[tuple[str, int, int, int]]:
        steps = self.about(contact, "lead_bot_sequence_update")
        calls = [event for event in steps if event.data["action_type"] == "call_completed"]
        if failed := self._failed(calls):
            return [("call", at(failed[0]), at(failed[-1]), 0)] if order(failed[-1]) > touched else []
        if ended := [event for event in talk if event.data["kind"] == "call_ended"]:
            outcomes = [*calls, *(event for event in talk if event.data["kind"] == "call_analyzed")]
            judged = any(at(outcome) >= at(ended[-1]) for outcome in outcomes)
            if not judged and order(ended[-1]) > touched:
                return [("call", at(ended[-1]), at(ended[-1]), at(ended[-1]) + 10 * MINUTE)]
        return []

    def of_messages(
        self, contact: str, messages: list[Event], answered: tuple[int, int]
    ) -> list[tuple[str, int, int, int]]:
        """Return the reply that is missing, the step that is late and what did not arrive."""
        items = []
        cleared = max((at(e) for e in self.about(contact, "conversation_event") if self.clears(e)), default=-1)
        own = [e for e in self.about(contact, "conversation_event") if self.own(e)]
        own = [event for event in own if order(event) > answered and at(event) > cleared]
        if self.waits(contact) and (wrote := [event for event in own if event.data["kind"] == "message"]):
            items.append(("reply", at(own[0]), at(wrote[-1]), at(own[0]) + 10 * MINUTE))
        dealt_with = self.closed_at(self.standing(f"overdue:{contact}"))
        if promised := sorted(due for due in self.promises(contact) if due > dealt_with):
            due = promised[0]
            ends = self.midnight(datetime.fromtimestamp(due // SECOND, self.judged.zone).date() + timedelta(days=1))
            items.append(("overdue", due, promised[-1], ends if ends - due >= 23 * HOUR else due + 15 * MINUTE))
        steps = self.about(contact, "lead_bot_sequence_update")
        sends = [event for event in steps if event.data["action_type"] in ("sms_sent", "email_sent")]
        if lost := [at(event) for event in self._failed(sends)] + self.undelivered(messages, answered):
            items.append(("send", min(lost), max(lost), 0))
        return items

    def undelivered(self, messages: list[Event], answered: tuple[int, int]) -> list[int]:
        """Return when our messages were first told that reached nobody, of those since what did."""
        named: dict[str, list[Event]] = {}
        for event in messages:
            if event.data.get("message_id"):
                named.setdefault(event.data["message_id"], []).append(event)
        found = []
        for told in named.values():
            statuses = {event.data.get("delivery") for event in told}
            if "failed" in statuses and "delivered" not in statuses and not all(map(self.own, told)):
                found += [at(told[0])] if order(told[0]) > answered else []
        return found

    @staticmethod
    def touches(talk: list[Event]) -> list[tuple[int, int]]:
        """Return when agents reached the contact: by what was delivered, or of which nobody says whether it was."""
        named, found = dict[str, list[Event]](), []
        for event in talk:
            name = event.data.get("message_id") if event.data["kind"] in ("message", "call_ended") else None
            if name:
                named.setdefault(f"{event.data['kind']} {name}", []).append(event)
            elif event.data.get("author") == "agent" and event.data["kind"] not in ("task", "note"):
                found += [order(event)] if event.data.get("delivery") in (None, "delivered") else []
        for told in named.values():
            statuses = {event.data.get("delivery") for event in told}
            if any(event.data.get("author") == "agent" for event in told):
                found += [order(told[0])] if "delivered" in statuses or statuses == {None} else []
        return found

    def sent_after_opting_out(self, contact: str) -> list[int]:
        """Return when bots sent something by a channel that the contact is opted out of, and was then."""
        talk, found = self.words(contact), []
        sent = self._sent(self.about(contact, "conversation_event"))
        sent += [step for step in self._steps_sent(contact) if not any(_near(step, message) for message in sent)]
        for channel in ALL:
            since, confirmed = self.out_since(talk, channel), -1
            for each in sorted(sent):
                if since and each.channel == channel and at(since) < each.at and not each.failed:
                    outs = [at(e) for e in talk if (said := self.said(e)) and said[0] == "out" and channel in said[1]]
                    asked = [out for out in outs if 0 <= each.at - out <= 5 * MINUTE]
                    if each.body == "You won't hear from us again" and asked and confirmed < min(asked):
                        confirmed = each.at
                    else:
                        found.append(each.at)
        return sorted(found)

    @staticmethod
    def _sent(talk: list[Event]) -> list[Sent]:
        """Return what bots sent, each once: of one message id, or within a minute with the same words."""
        sent = []
        for event in talk:
            data, is_call = event.data, event.data["kind"] in ("call_started", "call_ended")
            took = round((data.get("duration_seconds") or 0) * SECOND) if data["kind"] == "call_ended" else 0
            if data.get("direction") != "outbound" or data.get("author") not in (None, "bot"):
                continue
            if data["kind"] == "message":
                status, name = data.get("delivery"), data.get("message_id") or ""
                words = by_channel(data), name, data.get("body") or ""
                sent.append(Sent(at(event), event.seq, *words, status == "failed", status == "delivered"))
            elif is_call and (took or data["kind"] == "call_started"):
                sent.append(Sent(at(event) - took, event.seq, "call"))
        named = [[each for each in sorted(sent) if each.name == name] for name in {each.name for each in sent} - {""}]
        once = [
            told[0]._replace(failed=any(each.failed for each in told) and not any(each.arrived for each in told))
            for told in named
        ]
        for each in (each for each in sorted(sent) if not each.name):
            once += [] if any(_near(each, other) and each.body == other.body for other in once) else [each]
        return once

    def _steps_sent(self, contact: str) -> list[Sent]:
        sent = []
        for event in self.about(contact, "lead_bot_sequence_update"):
            channel = {"sms_sent": "sms", "email_sent": "email", "call_completed": "call"}.get(
                event.data["action_type"]
            )
            took = round((event.data.get("retell_call_duration_seconds") or 0) * SECOND)
            if event.data["success"] and channel and (took or channel != "call"):
                sent.append(Sent(at(event) - took, event.seq, channel))
        return sent

    def stalled(self, answers: list[Event], talk: list[Event]) -> tuple[int, int] | None:
        """Return since when a contact is stalled on its question, or by a stall in conversation after its answers."""
        asked = answers[-1].data["current_question"] if answers else None
        since = self._first(answers, lambda e: e.data["stall_detected"] and e.data["current_question"] == asked)
        later = [
            order(event)
            for event in talk
            if event.data["kind"] == "stall_detected" and (not answers or order(event) > order(answers[-1]))
        ]
        return since or (later[-1] if later else None)

    @staticmethod
    def _first(events: list[Event], holds: Callable[[Event], bool]) -> tuple[int, int] | None:
        """Return the first of the last events for which something holds without a break."""
        since = None
        for event in reversed(events):
            if not holds(event):
                break
            since = order(event)
        return since

    @staticmethod
    def _failed(steps: list[Event]) -> list[Event]:
        last = max((place for place, event in enumerate(steps) if event.data["success"]), default=-1)
        return steps[last + 1 :]
