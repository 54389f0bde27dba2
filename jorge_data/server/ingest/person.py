"""What a person's token may publish: in that person's name; the commit sees to it that it is about his own contacts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from jorge_data.errors import Forbidden
from jorge_data.events import Candidate, Event
from jorge_data.events.assignment import assignment_in
from jorge_data.events.encoding import encode, show
from jorge_data.permissions import Right
from jorge_data.server.auth.claims import Claims

_SPEAKERS = {"attention_update": "by", "intent_feedback": "labelled_by", "annotation": "by"}
"""The kinds of event by which a person acts, and the field that says who."""


def require_person(event: Event, claims: Claims) -> None:
    """Raise Forbidden where a person's token speaks for another, or gives something to whom it may not assign to."""
    data, agent = event.data, claims.rights.agent_id
    speaker = _SPEAKERS.get(event.type)
    if speaker is not None and (claims.session is not None or claims.agent_id is not None):
        own = dict.fromkeys((claims.subject, claims.shown_name))
        if (given := data.get(speaker)) is not None and given not in own:
            raise Forbidden(f"{speaker} is {show(given)}: allowed is whose the token is, {' or '.join(own)}")
        if given is None and event.type == "annotation":  # it stands on every chart, with the name of who marked it
            raise Forbidden(f"{speaker} is missing: required is whose the token is, {' or '.join(own)}")
        if event.type == "attention_update":
            _require_own_agent(data, claims, own)
    if event.type == "attention_update" and data.get("to") not in (None, data["by"]):
        claims.require(Right.ASSIGN)
    if event.type == "contact_update" and agent is not None:
        gives = assignment_in(data) not in (None, agent)
        if gives or data.get("deleted") is not None or data.get("merged_into") is not None:
            claims.require(Right.ASSIGN)


def signed(candidate: Candidate, claims: Claims) -> Candidate:
    """Return an act with as which agent of the CRM its person works, and his name, where it does not say so.

    By his token, which has both as they are now: a page may have them from before he was renamed.
    """
    event, data = candidate.event, candidate.event.data
    if event.type != "attention_update" or (claims.session is None and claims.agent_id is None):
        return candidate
    own = {"agent_id": claims.agent_id, "agent_name": claims.name if claims.name != claims.subject else None}
    missing = {name: value for name, value in own.items() if value and data.get(name) is None}
    if not missing:
        return candidate
    told = event._replace(data={**data, **missing})
    return replace(candidate, event=told, body=encode(told))


def _require_own_agent(data: Mapping[str, Any], claims: Claims, own: Iterable[str]) -> None:
    """Raise Forbidden where a person acts as another agent of the CRM, or by another's name."""
    if (agent := data.get("agent_id")) not in (None, claims.agent_id):
        raise Forbidden(f"agent_id is {show(agent)}: allowed is whose the token is, {claims.agent_id or 'no agent'}")
    if (name := data.get("agent_name")) not in (None, *own):
        raise Forbidden(f"agent_name is {show(name)}: allowed is whose the token is, {' or '.join(own)}")
