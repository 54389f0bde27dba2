"""GoHighLevel's workflow webhooks: a form of their own, a shared secret, and no field that is certain to be there."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from jorge_data.errors import Forbidden, Invalid, Unauthenticated
from jorge_data.events import KINDS
from jorge_data.vendors.base import HOLDERS, Envelope, Json, StoredCopies, Translation, VendorEntity
from jorge_data.vendors.gohighlevel.contact import holder_of
from jorge_data.vendors.gohighlevel.names import CUSTOM_FIELDS
from jorge_data.vendors.gohighlevel.translation import RULES
from jorge_data.vendors.gohighlevel.vendor import clearly, flatten, is_text
from jorge_data.vendors.gohighlevel.workflow_form import WANTED, Form, forms_in

HEADER = "x-jorge-webhook-secret"
NAME = "ghl-workflow"

REPEATED_WITHIN = timedelta(minutes=5)
"""How long the same bytes are a repeat: a tool tries again at once, and the same reply an hour later is another one."""


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
        given = headers.get(HEADER) or _secret_in(headers.get("authorization", ""))
        if not given:
            raise Unauthenticated(
                "X-Jorge-Webhook-Secret is missing: add the header to the workflow's webhook action, or send the "
                "secret as a bearer token or the password of basic authorization, never in the address: it is logged"
            )
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self._secret.encode()):
            raise Unauthenticated("X-Jorge-Webhook-Secret is not the one of this server")

    def open(self, body: Any, raw: bytes, now: datetime) -> Envelope:
        key = f"sha256-{hashlib.sha256(raw).hexdigest()}"
        events = events_in(body)
        if events:
            return Envelope(key, str(events[0]["type"]), _text(events[0].get("locationid")))
        forms = [Form(form) for form in forms_in(body)]
        named = {form.location for form in forms} - {None}
        if len(named) > 1:
            raise Invalid(
                f"the body is of {len(named)} locations, {', '.join(sorted(map(str, named)))}: send each alone"
            )
        # A form has the current state: the same again is news where another came between. Only retries are repeats.
        return Envelope(key, _type(forms[0]), next(iter(named), None), known_for=REPEATED_WITHIN)

    def concerns(self, body: Any) -> list[VendorEntity]:
        if events_in(body):
            return []
        concerned = [CUSTOM_FIELDS]
        for form in map(Form, forms_in(body)):
            if form.contact_id is None:
                ways = _finders(form)
                concerned += [*ways, *(VendorEntity(HOLDERS, way.id) for way in ways)]
            for webhook in _webhooks(form, form.contact_id):
                concerned += RULES[webhook["type"]].concerns(webhook)
        return list(dict.fromkeys(concerned))

    def translate(self, body: Any, seen: StoredCopies, at: datetime) -> Translation | None:
        if events := events_in(body):
            return Translation(events, {})
        told = _CombinedTranslation()
        forms = forms_in(body)
        for number, form in enumerate(map(Form, forms), 1):
            prefix = f"item {number}: " if len(forms) > 1 else ""
            contact = form.contact_id or _found(form, seen)
            webhooks = list(_webhooks(form, contact))
            if not webhooks and contact:
                told.ignored.append(f"{prefix}it names a contact, and says nothing of it")
            elif not webhooks:
                told.faults.append(f"{prefix}{_why_nobody(form)}")
            for webhook in webhooks:
                told.add(webhook, {**seen, **told.copies}, at, form, prefix)
        return told.translation()


class _CombinedTranslation:
    """What the webhooks of one body mean together."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.copies: dict[VendorEntity, Json] = {}
        self.ignored: list[str] = []
        self.faults: list[str] = []

    def add(self, webhook: Json, seen: StoredCopies, at: datetime, form: Form, prefix: str) -> None:
        """Translate one webhook after those before it; a fault of one costs the others nothing."""
        try:
            part = clearly(RULES[webhook["type"]].translate(webhook, seen, at), webhook)
        except ValueError as error:
            self.faults.append(prefix + form.spelling(str(error)))
            return
        self.events += part.events
        self.copies |= part.seen
        self.faults += [prefix + form.spelling(fault) for fault in part.faults]
        if part.ignored:
            self.ignored.append(part.ignored)

    def translation(self) -> Translation:
        reason = "; ".join(dict.fromkeys(self.ignored)) if self.ignored and not self.events else None
        return Translation(self.events, self.copies, reason, tuple(self.faults))


