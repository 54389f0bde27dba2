"""Names in words: of kinds, fields and their values, as people of the office say them; raw names stand nowhere else.

What is not listed is a publisher's own name (a stage of a CRM, a bot, a type of stall): it is written as words, too.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from jorge_data.metrics.formatting import line, number


class Noun(NamedTuple):
    """What a row of a kind is called."""

    one: str
    many: str


KINDS = {
    "contacts": Noun("contact", "contacts"),
    "deals": Noun("deal", "deals"),
    "jorge_qualification_progress": Noun("step of a seller's interview", "steps of sellers' interviews"),
    "lead_bot_sequence_update": Noun("follow-up try", "follow-up tries"),
    "intent_analysis_complete": Noun("message read for intent", "messages read for intent"),
    "bot_status_update": Noun("report of a bot", "reports of bots"),
    "conversation_event": Noun("turn of a conversation", "turns of conversations"),
    "system_health_update": Noun("health report", "health reports"),
    "property_alert": Noun("property alert", "property alerts"),
    "commission_update": Noun("change of a deal", "changes of deals"),
    "contact_update": Noun("change in the CRM", "changes in the CRM"),
    "attention_update": Noun("act on Needs you", "acts on Needs you"),
    "intent_feedback": Noun("answer of a labeller", "answers of labellers"),
    "annotation": Noun("note on the charts", "notes on the charts"),
    "effectiveness_spread": Noun("step of an interview by effectiveness", "steps of interviews by effectiveness"),
    "confidence_spread": Noun("message read, by confidence", "messages read, by confidence"),
    "intent_feature": Noun("sign of intent", "signs of intent"),
    "contact_state": Noun("contact", "contacts"),
    "seller_cohort": Noun("seller who started", "sellers who started"),
    "seller_step": Noun("question put to a seller", "questions put to sellers"),
    "seller_stall": Noun("seller at a question", "sellers at a question"),
    "seller_move": Noun("change of temperature", "changes of temperature"),
    "human_touch": Noun("seller who turned hot", "sellers who turned hot"),
    "seller_newest": Noun("seller", "sellers"),
    "open_item": Noun("item that needs you", "items that need you"),
    "dealt_with": Noun("item that was dealt with", "items that were dealt with"),
    "sequence_due": Noun("promised step", "promised steps"),
    "sequence_contact": Noun("lead in the follow-up", "leads in the follow-up"),
    "sequence_flow": Noun("way from one day to the next", "ways from one day to the next"),
    "alert_response": Noun("alert and its answer", "alerts and their answers"),
    "appointment": Noun("appointment", "appointments"),
    "conversation_edge": Noun("conversation", "conversations"),
    "bot_answer": Noun("first answer of a bot", "first answers of bots"),
    "deal_state": Noun("deal", "deals"),
    "deal_stage": Noun("stay of a deal at a stage", "stays of deals at a stage"),
    "intent_label": Noun("labelled message", "labelled messages"),
    "component_time": Noun("span in one state of health", "spans in one state of health"),
    "component_newest": Noun("newest health report", "newest health reports"),
}
"""Every kind of event, of fact and of list."""

FIELDS = {
    "action": "what was done",
    "action_type": "way of the try",
    "actual": "right category",
    "actual_category": "right category",
    "again": "back at",
    "address": "address",
    "agent": "agent",
    "agent_id": "agent's id",
    "agent_name": "agent",
    "alert_id": "alert's id",
    "alert_type": "type of alert",
    "alerts": "alerts",
    "amount": "amount",
    "analysis_id": "analysis",
    "analysis_source": "read by",
    "annotation_id": "note's id",
    "answered": "answered",
    "assigned_to": "owner",
    "at": "last heard",
    "author": "written by",
    "bin": "range",
    "body": "words",
    "bot_type": "bot",
    "by": "by",
    "call_id": "call",
    "changed": "what changed",
    "channel": "channel",
    "closed_at": "closed",
    "commission": "commission",
    "component": "part of the system",
    "confidence_score": "how sure the decoder is",
    "confrontational_effectiveness": "effectiveness",
    "contact": "contact",
    "contact_id": "contact's id",
    "conversation_id": "conversation",
    "cost_usd": "cost",
    "current_question": "question",
    "current_step": "step",
    "day": "day",
    "deal_id": "deal's id",
    "deal_value": "value",
    "deleted": "deleted",
    "delivery": "delivery",
    "direction": "direction",
    "duration_s": "time taken",
    "duration_seconds": "length",
    "edge": "first or last word",
    "effectiveness": "effectiveness",
    "email": "e-mail",
    "entity": "of",
    "erased": "erased",
    "error_message": "error",
    "estimated_value": "estimated value",
    "events": "how many",
    "expected_close": "expected close",
    "failure_reason": "why it failed",
    "feature": "sign",
    "from": "from",
    "frs_score": "able to act (0–100)",
    "heard": "whether a person was heard",
    "heard_s": "time until a person was heard",
    "hot": "ever hot",
    "hour": "hour of the week",
    "id": "event's id",
    "in_progress": "in progress",
    "intent_category": "category",
    "item": "item",
    "kind": "what happened",
    "label": "label",
    "labelled_by": "labelled by",
    "lead_source": "source",
    "match_score": "match",
    "merged_into": "merged into",
    "message_id": "message's id",
    "messages": "messages",
    "metrics": "measurements",
    "ml_features_triggered": "signs",
    "model_version": "version of the decoder",
    "name": "name",
    "next_action_date": "next step due",
    "next_step": "next step",
    "note": "note",
    "opened_at": "opened",
    "office_hours": "in office hours",
    "outcome": "outcome",
    "owner": "owner",
    "pcs_score": "ready to act (0–100)",
    "p50": "half within",
    "p95": "95 of 100 within",
    "phone": "phone",
    "pipeline": "pipeline",
    "pipeline_id": "pipeline's id",
    "predicted": "category said",
    "priority": "urgency",
    "probability": "chance",
    "processing_time_ms": "time to answer",
    "property": "home",
    "property_id": "home's number",
    "question": "question",
    "questions_answered": "questions answered",
    "reached": "last question answered",
    "reasons": "reasons",
    "receivedat": "received",
    "reported_s": "reported",
    "response_time_ms": "time to respond",
    "retell_call_duration_seconds": "length of the call",
    "right": "right",
    "score_bin": "match, in tens",
    "script_version": "version of the script",
    "seller_temperature": "temperature",
    "sentiment": "mood",
    "seq": "number in the log",
    "sequence_day": "day",
    "sequence_due": "next step due",
    "shown_from": "shown from",
    "source": "told by",
    "stage": "stage",
    "stage_id": "stage's id",
    "stage_age": "in this stage",
    "stage_since": "at this stage since",
    "stall_detected": "stalled",
    "stall_type": "kind of stall",
    "stalled": "stalled",
    "state": "state",
    "status": "status",
    "step": "step",
    "subject": "about",
    "success": "succeeded",
    "summary": "summary",
    "tags_added": "tags added",
    "tags_removed": "tags removed",
    "temperature": "temperature",
    "time": "time",
    "to": "to",
    "tokens_in": "tokens read",
    "tokens_out": "tokens written",
    "type": "kind",
    "until": "until",
    "urgency_level": "urgency",
    "url": "link to the CRM",
    "value": "value",
    "waiting": "waits for us",
    "weighted": "weighted commission",
    "above_target": "sure enough",
    "within_target": "fast enough",
    "waited_s": "time it waited",
    "within": "within minutes",
}
"""Every field of an event, a fact and a list: the title of its column, and its name in a sentence."""

VALUES = {
    "sms": "SMS",
    "email": "e-mail",
    "sms_sent": "SMS sent",
    "email_sent": "e-mail sent",
    "call_scheduled": "call booked",
    "call_completed": "call done",
    "call_started": "call began",
    "call_ended": "call ended",
    "call_analyzed": "call summed up",
    "stage_changed": "stage changed",
    "stall_detected": "stalled",
    "handoff": "handed to a person",
    "appointment_booked": "appointment booked",
    "opted_out": "opted out",
    "opted_in": "opted in again",
    "inbound": "from the contact",
    "outbound": "from us",
    "agent": "a person of ours",
    "new_match": "new match",
    "price_drop": "price drop",
    "back_on_market": "back on the market",
    "market_opportunity": "market opportunity",
    "in_progress": "in progress",
    "finished": "follow-up finished",
    "under_contract": "under contract",
    "immediate": "at once",
    "active": "within weeks",
    "passive": "some day",
    "future": "next year or later",
    "jorge-seller": "Seller bot",
    "lead-bot": "Lead bot",
    "intent-decoder": "Intent decoder",
    "recalculate_pcs": "rate again how ready the seller is",
    "analyze": "read a message",
    "analyze_intent": "read what is wanted",
    "analyze_market_conditions": "look at the market",
    "check_due_steps": "look for due steps",
    "check_silent_sellers": "look for silent sellers",
    "defend_valuation": "explain the estimate",
    "detect_stall": "look for hesitation",
    "determine_path": "choose the next step",
    "execute_follow_up": "follow up",
    "generate_cma": "compare with homes sold",
    "generate_jorge_response": "write an answer",
    "handle_objection": "answer an objection",
    "initiate_day_7_call": "call on day 7",
    "negotiation_discovery": "ask what matters",
    "prepare_listing": "prepare the listing",
    "score_seller": "rate the seller",
    "select_strategy": "choose what to say",
    "send_day_3_sms": "send the day 3 text",
    "send_day_14_email": "send the day 14 e-mail",
    "send_day_30_nudge": "send the day 30 text",
    "pcs": "readiness",
    "frs": "means",
    "true": "yes",
    "false": "no",
    "Q1": "Question 1",
    "Q2": "Question 2",
    "Q3": "Question 3",
    "Q4": "Question 4",
    "sent": "sent, not yet delivered",
    "queued": "waiting to be sent",
    "undelivered": "not delivered",
    "noted": "noted",
    "(other)": "all others",
    "claude_api": "Claude",
    "ghl_api": "GoHighLevel",
    "jorge_bots": "Jorge’s bots",
    "redis": "Redis",
    "event-server": "event server",
    "p50": "half",
    "p95": "95 of 100",
    "p99": "99 of 100",
    "home_value": "value of the home",
}
"""Values whose name is not simply its words."""

FIELD_VALUES = {
    "stall_type": {
        "agent": "has an agent",
        "get_back": "will get back to us",
        "thinking": "wants to think",
        "zestimate": "trusts an online estimate",
        "surface_objection": "an excuse",
        "opinion_fishing": "fishes for an opinion",
    },
    "source": {
        "ghl": "GoHighLevel",
        "ghl-sync": "GoHighLevel, read again",
        "ghl-workflow": "GoHighLevel’s workflow",
        "retell": "Retell",
    },
    "status": {"active": "working"},
    "bot_type": {"active": "working"},
}
"""Values whose name is another one in these fields than elsewhere."""

AS_THEY_ARE = frozenset({"name", "body", "summary", "note", "id", "contact_id", "subject", "entity", "phone", "email"})
"""Fields whose values are somebody's words or ids."""

