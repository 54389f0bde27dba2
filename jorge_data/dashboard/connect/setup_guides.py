"""Setup guides: for each source what to set and what to paste, up to its first event; there are no blanks to fill in.

Secrets appear only as names of variables: `$TOKEN`, and the settings' own names.
"""

import json
from typing import NamedTuple
from urllib.parse import urlsplit

from jorge_data.dashboard.startup_message import curl
from jorge_data.settings import Settings

SHELL, PYTHON, JAVASCRIPT = "shell", "python", "javascript"


class SetupStep(NamedTuple):
    """What to do, and what to paste for it; a step without code is done elsewhere."""

    words: str
    code: str = ""
    language: str = SHELL


class SetupGuide(NamedTuple):
    """The steps of one source; its light turns green with an event of this `source`, or with one of these `inputs`.

    Inputs are the names in `GET /api/sources`.
    """

    title: str
    steps: tuple[SetupStep, ...]
    source: str = ""
    inputs: tuple[str, ...] = ()


def setup_guides(settings: Settings) -> tuple[SetupGuide, ...]:
    """Return every guide, for this event server and this office, the quickest first."""
    api, office = settings.events_url, settings.location
    return (
        SetupGuide(
            "curl",
            (SetupStep("In the shell where TOKEN is:", curl(api, "$TOKEN", _event("my-shell", office))),),
            "my-shell",
        ),
        SetupGuide("Python", _python(api, office), "my-bot"),
        SetupGuide("LangGraph", _langgraph(api, office), "my-graph"),
        SetupGuide("GoHighLevel", _ghl(api, bool(settings.public_url)), inputs=("ghl", "ghl-workflow", "ghl-sync")),
        SetupGuide("Retell", _retell(api), inputs=("retell",)),
        SetupGuide("Redis", _redis(settings.redis_stream, office), "my-redis", ("redis",)),
    )


def addresses(settings: Settings) -> list[dict[str, str]]:
    """Return a row for each address of the event server."""
    api = settings.events_url
    return [
        {"what": what, "address": address}
        for what, address in (
            ("Websocket", settings.events_socket_url),
            ("Publish and poll", f"{api}/events"),
            ("Server-sent events", f"{api}/events/stream"),
            ("Socket.IO", api),
            ("GoHighLevel app", f"{api}/webhooks/ghl"),
            ("GoHighLevel workflow", f"{api}/webhooks/ghl/workflow"),
            ("Retell", f"{api}/webhooks/retell"),
        )
    ]


def listening(settings: Settings) -> tuple[SetupStep, ...]:
    """Return how to subscribe to events in a shell, and in a front end."""
    bearer = '-H "Authorization: Bearer $TOKEN"'
    subscribe = json.dumps({"type": "subscribe", "location": settings.location})
    stream = f"{settings.events_url}/events/stream?location={settings.location}"
    return (
        SetupStep("The websocket:", f"wscat -c {settings.events_socket_url} {bearer} -w 60 -x '{subscribe}'"),
        SetupStep("Without a websocket, as server-sent events:", f'curl -N {bearer} "{stream}"'),
        SetupStep(
            "In a front end, by socket.io-client; it comes back by itself and misses nothing:",
            _socket_io(settings),
            JAVASCRIPT,
        ),
    )


def api_page(settings: Settings) -> tuple[SetupStep, ...]:
    """Return where every route is described."""
    if not settings.public_url:
        words = "Kinds of event, limits and every question that can be asked are on the event server's own page:"
        return (SetupStep(words),)
    command = f'curl -H "Authorization: Bearer $TOKEN" {settings.events_url}/openapi.json'
    return (SetupStep("Kinds of event, limits and every question that can be asked, as OpenAPI:", command),)


def _socket_io(settings: Settings) -> str:
    public, office = settings.public_address, settings.location
    # The client takes a path in its address for a namespace: where the server is beneath one, it is an option.
    api, path = (str(public.origin), urlsplit(public.events_url).path) if public else (settings.api_url, "")
    option = f'\n  path: "{path}/socket.io/",' if path else ""
    return f"""import {{ io }} from "socket.io-client";

const position = {{}}; // of the last event, to come back behind it
const socket = io("{api}", {{{option}
  auth: (send) => send({{ token: process.env.TOKEN, location: "{office}", ...position }}),
}});
socket.on("subscribed", ({{ epoch, recovered, top }}) => recovered || Object.assign(position, {{ epoch, seq: top }}));
socket.onAny((kind, {{ epoch, seq }}) => seq && Object.assign(position, {{ epoch, seq }}));
socket.on("bot_status_update", (event) => console.log(event.bot_type, event.status, event.current_step));
socket.on("connect_error", (error) => console.error(error.message));
"""


def _event(source: str, office: str) -> str:
    data = {"bot_type": "jorge-seller", "status": "active", "current_step": "hello"}
    event = {"source": source, "type": "bot_status_update", "locationid": office, "data": data}
    return json.dumps(event, separators=(",", ":"))


def _python(api: str, office: str) -> tuple[SetupStep, ...]:
    code = f"""import os

from jorge_data.bots import Publisher

with Publisher("{api}", os.environ["TOKEN"], source="my-bot", location="{office}") as publisher:
    publisher.bot_status(bot_type="jorge-seller", status="active", current_step="hello")
    print("delivered" if publisher.flush() else publisher.trouble)
"""
    return (
        SetupStep("In .venv/bin/python. What is published while the server is away is delivered later:", code, PYTHON),
    )


