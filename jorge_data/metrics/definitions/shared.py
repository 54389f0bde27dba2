"""The figures that stand on the wall and on a page under one name: one definition, one question."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

CONTACTS = "conversation_event, jorge_qualification_progress, lead_bot_sequence_update, property_alert, contact_update"

HOT = Definition(
    "Hot sellers",
    "Sellers whose last rating is hot, of those heard of in the last 30 days.",
    "count of contacts with latest seller_temperature = hot and newest event in [now − 30 d, now]",
    Unit.COUNT,
    CONTACTS,
    "contact_state",
    "no seller in 30 days",
    period="now; heard of in the last 30 days",
    who="contacts with a qualification",
)
ACTIVE = Definition(
    "Active conversations",
    "Conversations that overlap the period and in which nobody opted out of all its channels by its end: begun before "
    "its end, and heard of at its start or later. Who opts in again counts again. On the wall it is the last 24 hours.",
    "count of first event < end − count of opting out < end − count of newest event < start, of those that did not opt "
    "out; opted out is who has opted out of each channel by which something was said, and not in to it since",
    Unit.COUNT,
    "conversation_event",
    "conversation_edge",
    "no conversation was ever heard of",
    period="the chosen period; on the wall the last 24 hours",
    who="conversations without an opting out",
)
WAITING = Definition(
    "Waiting for us",
    "Contacts last heard of in the period (on the wall the last 24 hours) who spoke last, and did not opt out of that "
    "channel. Nobody must answer STOP, and who was reached by a call was answered.",
    "count of contacts whose newest event is in the period and whose newest message is inbound and neither STOP nor "
    "START, with no opting out of its channel after it, and no agent who reached them",
    Unit.COUNT,
    f"{CONTACTS}, attention_update",
    "contacts",
    "no contact matches",
    period="the chosen period; on the wall the last 24 hours",
    who="contacts without an opting out after their last message",
)
COMMISSION = Definition(
    "Commission in pipeline",
    "Our commission if every open deal were won at its newest value, US dollars.",
    "Σ deal_value × newest rate over open deals, each rounded to cents",
    Unit.DOLLARS,
    "commission_update",
    "deal_state",
    "no deal was ever heard of",
    period="now",
    who="deals whose newest status is open",
)
OVERDUE = Definition(
    "Overdue",
    "Promised steps whose day is over, with no successful step and nothing heard of the contact since, and by a "
    "channel of which the contact did not opt out; of all time, each promise once, also where somebody has dealt "
    "with it in “Needs you”.",
    "count of promises in state open with due day < today",
    Unit.COUNT,
    "lead_bot_sequence_update, conversation_event",
    "sequence_due",
    "no step was ever promised",
    period="all time up to the office's today",
    who="promises of sequence steps",
)
