"""The one table of who may do what: role × right × kind. The server and the dashboard decide by it alone.

What has no row here is refused: a new kind, figure or page is hidden from every role until it gets one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

Role = Literal["publisher", "dashboard", "viewer", "agent", "manager", "admin"]
"""The role of a token. A publisher is a bot: it writes, and reads nothing. A dashboard lets people in, sees
how far the logs are, and asks all else with their tokens."""

AskedRole = Literal["publisher", "viewer", "agent", "manager", "admin"]
"""The role of a token that an admin makes: a dashboard's is made from the secret, where that is."""

Person = Literal["viewer", "agent", "manager", "admin"]
"""The role of a user of the dashboard."""

Caller = Role | Literal["anonymous"]
"""The role of a request to the event server; anonymous is one from this machine, where it may read without a token."""


class Rights(NamedTuple):
    """What two readers must share to be answered alike: a role, and of the role agent which agent he is bound to be."""

    role: Caller
    agent_id: str | None = None


ROLES: tuple[Role, ...] = get_args(Role)
CALLERS: tuple[Caller, ...] = ("viewer", "agent", "manager", "admin", "publisher", "dashboard", "anonymous")
"""Every caller, in the order of the table's columns."""


class Right(StrEnum):
    """What may be done, in the words of a refusal: "the role viewer may not …"."""

    READ = "read events and figures"
    SEE_CONTACTS = "see contacts, conversations and money"
    TIMELINE = "open a contact's timeline"
    DELIVERIES = "see what vendors delivered"
    DELIVERY_BODIES = "see why a delivery failed, with its body"
    REFUSALS = "see what was refused, word for word"
    PUBLISH = "publish"
    ACT = "act on what needs you"
    LABEL = "label analyses"
    SYNCHRONIZE = "synchronize with the CRM"
    RETRANSLATE = "translate deliveries again"
    SYSTEM = "see the event server's own figures"
    METRICS = "read /metrics"
    REPORT = "report how a dashboard is"
    REBUILD = "rebuild rollups"
    RETENTION = "run the retention"
    REMOVE_OFFICE = "remove an office"
    TOKENS = "make, list or revoke tokens"
    AUDIT = "read the audit log"
    SESSIONS = "let people in"
    USERS = "see and change who may come in"
    ASSIGN = "assign to others"
    VIEWS = "save views"
    EXPORT_CONTACT = "export all that is known of a contact"
    ERASE = "erase a contact"


_ADMIN: frozenset[Caller] = frozenset({"admin"})
_MANAGERS: frozenset[Caller] = _ADMIN | {"manager"}
_STAFF: frozenset[Caller] = _MANAGERS | {"agent"}
_PEOPLE: frozenset[Caller] = _STAFF | {"viewer"}
_INSIDERS: frozenset[Caller] = _STAFF | {"anonymous"}
"""The callers that see contacts: anonymous reading is of this machine alone, and of all that is on it."""
_READERS: frozenset[Caller] = _INSIDERS | {"viewer"}

RIGHTS: Mapping[Right, frozenset[Caller]] = MappingProxyType(
    {
        Right.READ: _READERS | {"dashboard"},  # of no kind, and of the figures those alone that tell how far a log is
        Right.SEE_CONTACTS: _INSIDERS,
        Right.TIMELINE: _INSIDERS,
        Right.DELIVERIES: _READERS,
        Right.DELIVERY_BODIES: _STAFF,
        Right.REFUSALS: _STAFF,
        Right.PUBLISH: _STAFF | {"publisher"},
        Right.ACT: _STAFF,
        Right.LABEL: _STAFF,
        # Its progress has totals and the CRM's own errors, with ids of contacts: not for who reads nothing.
        Right.SYNCHRONIZE: _STAFF,
        Right.RETRANSLATE: _MANAGERS,
        Right.SYSTEM: _MANAGERS | {"anonymous"},
        Right.METRICS: _MANAGERS | {"anonymous"},
        Right.REPORT: _MANAGERS | {"dashboard"},
        Right.REBUILD: _ADMIN,
        Right.RETENTION: _ADMIN,
        Right.REMOVE_OFFICE: _ADMIN,
        Right.TOKENS: _ADMIN,
        Right.AUDIT: _ADMIN,
        Right.SESSIONS: frozenset({"dashboard"}),
        Right.USERS: _ADMIN,
        Right.ASSIGN: _MANAGERS,
        Right.VIEWS: _STAFF,
        Right.EXPORT_CONTACT: _MANAGERS,
        Right.ERASE: _ADMIN,
    }
)
"""Each right and who has it. A token that is bound to a location has it there alone, one bound to sources publishes as
these alone; the server's own figures, /metrics, the retention, users and their sessions are of all locations, and for a
token that is bound to none. So is whether the audit log is whole, and what in it is of no location."""