def _langgraph(api: str, office: str) -> tuple[SetupStep, ...]:
    code = f"""import os
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from jorge_data.bots import Publisher
from jorge_data.bots.langgraph import ProgressHandler


class State(TypedDict):
    name: str


builder = StateGraph(State)
builder.add_node("greet", lambda state: {{"name": state["name"].title()}})
builder.add_edge(START, "greet")
builder.add_edge("greet", END)

with Publisher("{api}", os.environ["TOKEN"], source="my-graph", location="{office}") as publisher:
    handler = ProgressHandler(publisher, bot_type="jorge-seller")
    graph = builder.compile().with_config(callbacks=[handler])
    graph.invoke({{"name": "dana"}})
    print("delivered" if publisher.flush() else publisher.trouble)
"""
    return (
        SetupStep(
            "Two lines with the handler make a graph visible; its nodes stay as they are:",
            code,
            PYTHON,
        ),
        SetupStep("A whole seller bot with its four questions:", ".venv/bin/python -m examples.seller_bot"),
    )


GHL_EVENTS = (
    "Contact: Create, Update, Delete, DndUpdate, TagUpdate",
    "Opportunity: Create, Update, Delete, StageUpdate, StatusUpdate, MonetaryValueUpdate, AssignedToUpdate",
    "InboundMessage, OutboundMessage, ConversationUnreadUpdate, LCEmailStats",
    "Appointment: Create, Update, Delete",
    "Task: Create, Complete, Delete; Note: Create, Update, Delete; User: Create, Update",
)
GHL_SCOPES = ("contacts.readonly", "opportunities.readonly", "locations/customFields.readonly")
NOT_REACHED = (
    "GoHighLevel cannot reach this machine by the name localhost: put the event server behind a public name of yours"
    " with https, and set JORGE_PUBLIC_URL to it. The addresses below are then the ones to enter."
)


def _ghl(api: str, is_public: bool) -> tuple[SetupStep, ...]:
    hello = json.dumps({"type": "bot_status_update", "data": {"bot_type": "jorge-seller", "status": "active"}})
    command = (
        f'curl -X POST {api}/webhooks/ghl/workflow -H "X-Jorge-Webhook-Secret: $JORGE_WORKFLOW_SECRET"'
        f" -H 'Content-Type: application/json' -d '{hello}'"
    )
    return (
        SetupStep(
            "No token of step 1 is needed here. What is set is set in the environment or in .env, and read when the"
            " event server starts. Of these three ways one is enough; all of them is in docs/integrations.md."
        ),
        *(() if is_public else (SetupStep(NOT_REACHED),)),
        SetupStep(
            "A. A workflow, for what you choose. Set a secret of 16 characters or more, and start the server again:",
            "JORGE_WORKFLOW_SECRET=<your secret>",
            "text",
        ),
        SetupStep(
            "In GoHighLevel: Automation, Workflows, Create workflow. Add the triggers (contact created or changed,"
            " customer replied, appointment, opportunity, task, note), then the action Webhook: method POST,"
            " this address, this header. Save and publish it.",
            f"{api}/webhooks/ghl/workflow\nX-Jorge-Webhook-Secret: <as in JORGE_WORKFLOW_SECRET>",
            "text",
        ),
        SetupStep("To try the secret from here:", command),
        SetupStep(
            "B. A Marketplace app, for everything; GoHighLevel signs it, so nothing is set here. At"
            " marketplace.gohighlevel.com, in your app's settings, enter this address for its webhooks, switch on these"
            " events, and install the app in the sub-account:",
            "\n".join((f"{api}/webhooks/ghl", *GHL_EVENTS)),
            "text",
        ),
        SetupStep(
            "C. The API, for names of fields and stages and for what webhooks missed, every few minutes. In the"
            f" sub-account: Settings, Private Integrations, Create new integration, with the scopes"
            f" {', '.join(GHL_SCOPES)}; copy the token, which is shown once. The location id stands in the browser's"
            " address behind /location/. Set both:",
            "JORGE_GHL_TOKEN=<the token>\nJORGE_GHL_LOCATION=<the location id>",
            "text",
        ),
        SetupStep("To read it at once:", ".venv/bin/python -m jorge_data sync ghl"),
    )


def _retell(api: str) -> tuple[SetupStep, ...]:
    signed = f"""BODY='{{"event":"connect_test","call":{{}}}}'; AT=$(date +%s)000
SUM=$(printf '%s' "$BODY$AT" | openssl dgst -sha256 -hmac "$JORGE_RETELL_API_KEY" -r | cut -d' ' -f1)
curl -X POST {api}/webhooks/retell -H "X-Retell-Signature: v=$AT,d=$SUM" -d "$BODY\""""
    return (
        SetupStep("In Retell's dashboard, the account's or an agent's webhook address, behind your own public name:"),
        SetupStep("", f"{api}/webhooks/retell", "text"),
        SetupStep(
            "Who is called: name the contact in each call; else the phone number tells.",
            '"metadata": {"contact_id": "…"}',
            "text",
        ),
        SetupStep("To try the key from here, without a call:", signed),
    )


def _redis(stream: str, office: str) -> tuple[SetupStep, ...]:
    added = f"redis-cli -u \"$JORGE_REDIS_URL\" XADD {stream} '*' event '{_event('my-redis', office)}'"
    return (
        SetupStep("One entry of the stream is one event; it is acknowledged once it is on disk:", added),
        SetupStep("To see the traffic:", f'redis-cli -u "$JORGE_REDIS_URL" MONITOR | grep {stream}'),
    )
