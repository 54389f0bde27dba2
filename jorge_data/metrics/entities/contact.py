"""A contact: the records of one person's journey, in the order in which it happened."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.consent import EVERY, channel_of, shortened
from jorge_data.events.message_status import FAILURES, RANKS, has_failed_at, has_reached, has_reached_at
from jorge_data.events.timestamps import SECOND, event_micros, micros_of
from jorge_data.metrics.entities.attention import SPOKE, Act, Acts
from jorge_data.metrics.entities.contact_details import ContactDetails
from jorge_data.metrics.entities.entity import insert_record, newer
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.event_subject import (
    deletion_in,
    failure_in,
    is_answer,
    is_conversation_deletion,
    is_response,
    message_id_in,
    name_in,
)
from jorge_data.metrics.entities.grain import day_end
from jorge_data.metrics.entities.opt_out import (
    BotSend,
    Breach,
    ConsentRecord,
    OutRun,
    breaches,
    consent_of,
    keep_send,
    opt_out,
    phone_runs,
    send_of,
)
from jorge_data.metrics.entities.status_run import NEVER, Moment
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
    """What is shown of a seller's newest qualification alone; the value in US dollars."""

    at: int
    seq: int
    effectiveness: float
    next_step: str
    frs_score: float | None
    pcs_score: float | None
    value: float | None = None


class SequenceStep(NamedTuple):
    """A step of the sequence, with the moment at which it promises the next one and the end of that day."""

    at: int
    seq: int
    day: int
    success: bool
    due: int | None
    due_end: int | None
    action: str = ""
    failure: str = ""
    took: int = 0
    """How long a call took (microseconds), 0 where that is not known."""

    @property
    def channel(self) -> str:
        """Return the channel by which the step was taken."""
        return STEP_CHANNELS.get(self.action, "other")


STEP_CHANNELS = {"sms_sent": "sms", "email_sent": "email", "call_scheduled": "call", "call_completed": "call"}


class Alert(NamedTuple):
    at: int
    seq: int
    alert_type: str


class ContactMessage(NamedTuple):
    """A message, a call or a booking; `inbound` where it is the contact's own message or call."""

    at: int
    seq: int
    inbound: bool = False
    channel: str = ""


class Booking(NamedTuple):
    """An appointment as it was last told, and when it was first; it is not `kept` where it was deleted."""

    at: int
    seq: int
    kept: bool
    first: int


MOST_BOOKINGS = 100
"""Most appointments of a contact that are told apart, the newest: an older one can be deleted no more."""


class Touch(NamedTuple):
    """Something that decides whether a person must act: an agent's word, a stall, a call that ended or was judged."""

    at: int
    seq: int


class PersonTouch(NamedTuple):
    """What one of our people said or tried: a message, a call; and who it was, by id and by name, as far as told.

    `heard_since` is from when on the contact heard a person: by a message at once, by a call that was answered from its
    beginning on; 0 where nobody was heard.
    """

    at: int
    seq: int
    heard_since: int = 0
    agent: str = ""
    agent_name: str = ""


class MessageRecord(NamedTuple):
    """A message or call of one `message_id`: when it was first told, the rank of its newest delivery, who sent it.

    `spoke` is for how long a person was heard (microseconds): 0 by a message, -1 where nobody was.
    """

    at: int
    seq: int
    rank: int
    by_agent: bool
    outbound: bool
    channel: str = ""
    spoke: int = -1
    agent: str = ""
    agent_name: str = ""

    @property
    def touch(self) -> PersonTouch | None:
        """Return the touch that it is: an agent's message that reached the contact, as far as its sender says."""
        if not self.by_agent or not has_reached_at(self.rank):
            return None
        heard_since = self.at - self.spoke if self.spoke >= 0 else 0
        return PersonTouch(self.at, self.seq, heard_since, self.agent, self.agent_name)

    def told_again(self, told: "MessageRecord") -> "MessageRecord":
        """Return the same message after it was told again, in whichever order."""
        agent, agent_name = max((self.agent, self.agent_name), (told.agent, told.agent_name))
        return min(self, told)._replace(
            rank=max(self.rank, told.rank),
            by_agent=self.by_agent or told.by_agent,
            outbound=self.outbound or told.outbound,
            spoke=max(self.spoke, told.spoke),
            agent=agent,
            agent_name=agent_name,
        )


NOT_INTERESTED = "not interested, said to a person"
"""How who told a person so opted out of every channel."""

MOST_CONVERSATIONS = 50
"""Most conversations of a contact that are deleted with it, the newest: none of an older one is of the last day."""

