"""What the matrix of permissions walks over: an event server in this process, its callers, and every route."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Self

import requests
from pydantic import SecretStr
from starlette.routing import BaseRoute
from websockets.sync.client import ClientConnection, connect

from jorge_data.events import KINDS
from jorge_data.permissions import Caller, Right, may
from tests.events.examples import FULL
from tests.server.clients import receive
from tests.server.inside import Inside
from tests.waiting import wait_until

OWN, FOREIGN = "office", "elsewhere"
CANARY = "canary"
"""In everything that names a contact, and nowhere else: in no byte that a viewer gets."""

SECRET = "a workflow's secret, long enough"
OF_CONTACTS = {
    "contact_id": f"c1-{CANARY}",
    "body": f"I am Maria {CANARY}, call me",
    "next_step": f"call Maria {CANARY}",
    "current_step": f"asks Maria {CANARY} for the price",
    "name": f"Maria {CANARY}",
    "note": f"Maria {CANARY} is out",
    "phone": f"+15125550142-{CANARY}",
}
_numbers = count(1)


def event(kind: str, location: str = OWN, **attributes: Any) -> dict[str, Any]:
    """Return an event of a kind whose every word of a contact has the canary, also where no kind expects one."""
    data = {**FULL[kind], **OF_CONTACTS}
    if kind == "bot_status_update":
        data["error_message"] = f"no answer from Maria {CANARY}"
    if kind == "system_health_update":
        data |= {"error_message": f"no write of Maria {CANARY}", "metrics": {"last": f"Maria {CANARY}"}}
    name = f"event-{next(_numbers)}"
    subject = OF_CONTACTS["contact_id"]
    envelope = {"id": name, "source": "bots", "type": kind, "locationid": location, "subject": subject}
    return {**envelope, "data": data, **attributes}


class Office:
    """An event server with one event of every kind in each of two locations, and with what failed and was refused."""

    def __init__(self, folder: Path, anonymous: bool) -> None:
        given = {"anonymous": "read" if anonymous else "off", "workflow_secret": SecretStr(SECRET)}
        self.anonymous = anonymous
        self.inside = Inside(folder, given)
        self.url = self.inside.url
        self.session = requests.Session()

    def __enter__(self) -> Self:
        self.inside.__enter__()
        for location in (OWN, FOREIGN):
            assert self.publish(*(event(kind, location) for kind in KINDS)).status_code == 200
            bad = event("conversation_event", location, data={"body": f"Maria {CANARY}"})
            assert self.publish(bad).status_code == 422
            self._fail_a_delivery(location)
        return self

    def __exit__(self, *raised: Any) -> None:
        self.session.close()
        self.inside.__exit__(*raised)

    def publish(self, *events: dict[str, Any]) -> requests.Response:
        return self.ask("POST", "/events", "admin", json=list(events))

    def headers(self, role: Caller, location: str | None = None) -> dict[str, str]:
        """Return how a caller comes: with a token of this role, or with none."""
        if role == "anonymous":
            return {}
        return {"Authorization": f"Bearer {self.inside.tokens.issue(role, 'ann', 3600, location)}"}

    def ask(self, method: str, path: str, role: Caller, bound: str | None = None, **given: Any) -> requests.Response:
        headers = {**self.headers(role, bound), **given.pop("headers", {})}
        return self.session.request(method, self.url + path, headers=headers, timeout=20, **given)

    def connect(self, stack: ExitStack, role: Caller, bound: str | None = None) -> ClientConnection:
        """Return a socket that has been greeted."""
        url = self.url.replace("http", "ws")
        options: dict[str, Any] = {"additional_headers": self.headers(role, bound), "proxy": None, "max_size": None}
        client: ClientConnection = stack.enter_context(connect(url, **options))
        assert receive(client)["type"] == "connected"
        return client

    def may(self, role: Caller, right: Right) -> bool:
        """Return whether a role has a right by the table, or by anonymous reading where this is on."""
        if role == "anonymous":
            return self.anonymous and may(role, right)
        return may(role, right) or (self.anonymous and not may(role, Right.READ) and may("anonymous", right))

    def reader(self, role: Caller) -> Caller:
        return role if may(role, Right.READ) else "anonymous"

    def _fail_a_delivery(self, location: str) -> None:
        body = {"contact_id": f"x-{CANARY}" * 20, "location_id": location, "full_name": f"Maria {CANARY}"}
        headers = {"X-Jorge-Webhook-Secret": SECRET}
        assert self.ask("POST", "/webhooks/ghl/workflow", "anonymous", json=body, headers=headers).status_code == 200

        def failed() -> bool:
            listed = self.ask("GET", f"/api/deliveries?location={location}", "admin").json()["deliveries"]
            return bool(listed) and listed[0]["state"] == "failed"

        wait_until(failed)


class Route(NamedTuple):
    """A route: the right that it takes, and what to ask; `{location}` stands for one, in path, query or body.

    Without a right it is open to everybody, or (`vendor`) only to a vendor's signature. `everywhere`: for a token that
    is bound to no location. `off`: the detail of the refusal of whoever may, where there is nothing to do. `kind`: the
    kind that the query asks for by name.
    """

    right: Right | None
    query: str = ""
    body: Any = None
    path: str = ""
    everywhere: bool = False
    vendor: bool = False
    off: str = ""
    kind: str = ""


HERE = "?location={location}"
FIGURES = f"{HERE}&kind=bot_status_update"
TOKEN = {"role": "viewer", "subject": "ann", "location": "{location}"}
USER = {"role": "viewer", "location": "{location}", "name": "ann"}
DOWNLOAD = {"act": "export", "page": "system", "part": "list", "format": "csv", "rows": 3, "location": "{location}"}
VIEW = {"name": "this week", "page": "explore", "parameters": {}, "shared": True}
DASHBOARD = {"instance": "office:3000", "started": "2026-12-01T09:00:00Z", "status": "healthy"}
WEBHOOKS = ("ghl", "ghl/workflow", "retell")
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/"): Route(None),
    ("GET", "/ws"): Route(None),
    ("OPTIONS", "/events"): Route(None),
    ("GET", "/docs"): Route(None),
    ("GET", "/docs/{name}"): Route(None, path="/docs/begin.js"),
    ("GET", "/openapi.json"): Route(None),
    ("GET", "/health"): Route(None),
    ("GET", "/health/ready"): Route(None),
    **{("POST", f"/webhooks/{name}{end}"): Route(None, vendor=True) for name in WEBHOOKS for end in ("", "/")},
    **{
        (method, f"/webhooks/{name}{end}"): Route(None)
        for method in ("GET", "OPTIONS")
        for name in WEBHOOKS
        for end in ("", "/")
    },
    ("GET", "/socket.io/"): Route(None, "?EIO=4&transport=polling"),  # a handshake; who connects is asked for a token
    ("POST", "/socket.io/"): Route(None),
    ("OPTIONS", "/socket.io/"): Route(None),
    ("GET", "/events"): Route(Right.READ, f"{HERE}&after=oldest"),
    ("GET", "/events/stream"): Route(Right.READ, f"{HERE}&after=oldest"),
    ("GET", "/api/dashboard/metrics"): Route(Right.READ, HERE),
    ("GET", "/api/alerts"): Route(Right.SEE_CONTACTS, HERE),
    ("GET", "/api/series"): Route(Right.READ, FIGURES, kind="bot_status_update"),
    ("GET", "/api/table"): Route(Right.READ, FIGURES, kind="bot_status_update"),
    ("GET", "/api/contacts/{contact:path}/timeline"): Route(
        Right.TIMELINE, HERE, path=f"/api/contacts/{OF_CONTACTS['contact_id']}/timeline"
    ),
    ("GET", "/api/contacts/{contact:path}/card"): Route(
        Right.TIMELINE, HERE, path=f"/api/contacts/{OF_CONTACTS['contact_id']}/card"
    ),
    ("GET", "/api/contacts/{contact:path}/export"): Route(
        Right.EXPORT_CONTACT, HERE, path=f"/api/contacts/{OF_CONTACTS['contact_id']}/export"
    ),
    # One whom nobody knows: the others' rows of the matrix need the one that is known.
    ("POST", "/api/contacts/{contact:path}/erase"): Route(Right.ERASE, HERE, path="/api/contacts/nobody/erase"),
    ("GET", "/api/locations"): Route(Right.READ),
    ("GET", "/api/sources"): Route(Right.READ, HERE),
    ("GET", "/api/deliveries"): Route(Right.DELIVERIES, HERE),
    ("GET", "/api/refusals"): Route(Right.REFUSALS, HERE),
    ("GET", "/api/system"): Route(Right.SYSTEM, everywhere=True),
    ("GET", "/metrics"): Route(Right.METRICS, everywhere=True),
    ("GET", "/api/tokens"): Route(Right.TOKENS),
    ("GET", "/api/audit"): Route(Right.AUDIT, HERE),
    ("GET", "/api/audit/export"): Route(Right.AUDIT, HERE),
    ("GET", "/api/audit/warnings"): Route(Right.AUDIT, everywhere=True),
    ("GET", "/api/audit/verify"): Route(Right.AUDIT, everywhere=True),
    ("POST", "/api/audit"): Route(Right.READ, body=DOWNLOAD),
    ("GET", "/api/views"): Route(Right.READ),
    ("PUT", "/api/views"): Route(Right.VIEWS, body=VIEW),
    ("DELETE", "/api/views/{id}"): Route(Right.VIEWS, path="/api/views/999999"),
    ("POST", "/events"): Route(Right.PUBLISH, body=[event("bot_status_update", "{location}")]),
    ("POST", "/api/deliveries/retranslate"): Route(Right.RETRANSLATE, HERE),
    ("POST", "/api/sync/ghl"): Route(Right.SYNCHRONIZE, off="the synchronization is off"),
    ("POST", "/api/components/dashboard"): Route(Right.REPORT, body=DASHBOARD),
    ("POST", "/api/rollups/rebuild"): Route(Right.REBUILD, HERE),
    ("POST", "/api/retention/run"): Route(Right.RETENTION, everywhere=True),
    ("POST", "/api/tokens"): Route(Right.TOKENS, body=TOKEN),
    # Made nowhere, and so of no location: an admin of one has it not.
    ("DELETE", "/api/tokens/{jti:path}"): Route(Right.TOKENS, path="/api/tokens/nobodys", everywhere=True),
    # What they name is not there: who may is told so, by 401 with another code, or 404.
    **{
        ("POST", f"/api/{path}"): Route(Right.SESSIONS, body=body, everywhere=True)
        for path, body in {
            "sessions": {"name": "nobody", "password": "of nobody at all"},
            "sessions/current": {"session": "none"},
            "sessions/used": {"sessions": []},
            "sessions/token": {"session": "none", "location": "{location}"},
            "sessions/end": {"session": "none"},
            "sessions/password": {"session": "none", "old": "of nobody at all", "new": "of nobody at all"},
            "invitations/first": {},
            "invitations/use": {"invitation": "none", "password": "of nobody at all"},
        }.items()
    },
    ("GET", "/api/colleagues"): Route(Right.ASSIGN, HERE),
    ("GET", "/api/users"): Route(Right.USERS, everywhere=True),
    ("POST", "/api/users"): Route(Right.USERS, body=USER, everywhere=True),
    ("PUT", "/api/users/{name:path}/grants"): Route(
        Right.USERS, body={"grants": []}, path="/api/users/nobody/grants", everywhere=True
    ),
    **{
        ("POST", f"/api/users/{{name:path}}/{act}"): Route(
            Right.USERS, path=f"/api/users/nobody/{act}", everywhere=True
        )
        for act in ("disable", "enable", "reset")
    },
    ("DELETE", "/api/locations/{location}"): Route(Right.REMOVE_OFFICE, path="/api/locations/{location}"),
}
"""Each route of the server by its method and path. A route that is not here fails the matrix."""


def routes(registered: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Return the method and path of each route of an application, `WS` for a socket."""
    for route in registered:
        if included := getattr(route, "original_router", None):
            yield from routes(included.routes)
            continue
        path: str = route.path  # type: ignore[attr-defined]
        for method in getattr(route, "methods", None) or {"WS"}:
            if method != "HEAD":
                yield method, path


def fill(template: Any, location: str) -> Any:
    """Return a path, query or body with a location put in."""
    return json.loads(json.dumps(template).replace("{location}", location))
