"""What the matrix by person walks over: an office whose contacts are one agent's, another's and nobody's."""

import json
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import requests
from pydantic import SecretStr
from websockets.sync.client import ClientConnection, connect

from jorge_data.events import KINDS
from jorge_data.permissions import Caller
from jorge_data.server.auth.tokens import Identity
from tests.events.examples import FULL
from tests.server.clients import receive
from tests.server.inside import Inside

OWN, FOREIGN = "office", "elsewhere"
AGENT, ANOTHER = "u-ann", "u-bob"

Whose = Literal["own", "anothers", "nobodys"]
AGENTS: dict[Whose, str | None] = {"own": AGENT, "anothers": ANOTHER, "nobodys": None}
"""Whose each contact is."""


class Somebody(NamedTuple):
    """A caller: a role, and perhaps as which agent he works."""

    role: Caller
    agent_id: str | None = None


PEOPLE: dict[str, tuple[Somebody, frozenset[str]]] = {
    "viewer": (Somebody("viewer"), frozenset()),
    "a viewer who is an agent of the CRM": (Somebody("viewer", AGENT), frozenset()),
    "agent": (Somebody("agent", AGENT), frozenset({"own", "nobodys"})),
    "another agent": (Somebody("agent", ANOTHER), frozenset({"anothers", "nobodys"})),
    "an agent of no contact": (Somebody("agent", "u-new"), frozenset({"nobodys"})),
    "an agent's token that is bound to none": (Somebody("agent"), frozenset(AGENTS)),
    "manager": (Somebody("manager", AGENT), frozenset(AGENTS)),
    "admin": (Somebody("admin", AGENT), frozenset(AGENTS)),
    "publisher": (Somebody("publisher", AGENT), frozenset()),
}
"""Each person, and whose contacts he sees."""

UNSAID = ("assigned_to", "merged_into", "deleted", "to")
"""Fields that would say whose something is, or take a contact out of every list."""

_numbers = count(1)


def canary(whose: Whose) -> str:
    """Return the word that stands in everything that tells of a contact, and nowhere else."""
    return f"canary-of-{whose}"


def contact(whose: Whose) -> str:
    return f"c-{canary(whose)}"


def analysis(whose: Whose, location: str) -> str:
    return f"a-{canary(whose)}-{location}"


def about(whose: Whose, kind: str, /, location: str = OWN, **data: Any) -> dict[str, Any]:
    """Return an event of a kind about a contact, whose every word has its canary."""
    word, name = canary(whose), f"event-{next(_numbers)}"
    words = dict.fromkeys(("body", "next_step", "current_step", "name", "note", "phone", "summary"), f"Maria {word}")
    own: dict[str, Any] = {"deal_id": f"d-{word}", "conversation_id": f"v-{word}", "contact_id": contact(whose)}
    match kind:
        case "bot_status_update":
            own |= {"bot_type": f"bot-{whose}", "status": "error", "error_message": f"no answer from {word}"}
        case "system_health_update":
            own |= {"component": f"part-{whose}", "status": "down", "error_message": f"no write of {word}"}
            own |= {"metrics": {"last": word}}
        case "attention_update":
            own |= {"item": f"hot:{contact(whose)}", "action": "snoozed", "until": "2026-11-23T18:00:00Z"}
        case "intent_analysis_complete":
            name = analysis(whose, location) if "id" not in data else data.pop("id")
        case "intent_feedback":
            own = {"analysis_id": analysis(whose, location)}
            words = {}
        case "annotation":
            words = {"label": f"Maria {word}"}
            own |= {"from": "2020-01-01", "to": None, "annotation_id": f"m-{word}"}  # long before what a chart shows
        case "contact_update":
            own |= {"changed": {"phone": {"from": None, "to": f"+1555-{word}"}}}
    example = {field: value for field, value in FULL[kind].items() if field not in UNSAID}
    return {
        "id": name,
        "source": "bots",
        "type": kind,
        "locationid": location,
        "subject": None if kind == "intent_feedback" else contact(whose),
        "data": {**example, **words, **own, **data},
    }


def assigned(whose: Whose, agent: str | None, location: str = OWN) -> dict[str, Any]:
    """Return the event by which the CRM says whose a contact is now."""
    changed = {"assigned_to": {"from": None, "to": agent}}
    return about(whose, "contact_update", location, changed=changed)


class PeoplesOffice:
    """An event server with every kind of event about an agent's own, another's and nobody's contact, at two offices."""

    def __init__(self, folder: Path) -> None:
        self.inside = Inside(folder, {"anonymous": "off", "workflow_secret": SecretStr("a workflow's secret, long")})
        self.url = self.inside.url
        self.session = requests.Session()
        self.admin = Somebody("admin")

    def __enter__(self) -> Self:
        self.inside.__enter__()
        for location in (OWN, FOREIGN):
            for whose, agent in AGENTS.items():
                said = [assigned(whose, agent, location)] if agent else []
                kinds = [about(whose, kind, location) for kind in KINDS]
                # Without the contact: it is known by the deal alone.
                deal = about(whose, "commission_update", location, contact_id=None) | {"subject": None}
                assert self.publish(*said, *kinds, deal).status_code == 200
                bad = about(whose, "conversation_event", location, kind="shouted")
                assert self.publish(bad).status_code == 422
        return self

    def __exit__(self, *raised: Any) -> None:
        self.session.close()
        self.inside.__exit__(*raised)

    def token(self, somebody: Somebody, bound: str | None = None, name: str = "ann") -> str:
        identity = Identity(agent_id=somebody.agent_id)
        return self.inside.tokens.issue(somebody.role, name, 3600, bound, identity)  # type: ignore[arg-type]

    def publish(self, *events: dict[str, Any], by: Somebody | None = None, name: str = "ann") -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token(by or self.admin, name=name if by else 'the CRM')}"}
        return self.session.post(f"{self.url}/events", json=list(events), headers=headers, timeout=20)

    def ask(
        self, method: str, path: str, somebody: Somebody, bound: str | None = None, **given: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token(somebody, bound)}", **given.pop("headers", {})}
        return self.session.request(method, self.url + path, headers=headers, timeout=20, **given)

    def connect(self, stack: ExitStack, somebody: Somebody, bound: str | None = None) -> ClientConnection:
        """Return a socket that has been greeted."""
        headers = {"Authorization": f"Bearer {self.token(somebody, bound)}"}
        options: dict[str, Any] = {"additional_headers": headers, "proxy": None, "max_size": None}
        client: ClientConnection = stack.enter_context(connect(self.url.replace("http", "ws"), **options))
        assert receive(client)["type"] == "connected"
        return client

    def oldest(self, location: str = OWN) -> dict[str, Any]:
        """Return the cursor before the first event."""
        return {"epoch": self.ask("GET", f"/events?location={location}", self.admin).json()["epoch"], "seq": 0}


def seen_in(text: object) -> frozenset[str]:
    """Return whose contacts an answer tells of."""
    written = text if isinstance(text, str) else json.dumps(text)
    return frozenset(whose for whose in AGENTS if canary(whose) in written)
