"""Forms of workflow webhooks, however their authors and the tools in between spell them, as the platform's webhooks.

A form has whatever the trigger has to say beside the contact: the standard action puts it into objects (`message`,
`calendar`, `task`, `note`, `opportunity`, `call`), authors of a custom one write fields flat, nested or into
`customData`, and Zapier, Make and n8n wrap and flatten them once more. A custom field of the contact stands among the
rest under its label.
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any

from jorge_data.errors import Invalid
from jorge_data.events.encoding import show
from jorge_data.telephone import normalize
from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.contact import mail_address
from jorge_data.vendors.gohighlevel.names import slug, user_name

WRAPPERS = ("data", "payload", "body", "json", "form", "record")
"""Keys under which a tool puts the whole form of another: n8n's `body` and `json`, Zapier's and Make's `data`."""

NO_ID = re.compile(r"\s*|\{\{.*|.*\}\}|null|none|undefined|nan|n/a|\[object object\]", re.IGNORECASE)
"""What stands where a merge field was empty or misspelt: one contact of that name would collect everybody's news."""

CONTACT = {
    "address": "address1",
    "address1": "address1",
    "assigned_to": "assignedTo",
    "city": "city",
    "company_name": "companyName",
    "contact_name": "name",
    "contact_source": "source",
    "contact_type": "contactType",
    "country": "country",
    "date_of_birth": "dateOfBirth",
    "dnd": "dnd",
    "dnd_settings": "dndSettings",
    "email": "email",
    "email_address": "email",
    "first_name": "firstName",
    "full_name": "name",
    "last_name": "lastName",
    "mobile": "phone",
    "name": "name",
    "phone": "phone",
    "phone_number": "phone",
    "postal_code": "postalCode",
    "state": "state",
    "tags": "tags",
    "timezone": "timezone",
    "website": "website",
    "zip": "postalCode",
}
OPPORTUNITY = {
    "assigned_to": "assignedTo",
    "contact_id": "contactId",
    "lead_value": "monetaryValue",
    "monetary_value": "monetaryValue",
    "name": "name",
    "opportunity_name": "name",
    "opportunity_status": "status",
    "opportunity_value": "monetaryValue",
    "pipeline_id": "pipelineId",
    "pipeline_stage": "pipelineStageName",
    "pipeline_stage_id": "pipelineStageId",
    "pipeline_stage_name": "pipelineStageName",
    "pipleline_stage": "pipelineStageName",  # so spelt by the vendor
    "stage_name": "pipelineStageName",
    "status": "status",
    "value": "monetaryValue",
}
APPOINTMENT = {
    "address": "address",
    "appointment_id": "id",
    "appointment_title": "title",
    "appointment_start_time": "startTime",
    "appointment_end_time": "endTime",
    "appoinment_status": "appointmentStatus",  # so spelt by the vendor; `status` beside it may still say booked
    "appointment_status": "appointmentStatus",
    "assigned_user_id": "assignedUserId",
    "calendar_id": "calendarId",
    "end_time": "endTime",
    "appointment_timezone": "selectedTimezone",
    "selected_timezone": "selectedTimezone",
    "time_zone": "selectedTimezone",
    "timezone": "selectedTimezone",
    "start_time": "startTime",
    "status": "appointmentStatus",
    "title": "title",
}
MESSAGE = {
    "body": "body",
    "call_duration": "callDuration",
    "call_status": "callStatus",
    "channel": "messageType",
    "content_type": "contentType",
    "conversation_id": "conversationId",
    "date_added": "dateAdded",
    "duration": "callDuration",
    "message_body": "body",
    "message_id": "messageId",
    "message_type": "messageType",
    "source": "source",
    "status": "status",
    "subject": "subject",
    "text": "body",
    "type": "messageType",
    "user_id": "userId",
}
WORK = {
    "assigned_to": "assignedTo",
    "body": "body",
    "completed": "completed",
    "created_by": "createdBy",
    "date_added": "dateAdded",
    "description": "body",
    "due_date": "dueDate",
    "id": "id",
    "note": "body",
    "note_id": "id",
    "task_id": "id",
    "text": "body",
    "title": "title",
    "user_id": "userId",
}
"""What tasks and notes have."""

