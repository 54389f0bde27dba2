"""Whose a contact is, and which contacts an event names; the store decides the same in SQL (`store/sql`)."""

from collections.abc import Mapping, Set
from typing import Any, NamedTuple

ANOTHERS = "this contact is another agent's: allowed are your own contacts, and who is nobody's"
"""The refusal of an agent who asks for another's contact, or acts on it."""

_OF_NO_CONTACT = ("bot", "component")
"""What an item of "Needs you" is about where it is not about a contact."""


def assignment_in(data: Mapping[str, Any]) -> str | None:
    """Return the agent that a contact_update gives its contact to, "" where it gives it to nobody.

    None where it says nothing of it. A field that changed to null says that the contact is nobody's; `assigned_to` that
    is null says nothing, as every field of the contract that is null.
    """
    agent = data.get("assigned_to")
    if isinstance(agent, str):
        return agent
    changed = data.get("changed")
    change = changed.get("assigned_to") if isinstance(changed, dict) else None
    if not isinstance(change, dict) or "to" not in change:
        return None
    agent = change["to"]
    return "" if agent is None else agent if isinstance(agent, str) else None


class NamedContacts(NamedTuple):
    """The contacts that an event names, and the deal or the analysis that it is about, which belong to contacts."""

    contacts: frozenset[str]
    deal: str | None = None
    analysis: str | None = None

    def are_hidden_from(
        self,
        agent: str,
        agents: Mapping[str, str],
        deals: Mapping[str, str],
        analyses: Mapping[str, Set[str]],
    ) -> bool:
        """Return whether one of them is another agent's, or nobody knows whose analysis it is.

        `agents`: whose contacts are; `deals` and `analyses`: of which contacts those are.
        """
        contacts = self.contacts
        if self.deal is not None and (contact := deals.get(self.deal)):
            contacts |= {contact}
        if self.analysis is not None:
            if self.analysis not in analyses:
                return True
            contacts |= analyses[self.analysis]
        return any(agents.get(contact, "") not in ("", agent) for contact in contacts)


def contacts_named(kind: str, subject: Any, data: Mapping[str, Any]) -> NamedContacts:
    """Return which contacts an event of a kind names: a name ends at U+0000, as in the store."""
    named = [subject, data.get("contact_id")]
    if kind == "attention_update" and isinstance(item := data.get("item"), str):
        sort, colon, about = item.partition(":")
        if not colon or sort not in _OF_NO_CONTACT:
            named.append(about if colon else item)
    contacts = frozenset(name.split("\0")[0] for name in named if isinstance(name, str) and name)
    deal = data.get("deal_id") if kind == "commission_update" else None
    analysis = data.get("analysis_id") if kind == "intent_feedback" else None
    return NamedContacts(
        contacts, deal if isinstance(deal, str) else None, analysis if isinstance(analysis, str) else None
    )