_OPERATORS = {"eq": "is", "ne": "is not", "lt": "under", "le": "at most", "gt": "over", "ge": "at least", "in": "is"}
"""How the operators of a condition are said."""


def kind_words(kind: str, n: int = 2) -> str:
    """Write what so many rows of a kind are: "sellers who started"."""
    noun = KINDS.get(kind)
    if noun is None:
        return words_of(kind)
    return noun.one if n == 1 else noun.many


def field_words(field: str) -> str:
    """Write the name of a field in a sentence: "kind of stall"."""
    return FIELDS.get(field) or words_of(field)


def title_words(field: str) -> str:
    """Write the name of a field as a column's title: "Kind of stall"."""
    return sentence_case(field_words(field))


def value_words(value: object, field: str = "") -> str:
    """Write a value of a field: "under contract"; what nobody named is "none"."""
    text = str(value)
    if field in AS_THEY_ARE:
        return text
    if not text:
        return "none"
    return FIELD_VALUES.get(field, {}).get(text) or VALUES.get(text) or words_of(text)


def words_or_nothing(value: object, field: str = "") -> str:
    """Write a value of a field that somebody may have left out, as one line; "" where nobody said."""
    return line(value_words(value, field)) if value else ""


def label_words(value: object, field: str = "") -> str:
    """Write a value as a label stands, with a capital: "Under contract"; a name or an id as it is."""
    return str(value) if field in AS_THEY_ARE else sentence_case(value_words(value, field))