STANDARD = frozenset(
    {
        *("attribution_source", "body", "calendar", "call", "campaign", "contact", "contact_id", "custom_data"),
        *("custom_fields", "date_created", "event", "event_type", "full_address", "id", "last_attribution_source"),
        *("location", "location_id", "message_id", "conversation_id", "opportunity", "opportunity_id"),
        *("opportunity_source", "order", "owner", "pipeline_name", "source", "timestamp", "trigger_data", "type"),
        *("user", "user_id", "webhook_id", "workflow"),
    }
)
"""Keys of the standard form, and of those that people write, which are not custom fields of the contact."""

OBJECTS = frozenset(["appointment", "calendar", "call", "message", "note", "order", "task"])
"""Keys that are the trigger's where they hold an object; a text under one is a custom field of that label."""

WANTED = (
    "wanted is contact_id (or a known email or phone) beside the contact's fields, or a message, calendar, "
    "opportunity, task, note or call"
)


def forms_in(body: Any) -> list[Json]:
    """Return the forms of a body, unwrapped; raise Invalid where it has none."""
    found = list(_unwrapped(body))
    if not found:
        raise Invalid(f"the body is {show(body)}: {WANTED}")
    return found


def _unwrapped(body: Any, depth: int = 1) -> Iterator[Json]:
    for form in body if isinstance(body, list) else [body]:
        if not isinstance(form, dict) or not form:
            continue
        inner = next((form[name] for name in WRAPPERS if isinstance(form.get(name), dict | list)), None)
        if inner and depth < 4 and not _is_about_somebody(form):
            location = {name: form[name] for name in ("type", "locationId", "location_id") if name in form}
            yield from ({**location, **each} for each in _unwrapped(inner, depth + 1))
        else:
            yield form


def _is_about_somebody(form: Json) -> bool:
    names = {slug(name) for name in form}
    return bool(names & {"contact_id", "contact", "email", "phone", "opportunity", "opportunity_id"})


_SAYS_MESSAGE = frozenset({"message_id", "conversation_id", "message_body"})
"""Flat keys that make a form's `body` a message."""


