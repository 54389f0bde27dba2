"""Somebody found by what is typed: words in any order, without accents, and a number however it is written."""

import orjson
import pytest

from jorge_data.store import EntityFilter, EntityRow, Store
from tests.store.test_rollups import Log

PEOPLE = {
    "c1": ("José Núñez", "+15125550143", "jose@example.com"),
    "c2": ("Ann Lee", "+493012345678", "Ann.Lee@Example.com"),
    "c3": ("Лев Толстой", "(830) 555-0199 home", None),
    "c4": ("Hannah 100%", None, "h_l@example.com"),
}


def row(contact: str, name: str, phone: str | None, email: str | None) -> EntityRow:
    summary = orjson.dumps({"contact_id": contact, "name": name, "phone": phone, "email": email}).decode()
    return EntityRow("contact", contact, 5, name, None, None, summary, b"s")


@pytest.fixture
def log(store: Store) -> Log:
    log = Log(store)
    log.flush(entities=[row(contact, *about) for contact, about in PEOPLE.items()])
    return log


@pytest.mark.parametrize(
    ("typed", "contacts"),
    [
        ("jose", ["c1"]),
        ("NUÑEZ", ["c1"]),
        ("nunez jose", ["c1"]),
        ("ann", ["c2", "c4"]),
        ("lee ann", ["c2"]),
        ("ann.lee@example.com", ["c2"]),
        ("ТОЛСТОЙ", ["c3"]),
        ("100%", ["c4"]),
        ("_", ["c4"]),
        ("C4", ["c4"]),
        ("(512) 555-0143", ["c1"]),
        ("512.555.0143", ["c1"]),
        ("+1 512 555 0143", ["c1"]),
        ("1-512-555-0143", ["c1"]),
        ("5125550143 ext. 12", ["c1"]),
        ("tel:+15125550143", ["c1"]),
        ("٥١٢ ٥٥٥ ٠١٤٣", ["c1"]),
        ("\u202a512-555-0143\u202c", ["c1"]),
        ("0143", ["c1"]),
        ("030 12345678", ["c2"]),
        ("0049 30 12345678", ["c2"]),
        ("011 49 30 12345678", ["c2"]),
        ("830-555", ["c3"]),
        ("jose 512", ["c1"]),
        ("jose 830", []),
        ("12", []),
        ("512 555 9999", []),
        ("'", []),
    ],
)
def test_who_is_meant_is_found(log: Log, typed: str, contacts: list[str]) -> None:
    which = EntityFilter("contact", (0, 99), text=typed)
    with log.store.view("a") as view:
        rows = view.entities.page(which, "name", None, False, 9, ("contact_id",))
        assert view.entities.count(which) == len(rows)
    assert sorted(contact for _, (contact,) in rows) == contacts


def test_a_blank_search_finds_everybody(log: Log) -> None:
    with log.store.view("a") as view:
        assert view.entities.count(EntityFilter("contact", (0, 99), text="  ")) == len(PEOPLE)