MOST_MESSAGES = 100
"""Most messages of a contact that are told apart, the newest: an older one that is told again counts again."""


class Callback(NamedTuple):
    """That the contact asked to be called back, and what was said of it."""

    at: int
    seq: int
    words: str


class LastWords(NamedTuple):
    """What the contact wrote last, short and on one line."""

    at: int
    seq: int
    words: str


class Estimate(NamedTuple):
    """What the contact's home is worth, in US dollars, as a qualification said last."""

    at: int
    seq: int
    dollars: float


class Name(NamedTuple):
    at: int
    seq: int
    name: str


class Deletion(NamedTuple):
    """That a contact was deleted in the CRM, or is there again."""

    at: int
    seq: int
    deleted: bool


class Contact:
    """A contact's events as records, each sort ordered by time and seq, in whatever order they arrive.

    `details` say how it is reached; `responses` are the contact's own messages and calls, and bookings; `touches` what
    an agent said or did; `consents` whether the contact wants to hear from us, by channel; `sends` what bots sent and
    whom they called.
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
        self.touches: list[PersonTouch] = []
        self.acts = Acts()
        self.details = ContactDetails()
        self.said: LastWords | None = None
        self.estimate: Estimate | None = None
        self.seller: SellerState | None = None
        self.last_received: ContactMessage | None = None
        self.last_sent: ContactMessage | None = None  # of those without a name, which nobody tells of again
        self.bookings: dict[str, Booking] = {}  # by the appointment's id, "" where none was given
        self.name: Name | None = None
        self.stall: Touch | None = None
        self.call_end: Touch | None = None
        self.call_outcome: Touch | None = None
        self.callbacks: list[Callback] = []
        self.handoff: Touch | None = None
        self.deletion: Deletion | None = None
        self.messages: dict[str, MessageRecord] = {}
        self.cleared = 0  # when a conversation of it was last deleted in the CRM
        self.conversations: dict[str, int] = {}  # when each of the newest was last heard of
        self.consents: list[ConsentRecord] = []
        self.sends: list[BotSend] = []

    def apply(self, event: Event, rules: Rules) -> None:
        """Record an event of this contact, or an act on one of its items, which is no sign of life of the contact."""
        at, data = event_micros(event), event.data
        if event.type == "attention_update":
            self.acts.apply(event)
            return
        self.at = max(self.at, at)
        if name := name_in(event):
            self.name = newer(self.name, Name(at, event.seq, name))
        if (deleted := deletion_in(event)) is not None:
            self.deletion = newer(self.deletion, Deletion(at, event.seq, deleted))
        match event.type:
            case "contact_update":
                self.details.apply(event)
            case "jorge_qualification_progress":
                self._qualify(at, event.seq, data)
            case "lead_bot_sequence_update":
                self._follow_up(_step(at, event.seq, data, rules))
            case "property_alert":
                self.alert_count += 1
                insert_record(self.alerts, Alert(at, event.seq, data["alert_type"]))
            case "conversation_event":
                self._converse(at, event.seq, data)

    @property
    def waiting(self) -> bool:
        """Return whether the contact's message is the newest that did not fail, and its channel not opted out of since.

        An agent who called and reached the contact has answered, too. STOP and START, which nobody must answer, end the
        waiting for an answer.
        """
        message = self.last_received
        if message is None or message.at <= self.cleared:
            return False
        if self.answered > message[:2] or self.touched >= message[:2]:
            return False
        newest = next(
            (each for each in reversed(self.consent_history) if each.covers(message.channel or "other")), None
        )
        return newest is None or not newest.out or newest[:2] < message[:2]

    @property
    def wrote(self) -> int:
        """Return when the contact wrote last, 0 where it never did: what was put off comes back then."""
        return self.last_received.at if self.last_received else 0

    @property
    def answered(self) -> Moment:
        """Return when the newest message was sent to the contact of those that did not fail, NEVER without any."""
        named = (told[:2] for told in self.messages.values() if told.outbound and not has_failed_at(told.rank))
        nameless = self.last_sent[:2] if self.last_sent else NEVER
        return max(nameless, max(named, default=NEVER))

    @property
    def opt_out(self) -> ConsentRecord | None:
        """Return the newest opting out that holds for at least one channel."""
        return opt_out(self.consent_history)

    @property
    def consent_history(self) -> list[ConsentRecord]:
        """Return what the contact said of its consent, in order: who told a person that he is not interested, too."""
        refused = [
            ConsentRecord(call.at, call.seq, EVERY, out=True, words=NOT_INTERESTED)
            for call in self.acts.calls
            if call.outcome == "not_interested"
        ]
        return sorted((*self.consents, *refused), key=lambda record: record[:2]) if refused else self.consents

    @property
    def breaches(self) -> list[Breach]:
        """Return what bots sent since the contact opted out of that channel, the oldest first."""
        consents = self.consent_history
        if not consents:
            return []
        return breaches(consents, self.sends, [send for step in self.steps if (send := _as_send(step))])

    @property
    def booking(self) -> Booking | None:
        """Return the newest appointment that was not deleted."""
        return max((booking for booking in self.bookings.values() if booking.kept), default=None)

    @property
    def is_deleted(self) -> bool:
        """Return whether the contact was deleted: then it is in no list and no figure of contacts, whatever trails."""
        return self.deletion is not None and self.deletion.deleted

    @property
    def touched(self) -> Moment:
        """Return when an agent last wrote, or told of a call that reached the contact; NEVER where none did."""
        touches = self.human_touches
        return touches[-1][:2] if touches else NEVER

    @property
    def human_touches(self) -> list[PersonTouch]:
        """Return what agents said, by a message or a call, in order."""
        called = [_call_touch(call) for call in self.acts.calls if call.outcome in SPOKE]
        return sorted((*self.touches, *called)) if called else self.touches

    @property
    def attempts(self) -> list[PersonTouch]:
        """Return what people said or tried, in order: calls that nobody answered, too."""
        called = [_call_touch(call) for call in self.acts.calls]
        return sorted((*self.touches, *called)) if called else self.touches

    @property
    def phone_runs(self) -> list[OutRun]:
        """Return the times in which nobody may call or text the contact."""
        return phone_runs(self.consent_history)

    @property
    def is_off_the_phone(self) -> bool:
        """Return whether nobody may call or text the contact now."""
        return any(run.ended is None for run in self.phone_runs)

    def owner_at(self, at: int | None = None) -> str:
        """Return whose it was at a moment, else is now: to whom it was given, or who took it once hot; "" nobody's."""
        taken = [
            (act.at, act.seq, act.to or act.agent or act.by)
            for act in self.acts.standing("hot")
            if act.action == "assigned"
        ]
        owners = (each for each in (*taken, *self.details.owners) if at is None or each[0] <= at)
        return max(owners, default=(0, 0, ""))[2]

    @property
    def is_number_struck(self) -> bool:
        """Return whether a person found the number to be another's, and no other one was told since."""
        wrong = [call.at for call in self.acts.calls if call.outcome == "wrong_number"]
        return bool(wrong) and bool(self.details.phone) and wrong[-1] >= self.details.phone_since

    @property
    def shown_name(self) -> str:
        """Return the name to show, the id where none is known."""
        return self.name.name if self.name else self.key

    @property
    def value(self) -> float | None:
        """Return what its home is worth, in US dollars, None where nobody said."""
        return self.estimate.dollars if self.estimate else None

    def dump(self) -> bytes:
        """Return all records as JSON, the same bytes whatever the order of arrival, up to the bounds of each sort."""
        counts = self.at, self.message_count, self.alert_count
        lists = self.answers, self.steps, self.responses, self.alerts, self.touches
        latest = self.seller, (self.last_received, self.last_sent), self.bookings, None, self.name
        calls = self.stall, self.call_end, self.call_outcome
        return orjson.dumps(
            (
                *(counts, lists, latest, calls, self.acts.dump(), self.deletion),
                *(
                    (self.callbacks, self.handoff),
                    (self.consents, self.sends),
                    (self.messages, self.cleared, self.conversations),
                    (self.details.dump(), self.said, self.estimate),
                ),
            ),
            default=tuple,
            option=orjson.OPT_SORT_KEYS,
        )

    @classmethod
    def load(cls, key: str, state: bytes | None) -> "Contact":
        """Read a stored contact; without a state it is a new one."""
        contact = cls(key)
        if state:
            # States of older versions end earlier: a log that lost events goes on from them.
            (contact.at, contact.message_count, contact.alert_count), lists, latest, *attention = orjson.loads(state)
            contact._load_lists(*lists)
            contact._load_latest(*latest)
            if attention:
                calls, acts, *later = attention
                deletion, asked, consent, told, known = [*later, None, None, None, None, None][:5]
                details, said, estimate = known or (None, None, None)
                contact.details = ContactDetails.load(details)
                contact.said = said and LastWords._make(said)
                contact.estimate = estimate and Estimate._make(estimate)
                messages, contact.cleared, contact.conversations = told or ({}, 0, {})
                callbacks, handoff = asked or ((), None)
                consents, sends = consent or ((), ())
                contact.stall, contact.call_end, contact.call_outcome = (each and Touch._make(each) for each in calls)
                contact.acts = Acts.load(acts)
                contact.deletion = deletion and Deletion._make(deletion)
                contact.callbacks = list(map(Callback._make, callbacks))
                contact.handoff = handoff and Touch._make(handoff)
                contact.consents += map(ConsentRecord._make, consents)
                contact.sends = list(map(BotSend._make, sends))
                contact.messages = {name: MessageRecord(*each) for name, each in messages.items()}
        return contact

    def _load_lists(
        self, answers: list[Any], steps: list[Any], responses: list[Any], alerts: list[Any], touches: Sequence[Any] = ()
    ) -> None:
        self.answers = list(map(QuestionAnswer._make, answers))
        self.steps = [SequenceStep(*step) for step in steps]
        self.responses = [ContactMessage(*response) for response in responses]
        self.alerts = list(map(Alert._make, alerts))
        self.touches = [PersonTouch(*touch) for touch in touches]

    def _load_latest(self, seller: Any, messages: Any, bookings: Any, opt_out: Any, name: Any) -> None:
        self.seller = seller and SellerState(*seller)
        if messages and isinstance(messages[0], int):  # states of older versions have the newest of both alone
            newest = ContactMessage(*messages)
            messages = (newest, None) if newest.inbound else (None, newest)
        self.last_received, self.last_sent = (each and ContactMessage(*each) for each in messages or (None, None))
        booking = None
        if isinstance(bookings, list):  # states of older versions have the newest alone, and not among the responses
            booking = ContactMessage(*bookings)
            bookings = {"": [booking.at, booking.seq, True]}
        # And those before version 13 of the facts not when each was first told.
        self.bookings = {name: Booking._make((*each, each[0])[:4]) for name, each in (bookings or {}).items()}
        self.name = name and Name._make(name)
        if booking is not None and booking not in self.responses:
            insert_record(self.responses, booking)
        if opt_out:  # states of older versions have the newest, of whatever channel, and among the responses
            self.consents = [ConsentRecord(opt_out[0], opt_out[1], "", out=True)]
            self.responses = [response for response in self.responses if response[:2] != tuple(opt_out[:2])]

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
        effectiveness, value = data["confrontational_effectiveness"], data.get("estimated_value")
        seller = SellerState(at, seq, effectiveness, line(data["next_step"]), *scores, value)
        self.seller = newer(self.seller, seller)
        if value is not None:
            self.estimate = newer(self.estimate, Estimate(at, seq, value))

    def _follow_up(self, step: SequenceStep) -> None:
        insert_record(self.steps, step)
        if step.action == "call_completed":
            self.call_outcome = newer(self.call_outcome, Touch(step.at, step.seq))

    def _converse(self, at: int, seq: int, data: dict[str, Any]) -> None:
        message = ContactMessage(at, seq, is_answer(data))
        if is_response(data):
            insert_record(self.responses, message)
        self._heed(at, seq, data)
        touch = Touch(at, seq)
        is_new = self._tell(at, seq, data)
        self._involve_people(touch, data)
        self._converse_in(data["conversation_id"], at)
        if is_conversation_deletion(data):
            self.cleared = max(self.cleared, at)
        match data["kind"]:
            case "message":
                self.message_count += is_new
                self._remember(message, data)
            case "appointment_booked":
                self._book(Booking(at, seq, kept=True, first=at), data)
            case "stage_changed" if data.get("appointment_status") == "deleted":
                self._book(Booking(at, seq, kept=False, first=at), data)
            case "stall_detected":
                self.stall = newer(self.stall, touch)
            case "call_ended":
                self.call_end = newer(self.call_end, touch)
            case "call_analyzed":
                self.call_outcome = newer(self.call_outcome, touch)

    def _involve_people(self, touch: Touch, data: dict[str, Any]) -> None:
        """Record what an agent said, that a person took over, or that the contact asked for one.

        A task or a note is written about the contact, and reaches nobody.
        """
        kind, author = data["kind"], data.get("author")
        is_touch = author == "agent" and kind not in ("task", "note") and message_id_in(data) is None
        if is_touch and has_reached(data):
            spoke = _spoke(data)
            heard_since = touch.at - spoke if spoke >= 0 else 0
            insert_record(self.touches, PersonTouch(*touch, heard_since, *_agent_in(data)))
        if kind == "handoff":
            self.handoff = newer(self.handoff, touch)
        elif kind == "task" and author == "contact":
            insert_record(self.callbacks, Callback(*touch, line(data.get("summary") or data.get("body"))))

    def _converse_in(self, conversation: str, at: int) -> None:
        """Record a conversation of the contact, which is over for the figures once the contact is deleted."""
        self.conversations[conversation] = max(at, self.conversations.get(conversation, 0))
        if len(self.conversations) > MOST_CONVERSATIONS:
            del self.conversations[min(self.conversations, key=lambda name: (self.conversations[name], name))]

    def _remember(self, message: ContactMessage, data: dict[str, Any]) -> None:
        """Record the newest message of the contact, or to it; of one with a name `messages` knows whether it failed."""
        if message.inbound:
            self.last_received = newer(self.last_received, message._replace(channel=channel_of(data)))
            if words := shortened(data.get("body")):
                self.said = newer(self.said, LastWords(message.at, message.seq, words))
        elif message_id_in(data) is None and data.get("delivery") not in FAILURES:
            self.last_sent = newer(self.last_sent, message)

    def _tell(self, at: int, seq: int, data: dict[str, Any]) -> bool:
        """Record a message by its vendor's name, and whether it reached the contact; return whether it is a new one."""
        if (name := message_id_in(data)) is None:
            return True
        rank = RANKS.get(data.get("delivery"), 0)
        outbound = data["kind"] == "message" and not is_answer(data)
        by_agent = data.get("author") == "agent"
        told = MessageRecord(at, seq, rank, by_agent, outbound, channel_of(data), _spoke(data), *_agent_in(data))
        known = self.messages.get(name)
        if known is not None:
            if known.touch in self.touches:
                self.touches.remove(known.touch)
            told = known.told_again(told)
        if told.touch is not None:
            insert_record(self.touches, told.touch)
        self.messages[name] = told
        if len(self.messages) > MOST_MESSAGES:
            del self.messages[min(self.messages, key=self.messages.__getitem__)]
        return known is None

    def _heed(self, at: int, seq: int, data: dict[str, Any]) -> None:
        """Record what an event says of the contact's consent, or what a bot sent."""
        if consent := consent_of(at, seq, data):
            insert_record(self.consents, consent)
        if send := send_of(at, seq, data):
            keep_send(self.sends, send)

    def _book(self, booking: Booking, data: dict[str, Any]) -> None:
        identifier = text(data.get("appointment_id"))
        known = self.bookings.get(identifier, booking)
        self.bookings[identifier] = newer(known, booking)._replace(first=min(known.first, booking.first))
        if len(self.bookings) > MOST_BOOKINGS:
            del self.bookings[min(self.bookings, key=self.bookings.__getitem__)]


