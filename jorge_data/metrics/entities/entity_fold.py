"""The fold: from events to the cells of the rollups and the states of entities, family by family."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import HOUR, event_micros
from jorge_data.metrics.entities.alert import alert_facts
from jorge_data.metrics.entities.appointment import appointment_facts
from jorge_data.metrics.entities.bot import BOT_KINDS, Bot, bot_of
from jorge_data.metrics.entities.cell import Cell, Delta, Key
from jorge_data.metrics.entities.component import Component, chunk_key, report_of
from jorge_data.metrics.entities.contact import Contact, Name
from jorge_data.metrics.entities.contact_row import contact_facts, contact_row
from jorge_data.metrics.entities.conversation import Conversation
from jorge_data.metrics.entities.cube import CUBES, Fact, Vocabulary
from jorge_data.metrics.entities.deal import Deal, deal_facts, deal_row
from jorge_data.metrics.entities.entity import Entities, Entity, Family, newer
from jorge_data.metrics.entities.event_facts import event_facts, text
from jorge_data.metrics.entities.event_subject import contact_of, deletion_in, is_erasure, item_about
from jorge_data.metrics.entities.label import UNKNOWN, Label
from jorge_data.metrics.entities.open_item import dealt_with_facts, open_item_facts
from jorge_data.metrics.entities.seller import seller_facts, touch_facts
from jorge_data.metrics.entities.sequence import sequence_facts
from jorge_data.metrics.entities.status_run import Moment
from jorge_data.metrics.formatting import line
from jorge_data.metrics.rules import Rules


class EntityChange(NamedTuple):
    """An entity's state and row after a batch, and those of its facts, before and after, that may have changed."""

    family: Family
    key: str
    state: bytes
    summary: dict[str, Any]
    before: list[Fact]
    after: list[Fact]

    def entity(self, vocabulary: Vocabulary) -> Entity:
        """Return the entity with the net change of its facts, as they are counted."""
        retracted, added = _net(list(map(vocabulary.fact, self.before)), list(map(vocabulary.fact, self.after)))
        return Entity(self.state, self.summary, retracted, added)


