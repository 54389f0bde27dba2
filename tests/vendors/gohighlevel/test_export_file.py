"""The CRM's own exports: told apart by their columns, and translated as webhooks without what a file cannot know."""

from datetime import UTC, datetime

import pytest

from jorge_data.vendors.gohighlevel.export_file import CONTACTS, OPPORTUNITIES, ExportForm, export_form, read_export

AT = datetime(2026, 7, 22, 19, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        ("Contact Id,First Name,Last Name,Phone,Email,Created,Last Activity,Tags", CONTACTS),
        ("contact id,email", CONTACTS),
        ("Opportunity name,Contact Name,phone,email,pipeline,stage,Lead Value,status", OPPORTUNITIES),
        ("Opportunity ID,Contact ID,phone", OPPORTUNITIES),
        ("First Name,Last Name,Phone", None),
        ("Contact ID,Total", None),
        ("id,source,type,time,data.contact_id", None),
    ],
)
def test_an_export_is_known_by_its_columns(columns: str, form: ExportForm | None) -> None:
    assert export_form(columns.split(",")) is form


def test_a_contact_is_told_without_a_past_and_without_a_guess_of_its_qualification() -> None:
    row = {"Contact Id": "c1", "First Name": "Ann", "Tags": "hot-seller", "Seller Motivation": "divorce", "Created": AT}
    (event,) = read_export(CONTACTS, row, AT, AT)
    assert event == {
        "type": "contact_update",
        "time": AT.isoformat(),
        "data": {
            "contact_id": "c1",
            "name": "Ann",
            "changed": {"name": {"to": "Ann"}, "seller_motivation": {"to": "divorce"}},
            "tags_added": ["hot-seller"],
            "tags_removed": [],
        },
    }


def test_a_deal_says_when_it_was_made() -> None:
    row = {"Opportunity ID": "o1", "Lead Value": 2500.5, "status": "won", "stage": "Closed", "Created on": AT}
    (event,) = read_export(OPPORTUNITIES, row, AT, AT)
    wanted = {"deal_id": "o1", "deal_value": 2500.5, "status": "won", "created_at": AT.isoformat()}
    assert wanted.items() <= event["data"].items()


def test_a_row_without_an_id_is_refused_by_the_webhooks_field() -> None:
    with pytest.raises(ValueError, match="id is None: required is text"):
        read_export(CONTACTS, {"Contact Id": None, "First Name": "Ann"}, AT, None)
