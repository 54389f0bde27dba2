"""Needs you: what a person must look at now, most urgent first, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from jorge_data.events.money import cents
from jorge_data.events.timestamps import MINUTE, SECOND
from jorge_data.metrics.entities.bot import Bot
from jorge_data.metrics.entities.component import Component
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.open_item import CALLS, SENDS, callbacks, failing
from jorge_data.metrics.entities.opt_out import Breach
from jorge_data.metrics.entities.seller import stalled_since
from jorge_data.metrics.entities.status_run import NEVER
from jorge_data.metrics.formatting import joined, line, milliseconds, money
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.event_sentences import ASKED, BOT_LABELS, CHANNELS, OPTED_OUT_OF
from jorge_data.metrics.wall.view import Need, NeedEvent, Needs, Span, Tone

SHOWN = 20

NEWS = 15 * MINUTE
"""The age up to which an item is announced: a history that is brought in must not call for everybody's attention."""

URGENCY = ("down", "optout", "hot", "callback", "bot", "degraded", "call", "stall", "send")

ItemKind = Literal["component", "bot", "optout", "hot", "callback", "call", "stall", "send"]
Words = tuple[Tone, list[Span], str]


class ListedItem(NamedTuple):
    """An open item: of what, since when its clock runs, when it happened last, from when it is shown, its owner."""

    kind: ItemKind
    about: str
    since: int
    again: int
    shown_from: int
    owner: str


@dataclass(frozen=True)
class Subjects:
    """Whom and what the listed items are about, and the names of the contacts that bots work for."""

    contacts: Mapping[str, Contact]
    bots: Mapping[str, Bot]
    components: Mapping[str, Component]
    names: Mapping[str, str]


def bot_items(bots: Iterable[Bot], targets: Targets, now: int) -> Iterator[ListedItem]:
    """Return the bots that report an error or fell silent at work, but for those that someone is done with."""
    for bot in bots:
        state = bot.state(now, targets.silent_after_s)
        if state in ("error", "silent"):
            since = bot.since(state, targets.silent_after_s)
            if status := bot.acts.status("bot", since, since):
                yield ListedItem("bot", bot.key, status.since, since, status.shown_from, status.owner)


def component_items(components: Iterable[Component], now: int) -> Iterator[ListedItem]:
    """Return the components that are down or degraded, but for those that someone is done with."""
    for component in components:
        if component.status_at(now) in ("down", "degraded"):
            since = component.since
            if status := component.acts.status("component", since, since):
                yield ListedItem("component", component.key, status.since, since, status.shown_from, status.owner)


def needs(count: int, listed: Iterable[ListedItem], subjects: Subjects, targets: Targets, now: int) -> Needs:
    """Return how many items are open, and the most urgent of those that are listed, in words."""

    def urgency(item: ListedItem) -> tuple[int, int, str]:
        kind = subjects.components[item.about].status if item.kind == "component" else item.kind
        return URGENCY.index(kind), item.since, item.about

    shown = sorted(listed, key=urgency)[:SHOWN]
    return {
        "count": count,
        "items": [_need(item, _words(item, subjects, targets, now), _events(item, subjects), now) for item in shown],
    }


def _need(item: ListedItem, words: Words, events: list[NeedEvent], now: int) -> Need:
    tone, title, detail = words
    contact = None if item.kind in ("bot", "component") else item.about
    first: Literal["open", "mine"] = "open" if contact or item.owner else "mine"
    return {
        "item": f"{item.kind}:{item.about}",
        "since_ms": item.since // 1000,
        "tone": tone,
        "title": title,
        "detail": detail,
        "events": events,
        "contact": contact,
        "mine": item.owner or None,
        "first": first,
        "news": now - item.again < NEWS,
    }


def _words(item: ListedItem, subjects: Subjects, targets: Targets, now: int) -> Words:
    match item.kind:
        case "optout":
            return _breach_words(subjects.contacts[item.about])
        case "hot":
            return _hot_words(subjects.contacts[item.about])
        case "callback":
            return _callback_words(subjects.contacts[item.about])
        case "stall":
            return _stall_words(subjects.contacts[item.about])
        case "call":
            return _call_words(subjects.contacts[item.about])
        case "send":
            return _failed_words(subjects.contacts[item.about], SENDS)
        case "bot":
            return _bot_words(subjects.bots[item.about], subjects.names, targets, now)
    return _component_words(subjects.components[item.about])