OF_ALL_OFFICES: frozenset[Right] = frozenset(
    {Right.SYSTEM, Right.METRICS, Right.RETENTION, Right.USERS, Right.SESSIONS}
)
"""The rights that a token or a person has where bound to no location, and nowhere else."""

OF_EVERYBODY = frozenset({Right.DELIVERY_BODIES, Right.REFUSALS, Right.SYNCHRONIZE})
"""Rights over what could not be understood, or was not yet: nobody knows about whose contact it is. An agent who is
bound to his own contacts has none of them."""

_OF_CONTACTS = (
    # Events
    *("jorge_qualification_progress", "lead_bot_sequence_update", "intent_analysis_complete", "conversation_event"),
    *("property_alert", "commission_update", "contact_update", "attention_update", "intent_feedback"),
    "annotation",  # its label is a person's own words, and may name whom a campaign was about
    # Facts that are derived from events
    *("effectiveness_spread", "confidence_spread", "intent_feature", "intent_label"),
    *("contact_state", "seller_cohort", "seller_step", "seller_stall", "seller_move", "human_touch"),
    *("sequence_due", "sequence_contact", "sequence_flow", "alert_response", "appointment"),
    *("conversation_edge", "bot_answer"),
    *("deal_state", "deal_stage"),
    # Lists
    *("contacts", "deals"),
)

KINDS: Mapping[str, frozenset[Caller]] = MappingProxyType(
    {
        "bot_status_update": _READERS,
        "system_health_update": _READERS,
        "component_time": _READERS,
        "component_newest": _READERS,
        **dict.fromkeys(_OF_CONTACTS, _INSIDERS),
    }
)
"""Each kind of event, of derived fact and of list, and who may read it (integrations.md 5.3, for our kinds)."""


@dataclass(frozen=True, eq=False)
class Fields:
    """The visible fields of `data`, of each kind that is seen in part; equal only to itself, so cheap as a key."""

    by_kind: Mapping[str, frozenset[str]]


ENVELOPE = frozenset({"id", "source", "type", "time", "locationid", "seq", "epoch", "receivedat", "priority"})
"""Attributes of an event that are visible with every kind; `subject` is none of them, for it names a contact."""

LIMITED: Mapping[Caller, Fields] = MappingProxyType(
    {
        "viewer": Fields(
            MappingProxyType(
                {
                    # Steps, errors and metrics are a publisher's own text, and quote the contact that it works for.
                    "bot_status_update": frozenset({"bot_type", "status", "processing_time_ms"}),
                    "system_health_update": frozenset({"component", "status", "response_time_ms"}),
                }
            )
        )
    }
)
"""Roles that see some kinds in part."""

FIGURES: Mapping[str, frozenset[Caller]] = MappingProxyType(
    {
        **dict.fromkeys(("as_of", "freshness_s", "position", "counting", "connection"), _READERS | {"dashboard"}),
        **dict.fromkeys(("bots", "sparks", "system", "sources", "unlisted"), _READERS),
        **dict.fromkeys(("revenue", "qualification", "sequences", "ml", "conversations"), _INSIDERS),
        **dict.fromkeys(("needs", "board", "names", "people"), _INSIDERS),
    }
)
"""Each group of the dashboard's figures, and who sees it."""

