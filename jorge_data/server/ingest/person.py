"""What a person's token may publish: in that person's name, and about his own contacts."""

from collections.abc import Sequence

from jorge_data.errors import EventRefused, Fault, Forbidden
from jorge_data.events import Candidate, Event
from jorge_data.events.assignment import ANOTHERS, assignment_in, contacts_named
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.auth.claims import Claims
from jorge_data.store import Store

_SPEAKERS = {"attention_update": "by", "intent_feedback": "labelled_by"}
"""The kinds of event by which a person acts, and the field that says who."""


def require_person(event: Event, claims: Claims) -> None:
    """Raise Forbidden where a person's token speaks for another, or gives something to whom it may not assign to."""
    data, agent = event.data, claims.rights.agent_id
    speaker = _SPEAKERS.get(event.type)
    if speaker is not None and (claims.session is not None or claims.agent_id is not None):
        own = dict.fromkeys((claims.subject, claims.shown_name))
        if (given := data.get(speaker)) is not None and given not in own:
            raise Forbidden(f"{speaker} is {show(given)}: allowed is whose the token is, {' or '.join(own)}")
    if event.type == "attention_update" and data.get("to") not in (None, data["by"]):
        claims.require(Right.ASSIGN)
    if event.type == "contact_update" and agent is not None:
        gives = assignment_in(data) not in (None, agent)
        if gives or data.get("deleted") is not None or data.get("merged_into") is not None:
            claims.require(Right.ASSIGN)


def own_contacts_alone(
    admitted: Sequence[Candidate | EventRefused], agent: str, store: Store
) -> list[Candidate | EventRefused]:
    """Return what was admitted, with a refusal in place of each event about another agent's contact."""
    checked = list(admitted)
    by_location: dict[str, list[tuple[int, Event]]] = {}
    for number, each in enumerate(admitted):
        if isinstance(each, Candidate):
            by_location.setdefault(each.event.locationid, []).append((number, each.event))
    for location, events in by_location.items():
        named = [contacts_named(event.type, event.subject, event.data) for _, event in events]
        for (number, event), hidden in zip(events, store.hidden(location, named, agent), strict=True):
            if hidden:
                checked[number] = EventRefused([Fault("", "forbidden", ANOTHERS)], event.id)
    return checked
