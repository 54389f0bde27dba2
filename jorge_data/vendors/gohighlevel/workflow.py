"""GoHighLevel's workflow webhooks: a form of their own, a shared secret, and no field that is certain to be there."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jorge_data.errors import EventRefused, Forbidden, Invalid, Unauthenticated
from jorge_data.events import KINDS, Reception, admit, split
from jorge_data.events.encoding import show
from jorge_data.vendors.base import Envelope, Json, StoredCopies, Translation, VendorEntity
from jorge_data.vendors.gohighlevel.names import CUSTOM_FIELDS
from jorge_data.vendors.gohighlevel.translation import about_contact, about_opportunity, contact, opportunity
from jorge_data.vendors.gohighlevel.vendor import MAX_AGE, is_text

HEADER = "x-jorge-webhook-secret"
NAME = "ghl-workflow"

_CONTACT = {
    "address1": "address1",
    "assigned_to": "assignedTo",
    "city": "city",
    "company_name": "companyName",
    "contact_source": "source",
    "contact_type": "contactType",
    "country": "country",
    "date_of_birth": "dateOfBirth",
    "email": "email",
    "first_name": "firstName",
    "full_name": "name",
    "last_name": "lastName",
    "phone": "phone",
    "postal_code": "postalCode",
    "state": "state",
    "tags": "tags",
    "timezone": "timezone",
    "website": "website",
}
_OPPORTUNITY = {
    "id": "id",
    "contact_id": "contactId",
    "opportunity_name": "name",
    "status": "status",
    "lead_value": "monetaryValue",
    "pipeline_id": "pipelineId",
    "pipeline_stage_id": "pipelineStageId",
    "pipeline_stage": "pipelineStageName",
    "pipleline_stage": "pipelineStageName",  # so spelt by the vendor
}
_OTHER = re.compile(
    r"attributionSource|calendar|campaign|contact|contact_id|customData|date_created|full_address|location|"
    r"message|opportunity_source|order|owner|pipeline_name|source|task|triggerData|type|user|workflow"
)
"""Standard keys that are not used; every other key is the label of a custom field."""


class Workflow:
    """The Vendor of `/webhooks/ghl/workflow`: the workflow's own form, or events of the contract."""

    name = NAME
    source = "ghl"
    recurs = True

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        if not self._secret:
            raise Forbidden(
                "workflow webhooks are off: set JORGE_WORKFLOW_SECRET, and send it as X-Jorge-Webhook-Secret"
            )
        given = headers.get(HEADER, "")
        if not given:
            raise Unauthenticated("X-Jorge-Webhook-Secret is missing: add the header to the workflow's webhook action")
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self._secret.encode()):
            raise Unauthenticated("X-Jorge-Webhook-Secret is not the one of this server")

    def open(self, body: Any, raw: bytes, now: datetime) -> Envelope:
        key = f"sha256-{hashlib.sha256(raw).hexdigest()}"
        events = events_in(body)
        if events:
            _check(events, now)
            return Envelope(key, str(events[0]["type"]), _text(events[0].get("locationid")))
        if not isinstance(body, dict):
            raise Invalid(f"the body is {show(body)}: allowed is a JSON object, or a list of events")
        nested = body.get("location")
        location_id = nested.get("id") if isinstance(nested, dict) else None
        location = _text(location_id) or _text(body.get("location_id")) or _text(body.get("locationId"))
        # A form has the current state: the same again is news where another came between. Only retries are repeats.
        return Envelope(key, _form(body), location, known_for=MAX_AGE)

    def concerns(self, body: Any) -> list[VendorEntity]:
        if events_in(body):
            return []
        concerned = about_contact(_contact(body)) if body.get("contact_id") else [CUSTOM_FIELDS]
        return concerned + (about_opportunity(_opportunity(body)) if _is_opportunity(body) else [])

    def translate(self, body: Any, seen: StoredCopies, at: datetime) -> Translation | None:
        if events := events_in(body):
            return Translation(events, {})
        parts = []
        if is_text(body.get("contact_id")):
            parts.append(contact(_contact(body), seen, at))
        if _is_opportunity(body):
            parts.append(opportunity(_opportunity(body), seen, at))
        if not parts:
            return None
        events = [event for part in parts for event in part.events]
        copies = {entity: copy for part in parts for entity, copy in part.seen.items()}
        reasons = dict.fromkeys(part.ignored for part in parts if part.ignored)
        return Translation(events, copies, None if events or copies or not reasons else "; ".join(reasons))


def events_in(body: Any) -> list[Json]:
    """Return the events of a body that has the form of the contract, an empty list where it does not."""
    items = body if isinstance(body, list) else [body]
    ours = all(
        isinstance(item, dict) and item.get("type") in KINDS and isinstance(item.get("data"), dict) for item in items
    )
    return items if ours else []


def _check(events: list[Json], now: datetime) -> None:
    """Raise TooLarge where there are too many events, Invalid where none is valid.

    Where some are valid they are stored, and the Connect page shows why the others were refused.
    """
    reception = Reception(now)
    refusals = []
    for event in split(events):
        try:
            admit({"source": "ghl", **event}, reception)
        except EventRefused as refused:
            refusals.append(refused)
    if len(refusals) == len(events):
        faults = [fault.as_json() for refused in refusals[:5] for fault in refused.faults]
        raise Invalid(f"none of {len(events)} events can be kept: {refusals[0]}", faults)


def _form(body: Json) -> str:
    if _is_opportunity(body):
        return "opportunity"
    return "contact" if body.get("contact_id") else "other"


def _is_opportunity(body: Json) -> bool:
    return is_text(body.get("id")) and any(name in body for name in ("opportunity_name", "pipeline_id", "lead_value"))


def _contact(body: Json) -> Json:
    """Return the contact of a workflow's form as that of a webhook, with custom fields by their labels."""
    fields = {theirs: body[ours] for ours, theirs in _CONTACT.items() if ours in body}
    labels = {
        name: value
        for name, value in body.items()
        if name not in _CONTACT and name not in _OPPORTUNITY and not _OTHER.fullmatch(name)
    }
    return {"type": "ContactUpdate", "id": body.get("contact_id"), **fields, "labels": labels | _custom_data(body)}


def _custom_data(body: Json) -> Json:
    """Return the fields that the workflow's author added: an object, or a list of `{id, fieldValue}`."""
    given = body.get("customData")
    if isinstance(given, list):
        named = (one for one in given if isinstance(one, dict) and isinstance(one.get("id"), str))
        return {one["id"]: one.get("fieldValue", one.get("value")) for one in named}
    return given if isinstance(given, dict) else {}


def _opportunity(body: Json) -> Json:
    fields = {theirs: body[ours] for ours, theirs in _OPPORTUNITY.items() if ours in body}
    return {"type": "OpportunityUpdate", **fields}


def _text(value: Any) -> str | None:
    return value if is_text(value) else None
