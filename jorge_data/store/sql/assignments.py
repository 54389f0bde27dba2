"""Whose each contact is, by the newest event that says so, and what an agent sees because of it.

An event is seen where every contact that it names is the agent's own, or nobody's: the subject, the `contact_id`, who
an item of "Needs you" is about, the contact of its deal or of the analysis that it labels. `NamedContacts` says the
same in Python.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Executable, TextClause, bindparam, select, text

from jorge_data.events.assignment import NamedContacts
from jorge_data.store.event_filter import VisibleTo
from jorge_data.store.sql.driver import CACHED, AllRows, all_rows
from jorge_data.store.sql.tables import assignments, deal_contacts

TABLES = assignments, deal_contacts

Ask = Callable[[Executable, Mapping[str, Any]], list[tuple[Any, ...]]]
"""What returns the rows of a statement: `driver.fetch` on a connection."""

_HIDDEN = (
    "EXISTS (SELECT 1 FROM assignments AS a"
    " WHERE a.log = <row>.log AND a.contact = <contact> AND a.agent NOT IN ('', :agent))"
)
"""Whether a contact is another agent's: false of one that is nobody's, and of none."""

_ITEM = "event_field(events.body, 'item')"
_ABOUT = f"CASE WHEN substr({_ITEM}, 1, 4) <> 'bot:' AND substr({_ITEM}, 1, 10) <> 'component:'"
_ABOUT += f" THEN substr({_ITEM}, strpos({_ITEM}, ':') + 1) END"
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
    "commission_update": _hidden(_deal("event_field(events.body, 'deal_id')", "events")),
    "intent_feedback": _unseen_analysis("event_field(events.body, 'analysis_id')", "events"),
}
"""What hides an event of these kinds beside its subject and its contact."""

_OF_CONVERSATION = """NOT EXISTS (
    SELECT 1 FROM entities AS c WHERE c.log = facts.log AND c.family = 'conversation' AND c.key = facts.entity
    AND state_contacts(c.state) <> '{}'
    AND NOT EXISTS (SELECT 1 FROM state_contact_ids(c.state) AS k WHERE <hidden>))"""
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

_AGENTS_OF = text(
    "SELECT a.contact, a.agent FROM texts(:names) AS name CROSS JOIN assignments AS a"
    " WHERE a.log = :log AND a.contact = name.value AND a.agent <> ''"
)
_CONTACTS_OF = text(
    "SELECT d.deal, d.contact FROM texts(:names) AS name CROSS JOIN deal_contacts AS d"
    " WHERE d.log = :log AND d.deal = name.value"
)
_CONTACTS_OF_ANALYSES = text(
    "SELECT n.id, n.subject, n.contact FROM texts(:names) AS name CROSS JOIN events AS n /* by events_analysis */"
    " WHERE n.log = :log AND n.type = 'intent_analysis_complete' AND n.id = name.value"
)
MOST_LOST = 10_000
"""Most contacts that one reader is told to forget at once."""

_LOST = text("""
SELECT a.contact FROM assignments AS a
WHERE a.log = :log AND a.seq > :after AND a.agent NOT IN ('', :agent)
AND EXISTS (SELECT 1 FROM events AS e WHERE e.log = :log AND e.subject = a.contact AND e.seq <= :after)
AND coalesce((
    SELECT event_agent(e.body) FROM events AS e /* by events_subject */
    WHERE e.log = :log AND e.subject = a.contact AND e.seq <= :after AND e.type = 'contact_update'
    AND event_agent(e.body) IS NOT NULL ORDER BY e.time DESC, e.seq DESC LIMIT 1), '') IN ('', :agent)
