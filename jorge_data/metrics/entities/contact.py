"""A contact: what is remembered of one person's journey, in the order in which it happened."""

from bisect import insort
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import happened, micros_of
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.event_subject import from_contact, is_heard, name_in
from jorge_data.metrics.entities.grain import day_end
from jorge_data.metrics.entities.rules import Rules
from jorge_data.metrics.formatting import line

R = TypeVar("R", bound=tuple[Any, ...])

RECORDS = 400
"""Most records of one sort that an entity keeps: the first half and the last half, whatever the order of arrival."""

_by_time = itemgetter(0, 1)


def remember(records: list[R], record: R) -> None:
    """Put a record, which begins with its time and seq, in its place; beyond RECORDS the middle one goes."""
    if not records or _by_time(record) > _by_time(records[-1]):
        records.append(record)
    else:
        insort(records, record, key=_by_time)
    if len(records) > RECORDS:
        del records[RECORDS // 2]


def newer(known: R | None, record: R) -> R:
    """Return the later of two records."""
    return record if known is None or _by_time(record) > _by_time(known) else known


class QuestionAnswer(NamedTuple):
    """A seller's standing at one moment; questions count from 0, `answered` from 0 to 4."""

    at: int
    seq: int
    question: int
    answered: int
    temperature: str
    stalled: bool
    stall_type: str


class SellerState(NamedTuple):
    """What only the newest answer needs to tell."""

    at: int
    seq: int
    effectiveness: float
    next_step: str
    frs_score: float | None
    pcs_score: float | None


class SequenceStep(NamedTuple):
    """A step of the sequence, with the moment at which it promises the next one and the end of that day."""

    at: int
    seq: int
    day: int
    success: bool
    due: int | None
    due_end: int | None


class Alert(NamedTuple):
    at: int
    seq: int
    alert_type: str


class ContactMessage(NamedTuple):
    """A message, a booking or an opting out; `inbound` where it is the contact's own message."""

    at: int
    seq: int
    inbound: bool = False


class Name(NamedTuple):
    at: int
    seq: int
    name: str


class Contact:
    """Remember a contact's events as records, each sort ordered by time and seq, in whatever order they come."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.at = 0
        self.messages = 0
        self.alerted = 0
        self.answers: list[QuestionAnswer] = []
        self.steps: list[SequenceStep] = []
        self.heard: list[ContactMessage] = []
        self.alerts: list[Alert] = []
        self.standing: SellerState | None = None
        self.spoke: ContactMessage | None = None
        self.booked: ContactMessage | None = None
        self.opted_out: ContactMessage | None = None
        self.name: Name | None = None

    def apply(self, event: Event, rules: Rules) -> None:
        """Remember an event of this contact."""
        at, data = happened(event), event.data
        self.at = max(self.at, at)
        if name := name_in(event):
            self.name = newer(self.name, Name(at, event.seq, name))
        match event.type:
            case "jorge_qualification_progress":
                self._qualify(at, event.seq, data)
            case "lead_bot_sequence_update":
                remember(self.steps, _step(at, event.seq, data, rules))
            case "property_alert":
                self.alerted += 1
                remember(self.alerts, Alert(at, event.seq, data["alert_type"]))
            case "conversation_event":
                self._converse(at, event.seq, data)

    @property
    def inbound(self) -> list[ContactMessage]:
        """Return the contact's own messages, of all that was heard of it."""
        return [said for said in self.heard if said.inbound]

    def dump(self) -> bytes:
        """Return all that is remembered, the same bytes whatever the order of arrival."""
        lists = self.answers, self.steps, self.heard, self.alerts
        latest = self.standing, self.spoke, self.booked, self.opted_out, self.name
        return orjson.dumps(((self.at, self.messages, self.alerted), lists, latest), default=tuple)

    @classmethod
    def load(cls, key: str, state: bytes | None) -> "Contact":
        """Read a stored contact; without a state it is a new one."""
        contact = cls(key)
        if state:
            (contact.at, contact.messages, contact.alerted), lists, latest = orjson.loads(state)
            contact._load_lists(*lists)
            contact._load_latest(*latest)
        return contact

    def _load_lists(self, answers: list[Any], steps: list[Any], heard: list[Any], alerts: list[Any]) -> None:
        self.answers = list(map(QuestionAnswer._make, answers))
        self.steps = list(map(SequenceStep._make, steps))
        self.heard = list(map(ContactMessage._make, heard))
        self.alerts = list(map(Alert._make, alerts))

    def _load_latest(self, standing: Any, spoke: Any, booked: Any, opted_out: Any, name: Any) -> None:
        self.standing = standing and SellerState._make(standing)
        self.spoke = spoke and ContactMessage._make(spoke)
        self.booked = booked and ContactMessage._make(booked)
        self.opted_out = opted_out and ContactMessage._make(opted_out)
        self.name = name and Name._make(name)
        for act in (self.booked, self.opted_out):  # a state of before these were among what is heard
            if act is not None and act not in self.heard:
                remember(self.heard, act)

    def _qualify(self, at: int, seq: int, data: dict[str, Any]) -> None:
        question, answered, temperature = (
            data["current_question"],
            data["questions_answered"],
            data["seller_temperature"],
        )
        stall_type = text(data.get("stall_type"))
        remember(
            self.answers, QuestionAnswer(at, seq, question, answered, temperature, data["stall_detected"], stall_type)
        )
        scores = data.get("frs_score"), data.get("pcs_score")
        standing = SellerState(at, seq, data["confrontational_effectiveness"], line(data["next_step"]), *scores)
        self.standing = newer(self.standing, standing)

    def _converse(self, at: int, seq: int, data: dict[str, Any]) -> None:
        said = ContactMessage(at, seq, data["kind"] == "message" and from_contact(data))
        if is_heard(data):
            remember(self.heard, said)
        match data["kind"]:
            case "message":
                self.messages += 1
                self.spoke = newer(self.spoke, said)
            case "appointment_booked":
                self.booked = newer(self.booked, said)
            case "opted_out":
                self.opted_out = newer(self.opted_out, said)


def _step(at: int, seq: int, data: dict[str, Any], rules: Rules) -> SequenceStep:
    promised = data.get("next_action_date")
    due = micros_of(promised, rules.zone) if promised else None
    due_end = None if due is None else day_end(due, rules.zone)
    return SequenceStep(at, seq, int(data["sequence_day"]), data["success"], due, due_end)
