"""GoHighLevel's own exports of contacts and of opportunities: their columns, and their rows as webhooks.

Columns are those of the exports of 2026; capitals differ between the two, and an office may leave out most of them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.names import slug
from jorge_data.vendors.gohighlevel.qualification import PROGRESS
from jorge_data.vendors.gohighlevel.vendor import GoHighLevel

_VENDOR = GoHighLevel("ghl-export", None)


class ExportForm(NamedTuple):
    """One of the two exports; columns are named in lower case with underscores, as `slug` writes them."""

    what: str
    type: str
    fields: Mapping[str, str]
    """The webhook's field of each column that is one."""
    required: Mapping[str, str]
    """The columns without which a row would be misread, as the CRM writes them."""
    clocks: tuple[str, ...]
    """Columns of the moment at which a row was so, the best first; a row needs one of them."""
    money: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    """Columns that say nothing of the record itself."""
    others_are_custom: bool = False


CONTACTS = ExportForm(
    "contacts",
    "ContactUpdate",
    {
        "contact_id": "id",
        "first_name": "firstName",
        "last_name": "lastName",
        "name": "name",
        "full_name": "name",
        "contact_name": "name",
        "business_name": "companyName",
        "company_name": "companyName",
        "phone": "phone",
        "email": "email",
        "tags": "tags",
        "source": "source",
        "contact_source": "source",
        "contact_type": "contactType",
        "type": "contactType",
        "assigned": "assignedTo",
        "assigned_to": "assignedTo",
        "street_address": "address1",
        "address": "address1",
        "address1": "address1",
        "city": "city",
        "state": "state",
        "country": "country",
        "postal_code": "postalCode",
        "website": "website",
        "timezone": "timezone",
        "time_zone": "timezone",
        "date_of_birth": "dateOfBirth",
        "dnd": "dnd",
    },
    required={"contact_id": "Contact Id"},
    clocks=("updated", "updated_on", "date_updated", "last_activity", "created", "created_on", "date_added"),
    switches=frozenset({"dnd"}),
    left_out=frozenset({"opportunities", "location_id"}),
    others_are_custom=True,
)
OPPORTUNITIES = ExportForm(
    "opportunities",
    "OpportunityUpdate",
    {
        "opportunity_id": "id",
        "opportunity_name": "name",
        "contact_id": "contactId",
        "lead_value": "monetaryValue",
        "status": "status",
        "pipeline_id": "pipelineId",
        "pipeline_stage_id": "pipelineStageId",
        "stage": "pipelineStageName",
        "source": "source",
        "assigned": "assignedTo",
    },
    required={"opportunity_id": "Opportunity ID", "lead_value": "Lead Value", "status": "status"},
    clocks=("updated_on", "updated", "date_updated", "created_on", "created", "date_added"),
    money=frozenset({"lead_value"}),
)
CREATED = ("created_on", "created", "date_added")
"""Columns of when a record was made."""


def export_form(columns: Iterable[str]) -> ExportForm | None:
    """Return which export has these columns, None where neither has."""
    names = set(map(slug, columns))
    if names & {"opportunity_id", "opportunity_name"}:
        return OPPORTUNITIES
    is_of_contacts = "contact_id" in names and names & {"first_name", "last_name", "name", "phone", "email"}
    return CONTACTS if is_of_contacts else None


def read_export(form: ExportForm, row: Mapping[str, Any], at: datetime, created: datetime | None) -> list[Json]:
    """Return the events of a row as it was at a moment: values by column, typed as the form says.

    Nothing is compared with what is known already. So a contact's qualification is not derived from its tags: a bot's
    own count of answered questions, which the file has not, would be hidden by a guess. Raises ValueError, naming the
    webhook's field, where a value cannot be read: there is no copy whose value would stay.
    """
    body: Json = {"type": form.type, "dateUpdated": at.isoformat()}
    custom: Json = {}
    for column, value in row.items():
        name = slug(column)
        if value is None or name in form.left_out or name in form.clocks or name in CREATED:
            continue
        if name in form.fields:
            body[form.fields[name]] = value
        elif form.others_are_custom:
            custom[name] = value
    translation = _VENDOR.translate(body | ({"labels": custom} if custom else {}), {}, at)
    if translation is None or translation.faults:
        raise ValueError(translation.faults[0] if translation else f"{form.type} is not translated")
    events = [event for event in translation.events if event["type"] != PROGRESS]
    return [_of_unknown_past(event, created) for event in events]


def _of_unknown_past(event: Json, created: datetime | None) -> Json:
    """Return an event without what it says of the time before: the file is no first sight of a record."""
    data = {name: value for name, value in event["data"].items() if name != "first_seen"}
    if event["type"] == "contact_update":
        data["changed"] = {name: {"to": change["to"]} for name, change in data["changed"].items()}
    elif created is not None and event["type"] == "commission_update":
        data["created_at"] = created.isoformat()
    return {**event, "data": data}
