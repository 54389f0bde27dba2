"""Translation of each type of webhook: to events, and to the copies that the next one is compared with."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from jorge_data.events.consent import written_consent
from jorge_data.events.encoding import show
from jorge_data.events.validation import is_name
from jorge_data.vendors.base import NOTHING_NEW, Json, StoredCopies, Translation, VendorEntity
from jorge_data.vendors.gohighlevel.appointment import appointment_deleted, appointment_events
from jorge_data.vendors.gohighlevel.contact import (
    Diff,
    contact_deleted,
    contact_events,
    email_of,
    phone_of,
    trailing_contact,
)
from jorge_data.vendors.gohighlevel.deletion import OUTLIVED, TRAILS, deleted, is_deleted, outlives, trails
from jorge_data.vendors.gohighlevel.do_not_contact import consent_event, consents
from jorge_data.vendors.gohighlevel.mail_stats import about_mail, mail_stats, sent_mail, stats_of
from jorge_data.vendors.gohighlevel.message import conversation_of, message_events
from jorge_data.vendors.gohighlevel.names import (
    CUSTOM_FIELDS,
    PIPELINES,
    USERS,
    Names,
    field_names,
    office_zone,
    stage_names,
    user_names,
)
from jorge_data.vendors.gohighlevel.opportunity import opportunity_deleted, opportunity_events
from jorge_data.vendors.gohighlevel.qualification import (
    PROGRESS,
    QualificationState,
    qualification_events,
    qualification_state,
)
from jorge_data.vendors.gohighlevel.task import note_event, task_event
from jorge_data.vendors.moments import first_moment
from jorge_data.vendors.phone import with_holder

OLDER = "it is older than what is known"


class TranslationRule(NamedTuple):
    """How one type is translated, and the entities whose copies it is compared with."""

    concerns: Callable[[Json], list[VendorEntity]]
    translate: Callable[[Json, StoredCopies, datetime], Translation]


def happened(fields: Json, received: datetime, *names: str) -> datetime:
    """Return when something happened: the first of these fields that has a timestamp, never after its receipt."""
    return min(first_moment(fields, *names) or received, received)


def identifier_of(fields: Json, name: str = "id") -> str:
    """Return the id in a field; raise ValueError where there is none."""
    value = fields.get(name)
    if not is_name(value):
        raise ValueError(f"{name} is {show(value)}: required is text of 1–128 characters")
    return value


def _updated(fields: Json, received: datetime) -> datetime:
    created = ("dateAdded",) if str(fields.get("type")).endswith("Create") else ()
    return happened(fields, received, "dateUpdated", "updatedAt", "timestamp", *created)


def _deleted_at(fields: Json, received: datetime) -> datetime:
    return happened(fields, received, "dateDeleted", "deletedAt", "timestamp")  # dateUpdated is of the change before


def about_contact(fields: Json) -> list[VendorEntity]:
    """Return what a contact is compared with: its copy, qualification, conversation, names, number and address."""
    identifier = str(fields.get("id"))
    of_contact = [VendorEntity(kind, identifier) for kind in ("contact", "qualification", "conversation")]
    return [*of_contact, CUSTOM_FIELDS, *_ways_to(fields)]


def _ways_to(fields: Json) -> list[VendorEntity]:
    return [way for way in (phone_of(fields), email_of(fields)) if way]


def contact(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    """Translate a contact: its changed fields, the progress of its qualification, and what it opted out of."""
    identifier, names = identifier_of(fields), Names.of(seen)
    entity, at = VendorEntity("contact", identifier), _updated(fields, received)
    was = seen.get(entity)
    if was and trails(was, fields, at):
        return Translation([], {entity: trailing_contact(was, fields, names, at)}, ignored=TRAILS)
    diff = contact_events(was, fields, names, at)
    if diff.seen is was:
        return Translation([], {}, ignored=OLDER)
    live = seen.get(VendorEntity("qualification", identifier))
    known = None if is_deleted(was) else was  # who is there again tells all that is known
    states = QualificationState.of(known, names), QualificationState.of(diff.seen, names)
    events = [*diff.events, *qualification_events(identifier, *states, live, at)]
    # Never before what was told of consent last, which may rest on less than is known now.
    said_at = max(at.isoformat(), (was or {}).get("consent_at", ""))
    conversation = _conversation(identifier, seen)
    said = [
        consent_event(identifier, conversation, each, datetime.fromisoformat(said_at))
        for each in consents(was, diff.seen)
    ]
    events += said
    consent_at = {"consent_at": said_at} if said else {}
    copies = {entity: {**diff.seen, **consent_at}}
    for way in _ways_to(fields):  # one that is not in the body was not compared with who else has it
        copies[way] = with_holder(seen.get(way), identifier)
    copies |= {
        VendorEntity("qualification", identifier): qualification_state(one) for one in events if one["type"] == PROGRESS
    }
    return Translation(events, copies, None if events else NOTHING_NEW)


def _conversation(contact: str, seen: StoredCopies) -> str:
    return str(seen.get(VendorEntity("conversation", contact), {}).get("id") or f"contact:{contact}")


def _deleted_contact(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    entity = VendorEntity("contact", identifier_of(fields))
    at = _deleted_at(fields, received)
    if outlives(seen.get(entity), at):
        return Translation([], {}, ignored=OUTLIVED)
    diff = contact_deleted(seen.get(entity), entity.id, at)
    return Translation(diff.events, {entity: diff.seen})


def about_opportunity(fields: Json) -> list[VendorEntity]:
    """Return the entities that a deal is compared with: its copy and the names of the stages."""
    return [VendorEntity("opportunity", str(fields.get("id"))), PIPELINES]


def opportunity(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    """Translate a deal."""
    entity = VendorEntity("opportunity", identifier_of(fields))
    was, at = seen.get(entity), _updated(fields, received)
    if was and trails(was, fields, at):
        alive = {name: value for name, value in was.items() if name != "deleted"}
        copy = opportunity_events(alive, fields, Names.of(seen), at).seen
        return Translation([], {entity: {**copy, "deleted": was["deleted"]}}, ignored=TRAILS)
    diff = opportunity_events(was, fields, Names.of(seen), at)
    if diff.seen is was:
        return Translation([], {}, ignored=OLDER)
    return _told(diff, {entity: diff.seen})


def _deleted_opportunity(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    entity = VendorEntity("opportunity", identifier_of(fields))
    at = _deleted_at(fields, received)
    if outlives(seen.get(entity), at):
        return Translation([], {}, ignored=OUTLIVED)
    diff = opportunity_deleted(seen.get(entity), at)
    return Translation(diff.events, {entity: diff.seen})


def _about_message(fields: Json) -> list[VendorEntity]:
    return [VendorEntity("conversation", str(fields.get("contactId"))), USERS]


def _message(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    contact, named = identifier_of(fields, "contactId"), conversation_of(fields)
    conversation = named or _conversation(contact, seen)  # a workflow's reply names none
    at = happened(fields, received, "dateAdded", "timestamp")
    events = message_events(fields, conversation, seen.get(USERS, {}), at)
    mails = sent_mail(fields, events)
    events += list(_consents_written(events))
    entity = VendorEntity("conversation", contact)
    unchanged = named is None or seen.get(entity, {}).get("id") == named
    return Translation(events, mails if unchanged else {entity: {"id": named}, **mails})


def _consents_written(messages: list[Json]) -> Iterator[Json]:
    """Yield what is to be told of consent besides messages that are a mere STOP or START, once a message."""
    for message in messages:
        if told := written_consent(message["data"]):
            data = {name: message["data"][name] for name in ("conversation_id", "contact_id")} | told
            name = message.get("id") and f"{message['id']}:{told['kind']}"
            yield {**message, "id": name, "data": data}


def _mail_stats(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    at = happened(stats_of(fields), received, "timestamp")
    return mail_stats(fields, seen, at, lambda contact: _conversation(contact, seen))


_APPOINTMENT_CLOCKS = ("dateUpdated", "updatedAt", "timestamp", "dateAdded")


def _appointment_fields(fields: Json) -> Json:
    given = fields.get("appointment")
    return given if isinstance(given, dict) else {}


def _about_appointment(fields: Json) -> list[VendorEntity]:
    given = _appointment_fields(fields)
    return [
        VendorEntity("appointment", str(given.get("id"))),
        VendorEntity("conversation", str(given.get("contactId"))),
        USERS,
    ]


def _appointment(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    given = _appointment_fields(fields)
    entity = VendorEntity("appointment", identifier_of(given))
    was, is_deletion = seen.get(entity), fields.get("type") == "AppointmentDelete"
    if was and was.get("appointmentStatus") == "deleted":  # copies of earlier versions say no more
        was = {"deleted": True, **was}
    contact = given.get("contactId") or (was or {}).get("contactId")
    fields = {**fields, **given, "contactId": contact}
    at = _deleted_at(fields, received) if is_deletion else happened(fields, received, *_APPOINTMENT_CLOCKS)
    if outlives(was, at) if is_deletion else trails(was, fields, at):
        return Translation([], {}, ignored=OUTLIVED if is_deletion else TRAILS)
    if not contact:
        blocked = "a slot that is blocked, with no contact: nobody has an appointment"
        return Translation([], {entity: deleted(was, at)}) if is_deletion else Translation([], {}, ignored=blocked)
    translate = appointment_deleted if is_deletion else appointment_events
    diff = translate(was, fields, _conversation(str(contact), seen), seen.get(USERS, {}), office_zone(seen), at)
    return _told(diff, {entity: diff.seen})


def _task(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    contact = identifier_of(fields, "contactId")
    at, conversation = happened(fields, received, "timestamp", "dateAdded"), _conversation(contact, seen)
    faults: list[str] = []
    event = task_event(fields, conversation, seen, at, faults)
    return Translation([event], {}, faults=tuple(faults))


def _note(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    contact = identifier_of(fields, "contactId")
    at = happened(fields, received, "timestamp", "dateAdded")
    return Translation([note_event(fields, _conversation(contact, seen), seen, at)], {})


def _users(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    return Translation([], {USERS: {**seen.get(USERS, {}), **user_names(fields)}})


def _conversation_deleted(fields: Json, seen: StoredCopies, received: datetime) -> Translation:
    if fields.get("deleted") is not True:
        return Translation([], {}, ignored="a conversation was read or starred: nobody said anything")
    contact = identifier_of(fields, "contactId")
    conversation = str(fields.get("id") or _conversation(contact, seen))
    data = {
        "conversation_id": conversation,
        "contact_id": contact,
        "kind": "stage_changed",
        "stage": "conversation deleted",
        "conversation_deleted": True,
    }
    at = _deleted_at(fields, received)
    return Translation([{"type": "conversation_event", "time": at.isoformat(), "data": data}], {})


def _told(diff: Diff, copies: dict[VendorEntity, Json]) -> Translation:
    """Return what a difference means; a body that says nothing new is ignored, and its copy stored all the same."""
    return Translation(diff.events, copies, None if diff.events else NOTHING_NEW, diff.faults)


_CONTACTS = ("ContactCreate", "ContactUpdate", "ContactTagUpdate", "ContactDndUpdate")
_OPPORTUNITIES = tuple(
    f"Opportunity{what}"
    for what in ("Create", "Update", "StageUpdate", "StatusUpdate", "MonetaryValueUpdate", "AssignedToUpdate")
)

RULES: dict[str, TranslationRule] = {
    **dict.fromkeys(_CONTACTS, TranslationRule(about_contact, contact)),
    "ContactDelete": TranslationRule(about_contact, _deleted_contact),
    **dict.fromkeys(_OPPORTUNITIES, TranslationRule(about_opportunity, opportunity)),
    "OpportunityDelete": TranslationRule(about_opportunity, _deleted_opportunity),
    **dict.fromkeys(("InboundMessage", "OutboundMessage"), TranslationRule(_about_message, _message)),
    "LCEmailStats": TranslationRule(about_mail, _mail_stats),
    **dict.fromkeys(
        ("AppointmentCreate", "AppointmentUpdate", "AppointmentDelete"),
        TranslationRule(_about_appointment, _appointment),
    ),
    **dict.fromkeys(("TaskCreate", "TaskUpdate", "TaskComplete", "TaskDelete"), TranslationRule(_about_message, _task)),
    **dict.fromkeys(("NoteCreate", "NoteUpdate", "NoteDelete"), TranslationRule(_about_message, _note)),
    "ConversationUnreadUpdate": TranslationRule(_about_message, _conversation_deleted),
    "ConversationUnreadWebhook": TranslationRule(_about_message, _conversation_deleted),
    **dict.fromkeys(("UserCreate", "UserUpdate", "Users"), TranslationRule(lambda _: [USERS], _users)),
    "CustomFields": TranslationRule(lambda _: [], lambda body, *_: Translation([], {CUSTOM_FIELDS: field_names(body)})),
    "Pipelines": TranslationRule(lambda _: [], lambda body, *_: Translation([], {PIPELINES: stage_names(body)})),
}
"""By type; `Users` and the last two are the API's responses, which the synchronization stores as deliveries.

`ProviderOutboundMessage` is not here: it asks a provider to send a message, of which `OutboundMessage` then reports.
"""
