"""Searching a hundred thousand contacts by the index, beside reading it out of each contact's JSON, in the same run.

The second is how it was done until migration 0021. Each search is a page of eight, who is meant first, and the count.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from bench.machine import describe, spread
from jorge_data.events import Cursor
from jorge_data.store import EntityFilter, EntityRow, Flush, Store, Watermark, open_store
from tests.store.office import keep

CONTACTS = 100_000
SEED = 1
RUNS = 15
PAGE = 8
FIRST = ["Ann", "Bob", "José", "Maria", "Grace", "Luis", "Núria", "Theo", "Priya", "Hector"]
LAST = ["Lee", "Boyle", "Núñez", "Ortega", "Kim", "Cole", "Brandt", "Maddox", "Toledo", "Pruitt"]
SEARCHES = {
    "two names": "grace toledo",
    "a name with accents": "nunez",
    "a number": "512 009-9999",
    "an e-mail": "p99999@example.com",
    "nobody": "nobody at all",
}

TEXT = "lower(name || char(10) || key || char(10) || coalesce(summary ->> '$.email', ''))"
DIGITS = "replace(replace(replace(replace(coalesce(summary ->> '$.phone', ''), ' ', ''), '-', ''), '(', ''), ')', '')"
OF_OFFICE = "FROM entities WHERE log = 1 AND family = 'contact' AND at >= 1 AND "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    given = parser.parse_args()
    print(describe(), f"seed {SEED}, {given.contacts:,} contacts, {RUNS} runs by turns", sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.db"
        with closing(open_store(f"sqlite:///{path}", lambda commit: None)) as store:
            fill(store, given.contacts)
            with closing(sqlite3.connect(path)) as connection:
                for name, text in SEARCHES.items():
                    compare(name, partial(by_index, store, text), partial(by_json, connection, text))


def fill(store: Store, contacts: int) -> None:
    """Write the contacts, as a fold would."""
    keep(store, "a", "e1")
    epoch, chance, mark = store.bounds("a").epoch, random.Random(SEED), None
    for first in range(0, contacts, 10_000):
        rows = [contact(number, chance) for number in range(first, min(contacts, first + 10_000))]
        following = Watermark(Cursor(epoch, 1), f"rules {first}")
        assert store.flush("a", Flush(mark, following, entities=rows)).result(60)
        mark = following


def contact(number: int, chance: random.Random) -> EntityRow:
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}"
    about: dict[str, Any] = {
        "contact_id": f"c{number}",
        "name": name,
        "phone": f"+1512{number:07d}",
        "email": f"p{number}@example.com",
    }
    about |= {"temperature": "hot", "answered": 3, "effectiveness": 70, "stalled": False, "outcome": "open"}
    about |= {"next_step": "call now about the price", "messages": 4, "address": "14 Elm St", "value": 412_500}
    return EntityRow("contact", f"c{number}", number + 1, name, None, None, orjson.dumps(about).decode(), b"s" * 800)


def by_index(store: Store, text: str) -> int:
    which = EntityFilter("contact", (1, 1 << 60), text=text)
    with store.view("a") as view:
        view.entities.page(which, "match", None, True, PAGE, ("contact_id", "name", "phone", "email"))
        return view.entities.count(which)


def by_json(connection: sqlite3.Connection, text: str) -> int:
    digits = "".join(filter(str.isdigit, text))
    sought = [f"instr({TEXT}, '{word}') > 0" for word in text.split()]
    where = (
        " AND ".join(sought) if "@" in text or len(digits) < 7 else f"({sought[0]} OR instr({DIGITS}, '{digits}') > 0)"
    )
    connection.execute(f"SELECT at, id, summary {OF_OFFICE}{where} ORDER BY at DESC LIMIT {PAGE}").fetchall()
    return int(connection.execute(f"SELECT count(*) {OF_OFFICE}{where}").fetchone()[0])


def compare(name: str, new: Callable[[], int], old: Callable[[], int]) -> None:
    taken: dict[str, list[float]] = {"by index": [], "by JSON": []}
    for _ in range(RUNS):
        for way, search in (("by index", new), ("by JSON", old)):
            begun = time.perf_counter()
            search()
            taken[way].append(1000 * (time.perf_counter() - begun))
    ratio = statistics.median(taken["by JSON"]) / statistics.median(taken["by index"])
    spreads = "; ".join(f"{way} {spread(times, 'ms')}" for way, times in taken.items())
    print(f"{name}: {spreads}; {ratio:.0f} ×")


if __name__ == "__main__":
    main()