def _events(item: ListedItem, subjects: Subjects) -> list[NeedEvent]:
    """Return the two events of a message to who had opted out: the opting out, and the newest message since."""
    if item.kind != "optout":
        return []
    send, opt_out = subjects.contacts[item.about].breaches[-1]
    said = joined(f"opted out of {OPTED_OUT_OF[opt_out.channel]}", opt_out.words)
    return [
        {"seq": opt_out.seq, "at_ms": opt_out.at // 1000, "text": said},
        {"seq": send.seq, "at_ms": send.at // 1000, "text": joined(_SENT[send.channel], send.words)},
    ]


_REACHED = {"sms": "was texted", "email": "was e-mailed", "call": "was called"}
_SENT = {
    "sms": "text sent",
    "email": "e-mail sent",
    "call": "call made",
    "chat": "message sent",
    "other": "message sent",
}


def _breach_words(contact: Contact) -> Words:
    found = contact.breaches
    again = f"{len(found)} times since; below is the newest" if len(found) > 1 else ""
    return "bad", [("b", contact.shown_name), ("t", f" {breach_words(found[-1])}")], again


def breach_words(breach: Breach) -> str:
    """Return what a bot did to who had opted out: "was texted 40 min after STOP"."""
    send, opt_out = breach
    after = opt_out.words if opt_out.written else f"opting out of {OPTED_OUT_OF[opt_out.channel]}"
    return f"{_REACHED.get(send.channel, 'was messaged')} {_later((send.at - opt_out.at) // SECOND)} after {after}"


def _later(seconds: int) -> str:
    """Write how much later something came, in whole units of the largest that fits: "40 min", "3 days"."""
    for size, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            n = seconds // size
            return "1 day" if (n, name) == (1, "days") else f"{n} {name}"
    return f"{seconds} s"


def _hot_words(contact: Contact) -> Words:
    answer, seller = contact.answers[-1], contact.seller
    detail = joined(
        f"answered {answer.answered} of 4",
        f"effectiveness {seller.effectiveness:.0f}" if seller else "",
        money(cents(seller.value)) if seller and seller.value else "",
        f"next: {seller.next_step}" if seller and seller.next_step else "",
    )
    return "hot", [("b", contact.shown_name), ("t", " is hot and no one has called")], detail


def _callback_words(contact: Contact) -> Words:
    words = callbacks(contact)[-1].words
    return "hot", [("b", contact.shown_name), ("t", f" {ASKED}")], "" if words == ASKED else words


def _stall_words(contact: Contact) -> Words:
    name: Span = ("b", contact.shown_name)
    if stalled_since(contact) == NEVER:
        return "warm", [name, ("t", " stalled in conversation")], ""
    answer, seller = contact.answers[-1], contact.seller
    effectiveness = f"effectiveness {seller.effectiveness:.0f}" if seller else ""
    detail = joined(line(answer.stall_type), effectiveness, seller.next_step if seller else "")
    return "warm", [name, ("t", f" stalled on Q{answer.question + 1}")], detail


def _call_words(contact: Contact) -> Words:
    if failing(contact, CALLS):
        return _failed_words(contact, CALLS)
    title: list[Span] = [("b", "Call ended without an outcome"), ("t", f" for {contact.shown_name}")]
    return "warm", title, "no analysis came in 10 minutes"


def _failed_words(contact: Contact, actions: tuple[str, ...]) -> Words:
    step = failing(contact, actions)[-1]
    title: list[Span] = [("b", f"Day {step.day} {CHANNELS[step.action]} failed"), ("t", f" for {contact.shown_name}")]
    return "bad", title, step.failure


def _bot_words(bot: Bot, names: Mapping[str, str], targets: Targets, now: int) -> Words:
    report = bot.report
    assert report is not None, "a bot without a report neither fails nor falls silent"
    title: Span = ("b", BOT_LABELS.get(bot.key, bot.key))
    if bot.state(now, targets.silent_after_s) == "error":
        return "bad", [title, ("t", " reports an error")], report.error
    contact = report.contact
    detail = joined(report.step, names.get(contact, contact) if contact else "")
    return "warm", [title, ("t", " has gone silent at work")], detail


def _component_words(component: Component) -> Words:
    detail = component.detail
    tone: Tone = "bad" if component.status == "down" else "warm"
    words = joined(milliseconds(detail.response_ms), detail.error) if detail else ""
    return tone, [("b", component.key), ("t", f" is {component.status}")], words