ORDER BY a.seq LIMIT :limit
""")
_HIDDEN_POSITIONS = (
    "SELECT e.seq FROM numbers(:positions) AS name CROSS JOIN events AS e"
    " WHERE e.log = :log AND e.seq = name.value AND (<subject> OR <contact>)"
)
_HIDDEN_POSITIONS = _HIDDEN_POSITIONS.replace("<subject>", _hidden("e.subject", "e"))
_HIDDEN_POSITIONS_OF = text(_HIDDEN_POSITIONS.replace("<contact>", _hidden("e.contact", "e")))
_EVERY, _EVERY_DEAL = (
    AllRows(
        select(*(table.c[name] for name in (key, value, "at", "seq")))
        .where(table.c.log == bindparam("log"), table.c[key] > bindparam("after"))
        .order_by(table.c[key])
        .limit(bindparam("limit"))
    )
    for table, key, value in ((assignments, "contact", "agent"), (deal_contacts, "deal", "contact"))
)


def agents_of(ask: Ask, log: int, contacts: Collection[str]) -> dict[str, str]:
    """Return whose these contacts are, without those that are nobody's."""
    return dict(ask(_AGENTS_OF, {"names": _json(contacts), "log": log})) if contacts else {}


def contacts_of_deals(ask: Ask, log: int, deals: Collection[str]) -> dict[str, str]:
    """Return the contact of each of these deals that has one."""
    return dict(ask(_CONTACTS_OF, {"names": _json(deals), "log": log})) if deals else {}


def contacts_of_analyses(ask: Ask, log: int, ids: Collection[str]) -> dict[str, set[str]]:
    """Return the contacts that each of these analyses names; without those that the log has not, or no more."""
    named: dict[str, set[str]] = {}
    for identifier, *contacts in ask(_CONTACTS_OF_ANALYSES, {"names": _json(ids), "log": log}) if ids else ():
        named.setdefault(identifier, set()).update(contact for contact in contacts if contact)
    return named


def lost(ask: Ask, log: int, agent: str, after: int) -> list[str]:
    """Return the contacts that an agent saw as of a position, and sees no more: the first MOST_LOST of them."""
    values = {"log": log, "agent": agent, "after": after, "limit": MOST_LOST}
    return [row[0] for row in ask(_LOST, values)]


def hidden_positions(ask: Ask, log: int, positions: Collection[int], agent: str) -> set[int]:
    """Return those of the events at these positions whose subject or contact is another's than this agent's."""
    values = {"positions": orjson.dumps(list(positions)).decode(), "log": log, "agent": agent}
    return {row[0] for row in ask(_HIDDEN_POSITIONS_OF, values)} if positions else set()


def owners(
    ask: Ask, log: int, named: Collection[NamedContacts]
) -> tuple[dict[str, str], dict[str, str], dict[str, set[str]]]:
    """Return whose contacts are, and of which contacts deals and analyses, of all that is named."""
    deals = contacts_of_deals(ask, log, {each.deal for each in named if each.deal is not None})
    analyses = contacts_of_analyses(ask, log, {each.analysis for each in named if each.analysis is not None})
    contacts = {contact for each in named for contact in each.contacts}
    return agents_of(ask, log, contacts.union(deals.values(), *analyses.values())), deals, analyses


def every(connection: Connection, log: int) -> tuple[list[Assigned], list[Assigned]]:
    """Return whose each contact of a log is, and of which contact each deal."""
    return _all_of(connection, log, _EVERY), _all_of(connection, log, _EVERY_DEAL)


def _all_of(connection: Connection, log: int, statement: AllRows) -> list[Assigned]:
    rows: list[Assigned] = []
    last = ""
    while page := all_rows(connection, statement, {"log": log, "after": last, "limit": AT_ONCE}):
        rows += [(name, of, at, seq) for name, of, at, seq in page]
        last = rows[-1][0]
    return rows


def others_of(connection: Connection, log: int, agent: str) -> dict[str, list[tuple[str, str]]]:
    """Return what an agent does not see, of contacts and of deals, by their tables."""
    agents, deals = every(connection, log)
    hidden = [row[:2] for row in agents if row[1] not in ("", agent)]
    names = {contact for contact, _ in hidden}
    return {"assignments": hidden, "deal_contacts": [row[:2] for row in deals if row[1] in names]}


def _json(names: Collection[str]) -> str:
    return orjson.dumps(list(names)).decode()
