"""Whose each contact is, by the newest event that says so, and what an agent sees because of it.

An event is seen where every contact that it names is the agent's own, or nobody's: the subject, the `contact_id`, who
an item of "Needs you" is about, the contact of its deal or of the analysis that it labels. `NamedContacts` says the
same in Python.
"""

import sqlite3
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, bindparam, text

from jorge_data.events.assignment import NamedContacts
from jorge_data.store.event_filter import VisibleTo
from jorge_data.store.sqlite.json_rows import CACHED
from jorge_data.store.sqlite.tables import AGENT, assignments, deal_contacts

TABLES = assignments, deal_contacts

_HIDDEN = (
    "EXISTS (SELECT 1 FROM assignments AS a"
    " WHERE a.log = <row>.log AND a.contact = <contact> AND a.agent NOT IN ('', :agent))"
)
"""Whether a contact is another agent's: false of one that is nobody's, and of none."""

_ITEM = "events.body ->> '$.data.item'"
_ABOUT = f"CASE WHEN {_ITEM} NOT GLOB 'bot:*' AND {_ITEM} NOT GLOB 'component:*'"
_ABOUT += f" THEN substr({_ITEM}, instr({_ITEM}, ':') + 1) END"
_DEAL = "(SELECT d.contact FROM deal_contacts AS d WHERE d.log = <row>.log AND d.deal = <deal>)"
_ANALYSES = "FROM events AS n WHERE n.log = <row>.log AND n.type = 'intent_analysis_complete' AND n.id = <analysis>"


def _hidden(contact: str, row: str = "events") -> str:
    return _HIDDEN.replace("<contact>", contact).replace("<row>", row)


def _deal(deal: str, row: str) -> str:
    return _DEAL.replace("<deal>", deal).replace("<row>", row)


def _analyses(analysis: str, row: str) -> str:
    return _ANALYSES.replace("<analysis>", analysis).replace("<row>", row)


_OF_HIDDEN = f"({_hidden('n.subject', 'n')} OR {_hidden('n.contact', 'n')})"


def _unseen_analysis(analysis: str, row: str) -> str:
    """Return whether a label is of another's analysis, or of one that is not there: nobody knows whose that is."""
    of = _analyses(analysis, row)
    return f"(NOT EXISTS (SELECT 1 {of}) OR EXISTS (SELECT 1 {of} AND {_OF_HIDDEN}))"


AT_ONCE = 2_000
"""Rows that are read at once where all are: whoever reads JSON gives the interpreter up at its end, 1 ms later."""

_EVENTS = {
    "attention_update": _hidden(_ABOUT),
    "commission_update": _hidden(_deal("events.body ->> '$.data.deal_id'", "events")),
    "intent_feedback": _unseen_analysis("events.body ->> '$.data.analysis_id'", "events"),
}
"""What hides an event of these kinds beside its subject and its contact."""

_OF_CONVERSATION = """NOT EXISTS (
    SELECT 1 FROM entities AS c WHERE c.log = facts.log AND c.family = 'conversation' AND c.key = facts.entity
    AND json_extract(CAST(c.state AS TEXT), '$[6]') <> '{}'
    AND NOT EXISTS (SELECT 1 FROM json_each(CAST(c.state AS TEXT), '$[6]') AS k WHERE <hidden>))"""
"""Whether a contact of a conversation is another's, or none is known; where `Conversation.dump` puts them."""
_FACTS = {
    "contact": _hidden("facts.entity", "facts"),
    "deal": _hidden(_deal("facts.entity", "facts"), "facts"),
    "conversation": _OF_CONVERSATION.replace("<hidden>", _hidden("k.key", "c")),
    "analysis": _unseen_analysis("facts.entity", "facts"),
}
"""What hides a fact, by whose it is."""

_ENTITIES = {
    "contact": _hidden("entities.key", "entities"),
    "deal": _hidden(_deal("entities.key", "entities"), "entities"),
}


def _seen(*hidden: str, agent: str) -> TextClause:
    clause = " AND ".join(f"NOT {each}" for each in hidden)
    return text(f"({clause})").bindparams(bindparam("agent", agent, unique=True))


@lru_cache(CACHED)
def visible_events(visible: VisibleTo) -> TextClause:
    """Return the clause that is true of the events of a kind that an agent sees."""
    further = (_EVENTS[visible.of],) if visible.of in _EVENTS else ()
    return _seen(_hidden("events.subject"), _hidden("events.contact"), *further, agent=visible.agent)


@lru_cache(CACHED)
def visible_facts(visible: VisibleTo) -> TextClause:
    """Return the clause that is true of the facts that an agent sees."""
    return _seen(_FACTS[visible.of], agent=visible.agent)


@lru_cache(CACHED)
def visible_entities(visible: VisibleTo) -> TextClause:
    """Return the clause that is true of the contacts or deals that an agent sees."""
    return _seen(_ENTITIES[visible.of], agent=visible.agent)


Assigned = tuple[str, str, int, int]
"""A contact and its agent, or a deal and its contact; the time and the position of the event that says so."""

_AGENTS_OF = (
    "SELECT a.contact, a.agent FROM json_each(?) AS name CROSS JOIN assignments AS a"
    " ON a.log = ? AND a.contact = name.value WHERE a.agent <> ''"
)
_CONTACTS_OF = (
    "SELECT d.deal, d.contact FROM json_each(?) AS name CROSS JOIN deal_contacts AS d"
    " ON d.log = ? AND d.deal = name.value"
)
_CONTACTS_OF_ANALYSES = (
    "SELECT n.id, n.subject, n.contact FROM json_each(?) AS name CROSS JOIN events AS n INDEXED BY events_analysis"
    " ON n.log = ? AND n.type = 'intent_analysis_complete' AND n.id = name.value"
)
MOST_LOST = 10_000
"""Most contacts that one reader is told to forget at once."""

