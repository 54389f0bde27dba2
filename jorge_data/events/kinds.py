"""The kinds of event and what each carries, as the contract says (`docs/events.md`).

Each kind is a TypedDict: validated in place, never copied, so that unknown fields stay as they were sent.
All money is US dollars, all ratios are 0–1 unless stated, every duration names its unit.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, PlainValidator, WithJsonSchema, with_config
from typing_extensions import TypedDict

from jorge_data.events.money import DOLLARS, check_dollars
from jorge_data.events.timestamps import (
    DATE_SCHEMA,
    MOMENT_SCHEMA,
    check_date,
    check_date_or_moment,
    check_moment,
)

keep_unknown = with_config(ConfigDict(extra="allow", strict=True))

Name = Annotated[str, Field(min_length=1, max_length=128)]
Text = Annotated[str, Field(max_length=4000)]
Score = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
Money = Annotated[float, Field(ge=0, le=1e12)]
Date = Annotated[str, AfterValidator(check_date), WithJsonSchema({"type": "string", "pattern": f"^{DATE_SCHEMA}$"})]
Moment = Annotated[
    str, AfterValidator(check_moment), WithJsonSchema({"type": "string", "pattern": f"^{MOMENT_SCHEMA}$"})
]
DateOrMoment = Annotated[
    str,
    AfterValidator(check_date_or_moment),
    WithJsonSchema({"type": "string", "pattern": f"^({DATE_SCHEMA}|{MOMENT_SCHEMA})$"}),
]
Temperature = Literal["hot", "warm", "cold"]
IntentCategory = Literal["buyer", "seller", "investor", "curious"]
Channel = Literal["sms", "email", "call", "voicemail", "chat", "other"]
Delivery = Literal["queued", "sent", "delivered", "read", "failed", "undelivered", "bounced"]
Cost = Annotated[
    float | str,
    PlainValidator(check_dollars),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1e12}, {"type": "string", "pattern": DOLLARS}]}
    ),
]
Tokens = Annotated[int, Field(ge=0, le=10**12)]


class BotCost(TypedDict):
    """What an event of a bot may say of what it cost: of this event alone, so that a sum counts each token once."""

    cost_usd: NotRequired[Cost | None]
    tokens_in: NotRequired[Tokens | None]
    tokens_out: NotRequired[Tokens | None]
    script_version: NotRequired[Name | None]


@keep_unknown
class QualificationProgress(BotCost):
    """A seller answered one of the four questions, stalled, or changed temperature."""

    contact_id: Name
    current_question: Annotated[int, Field(ge=0, le=3, description="counted from zero: 0 is Q1, 3 is Q4")]
    questions_answered: Annotated[int, Field(ge=0, le=4)]
    seller_temperature: Temperature
    confrontational_effectiveness: Score
    stall_detected: bool
    next_step: Text
    stall_type: NotRequired[Text | None]
    frs_score: NotRequired[Score | None]
    pcs_score: NotRequired[Score | None]
    estimated_value: NotRequired[Money | None]


@keep_unknown
class SequenceUpdate(BotCost):
    """A step of the 3-7-30 follow-up was taken, or failed."""

    contact_id: Name
    sequence_day: Literal[3, 7, 14, 30]
    action_type: Literal["sms_sent", "email_sent", "call_scheduled", "call_completed"]
    success: bool
    retell_call_duration_seconds: NotRequired[Seconds | None]
    next_action_date: NotRequired[DateOrMoment | None]
    failure_reason: NotRequired[Text | None]
    call_id: NotRequired[Name | None]


@keep_unknown
class IntentAnalysis(BotCost):
    """The intent decoder classified a lead (targets: 42 ms, confidence above 0.85)."""

    processing_time_ms: Milliseconds
    confidence_score: Share
    intent_category: IntentCategory
    urgency_level: Literal["immediate", "active", "passive", "future"]
    ml_features_triggered: list[Name]
    contact_id: NotRequired[Name | None]
    frs_score: NotRequired[Score | None]
    pcs_score: NotRequired[Score | None]
    model_version: NotRequired[Name | None]


@keep_unknown
class BotStatus(BotCost):
    """A bot began, moved on, finished or failed; any name of a bot gets its own card."""

    bot_type: Name
    status: Literal["active", "idle", "processing", "completed", "error"]
    contact_id: NotRequired[Name | None]
    current_step: NotRequired[Text | None]
    processing_time_ms: NotRequired[Milliseconds | None]
    error_message: NotRequired[Text | None]


@keep_unknown
class ConversationEvent(BotCost):
    """A message, or another event in a conversation with a contact.

    `message_id` is the vendor's name of a message: told again, it is the same message with its newest `delivery`.
    """

    conversation_id: Name
    contact_id: Name
    kind: Literal[
        "message",
        "stage_changed",
        "stall_detected",
        "handoff",
        "call_started",
        "call_ended",
        "call_analyzed",
        "appointment_booked",
        "opted_out",
        "opted_in",
        "task",
        "note",
    ]
    direction: NotRequired[Literal["inbound", "outbound"] | None]
    author: NotRequired[Literal["contact", "bot", "agent"] | None]
    channel: NotRequired[
        Annotated[Channel | None, Field(description="of opted_out and opted_in: missing is every channel")]
    ]
    body: NotRequired[Text | None]
    stage: NotRequired[Text | None]
    stall_type: NotRequired[Text | None]
    sentiment: NotRequired[Literal["negative", "neutral", "positive"] | None]
    duration_seconds: NotRequired[Seconds | None]
    summary: NotRequired[Text | None]
    agent_id: NotRequired[Name | None]
    agent_name: NotRequired[Text | None]
    message_id: NotRequired[Name | None]
    delivery: NotRequired[Delivery | None]


@keep_unknown
class SystemHealth(TypedDict):
    """A component reported how it is."""

    component: Name
    status: Literal["healthy", "degraded", "down", "recovering"]
    response_time_ms: Milliseconds
    error_message: NotRequired[Text | None]
    metrics: NotRequired[dict[str, Any] | None]


@keep_unknown
class Property(TypedDict):
    """The property that an alert is about."""

    address: NotRequired[Text | None]
    price: NotRequired[Money | None]
    bedrooms: NotRequired[Annotated[float, Field(ge=0)] | None]
    bathrooms: NotRequired[Annotated[float, Field(ge=0)] | None]
    sqft: NotRequired[Annotated[float, Field(ge=0)] | None]
    url: NotRequired[Text | None]


@keep_unknown
class PropertyAlert(BotCost):
    """A property was matched to a contact."""

    contact_id: Name
    alert_id: Name
    property_id: Name
    match_score: Score
    alert_type: Literal["new_match", "price_drop", "back_on_market", "market_opportunity", "other"]
    property: NotRequired[Property | None]
    reasons: NotRequired[list[Text] | None]


@keep_unknown
class CommissionUpdate(TypedDict):
    """A deal opened, moved, was won or lost; the commission itself is ours to compute."""

    deal_id: Name
    deal_value: Money
    status: Literal["open", "won", "lost", "abandoned", "deleted"]
    contact_id: NotRequired[Name | None]
    name: NotRequired[Text | None]
    pipeline_id: NotRequired[Name | None]
    stage_id: NotRequired[Name | None]
    stage: NotRequired[Text | None]
    probability: NotRequired[Share | None]
    expected_close: NotRequired[Date | None]
    closed_at: NotRequired[DateOrMoment | None]


@keep_unknown
class Change(TypedDict):
    """The new value of a field; `from`, beside it, is the previous one."""

    to: Any


@keep_unknown
class ContactUpdate(TypedDict):
    """A contact changed in the CRM: `changed` is `{field: {"from", "to"}}`; `deleted` holds until it is false again.

    `erased`: what is personal was taken out of all its events here; who holds their text forgets it.
    """

    contact_id: Name
    changed: dict[str, Change]
    name: NotRequired[Text | None]
    deleted: NotRequired[bool | None]
    merged_into: NotRequired[Name | None]
    erased: NotRequired[bool | None]
    assigned_to: NotRequired[Text | None]
    phone: NotRequired[Text | None]
    email: NotRequired[Text | None]
    address: NotRequired[Text | None]
    url: NotRequired[Annotated[Text | None, Field(description="the contact in the CRM")]]
    tags_added: NotRequired[list[Text] | None]
    tags_removed: NotRequired[list[Text] | None]


@keep_unknown
class AttentionUpdate(TypedDict):
    """A person acted on an item of "Needs you" (`stall:<contact>`, `hot:<contact>`, `bot:<name>`, …)."""

    item: Annotated[str, Field(min_length=1, max_length=256)]
    action: Literal["acknowledged", "snoozed", "assigned", "reopened", "called", "noted", "undone"]
    by: Name
    to: NotRequired[Annotated[Name | None, Field(description="of assigned: to whom; missing is to who did it")]]
    outcome: NotRequired[
        Annotated[
            Literal["reached", "no_answer", "appointment", "not_interested", "wrong_number", "other"] | None,
            Field(description="of called"),
        ]
    ]
    until: NotRequired[
        Annotated[Moment | None, Field(description="of snoozed, no_answer: when it comes back; of appointment: when")]
    ]
    note: NotRequired[Text | None]


@keep_unknown
class IntentFeedback(TypedDict):
    """A person labelled an analysis with the right category; accuracy is computed from these alone."""

    analysis_id: Name
    actual_category: IntentCategory
    labelled_by: NotRequired[Name | None]
    analysis_source: NotRequired[Name | None]


Annotation = TypedDict(
    "Annotation",
    {
        "label": Annotated[str, Field(min_length=1, max_length=200)],
        "from": NotRequired[Annotated[DateOrMoment | None, Field(description="missing is the event's time")]],
        "to": NotRequired[
            Annotated[DateOrMoment | None, Field(description="not before `from`; missing is no span but one moment")]
        ],
        "by": NotRequired[Name | None],
        "annotation_id": NotRequired[Annotated[Name | None, Field(description="missing is the event's id")]],
        "deleted": NotRequired[bool | None],
    },
)
"""A campaign, a deploy, a holiday: what a person or a machine marks on every chart of time.

Told again by its `annotation_id` it is replaced; `deleted` takes it away. `from` is a word of Python, so that this kind
alone is written as a table.
"""
keep_unknown(Annotation)


KINDS: dict[str, type] = {
    "jorge_qualification_progress": QualificationProgress,
    "lead_bot_sequence_update": SequenceUpdate,
    "intent_analysis_complete": IntentAnalysis,
    "bot_status_update": BotStatus,
    "conversation_event": ConversationEvent,
    "system_health_update": SystemHealth,
    "property_alert": PropertyAlert,
    "commission_update": CommissionUpdate,
    "contact_update": ContactUpdate,
    "attention_update": AttentionUpdate,
    "intent_feedback": IntentFeedback,
    "annotation": Annotation,
}
"""Every kind by its name; another name is refused."""
