"""Somebody found by what is typed: words in any order, without accents, and a number however it is written."""

import sqlite3
from contextlib import closing

import orjson
import pytest

from jorge_data.store import EntityFilter, EntityRow, SQLiteStore, Store, StoredRow
from tests.store.conftest import Open, sqlite_only
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
        ("512–555–0143", ["c1"]),
        ("512\u2011555\u20110143", ["c1"]),
        ("512\u00a0555\u00a00143", ["c1"]),
        ("+1.512.555.0143;ext=12", ["c1"]),
        ("Tel. 512/555-0143 x12", ["c1"]),
        ("Phone: (512) 555 0143", ["c1"]),
        ("001 512 555 0143", ["c1"]),
        ("1 512 555 0143", ["c1"]),
        ("555-0143", ["c1"]),
        ("+49 (0)30 12345678", ["c2"]),
        ("+1 830 555 0199", ["c3"]),
        ("mailto:jose@example.com", ["c1"]),
        ("<jose@example.com>", ["c1"]),
        ("030 12345678", ["c2"]),
        ("0049 30 12345678", ["c2"]),
        ("011 49 30 12345678", ["c2"]),
        ("830-555", ["c3"]),
        ("jose 512", ["c1"]),
        ("jose 830", []),
        ("12", []),
        ("512 555 9999", []),
        ("'", []),
        ("<", []),
        ("p512@example.com", []),
        ("id-512", []),
    ],
)
def test_who_is_meant_is_found(log: Log, typed: str, contacts: list[str]) -> None:
    which = EntityFilter("contact", (0, 99), text=typed)
    with log.store.view("a") as view:
        rows = view.entities.page(which, "name", None, False, 9, ("contact_id",))
        assert view.entities.count(which) == len(rows)
    assert sorted(contact for _, (contact,) in rows) == contacts


@pytest.mark.parametrize(
    ("typed", "first"),
    [("ann", "n1"), ("lee", "n1"), ("n3", "n3"), ("ann@x.example", "n2"), ("(512) 555-0100", "n3"), ("0100", "n3")],
)
def test_who_is_meant_most_likely_stands_first_of_all_not_of_the_newest_alone(
    store: Store, typed: str, first: str
) -> None:
    """The oldest of 300 of whom each is called so, too."""
    meant = [
        row("n1", "Ann Lee", "+18305550101", None),
        row("n2", "Joanna Cole", None, "ann@x.example"),
        row("n3", "Maria Kim", "+15125550100", None),
    ]
    others = [row(f"o{n}n3", f"Hannah Ashlee {n}", f"+1512555010{n % 10}9", "joann@x.example.com") for n in range(300)]
    log = Log(store)
    log.flush(entities=[*meant, *(each._replace(at=6) for each in others)])
    which = EntityFilter("contact", (0, 99), text=typed)
    with log.store.view("a") as view:
        key, (contact,) = view.entities.page(which, "match", None, True, 1, ("contact_id",))[0]
        following = view.entities.page(which, "match", key, True, 999, ("contact_id",))
        assert len(following) == view.entities.count(which) - 1
    assert contact == first


def test_of_equals_the_one_with_the_newest_event_stands_first(store: Store) -> None:
    log = Log(store)
    log.flush(
        entities=[row(name, f"Ann {name}", None, None)._replace(at=at) for name, at in (("a", 5), ("b", 7), ("c", 6))]
    )
    with log.store.view("a") as view:
        which = EntityFilter("contact", (0, 99), text="ann")
        assert [key for _, (key,) in view.entities.page(which, "match", None, True, 9, ("contact_id",))] == [
            "b",
            "c",
            "a",
        ]


@sqlite_only
def test_whoever_is_erased_is_found_by_what_is_left_alone(opened: Open) -> None:
    store = opened()
    assert isinstance(store, SQLiteStore)
    log = Log(store)
    log.flush(entities=[row(contact, *about) for contact, about in PEOPLE.items()])
    (stored, *_) = [each for each in next(store.erasures.rows("entities", "a")) if each["key"] == "c1"]
    summary = orjson.dumps({"contact_id": "c1", "name": "Erased", "phone": None, "email": None}).decode()
    store.erasures.change("entities", [StoredRow(stored["id"], {"name": "Erased", "summary": summary})])
    with log.store.view("a") as view:
        found = [
            view.entities.count(EntityFilter("contact", (0, 99), text=text)) for text in ("nunez", "0143", "jose@")
        ]
        assert found == [0, 0, 0]
        assert view.entities.count(EntityFilter("contact", (0, 99), text="erased")) == 1
    (stored, *_) = [each for each in next(store.erasures.rows("entities", "a")) if each["key"] == "c1"]
    assert "nunez" not in str(stored)


@sqlite_only
def test_a_store_of_before_the_index_is_searched_as_one_of_after(opened: Open) -> None:
    store = opened()
    assert isinstance(store, SQLiteStore)
    Log(store).flush(entities=[row(contact, *about) for contact, about in PEOPLE.items()])
    path = store.path
    store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP INDEX entities_sought")
        for column in ("sought", "digits"):
            connection.execute(f"ALTER TABLE entities DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0020'")
    with opened().view("a") as view:
        for text in ("nunez jose", "030 12345678", "h_l@example.com"):
            assert view.entities.count(EntityFilter("contact", (0, 99), text=text)) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT sought, digits FROM entities ORDER BY key").fetchall() == [
            ("\njose nunez\nc1\njose@example.com\n", "\n15125550143\n"),
            ("\nann lee\nc2\nann.lee@example.com\n", "\n493012345678\n"),
            ("\nлев толстои\nc3\n\n", "\n8305550199\n"),
            ("\nhannah 100%\nc4\nh_l@example.com\n", ""),
        ]


def test_a_blank_search_finds_everybody(log: Log) -> None:
    with log.store.view("a") as view:
        assert view.entities.count(EntityFilter("contact", (0, 99), text="  ")) == len(PEOPLE)
