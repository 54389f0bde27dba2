"""Episodes of what waits for a person: from facts, or from all that is kept of one contact."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from jorge_data.events.timestamps import SECOND
from jorge_data.metrics.alerts.evaluation import Episode, merged
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.cube import CUBES, SCALE, Fact
from jorge_data.metrics.entities.open_item import as_of, callbacks
from jorge_data.metrics.entities.status_run import Moment
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


ContactItem = Literal["callback", "optout"]


def _callback(contact: Contact) -> tuple[int, int] | None:
    asked = callbacks(contact)
    return (asked[0].at, asked[-1].at) if asked else None


def _breach(contact: Contact) -> tuple[int, int] | None:
    broken = contact.breaches
    return (broken[0].send.at, broken[-1].send.at) if broken else None


_OPEN: Mapping[ContactItem, Callable[[Contact], tuple[int, int] | None]] = MappingProxyType(
    {"callback": _callback, "optout": _breach}
)
"""Since when an item is open with a contact, and when it happened last, as "Needs you" says."""


def of_contact(item: ContactItem, contact: Contact) -> Iterator[Episode]:
    """Yield each time in which an item of a contact was open, as "Needs you" had it, as far as its records reach back.

    Of handoffs the newest alone is known, and of each message what became of it in the end.
    """
    if contact.is_deleted:
        return
    episode: Episode | None = None
    acted = {(act.at, act.seq): act.by for act in contact.acts.standing(item) if act.moves and act.action != "reopened"}
    acted |= {touch[:2]: touch.agent for touch in contact.human_touches}
    for at, seq in _moments(item, contact):
        since = _open_since(as_of(contact, (at, seq + 1)), item)
        if episode is not None and episode.acted is None and (at, seq) in acted:
            episode = episode._replace(acted=at, by=acted[at, seq])
        if episode is not None and since != episode.began:
            yield episode._replace(ended=max(at, episode.began))
            episode = None
        if episode is None and since is not None:
            episode = Episode(contact.key, since)
    if episode is not None:
        yield episode


def _moments(item: ContactItem, contact: Contact) -> list[Moment]:
    """Return the moments at which an item may have begun or ended, in order."""
    if item == "callback":
        handoff = [contact.handoff[:2]] if contact.handoff else []
        records: list[Moment] = [*handoff, *(asked[:2] for asked in contact.callbacks)]
    elif not any(record.out for record in contact.consent_history):
        return []
    else:
        sent = [*(send[:2] for send in contact.sends), *(step[:2] for step in contact.steps)]
        records = [*sent, *(record[:2] for record in contact.consent_history)]
    acts = [(act.at, act.seq) for _, act in contact.acts.all()]
    return sorted({*records, *acts, *(touch[:2] for touch in contact.human_touches)}) if records else []


def _open_since(contact: Contact, item: ContactItem) -> int | None:
    open_ = _OPEN[item](contact)
    status = contact.acts.status(item, *open_) if open_ is not None else None
    return None if status is None else status.since