class Form:
    """One form, its fields by the words that they are written in, whatever their case and dots and underscores."""

    def __init__(self, form: Json) -> None:
        self.form = form
        self.top = _by_slug(form)
        self.custom = _by_slug(_custom_data(form))
        self.contact = _by_slug(self._object("contact"))
        self.kind = slug(str(self.top.get("event_type") or self.top.get("event") or self.top.get("type") or ""))

    def is_platforms(self, types: Container[str]) -> bool:
        """Return whether this is a webhook in the platform's own form, of one of these types."""
        people_write = {"contact", "opportunity", "customData", "messageBody", "contact_id"}
        platform_writes = {"id", "appointment", "body", "messageType", "data"}
        return (
            str(self.form.get("type")) in types
            and not people_write & self.form.keys()
            and bool(platform_writes & self.form.keys())
        )

    @property
    def location(self) -> str | None:
        """The location's id, wherever it stands."""
        given = self._object("location").get("id")
        return next(_usable(given, self.top.get("location_id"), self.custom.get("location_id")), None)

    @property
    def contact_id(self) -> str | None:
        """The contact's id: the first that is one, as merge fields are often empty."""
        within = [_by_slug(self._object(name)).get("contact_id") for name in (*OBJECTS, "opportunity")]
        own = self.top.get("id") if self.kind.startswith("contact") else None
        given = self.top.get("contact_id"), self.contact.get("id"), self.contact.get("contact_id")
        return next(_usable(*given, self.custom.get("contact_id"), *within, own), None)

    @property
    def phone(self) -> str | None:
        """The contact's phone number as E.164."""
        return normalize(self.contact_fields.get("phone"))

    @property
    def email(self) -> str | None:
        """The contact's e-mail address, in lower case."""
        return mail_address(self.contact_fields.get("email"))

    @property
    def contact_fields(self) -> Json:
        """What the form says of the contact itself, by the platform's names."""
        own = {name: value for name, value in self.top.items() if name != "name" or not self.opportunity_id}
        nested = {name.removeprefix("contact_"): value for name, value in self.contact.items()}
        flat = {name.removeprefix("contact_"): value for name, value in own.items() if name.startswith("contact_")}
        return _named(CONTACT, own, flat, nested)

    def labels(self) -> Json:
        """Return the custom fields, by their labels."""
        known = {*STANDARD, *CONTACT, *(OPPORTUNITY if self.opportunity_id else ())}
        flat_call = {"call_duration", "call_direction", "direction"} if self._is_flat_call else set()
        top = {
            name: value
            for name, value in self.form.items()
            if (slug(name) not in known | flat_call or (slug(name) in OBJECTS and not isinstance(value, dict | list)))
            and not slug(name).startswith("contact_")
            and not (slug(name) in OBJECTS and isinstance(value, dict | list))
            and name not in ("customData", "callStatus", "call_status")
        }
        taken = {*known, *MESSAGE, *APPOINTMENT, *WORK, "direction"} if self.says_more else known
        if _SAYS_MESSAGE & self.top.keys():
            top = {name: value for name, value in top.items() if slug(name) not in taken}
        custom = {name: value for name, value in _custom_data(self.form).items() if slug(name) not in taken}
        given = self.contact.get("custom_fields") or self.top.get("custom_fields")
        return {**top, **(given if isinstance(given, dict) else {}), **custom}

    @property
    def custom_fields(self) -> list[Any]:
        """The custom fields by their ids, where the form lists them as the platform does."""
        given = self.contact.get("custom_fields") or self.top.get("custom_fields")
        return given if isinstance(given, list) else []

    @property
    def opportunity_id(self) -> str | None:
        """The deal's id: of the standard form it is the `id` beside the deal's other fields."""
        nested = _by_slug(self._object("opportunity"))
        of_deal = {"opportunity_name", "pipeline_id", "lead_value", "monetary_value"} & self.top.keys()
        own = self.top.get("id") if of_deal or self.kind.startswith("opportunity") else None
        given = nested.get("id"), nested.get("opportunity_id"), self.top.get("opportunity_id")
        return next(_usable(*given, self.custom.get("opportunity_id"), own), None)

    @property
    def says_more(self) -> bool:
        """Whether the form tells of something beside the contact and the deal."""
        return any(self.of(name) is not None for name in ("message", "appointment", "task", "note", "call"))

    def opportunity(self) -> Json:
        """Return what the form says of the deal, by the platform's names."""
        nested = _by_slug(self._object("opportunity"))
        own = {name: value for name, value in self.top.items() if name != "name" and name != "assigned_to"}
        return _named(OPPORTUNITY, own, nested)

    def of(self, name: str) -> Json | None:
        """Return what the form tells of a message, an appointment, a task, a note or a call; None where of none."""
        read = {"message": self._message, "appointment": self._appointment, "call": self._call}.get(name)
        if read is not None:
            return read()
        given = _by_slug(self._object(name))
        return _named(WORK, given) if given else None

    def _message(self) -> Json | None:
        given = _by_slug(self._object("message"))
        flat = next((part for part in (self.custom, self.top) if _SAYS_MESSAGE & part.keys()), {})
        if not given and not flat:
            return None
        told = slug(str(flat.get("type") or self.kind))
        unread = ("source", "type") if told.endswith("message") else ("source",)
        message = _named(MESSAGE, {name: value for name, value in flat.items() if name not in unread}, given)
        direction = str(given.get("direction") or flat.get("direction") or "").lower()
        message["type"] = "OutboundMessage" if "outbound" in (direction, told.partition("_")[0]) else "InboundMessage"
        text = isinstance(message.get("body"), str) and message["body"].strip()
        return message if text or message.get("attachments") or message.get("callStatus") else None

    def _appointment(self) -> Json | None:
        nested = _by_slug(self._object("calendar")) or {}
        booked = _by_slug(self._object("appointment"))
        flat = {
            name: value
            for part in (self.top, self.custom)
            for name, value in part.items()
            if name.startswith("appointment_") or name in ("start_time", "end_time", "selected_timezone", "calendar_id")
        }
        known = _named(APPOINTMENT, flat, nested, booked)
        if not (known.get("startTime") or known.get("id")):
            return None
        # Of `calendar` the `id` is the calendar's; of `appointment` it is the appointment's own.
        calendar = next(_usable(known.get("calendarId"), nested.get("id")), None)
        own = next(_usable(booked.get("id"), known.get("id")), None)
        return {**known, "calendarId": calendar, "id": own}

    def _call(self) -> Json | None:
        given = _by_slug(self._object("call"))
        flat = next((part for part in (self.custom, self.top) if "call_status" in part), {})
        if not given and not self._is_flat_call:
            return None
        call = _named(MESSAGE, flat if self._is_flat_call else {}, given)
        direction = str(given.get("direction") or flat.get("call_direction") or flat.get("direction") or "").lower()
        call["callStatus"] = call.get("callStatus") or call.get("status")
        call["messageId"] = next(_usable(call.get("messageId"), given.get("id"), given.get("call_sid")), None)
        return {
            **call,
            "type": "InboundMessage" if direction == "inbound" else "OutboundMessage",
            "messageType": "CALL",
        }

    def spelling(self, fault: str) -> str:
        """Return a fault with the form's own word for the field that it names first."""
        theirs, rest = fault.partition(" ")[::2]
        words = {ours for names in (OPPORTUNITY, APPOINTMENT, WORK) for ours, name in names.items() if name == theirs}
        parts = self.form, _custom_data(self.form), *(value for value in self.form.values() if isinstance(value, dict))
        given = (str(key) for part in parts for key in part if slug(str(key)) in words)
        return f"{next(given, theirs)} {rest}"

    @property
    def _is_flat_call(self) -> bool:
        return "call_status" in self.custom or bool({"callStatus", "call_status"} & self.form.keys())

    @property
    def user(self) -> str:
        """The name of the user whom the workflow gives beside what happened; "" without one."""
        return user_name(self._object("user"))

    def _object(self, name: str) -> Json:
        return next((value for key, value in self.form.items() if slug(key) == name and isinstance(value, dict)), {})


