"""A contact: the records of one person's journey, in the order in which it happened."""

from typing import Any, NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import event_micros, micros_of
from jorge_data.metrics.entities.entity import insert_record, newer
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.event_subject import is_answer, is_response, name_in
from jorge_data.metrics.entities.grain import day_end
from jorge_data.metrics.formatting import line
from jorge_data.metrics.rules import Rules


class QuestionAnswer(NamedTuple):
    """A seller's qualification at one moment; questions count from 0, `answered` from 0 to 4."""

    at: int
    seq: int
    question: int
    answered: int
    temperature: str
    stalled: bool
    stall_type: str


class SellerState(NamedTuple):
    """What is shown of a seller's newest qualification alone."""

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
    """A message, a call, a booking or an opting out; `inbound` where it is the contact's own message or call."""

    at: int
    seq: int
    inbound: bool = False


class Name(NamedTuple):
    at: int
    seq: int
    name: str


class Contact:
    """A contact's events as records, each sort ordered by time and seq, in whatever order they arrive.

    `responses` are the contact's own messages and calls, bookings and optings out.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.at = 0
        self.message_count = 0
        self.alert_count = 0
        self.answers: list[QuestionAnswer] = []
        self.steps: list[SequenceStep] = []
        self.responses: list[ContactMessage] = []
        self.alerts: list[Alert] = []
        self.seller: SellerState | None = None
        self.last_message: ContactMessage | None = None
        self.booking: ContactMessage | None = None
        self.opt_out: ContactMessage | None = None
        self.name: Name | None = None

    def apply(self, event: Event, rules: Rules) -> None:
        """Record an event of this contact."""
        at, data = event_micros(event), event.data
        self.at = max(self.at, at)
        if name := name_in(event):
            self.name = newer(self.name, Name(at, event.seq, name))
        match event.type:
            case "jorge_qualification_progress":
                self._qualify(at, event.seq, data)
            case "lead_bot_sequence_update":
                insert_record(self.steps, _step(at, event.seq, data, rules))
            case "property_alert":
                self.alert_count += 1
                insert_record(self.alerts, Alert(at, event.seq, data["alert_type"]))
            case "conversation_event":
                self._converse(at, event.seq, data)

    @property
    def waiting(self) -> bool:
        """Return whether the contact sent the newest message."""
        return self.last_message is not None and self.last_message.inbound

    def dump(self) -> bytes:
        """Return all records as JSON, the same bytes whatever the order of arrival."""
        lists = self.answers, self.steps, self.responses, self.alerts
        latest = self.seller, self.last_message, self.booking, self.opt_out, self.name
        return orjson.dumps(((self.at, self.message_count, self.alert_count), lists, latest), default=tuple)

    @classmethod
    def load(cls, key: str, state: bytes | None) -> "Contact":
        """Read a stored contact; without a state it is a new one."""
        contact = cls(key)
        if state:
            (contact.at, contact.message_count, contact.alert_count), lists, latest = orjson.loads(state)
            contact._load_lists(*lists)
            contact._load_latest(*latest)
        return contact

    def _load_lists(self, answers: list[Any], steps: list[Any], responses: list[Any], alerts: list[Any]) -> None:
        self.answers = list(map(QuestionAnswer._make, answers))
        self.steps = list(map(SequenceStep._make, steps))
        self.responses = list(map(ContactMessage._make, responses))
        self.alerts = list(map(Alert._make, alerts))

    def _load_latest(self, seller: Any, last_message: Any, booking: Any, opt_out: Any, name: Any) -> None:
        self.seller = seller and SellerState._make(seller)
        self.last_message = last_message and ContactMessage._make(last_message)
        self.booking = booking and ContactMessage._make(booking)
        self.opt_out = opt_out and ContactMessage._make(opt_out)
        self.name = name and Name._make(name)
        for act in (self.booking, self.opt_out):  # states of older versions have these two not among the responses
            if act is not None and act not in self.responses:
                insert_record(self.responses, act)

    def _qualify(self, at: int, seq: int, data: dict[str, Any]) -> None:
        answer = QuestionAnswer(
            at,
            seq,
            data["current_question"],
            data["questions_answered"],
            data["seller_temperature"],
            data["stall_detected"],
            text(data.get("stall_type")),
        )
        insert_record(self.answers, answer)
        scores = data.get("frs_score"), data.get("pcs_score")
        seller = SellerState(at, seq, data["confrontational_effectiveness"], line(data["next_step"]), *scores)
        self.seller = newer(self.seller, seller)

    def _converse(self, at: int, seq: int, data: dict[str, Any]) -> None:
        message = ContactMessage(at, seq, is_answer(data))
        if is_response(data):
            insert_record(self.responses, message)
        match data["kind"]:
            case "message":
                self.message_count += 1
                self.last_message = newer(self.last_message, message)
            case "appointment_booked":
                self.booking = newer(self.booking, message)
            case "opted_out":
                self.opt_out = newer(self.opt_out, message)


def _step(at: int, seq: int, data: dict[str, Any], rules: Rules) -> SequenceStep:
    promised = data.get("next_action_date")
    due = micros_of(promised, rules.zone) if promised else None
    due_end = None if due is None else day_end(due, rules.zone)
    return SequenceStep(at, seq, int(data["sequence_day"]), data["success"], due, due_end)
