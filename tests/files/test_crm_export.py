"""GoHighLevel's own exports are imported as its webhooks tell it, once however often, and never over newer news."""

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from jorge_data.bots import Client
from jorge_data.files import FileRefused, Office, import_file
from tests.files.conftest import contents
from tests.files.test_importing import refused_lines

OFFICE = Office(None, ZoneInfo("America/Chicago"))
CONTACTS = (
    "Contact Id,First Name,Last Name,Business Name,Phone,Email,Created,Last Activity,Tags,DND,Seller Motivation\n"
    "aBxgRqvijWmQ8Vgi2lgV,José,Núñez,,+15125550100,jose@example.com,2026-06-08T10:28:39-07:00,Jul 22 2026 02:09 PM,"
    '"hot-seller, buyer",false,divorce\n'
    "5OMR029hnaKCj5bHDl6i,Ann,,Acme,+15125550101,,2026-06-02T14:28:05-07:00,,,true,\n"
)
OPPORTUNITIES = (
    "Opportunity name,Contact Name,phone,email,pipeline,stage,Lead Value,source,assigned,Created on,Updated on,"
    "lost reason ID,lost reason name,Followers,Notes,tags,Engagement score,status,Opportunity ID,Contact ID,"
    "Pipeline Stage ID,Pipeline ID\n"
    "12 Elm St,José Núñez,,jose@example.com,Sellers,Offer,3934,Email Campaign,u1,2026-06-23T16:54:01.082Z,"
    '2026-07-23T16:54:01.082Z,,,,"Sent contract\nagain",follow-up,0,open,op1,aBxgRqvijWmQ8Vgi2lgV,st1,p1\n'
    '9 Oak Ave,Ann,,,Sellers,Closed,"$250,000.50",,,2026-06-23T16:54:00.674Z,2026-07-24T16:54:00.674Z,,,,,,0,won,'
    "op2,5OMR029hnaKCj5bHDl6i,st2,p1\n"
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str, name: str = "export.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def test_contacts_become_updates_of_contacts(client: Client, location: str, write: Callable[[str], Path]) -> None:
    result = import_file(client, write(CONTACTS), location, office=OFFICE)
    assert str(result) == (
        "GoHighLevel's export of contacts, CSV (UTF-8, commas): 3 events kept, 0 known already, 0 refused"
    )
    first, second, opted_out = contents(client, location)
    assert (first["source"], first["time"], first["subject"]) == ("ghl", "2026-07-22T19:09:00Z", "aBxgRqvijWmQ8Vgi2lgV")
    assert first["data"]["name"] == "José Núñez"
    assert first["data"]["tags_added"] == ["hot-seller", "buyer"]
    changed = first["data"]["changed"]
    assert changed["phone"] == {"to": "+15125550100"}
    assert changed["email"] == {"to": "jose@example.com"}
    assert changed["seller_motivation"] == {"to": "divorce"}
    assert "first_seen" not in first["data"]
    assert (second["time"], second["data"]["changed"]["company_name"]) == ("2026-06-02T21:28:05Z", {"to": "Acme"})
    assert (opted_out["type"], opted_out["data"]["kind"]) == ("conversation_event", "opted_out")


def test_opportunities_become_deals(client: Client, location: str, write: Callable[[str], Path]) -> None:
    result = import_file(client, write(OPPORTUNITIES), location, office=OFFICE)
    assert str(result).startswith("GoHighLevel's export of opportunities, CSV (UTF-8, commas): 2 events kept")
    first, second = contents(client, location)
    assert (first["source"], first["type"], first["time"]) == (
        "ghl",
        "commission_update",
        "2026-07-23T16:54:01.082000Z",
    )
    wanted = {"deal_id": "op1", "deal_value": 3934, "status": "open", "stage": "Offer", "stage_id": "st1"}
    assert wanted.items() <= first["data"].items()
    assert first["data"]["contact_id"] == "aBxgRqvijWmQ8Vgi2lgV"
    assert first["data"]["created_at"] == "2026-06-23T16:54:01.082000+00:00"
    assert (second["data"]["deal_value"], second["data"]["status"]) == (250_000.5, "won")


@pytest.mark.parametrize("text", [CONTACTS, OPPORTUNITIES])
def test_the_same_rows_are_known_in_any_file_order_and_format(
    client: Client, location: str, write: Callable[..., Path], tmp_path: Path, text: str
) -> None:
    kept = import_file(client, write(text), location, office=OFFICE).kept
    header, *rows = csv.reader(text.splitlines(keepends=True))
    lines = [header, *reversed(rows)]
    book = openpyxl.Workbook()
    for row in lines:
        book.worksheets[0].append(row)
    book.save(tmp_path / "export.xlsx")
    with (tmp_path / "again.csv").open("w", newline="", encoding="utf-16") as file:
        csv.writer(file, delimiter="\t").writerows(lines)
    for path in (tmp_path / "export.xlsx", tmp_path / "again.csv"):
        result = import_file(client, path, location, office=OFFICE)
        assert (result.kept, result.duplicates, result.refused) == (0, kept, 0)


def test_a_row_that_changed_is_news_and_one_that_did_not_is_known(
    client: Client, location: str, write: Callable[[str], Path]
) -> None:
    import_file(client, write(CONTACTS), location, office=OFFICE)
    later = CONTACTS.replace("Jul 22 2026 02:09 PM", "Jul 23 2026 09:00 AM").replace("+15125550100", "+15125550199")
    result = import_file(client, write(later), location, office=OFFICE)
    assert (result.kept, result.duplicates) == (1, 2)


def test_an_older_export_changes_nothing_that_happened_since(
    client: Client, location: str, write: Callable[..., Path]
) -> None:
    told = {"source": "ghl", "time": "2026-08-01T12:00:00Z", "locationid": location}
    deal = {"deal_id": "op1", "deal_value": 5000, "status": "lost"}
    renamed = {"contact_id": "aBxgRqvijWmQ8Vgi2lgV", "name": "José N. Núñez", "changed": {}}
    deleted = {"contact_id": "5OMR029hnaKCj5bHDl6i", "changed": {"deleted": {"from": False, "to": True}}}
    client.publish(
        [
            {**told, "type": "commission_update", "data": deal},
            {**told, "type": "contact_update", "data": renamed},
            {**told, "type": "contact_update", "data": {**deleted, "deleted": True}},
        ]
    )
    import_file(client, write(CONTACTS, "contacts.csv"), location, office=OFFICE)
    import_file(client, write(OPPORTUNITIES, "opportunities.csv"), location, office=OFFICE)
    deals = client.request("GET", f"/api/table?location={location}&kind=deals&columns=deal_id,status,value&order=value")
    contacts = client.request("GET", f"/api/table?location={location}&kind=contacts&columns=contact_id,name")
    assert deals["rows"] == [["op1", "lost", 5000], ["op2", "won", 250_000.5]]
    assert contacts["rows"] == [["aBxgRqvijWmQ8Vgi2lgV", "José N. Núñez"]]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("2026-07-23T16:54:01.082Z", "7/23/2026 16:54", [("/Updated on", "'7/23/2026 16:54'")]),
        ("3934", "TBD", [("/Lead Value", "'TBD'")]),
        (",open,op1", ",maybe,op1", [("/status", "'maybe'")]),
        ("op1", "1.2E+15", [("/Opportunity ID", "'1.2E+15'")]),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_by_row_and_column_and_the_others_go_through(
    client: Client, location: str, write: Callable[[str], Path], old: str, new: str, faults: list[tuple[str, str]]
) -> None:
    path = write(OPPORTUNITIES.replace(old, new, 1))
    result = import_file(client, path, location, office=OFFICE)
    assert (result.kept, result.refused) == (1, 1)
    assert [(column, value) for _, column, value, _ in refused_lines(path)] == faults


def test_a_row_that_names_nobody_or_no_time_is_refused(
    client: Client, location: str, write: Callable[[str], Path]
) -> None:
    created = "2026-06-02T14:28:05-07:00"
    rows = [
        f",Ann,,{created}",
        "c1,Ann,,",
        f"c2,,,{created}",
        f"c3,Ann,maybe,{created}",
        "c4,Ann",
        f'c5,"A"n,,{created}',
    ]
    path = write("\n".join(["Contact Id,First Name,DND,Created", *rows, f"c6,Chris Null,yes,{created}"]))
    result = import_file(client, path, location, office=OFFICE)
    assert (result.kept, result.refused) == (2, 6)
    assert [(row, column) for row, column, _, _ in refused_lines(path)] == [
        (2, "/Contact Id"),
        (3, "/Created"),
        (4, ""),
        (5, "/DND"),
        (6, ""),
        (7, ""),
    ]
    assert {event["subject"] for event in contents(client, location)} == {"c6"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            OPPORTUNITIES.replace("Opportunity ID", "Number"),
            "export of opportunities without Opportunity ID; it has the",
        ),
        (
            "Contact Id,First Name\nc1,Ann\n",
            "export of contacts without a date; wanted is a column Updated, Last Activity",
        ),
    ],
)
def test_an_export_without_what_it_needs_is_refused_with_its_columns(
    client: Client, location: str, write: Callable[[str], Path], text: str, sentence: str
) -> None:
    with pytest.raises(FileRefused, match=sentence):
        import_file(client, write(text), location, office=OFFICE)


def test_an_export_needs_a_location_and_takes_the_offices_own(
    client: Client, location: str, write: Callable[[str], Path]
) -> None:
    with pytest.raises(
        FileRefused, match="export of contacts, which names no location; say with --location whose it is"
    ):
        import_file(client, write(CONTACTS), office=OFFICE)
    import_file(client, write(CONTACTS), office=Office(location, OFFICE.zone))
    assert len(contents(client, location)) == 3


def test_dates_of_a_workbook_are_in_the_offices_zone(client: Client, location: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows: list[list[Any]] = [
        ["Contact Id", "Phone", "Last Activity"],
        ["c1", 15125550100, datetime(2026, 7, 22, 14, 9)],
    ]
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "contacts.xlsx")
    import_file(client, tmp_path / "contacts.xlsx", location, office=OFFICE)
    (event,) = contents(client, location)
    assert (event["time"], event["data"]["changed"]["phone"]) == ("2026-07-22T19:09:00Z", {"to": "15125550100"})