TILES: Mapping[str, frozenset[Caller]] = MappingProxyType(
    {
        "system": _READERS,
        **dict.fromkeys(("hot", "conversations", "pipeline", "won", "sequences", "intent"), _INSIDERS),
    }
)
"""Each tile of the live wall by its key, and who sees it."""

FEED: Mapping[str, frozenset[Caller]] = MappingProxyType(
    {
        **dict.fromkeys(("bots", "health"), _READERS),
        **dict.fromkeys(
            ("qualification", "sequences", "intent", "conversations", "revenue", "properties", "contacts"), _INSIDERS
        ),
    }
)
"""Each group of lines of the live wall's feed, and who sees it."""

PAGES: Mapping[str, frozenset[Caller]] = MappingProxyType(
    {
        **dict.fromkeys(("command-center", "system"), _PEOPLE),
        **dict.fromkeys(
            ("qualification", "sequences", "ml", "revenue", "response", "conversations", "properties"), _STAFF
        ),
        **dict.fromkeys(("explore", "connect"), _STAFF),
        "audit": _ADMIN,
    }
)
"""Each page of the dashboard by its path, and who may open it."""


def rights_of(role: Caller, agent_id: str | None = None) -> Rights:
    """Return by which rights a caller reads; admins read what managers do, and no other role is bound to an agent."""
    return Rights("manager" if role == "admin" else role, agent_id if role == "agent" else None)


def may(role: Caller, right: Right) -> bool:
    """Return whether a role has a right."""
    return role in RIGHTS[right]


def may_see_kind(role: Caller, kind: str) -> bool:
    """Return whether a role may read events, facts or lists of a kind; False for a kind that is not in the table."""
    return role in KINDS.get(kind, ())


def may_see_field(role: Caller, kind: str, field: str) -> bool:
    """Return whether a role that may read a kind sees this field of it, in its rows and in queries of it."""
    limited = LIMITED[role].by_kind.get(kind) if role in LIMITED else None
    return limited is None or field in limited or field in ENVELOPE


def may_see_figures(role: Caller, name: str) -> bool:
    """Return whether a role sees a group of the dashboard's figures; False for one that is not in the table."""
    return role in FIGURES.get(name, ())


def may_see_page(role: Caller, path: str) -> bool:
    """Return whether a role may open the page at this path; False for a page that is not in the table."""
    return role in PAGES.get(path, ())


@cache
def visible_kinds(role: Caller) -> frozenset[str]:
    """Return the kinds that a role may read."""
    return frozenset(kind for kind, roles in KINDS.items() if role in roles)


def visible_fields(role: Caller) -> Fields | None:
    """Return the fields that a role sees of the kinds it sees in part; None where it sees every field of every kind."""
    return LIMITED.get(role)


_WITHHELD_OF_BOTS = dict.fromkeys(("current_step", "contact", "contact_name", "error_message"))


def visible_figures(role: Caller, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dashboard's figures with null for each group, step and error that a role may not see."""
    visible = {name: part if may_see_figures(role, name) else None for name, part in figures.items()}
    if may(role, Right.SEE_CONTACTS):
        return visible
    bots, system = visible.get("bots"), visible.get("system")
    if bots:
        visible["bots"] = {name: {**bot, **_WITHHELD_OF_BOTS} for name, bot in bots.items()}
    if system:
        components = {name: {**report, "error_message": None} for name, report in system["components"].items()}
        visible["system"] = {**system, "components": components}
    return visible


def rows() -> list[dict[str, str]]:
    """Return the rights as a table: one row each, with a word under each role."""
    return [_row("right", f"{right[0].upper()}{right[1:]}", roles) for right, roles in RIGHTS.items()]


def kind_rows() -> list[dict[str, str]]:
    """Return the kinds as a table: one row each, with a word under each role."""
    return [
        _row("kind", kind, roles, {role: "in part" for role, fields in LIMITED.items() if kind in fields.by_kind})
        for kind, roles in KINDS.items()
    ]


def _row(
    head: str, name: str, roles: frozenset[Caller], otherwise: Mapping[Caller, str] = MappingProxyType({})
) -> dict[str, str]:
    return {head: name, **{role: otherwise.get(role, "yes") if role in roles else "–" for role in CALLERS}}