def _spoke(data: dict[str, Any]) -> int:
    """Return for how long the contact heard who wrote or called (microseconds), by a message 0; -1 where it did not.

    A call was answered where it lasted, or its telephone says so; what is left on a voicemail is heard later, if ever.
    """
    lasted = round((data.get("duration_seconds") or 0) * SECOND)
    if data.get("channel") == "voicemail":
        return -1
    match data["kind"]:
        case "message" | "appointment_booked":
            return 0
        case "call_ended" if lasted or data.get("delivery"):
            return lasted
    return -1


def _agent_in(data: dict[str, Any]) -> tuple[str, str]:
    """Return who of the people did it, by id and by name: the name stands for the id where there is none."""
    agent, name = text(data.get("agent_id")), text(data.get("agent_name"))
    return agent or name, name


def _call_touch(call: Act) -> PersonTouch:
    return PersonTouch(
        call.at, call.seq, call.at if call.outcome in SPOKE else 0, call.agent or call.by, call.agent_name
    )


def _step(at: int, seq: int, data: dict[str, Any], rules: Rules) -> SequenceStep:
    promised = data.get("next_action_date")
    due = micros_of(promised, rules.zone) if promised else None
    due_end = None if due is None else day_end(due, rules.zone)
    day, failure = int(data["sequence_day"]), failure_in(data)
    took = round((data.get("retell_call_duration_seconds") or 0) * SECOND)
    return SequenceStep(at, seq, day, data["success"], due, due_end, data["action_type"], failure, took)


def _as_send(step: SequenceStep) -> BotSend | None:
    """Return what a step sent, or the call that it was, at its beginning; None where it reached nobody."""
    if not step.success or step.action == "call_scheduled" or (step.channel == "call" and not step.took):
        return None
    return BotSend(step.at - step.took, step.seq, step.channel, words=f"day {step.day} of the sequence")
