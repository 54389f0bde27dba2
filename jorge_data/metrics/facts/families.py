"""Families: how a batch of events changes the entities of each family."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain

from jorge_data.events import Event
from jorge_data.events.timestamps import happened
from jorge_data.metrics.facts.alert import alert_facts
from jorge_data.metrics.facts.change import Change
from jorge_data.metrics.facts.component import Component, Report, chunk_key
from jorge_data.metrics.facts.contact import Contact
from jorge_data.metrics.facts.contact_row import contact_facts, contact_row
from jorge_data.metrics.facts.conversation import Conversation
from jorge_data.metrics.facts.deal import Deal
from jorge_data.metrics.facts.deal_facts import deal_facts
from jorge_data.metrics.facts.deal_row import deal_row
from jorge_data.metrics.facts.entity import Entities, Family
from jorge_data.metrics.facts.fact import Fact
from jorge_data.metrics.facts.label import Label
from jorge_data.metrics.facts.measure import text
from jorge_data.metrics.facts.rules import Rules
from jorge_data.metrics.facts.seller import seller_facts
from jorge_data.metrics.facts.sequence import sequence_facts

_Noun = Callable[[Contact], Iterator[Fact]]

_NOUNS: dict[str, tuple[_Noun, ...]] = {
    "jorge_qualification_progress": (contact_facts, seller_facts),
    "lead_bot_sequence_update": (contact_facts, sequence_facts),
    "conversation_event": (contact_facts, sequence_facts, alert_facts),
    "property_alert": (contact_facts, alert_facts),
    "contact_update": (contact_facts,),
}
"""Which facts of a contact an event may change."""

_KINDS: dict[_Noun, tuple[str, ...]] = {
    contact_facts: ("contact_state",),
    seller_facts: ("seller_cohort", "seller_step", "seller_stall", "seller_move"),
    sequence_facts: ("sequence_contact", "sequence_flow", "sequence_due"),
    alert_facts: ("alert_response",),
}
_OF_CONTACTS = tuple(chain.from_iterable(_KINDS.values()))
_OF_CONVERSATIONS, _OF_DEALS, _OF_LABELS = ("conversation_edge",), ("deal_state", "deal_stage"), ("intent_label",)


def changes(events: Sequence[Event], entities: Entities, rules: Rules) -> Iterator[Change]:
    """Return what a batch changes, each entity once."""
    by_type: dict[str, list[Event]] = {}
    for event in events:
        by_type.setdefault(event.type, []).append(event)
    yield from _contacts([event for event in events if event.type in _NOUNS], entities, rules)
    yield from _conversations(by_type.get("conversation_event", []), entities)
    yield from _deals(by_type.get("commission_update", []), entities, rules)
    analyses, verdicts = by_type.get("intent_analysis_complete", []), by_type.get("intent_feedback", [])
    yield from _labels(analyses, verdicts, entities)
    yield from _components(by_type.get("system_health_update", []), entities)


def _grouped(events: Iterable[Event], field: str) -> dict[str, list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.data[field], []).append(event)
    return groups


def _known(
    entities: Entities, family: Family, keys: Collection[str], kinds: Collection[str]
) -> tuple[dict[str, bytes], dict[str, list[Fact]] | None]:
    """Return the states of a family's entities, and the facts they count with where states say others."""
    return (entities.load(family, keys), entities.kept(kinds, keys)) if keys else ({}, None)


def _of(nouns: Iterable[_Noun], kept: dict[str, list[Fact]], key: str) -> list[Fact]:
    kinds = {kind for noun in nouns for kind in _KINDS[noun]}
    return [fact for fact in kept.get(key, ()) if fact.kind in kinds]


def _contacts(events: list[Event], entities: Entities, rules: Rules) -> Iterator[Change]:
    groups = _grouped(events, "contact_id")
    states, kept = _known(entities, "contact", groups, _OF_CONTACTS)
    for key, theirs in groups.items():
        contact = Contact.load(key, states.get(key))
        nouns = list(dict.fromkeys(noun for event in theirs for noun in _NOUNS[event.type]))
        before = [fact for noun in nouns for fact in noun(contact)] if kept is None else _of(nouns, kept, key)
        for event in theirs:
            contact.apply(event, rules)
        after = [fact for noun in nouns for fact in noun(contact)]
        yield Change("contact", key, contact.dump(), contact_row(contact), before, after)


def _conversations(events: list[Event], entities: Entities) -> Iterator[Change]:
    groups = _grouped(events, "conversation_id")
    states, kept = _known(entities, "conversation", groups, _OF_CONVERSATIONS)
    for key, theirs in groups.items():
        conversation = Conversation.load(states.get(key))
        before = list(conversation.facts()) if kept is None else kept.get(key, [])
        for event in theirs:
            conversation.hear(happened(event))
        yield Change("conversation", key, conversation.dump(), {}, before, list(conversation.facts()))


def _deals(events: list[Event], entities: Entities, rules: Rules) -> Iterator[Change]:
    groups = _grouped(events, "deal_id")
    states, kept = _known(entities, "deal", groups, _OF_DEALS)
    for key, theirs in groups.items():
        deal = Deal.load(key, states.get(key))
        before = list(deal_facts(deal, rules)) if kept is None else kept.get(key, [])
        for event in theirs:
            deal.apply(event, rules)
        yield Change("deal", key, deal.dump(), deal_row(deal, rules), before, list(deal_facts(deal, rules)))


def _labels(analyses: list[Event], verdicts: list[Event], entities: Entities) -> Iterator[Change]:
    groups = _grouped(verdicts, "analysis_id")
    here = {event.id: event for event in reversed(analyses)}
    keys = list(dict.fromkeys([*groups, *sorted(entities.pending(here.keys()) if here else ())]))
    states, kept = _known(entities, "label", keys, _OF_LABELS)
    labels = {key: Label.load(states.get(key)) for key in keys}
    absent = [key for key in keys if labels[key].analysis is None]
    known = here | (entities.analysis(absent) if absent else {})
    for key, label in labels.items():
        before = list(label.facts()) if kept is None else kept.get(key, [])
        for verdict in groups.get(key, ()):
            label.judge(verdict)
        if key in known:
            label.join(known[key])
        yield Change("label", key, label.dump(), {}, before, list(label.facts()))


def _components(events: list[Event], entities: Entities) -> Iterator[Change]:
    groups = _grouped(events, "component")
    heads = entities.load("component", groups.keys()) if groups else {}
    for key, theirs in groups.items():
        reports = [Report(happened(event), event.seq, text(event.data["status"])) for event in theirs]
        hours = {hour + near for hour in {report.hour for report in reports} for near in (-1, 0, 1)}
        names = {chunk_key(key, hour): hour for hour in hours}
        chunks = entities.load("reports", names.keys())
        component = Component(key, heads.get(key), {names[name]: state for name, state in chunks.items()})
        yield from _reported(component, reports)


def _reported(component: Component, reports: list[Report]) -> Iterator[Change]:
    before: list[Fact] = []
    after: list[Fact] = []
    for report in reports:
        retracted, added = component.report(report)
        before += retracted
        after += added
    yield Change("component", component.key, component.dump(), {}, before, after)
    for hour in sorted(component.touched):
        yield Change("reports", chunk_key(component.key, hour), component.dump_hour(hour), {}, [], [])
