"""Episodes of what waits for a person: from facts, or from the events of one contact, told one after another."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from jorge_data.events import Event
from jorge_data.events.timestamps import SECOND, event_micros
from jorge_data.metrics.alerts.evaluation import Episode, merged
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.cube import CUBES, SCALE, Fact
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.metrics.entities.open_item import callbacks
from jorge_data.metrics.rules import Rules
from jorge_data.metrics.statistics.report_spans import DOWN, report_spans

Told = tuple[str, Fact]
"""An entity, and a fact of it."""


def untouched(facts: Iterable[Told]) -> Iterator[Episode]:
    """Yield how long each hot seller waited for the first try of a person (kind=human_touch).

    Who opts out of calls and texts before anybody tried is waited for no more.
    """
    for contact, fact in facts:
        dims, measures = _read(fact)
        if tried := measures.get("duration_s"):
            yield Episode(contact, fact.at, fact.at + tried, fact.at + tried, dims["agent"])
        elif "duration_s" in measures:
            continue  # somebody was on the telephone as it happened
        elif dims["heard"] == "out":
            yield Episode(contact, fact.at, fact.at + measures.get("heard_s", 0))
        else:
            yield Episode(contact, fact.at)


def stays(facts: Iterable[Told]) -> Iterator[Episode]:
    """Yield each deal's time in a stage (kind=deal_stage); who moves a deal, or closes it, has acted."""
    for deal, fact in facts:
        left = _read(fact)[1].get("duration_s")
        ended = None if left is None else fact.at + left
        yield Episode(deal, fact.at, ended, ended)


def outages(times: Iterable[Told], newest: Iterable[Told], now: int, down_until_reported: bool) -> list[Episode]:
    """Return each time that a component was down: of kind=component_time, and of component_newest up to now."""
    episodes = []
    for component, fact in times:
        dims, measures = _read(fact)
        if dims["status"] == DOWN:
            episodes.append(Episode(component, fact.at, fact.at + measures["duration_s"]))
    for component, fact in newest:
        if _read(fact)[0]["status"] == DOWN:
            held = [at + length for at, length in report_spans(fact.at, DOWN, now, down_until_reported)]
            end = max(held, default=now)
            episodes.append(Episode(component, fact.at, None if end >= now else end))
    return merged(episodes, SECOND)


def _read(fact: Fact) -> tuple[dict[str, str], dict[str, int]]:
    """Return a fact's dimensions by name, and its measures: those in seconds as microseconds."""
    names = CUBES[fact.kind].dims
    measures = {name: value * SECOND // SCALE for name, value in fact.measures}
    return dict(zip(names, fact.dims, strict=True)), measures


ReplayedItem = Literal["callback", "optout"]


def _callback(contact: Contact) -> tuple[int, int] | None:
    asked = callbacks(contact)
    return (asked[0].at, asked[-1].at) if asked else None


def _breach(contact: Contact) -> tuple[int, int] | None:
    broken = contact.breaches
    return (broken[0].send.at, broken[-1].send.at) if broken else None


_OPEN: Mapping[ReplayedItem, Callable[[Contact], tuple[int, int] | None]] = MappingProxyType(
    {"callback": _callback, "optout": _breach}
)
"""Since when an item is open with a contact, and when it happened last, as "Needs you" says."""


def replayed(item: ReplayedItem, key: str, events: Iterable[Event], rules: Rules) -> Iterator[Episode]:
    """Yield each time in which an item of a contact was open, as "Needs you" had it, from the contact's own events."""
    contact, episode = Contact.load(key, None), None
    for event in sorted(events, key=lambda each: (event_micros(each), each.seq)):
        if contact_of(event) != key:
            continue
        contact.apply(event, rules)
        at, since = event_micros(event), _open_since(contact, item)
        if episode is not None and (by := _acted_by(event, item)) is not None and episode.acted is None:
            episode = episode._replace(acted=at, by=by)
        if episode is not None and since != episode.began:
            yield episode._replace(ended=max(at, episode.began))
            episode = None
        if episode is None and since is not None:
            episode = Episode(key, since)
    if episode is not None:
        yield episode


def _open_since(contact: Contact, item: ReplayedItem) -> int | None:
    open_ = None if contact.is_deleted else _OPEN[item](contact)
    if open_ is None:
        return None
    status = contact.acts.status(item, *open_, wrote=contact.wrote)
    return None if status is None else status.since


def _acted_by(event: Event, item: ReplayedItem) -> str | None:
    """Return who acted on an item by an event, "" where that is not told; None where the event is no act on it."""
    data = event.data
    if event.type == "attention_update":
        is_act = data["item"].partition(":")[0] == item and data["action"] not in ("undone", "reopened", "noted")
        return text(data["by"]) if is_act else None
    if event.type == "conversation_event" and data.get("author") == "agent":
        return text(data.get("agent_id"))
    return None