def _webhooks(form: Form, contact: str | None) -> Iterator[Json]:
    """Yield what a form says as the platform's webhooks: of the contact first, then of what happened."""
    if form.is_platforms(RULES):
        yield flatten(form.form)
        return
    if contact is not None:
        yield from _contact(form, contact)
    if form.opportunity_id is not None:
        kind = "OpportunityDelete" if "delete" in form.kind else "OpportunityUpdate"
        yield {"contactId": contact, **form.opportunity(), "type": kind, "id": form.opportunity_id}
    if contact is None:
        return
    for name, kind in (("message", "InboundMessage"), ("call", "OutboundMessage")):
        if (message := form.of(name)) is not None:
            yield {"type": kind, **message, "contactId": contact}
    if (appointment := form.of("appointment")) is not None:
        named = appointment["id"] or f"{contact}:{appointment.get('startTime')}"[:128]
        yield {"type": "AppointmentUpdate", "appointment": {**appointment, "id": named, "contactId": contact}}
    by = {"contactId": contact, "userName": form.user}
    if (task := form.of("task")) is not None:
        yield {"type": "TaskComplete" if "complete" in form.kind else "TaskCreate", **task, **by}
    if (note := form.of("note")) is not None:
        yield {"type": "NoteCreate", **note, **by}


def _contact(form: Form, contact: str) -> Iterator[Json]:
    fields, labels, listed = form.contact_fields, form.labels(), form.custom_fields
    if "contact" in form.kind and "delete" in form.kind:
        yield {"type": "ContactDelete", "id": contact}
    elif fields or labels or listed:
        yield {"type": "ContactUpdate", **fields, "id": contact, "labels": labels, "customFields": listed}


def _finders(form: Form) -> list[VendorEntity]:
    """Return what may say whose form it is that has no contact's id."""
    known = ("phone", form.phone), ("email", form.email)
    return [VendorEntity(kind, value) for kind, value in known if value is not None]


def _found(form: Form, seen: StoredCopies) -> str | None:
    return next((holder for entity in _finders(form) if (holder := holder_of(seen, entity))), None)


def _why_nobody(form: Form) -> str:
    if by := [entity.id for entity in _finders(form)]:
        return f"contact_id is missing, and no contact of {' or '.join(by)} is known: {WANTED}"
    return f"contact_id is missing (there are {', '.join(map(str, list(form.form)[:20]))}): {WANTED}"


def _type(form: Form) -> str:
    """Return under which type a form is listed: what it tells beside the contact."""
    more = next(
        (name for name in ("message", "call", "appointment", "task", "note") if form.of(name) is not None), None
    )
    if form.is_platforms(RULES):
        return str(form.form["type"])
    return more or (
        "opportunity" if form.opportunity_id else "contact" if form.contact_id or _finders(form) else "other"
    )


def _secret_in(authorization: str) -> str:
    """Return the secret of an Authorization header: a bearer token, or the password of basic authorization."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode("latin-1").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return value.strip() if scheme.lower() == "bearer" else ""


def events_in(body: Any) -> list[Json]:
    """Return the events of a body that has the form of the contract, an empty list where it does not."""
    items = body if isinstance(body, list) else [body]
    events = (item for item in items if isinstance(item, dict) and isinstance(item.get("data"), dict))
    ours = sum(str(event.get("type")) in KINDS for event in events) == len(items)
    return items if ours else []


def _text(value: Any) -> str | None:
    return value if is_text(value) else None