_LOST = """
SELECT a.contact FROM assignments AS a
WHERE a.log = :log AND a.seq > :after AND a.agent NOT IN ('', :agent)
AND EXISTS (SELECT 1 FROM events AS e WHERE e.log = :log AND e.subject = a.contact AND e.seq <= :after)
AND coalesce((
    SELECT <agent> FROM events AS e INDEXED BY events_subject
    WHERE e.log = :log AND e.subject = a.contact AND e.seq <= :after AND e.type = 'contact_update'
    AND <agent> IS NOT NULL ORDER BY e.time DESC, e.seq DESC LIMIT 1), '') IN ('', :agent)
ORDER BY a.seq LIMIT :limit
""".replace("<agent>", AGENT.replace("<row>", "e"))
_HIDDEN_POSITIONS = (
    "SELECT e.seq FROM json_each(:positions) AS name CROSS JOIN events AS e ON e.log = :log AND e.seq = name.value"
    " WHERE <subject> OR <contact>"
)
_HIDDEN_POSITIONS = _HIDDEN_POSITIONS.replace("<subject>", _hidden("e.subject", "e"))
_HIDDEN_POSITIONS = _HIDDEN_POSITIONS.replace("<contact>", _hidden("e.contact", "e"))
_EVERY = (
    "SELECT json_group_array(json_array(contact, agent, at, seq)) FROM"
    " (SELECT contact, agent, at, seq FROM assignments WHERE log = ? AND contact > ? ORDER BY contact LIMIT ?)"
)
_EVERY_DEAL = (
    "SELECT json_group_array(json_array(deal, contact, at, seq)) FROM"
    " (SELECT deal, contact, at, seq FROM deal_contacts WHERE log = ? AND deal > ? ORDER BY deal LIMIT ?)"
)


def agents_of(driver: sqlite3.Connection, log: int, contacts: Collection[str]) -> dict[str, str]:
    """Return whose these contacts are, without those that are nobody's."""
    return dict(driver.execute(_AGENTS_OF, (_json(contacts), log)).fetchall()) if contacts else {}


def contacts_of_deals(driver: sqlite3.Connection, log: int, deals: Collection[str]) -> dict[str, str]:
    """Return the contact of each of these deals that has one."""
    return dict(driver.execute(_CONTACTS_OF, (_json(deals), log)).fetchall()) if deals else {}


def contacts_of_analyses(driver: sqlite3.Connection, log: int, ids: Collection[str]) -> dict[str, set[str]]:
    """Return the contacts that each of these analyses names; without those that the log has not, or no more."""
    named: dict[str, set[str]] = {}
    for identifier, *contacts in driver.execute(_CONTACTS_OF_ANALYSES, (_json(ids), log)) if ids else ():
        named.setdefault(identifier, set()).update(contact for contact in contacts if contact)
    return named


def lost(driver: sqlite3.Connection, log: int, agent: str, after: int) -> list[str]:
    """Return the contacts that an agent saw as of a position, and sees no more: the first MOST_LOST of them."""
    values = {"log": log, "agent": agent, "after": after, "limit": MOST_LOST}
    return [row[0] for row in driver.execute(_LOST, values)]


def hidden_positions(driver: sqlite3.Connection, log: int, positions: Collection[int], agent: str) -> set[int]:
    """Return those of the events at these positions whose subject or contact is another's than this agent's."""
    values = {"positions": orjson.dumps(list(positions)).decode(), "log": log, "agent": agent}
    return {row[0] for row in driver.execute(_HIDDEN_POSITIONS, values)} if positions else set()


def owners(
    driver: sqlite3.Connection, log: int, named: Collection[NamedContacts]
) -> tuple[dict[str, str], dict[str, str], dict[str, set[str]]]:
    """Return whose contacts are, and of which contacts deals and analyses, of all that is named."""
    deals = contacts_of_deals(driver, log, {each.deal for each in named if each.deal is not None})
    analyses = contacts_of_analyses(driver, log, {each.analysis for each in named if each.analysis is not None})
    contacts = {contact for each in named for contact in each.contacts}
    return agents_of(driver, log, contacts.union(deals.values(), *analyses.values())), deals, analyses


def every(driver: sqlite3.Connection, log: int) -> tuple[list[Assigned], list[Assigned]]:
    """Return whose each contact of a log is, and of which contact each deal."""
    return _all_of(driver, log, _EVERY), _all_of(driver, log, _EVERY_DEAL)


def _all_of(driver: sqlite3.Connection, log: int, query: str) -> list[Assigned]:
    rows: list[Assigned] = []
    last = ""
    while page := orjson.loads(driver.execute(query, (log, last, AT_ONCE)).fetchone()[0]):
        rows += page
        last = page[-1][0]
    return rows


_COPY = "INSERT INTO {} SELECT ?1, value ->> 0, value ->> 1, 0, 0 FROM json_each(?2)"


def others_of(driver: sqlite3.Connection, log: int, agent: str) -> dict[str, list[Any]]:
    """Return the rows of what an agent does not see, each with the statement that inserts them elsewhere."""
    agents, deals = every(driver, log)
    hidden = [row[:2] for row in agents if row[1] not in ("", agent)]
    names = {contact for contact, _ in hidden}
    return {
        _COPY.format("assignments"): hidden,
        _COPY.format("deal_contacts"): [row[:2] for row in deals if row[1] in names],
    }


def _json(names: Collection[str]) -> str:
    return orjson.dumps(list(names)).decode()