def _net(before: list[Fact], after: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Return the facts to retract and those to add: the two differences of the multisets."""
    if before == after:
        return [], []
    if not before:
        return [], after
    old, new = Counter(before), Counter(after)
    return list((old - new).elements()), list((new - old).elements())


_ContactFacts = Callable[..., Iterator[Fact]]
"""A function of a contact, and of the rules where those decide them."""

_BY_RULES: frozenset[_ContactFacts] = frozenset({touch_facts})

_CONTACT_FACTS: dict[str, tuple[_ContactFacts, ...]] = {
    "jorge_qualification_progress": (contact_facts, seller_facts, touch_facts, open_item_facts, dealt_with_facts),
    "lead_bot_sequence_update": (contact_facts, sequence_facts, open_item_facts, dealt_with_facts),
    "conversation_event": (
        contact_facts,
        sequence_facts,
        alert_facts,
        touch_facts,
        open_item_facts,
        dealt_with_facts,
        appointment_facts,
    ),
    "property_alert": (contact_facts, alert_facts),
    "contact_update": (contact_facts, touch_facts, open_item_facts, dealt_with_facts),
    "attention_update": (contact_facts, sequence_facts, touch_facts, open_item_facts, dealt_with_facts),
}
"""Which facts of a contact an event of a kind may change."""

_KINDS: dict[_ContactFacts, tuple[str, ...]] = {
    contact_facts: ("contact_state",),
    seller_facts: ("seller_cohort", "seller_step", "seller_stall", "seller_move", "seller_newest"),
    touch_facts: ("human_touch",),
    open_item_facts: ("open_item",),
    dealt_with_facts: ("dealt_with",),
    sequence_facts: ("sequence_contact", "sequence_flow", "sequence_due"),
    alert_facts: ("alert_response",),
    appointment_facts: ("appointment",),
}
_OF_CONTACTS = tuple(chain.from_iterable(_KINDS.values()))
_OF_CONVERSATIONS = ("conversation_edge", "bot_answer")
_OF_DEALS, _OF_LABELS = ("deal_state", "deal_stage"), ("intent_label",)
_OF_COMPONENTS = ("component_time", "component_newest")


def entity_changes(events: Sequence[Event], entities: Entities, rules: Rules) -> Iterator[EntityChange]:
    """Return what a batch changes, each entity once."""
    events = [event for event in events if not is_erasure(event)]  # no sign of life of whoever was erased
    by_type: dict[str, list[Event]] = {}
    for event in events:
        by_type.setdefault(event.type, []).append(event)
    acts = by_type.get("attention_update", [])
    holders: dict[str, dict[str, bool]] = {}
    yield from _contacts([event for event in events if event.type in _CONTACT_FACTS], entities, rules, holders)
    yield from _conversations(by_type.get("conversation_event", []), holders, entities)
    yield from _deals(by_type.get("commission_update", []), entities, rules)
    analyses, verdicts = by_type.get("intent_analysis_complete", []), by_type.get("intent_feedback", [])
    yield from _labels(analyses, verdicts, entities)
    yield from _components([*by_type.get("system_health_update", []), *_acts_on("component", acts)], entities, rules)
    yield from _bots([*(event for event in events if event.type in BOT_KINDS), *_acts_on("bot", acts)], entities)
    yield from _agents([*by_type.get("conversation_event", []), *acts], entities)
    yield from _sources(events, entities)


def _grouped(events: Iterable[Event], of: Callable[[Event], str | None]) -> dict[str, list[Event]]:
    """Return the events by the key of their entity, without those that are about none."""
    groups: dict[str, list[Event]] = {}
    for event in events:
        if key := of(event):
            groups.setdefault(key, []).append(event)
    return groups


def _acts_on(prefix: str, acts: list[Event]) -> list[Event]:
    return [event for event in acts if event.data["item"].startswith(f"{prefix}:")]


def _about(field: str) -> Callable[[Event], str]:
    """Return what reads the key of an event's entity: a field of its data, or what an act's item names."""
    return lambda event: item_about(event) if event.type == "attention_update" else event.data[field]


def _stored(
    entities: Entities, family: Family, keys: Collection[str], kinds: Collection[str]
) -> tuple[dict[str, bytes], dict[str, list[Fact]] | None]:
    """Return the states of a family's entities, and their stored facts where states would give others."""
    return (entities.load(family, keys), entities.kept(kinds, keys)) if keys else ({}, None)


def _contacts(
    events: list[Event], entities: Entities, rules: Rules, holders: dict[str, dict[str, bool]]
) -> Iterator[EntityChange]:
    """Return what changes of contacts; note in `holders` by conversation whether each contact of it is deleted now."""
    groups = _grouped(events, contact_of)
    states, stored = _stored(entities, "contact", groups, _OF_CONTACTS)
    for key, group in groups.items():
        contact = Contact.load(key, states.get(key))
        sorts = list(dict.fromkeys(facts for event in group for facts in _facts_changed_by(event)))
        if stored is None:
            before = _contact_facts(contact, sorts, rules)
        else:
            kinds = {kind for facts in sorts for kind in _KINDS[facts]}
            before = [fact for fact in stored.get(key, ()) if fact.kind in kinds]
        was_deleted = contact.is_deleted
        for event in group:
            contact.apply(event, rules)
        talked = [event.data["conversation_id"] for event in group if event.type == "conversation_event"]
        for name in contact.conversations if contact.is_deleted != was_deleted else talked:
            holders.setdefault(name, {})[key] = contact.is_deleted
        after = _contact_facts(contact, sorts, rules)
        yield EntityChange("contact", key, contact.dump(), contact_row(contact), before, after)


def _facts_changed_by(event: Event) -> Iterable[_ContactFacts]:
    return _CONTACT_FACTS[event.type] if deletion_in(event) is None else _KINDS


def _contact_facts(contact: Contact, sorts: Iterable[_ContactFacts], rules: Rules) -> list[Fact]:
    if contact.is_deleted:
        return []
    return [fact for facts in sorts for fact in (facts(contact, rules) if facts in _BY_RULES else facts(contact))]


def _conversations(
    events: list[Event], holders: dict[str, dict[str, bool]], entities: Entities
) -> Iterator[EntityChange]:
    groups = {key: list[Event]() for key in holders} | _grouped(events, _about("conversation_id"))
    states, stored = _stored(entities, "conversation", groups, _OF_CONVERSATIONS)
    for key, group in groups.items():
        conversation = Conversation.load(states.get(key))
        before = list(conversation.facts()) if stored is None else stored.get(key, [])
        for event in group:
            conversation.apply(event_micros(event), event.seq, event.data, event.source)
        conversation.contacts |= holders.get(key, {})
        yield EntityChange("conversation", key, conversation.dump(), {}, before, list(conversation.facts()))


def _deals(events: list[Event], entities: Entities, rules: Rules) -> Iterator[EntityChange]:
    groups = _grouped(events, _about("deal_id"))
    states, stored = _stored(entities, "deal", groups, _OF_DEALS)
    for key, group in groups.items():
        deal = Deal.load(key, states.get(key))
        before = list(deal_facts(deal, rules)) if stored is None else stored.get(key, [])
        for event in group:
            deal.apply(event, rules)
        yield EntityChange("deal", key, deal.dump(), deal_row(deal, rules), before, list(deal_facts(deal, rules)))


def _labels(analyses: list[Event], verdicts: list[Event], entities: Entities) -> Iterator[EntityChange]:
    groups = _grouped(verdicts, _about("analysis_id"))
    names = list(dict.fromkeys([*groups, *(event.id for event in analyses)]))
    states, stored = _stored(entities, "label", names, _OF_LABELS)
    wanted = {*groups, *states, *(event.id for event in analyses if entities.gone(event))}
    labels = {key: Label.load(states.get(key)) for key in names if key in wanted}
    before = {key: list(label.facts()) if stored is None else stored.get(key, []) for key, label in labels.items()}
    # A label that has a state has joined every analysis of its id that was folded, before or since.
    unread = [key for key, label in labels.items() if key not in states or UNKNOWN in label.analyses]
    for analysis in chain(entities.analyses(unread) if unread else (), analyses):
        if analysis.id in labels:
            labels[analysis.id].join(analysis)
    for key, label in labels.items():
        for verdict in groups.get(key, ()):
            label.apply(verdict)
        yield EntityChange("label", key, label.dump(), {}, before[key], list(label.facts()))


def _components(events: list[Event], entities: Entities, rules: Rules) -> Iterator[EntityChange]:
    groups = _grouped(events, _about("component"))
    heads, counted = _stored(entities, "component", groups, _OF_COMPONENTS)
    for key, group in groups.items():
        reports = [event for event in group if event.type == "system_health_update"]
        hours = {event_micros(event) // HOUR + near for event in reports for near in (-1, 0, 1)}
        chunk_keys = {chunk_key(key, hour): hour for hour in hours}
        chunks = entities.load("reports", chunk_keys.keys()) if hours else {}
        stored = {chunk_keys[name]: state for name, state in chunks.items()}
        component = Component(key, heads.get(key), stored, rules.down_until_reported)
        before: list[Fact] = []
        after: list[Fact] = []
        for event in group:
            if event.type == "attention_update":
                component.acts.apply(event)
                continue
            retracted, added = component.report(*report_of(event))
            before += retracted
            after += added
        if counted is not None:  # what was never added cannot be taken away
            before = list((Counter(before) & Counter(counted.get(key, []) + after)).elements())
        yield EntityChange("component", key, component.dump(), {"at": component.at}, before, after)
        for hour in sorted(component.touched):
            yield EntityChange("reports", chunk_key(key, hour), component.dump_hour(hour), {}, [], [])


def _bots(events: list[Event], entities: Entities) -> Iterator[EntityChange]:
    groups = _grouped(events, lambda event: item_about(event) if event.type == "attention_update" else bot_of(event))
    states = entities.load("bot", groups) if groups else {}
    for key, group in groups.items():
        bot = Bot.load(key, states.get(key))
        in_batch: list[Moment] = []

        def following(report: Moment, bot: str = key, in_batch: list[Moment] = in_batch) -> Moment | None:
            stored = entities.next_report(bot, report)
            later = [other for other in in_batch if other > report] + ([stored] if stored else [])
            return min(later, default=None)

        for event in group:
            bot.apply(event, following)
            if event.type == "bot_status_update":
                in_batch.append((event_micros(event), event.seq))
        yield EntityChange("bot", key, bot.dump(), {"at": bot.at}, [], [])


def _agents(events: Iterable[Event], entities: Entities) -> Iterator[EntityChange]:
    """Return how the office's people are called, by each id that says who did something."""
    newest: dict[str, Name] = {}
    for event in events:
        name = line(event.data.get("agent_name"))
        for field in ("agent_id", "by") if name else ():
            if who := text(event.data.get(field)):
                newest[who] = newer(newest.get(who), Name(event_micros(event), event.seq, name))
    states = entities.load("agent", newest) if newest else {}
    for key, told in newest.items():
        known = newer(Name._make(orjson.loads(states[key])) if key in states else None, told)
        yield EntityChange("agent", key, orjson.dumps(tuple(known)), {"at": known.at, "name": known.name}, [], [])


def _sources(events: Sequence[Event], entities: Entities) -> Iterator[EntityChange]:
    """Return when each source's newest event happened."""
    newest: dict[str, int] = {}
    for event in events:
        newest[event.source] = max(event_micros(event), newest.get(event.source, 0))
    states = entities.load("source", newest) if newest else {}
    for key, at in newest.items():
        at = max(at, orjson.loads(states.get(key, b"0")))
        yield EntityChange("source", key, orjson.dumps(at), {"at": at}, [], [])


@dataclass(frozen=True)
class FoldResult:
    """What a batch changes: `cells` are added to the stored ones, `entities` replace theirs."""

    cells: dict[Key, Cell]
    entities: dict[tuple[Family, str], Entity]


def fold(
    events: Sequence[Event], entities: Entities, rules: Rules, vocabulary: Vocabulary, minutes_since: int = 0
) -> FoldResult:
    """Fold a batch of one location's log.

    Whatever the split into batches and the order of arrival, cells add up to the same and entities end up the same
    (the bounds apart: `RECORDS`, `REPORTS`, `DISTINCT`). The vocabulary is part of the batch: where the batch cannot
    be stored, begin again with the stored vocabulary. `minutes_since` (microseconds): older facts are not counted by
    the minute.
    """
    delta = Delta(rules.zone, minutes_since)
    for event in events:
        for fact in event_facts(event, rules):
            delta.add(vocabulary.fact(fact))
    changed = {
        (change.family, change.key): change.entity(vocabulary) for change in entity_changes(events, entities, rules)
    }
    for entity in changed.values():
        for times, facts in ((-1, entity.retracted), (1, entity.added)):
            for fact in facts:
                if CUBES[fact.kind].counted:
                    delta.add(fact, times)
    return FoldResult(delta.cells(), changed)