def _by_slug(fields: Mapping[str, Any]) -> Json:
    """Return fields by slug, of two alike the first that says something; a merge field left over says nothing."""
    by_slug: Json = {}
    for name, value in fields.items():
        if by_slug.get(slug(name)) in (None, ""):
            by_slug[slug(name)] = None if isinstance(value, str) and re.fullmatch(r"\{\{.*\}\}", value) else value
    return by_slug


def _named(names: Mapping[str, str], *parts: Json) -> Json:
    """Return the fields under the platform's names; a later part counts before an earlier one, if it says something."""
    named: Json = {}
    for part in parts:
        given: Json = {}
        for ours, theirs in names.items():  # of two spellings in one part the first of the table that says something
            if part.get(ours) is not None and given.get(theirs) in (None, ""):
                given[theirs] = part[ours]
        named |= {name: value for name, value in given.items() if value != "" or name not in named}
    return named


def _usable(*values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            yield str(value)
        elif isinstance(value, str) and not NO_ID.fullmatch(value):
            yield value.strip()


def _custom_data(form: Json) -> Json:
    """Return the fields that the workflow's author added: an object, or a list of `{id, fieldValue}`."""
    given = next((value for key, value in form.items() if slug(key) == "custom_data"), None)
    if isinstance(given, list):
        named = (one for one in given if isinstance(one, dict) and isinstance(one.get("id"), str))
        return {one["id"]: one.get("fieldValue", one.get("value")) for one in named}
    return given if isinstance(given, dict) else {}
