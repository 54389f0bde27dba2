"""The card of a contact: how it is reached, what is open with it, and what is known of it, in words."""

from collections.abc import Iterable, Iterator
from typing import Literal, TypedDict

from jorge_data.events import Event
from jorge_data.events.money import cents
from jorge_data.events.personal import is_erased
from jorge_data.events.timestamps import moment
from jorge_data.metrics.colleagues import Colleagues
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.event_subject import is_answer
from jorge_data.metrics.entities.open_item import standing_items
from jorge_data.metrics.entities.seller import QUESTIONS, hot_since
from jorge_data.metrics.formatting import joined, line, money, write_clock
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.needs import (
    GROUPS,
    QUESTION_WORDS,
    ListedItem,
    Subjects,
    choices,
    need,
    phone_state,
    ways,
)
from jorge_data.metrics.wall.next_tries import (
    CALLS_FROM,
    CALLS_UNTIL,
    appointment,
    place_of,
    says_when,
    snoozes,
    zone_of,
)
from jorge_data.metrics.wall.view import Appointment, Choice, ItemOwner, Need, Snooze, Way
from jorge_data.telephone import written

ANSWER_FIELDS = ("seller_motivation", "timeline_urgency", "property_condition", "price_expectation")
"""What the CRM calls the answers to the four questions, in their order."""


NOBODY_KNOWN = Colleagues()


def people_of(contact: Contact) -> set[str]:
    """Return the ids of the office's people who are named on a contact's card."""
    acts = [act for _, act in contact.acts.all()]
    return {contact.details.get("owner"), *(act.by for act in acts), *(act.to for act in acts)} - {""}


class ToldAnswer(TypedDict):
    """What the contact told us of one of the questions."""

    question: str  # "Motivation"
    answer: str


class CardNote(TypedDict):
    """What somebody of the office wrote about the contact."""

    at_ms: int
    by: ItemOwner
    note: str


class ContactCard(TypedDict):
    """What is shown at the head of a contact's page."""

    contact: str
    name: str
    temperature: str  # hot, warm, cold or ""
    why: str  # "Answered all four questions · hot since 14:01 · next: sign"
    phone: str
    phone_state: Literal["ok", "struck", "do_not_contact", "none"]
    ways: list[Way]
    email: str
    address: str
    value: str  # "$412,500", "" where nobody said
    commission: str  # ours of it
    owner: ItemOwner | None
    url: str  # the contact in the CRM
    local_time: str  # "14:07, Chicago" by the zone that was told, else that of the number; "zone not known"
    may_be_called: str  # "may be called until 21:00", "" where its zone is not known
    item: str  # on what an act of the card is: the dearest open item, else the contact itself
    open: list[Need]
    choices: list[Choice]
    snoozes: list[Snooze]
    appointment: Appointment
    told: list[ToldAnswer]
    notes: list[CardNote]  # the newest first


def contact_card(
    contact: Contact, events: Iterable[Event], targets: Targets, now: int, colleagues: Colleagues = NOBODY_KNOWN
) -> ContactCard:
    """Return the card of a contact; `events` are its own, of which those that quote it are read."""
    subjects = Subjects({contact.key: contact}, {}, {}, {}, colleagues)
    standing = ((item, status) for item, status in standing_items(contact) if status.since <= now)
    items = [
        ListedItem(item.kind, contact.key, status.since, item.again, status.shown_from, status.owner)
        for item, status in standing
        if status.shown_from <= now or contact.acts.hiding(item.kind, status.since, contact.wrote)
    ]
    order = list(GROUPS)
    items.sort(key=lambda item: (item.shown_from > now, order.index(item.group)))
    details, home = contact.details, contact.value
    first = f"{items[0].kind}:{contact.key}" if items else f"contact:{contact.key}"
    return {
        "contact": contact.key,
        "name": contact.shown_name,
        "temperature": contact.answers[-1].temperature if contact.answers else "",
        "why": _why(contact, targets, now),
        "phone": written(details.phone),
        "phone_state": phone_state(contact),
        "ways": ways(contact),
        "email": details.get("email"),
        "address": details.get("address"),
        "value": money(cents(home)) if home else "",
        "commission": money(targets.commission(cents(home))) if home else "",
        "owner": subjects.owner(details.get("owner")) if details.get("owner") else None,
        "url": details.get("url") if details.get("url").startswith(("https://", "http://")) else "",
        **_local_time(contact, now),
        "item": first,
        "open": [need(item, subjects, targets, now) for item in items],
        "choices": choices(first.partition(":")[0], contact, targets, now),
        "snoozes": snoozes(now, targets.zone),
        "appointment": appointment(now, targets.zone),
        "told": list(_told(sorted(events, key=lambda event: (event.time, event.seq)))),
        "notes": [
            {"at_ms": act.at // 1000, "by": subjects.owner(act.by), "note": act.note}
            for act in reversed(contact.acts.notes)
        ],
    }


def _why(contact: Contact, targets: Targets, now: int) -> str:
    """Return why a contact has its temperature, in a sentence."""
    if not contact.answers:
        return ""
    answered, of = contact.answers[-1].answered, len(QUESTIONS)
    how_many = {0: "Has answered no question yet", of: "Answered all four questions"}
    since = hot_since(contact)[0]
    return joined(
        how_many.get(answered, f"Answered {answered} of {of} questions"),
        f"hot since {says_when(moment(since).astimezone(targets.zone), moment(now))}" if since else "",
        f"next: {contact.seller.next_step}" if contact.seller and contact.seller.next_step else "",
    )


class _LocalTime(TypedDict):
    local_time: str
    may_be_called: str


def _local_time(contact: Contact, now: int) -> _LocalTime:
    """Return the contact's own time, and until or from when a person may be called there."""
    zone = zone_of(contact)
    if zone is None:
        return {"local_time": "zone not known" if contact.details.phone else "", "may_be_called": ""}
    here = moment(now).astimezone(zone)
    allowed = CALLS_FROM <= here.time() < CALLS_UNTIL
    when = f"until {write_clock(CALLS_UNTIL)}" if allowed else f"from {write_clock(CALLS_FROM)}"
    return {
        "local_time": f"{write_clock(here)}, {place_of(zone)}",
        "may_be_called": f"may be called {when}",
    }


def _told(events: list[Event]) -> Iterator[ToldAnswer]:
    """Yield what the contact told of each question, the newest: the CRM's field, else the words before the answer.

    Words before a first report that tells of several answers may belong to any of them, and are left out.
    """
    by_crm: dict[int, str] = {}
    by_words: dict[int, str] = {}
    said, answered = "", 0
    for event in events:
        data = event.data
        if event.type == "contact_update":
            changes = {name: change.get("to") for name, change in data["changed"].items()}
            by_crm |= {
                n: line(text) for n, name in enumerate(ANSWER_FIELDS) if isinstance(text := changes.get(name), str)
            }
        elif event.type == "conversation_event" and data["kind"] == "message" and is_answer(data):
            said = line(data.get("body"))
        elif event.type == "jorge_qualification_progress":
            now_answered = data["questions_answered"]
            if now_answered == answered + 1 and said:
                by_words[answered] = said
            answered = now_answered
    for number, question in enumerate(QUESTION_WORDS):
        if (answer := by_crm.get(number) or by_words.get(number, "")) and not is_erased(answer):
            yield {"question": question.capitalize(), "answer": answer}