_UNDERSCORED = re.compile(r"[^\W_]+(_+[^\W_]+)+")


def words_of(name: str) -> str:
    """Write a name made of underscores or hyphens as words; a name of words, and an id, stays as it is."""
    return name.replace("_", " ") if _UNDERSCORED.fullmatch(name) else name


def sentence_case(text: str) -> str:
    """Return a text with its first letter capital, the rest as it is."""
    return text[:1].upper() + text[1:]


_PHRASES = {
    "edge:eq:first": "that began",
    "edge:eq:last": "that ended, or go on",
    "state:eq:done": "that are done",
    "state:eq:open": "that are under way",
    "state:eq:overdue": "that are overdue",
    "state:eq:waiting": "that wait for an answer",
    "state:eq:answered": "that were answered",
    "stalled:eq:yes": "who stalled",
    "stalled:eq:true": "who stalled",
    "waiting:eq:true": "who wait for us",
    "heard:eq:waiting": "who still wait for a person",
    "heard:eq:heard": "who heard from a person",
    "office_hours:eq:yes": "in office hours",
    "agent:eq:": "whom nobody has taken",
    "lead_source:eq:": "whose source nobody told",
    "status:eq:open": "that are open",
    "status:eq:won": "that were won",
    "status:eq:lost": "that were lost",
    "success:eq:true": "that succeeded",
    "success:eq:false": "that failed",
    "temperature:eq:hot": "who are rated hot",
    "temperature:eq:warm": "who are rated warm",
    "temperature:eq:cold": "who are rated cold",
    "hot:eq:yes": "who were hot once",
    "outcome:eq:appointment": "with an appointment",
    "retell_call_duration_seconds:ge:0": "whose call was timed",
}
"""Conditions that have a better sentence than "whose … is …"."""


def rows_words(kind: str, conditions: Iterable[str], n: int) -> str:
    """Write how many rows there are of what: "12 deals that were won and whose source is Sign call"."""
    narrowed = [_PHRASES.get(each) or f"whose {condition_words(each)}" for each in conditions]
    return " ".join(filter(None, (number(n), kind_words(kind, n), " and ".join(narrowed))))


def condition_words(condition: str) -> str:
    """Write a condition `field:op:value` as a sentence goes on with it: "last question answered is 3 or 4"."""
    field, _, rest = condition.partition(":")
    op, _, value = rest.partition(":")
    values = value.split(",") if op == "in" else [value]
    said = either(value_words(each, field) for each in values)
    return f"{field_words(field)} {_OPERATORS.get(op, op)} {said}"


def either(words: Iterable[str]) -> str:
    """Join words with commas and "or": "3, 4 or 5"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} or {last}" if first else last
