"""Needs you: all that waits for a person, in words: what waiting costs most first, the freshest first within it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import quote

from jorge_data.events.money import cents
from jorge_data.events.personal import is_erased
from jorge_data.events.timestamps import MINUTE, SECOND, micros, moment, rfc3339
from jorge_data.metrics.colleagues import Colleagues
from jorge_data.metrics.entities.attention import Acts
from jorge_data.metrics.entities.bot import Bot
from jorge_data.metrics.entities.component import Component
from jorge_data.metrics.entities.contact import Contact, SequenceStep
from jorge_data.metrics.entities.open_item import (
    CALLS,
    SENDS,
    callbacks,
    failing,
    may_be_called,
    may_be_mailed,
    overdue_steps,
    undelivered,
)
from jorge_data.metrics.entities.opt_out import Breach
from jorge_data.metrics.entities.seller import stalled_since
from jorge_data.metrics.entities.sequence import promised_channel, promised_day
from jorge_data.metrics.entities.status_run import NEVER
from jorge_data.metrics.formatting import duration, first_name, joined, milliseconds, money, write_clock, write_day
from jorge_data.metrics.names import label_words, words_or_nothing
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.event_sentences import ASKED, CHANNELS, OPTED_OUT_OF, OUTCOMES
from jorge_data.metrics.wall.next_tries import appointment, next_try, says_when, snoozes, zone_of
from jorge_data.metrics.wall.view import (
    Choice,
    Done,
    DoneItem,
    GroupOfNeeds,
    ItemOwner,
    Need,
    NeedEvent,
    NeedGroup,
    Needs,
    Tone,
    Way,
)
from jorge_data.telephone import written

SHOWN = 100
"""Most items that are told: a day's work; besides, as many of those that somebody has taken, and of nobody's."""

MOST_DONE = 300
"""Most acts of a day that "Done today" is counted from, and DONE_SHOWN of them are told."""

DONE_SHOWN = 30

NEWS = 15 * MINUTE
"""The age up to which an item is announced: a history that is brought in must not call for everybody's attention."""

GROUPS: Mapping[NeedGroup, tuple[str, ...]] = MappingProxyType(
    {
        "sale": ("hot", "callback"),
        "rule": ("optout",),
        "answer": ("reply", "stall"),
        "promise": ("overdue", "call", "send"),
        "machine": ("bot", "component"),
    }
)
"""What waiting costs, the dearest first, and the kinds of item of each."""

TITLES: Mapping[NeedGroup, str] = MappingProxyType(
    {
        "sale": "A sale may be lost",
        "rule": "A rule was broken",
        "answer": "Someone waits for an answer",
        "promise": "We promised, and are late",
        "machine": "A machine needs help",
    }
)

OF_CONTACTS = [kinds for group, kinds in GROUPS.items() if group != "machine"]
"""The kinds of item about contacts, by group."""

GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}

QUESTION_WORDS = ("motivation", "timeline", "condition", "price")
"""What each of the four questions asks about."""

ItemKind = Literal["component", "bot", "optout", "hot", "callback", "reply", "stall", "overdue", "call", "send"]


class Words(NamedTuple):
    """How an item is said: its tone, what follows the name, and what stands beneath.

    `held`: what follows the name goes on after the temperature, "is hot, and no one has called".
    """

    tone: Tone
    says: str
    detail: str = ""
    held: bool = False


class ListedItem(NamedTuple):
    """An open item: of what, since when its clock runs, when it happened last, from when it is shown, its owner."""

    kind: ItemKind
    about: str
    since: int
    again: int
    shown_from: int
    owner: str

    @property
    def group(self) -> NeedGroup:
        """Return what waiting with it costs."""
        return GROUP_OF[self.kind]


class DealtWith(NamedTuple):
    """An act by which somebody dealt with an item or put it off, and how long that had waited (None: not known)."""

    at: int
    kind: str
    about: str
    by: str
    action: str
    outcome: str
    until: int
    waited_s: float | None

    @property
    def is_over(self) -> bool:
        """Return whether the item is dealt with, and not only put off: all acts that are told do one or the other."""
        return self.action != "snoozed" and self.outcome != "no_answer"


@dataclass(frozen=True)
class Subjects:
    """Whom and what the listed items are about, who has them, and the names of the contacts that bots work for or are
    done with."""

    contacts: Mapping[str, Contact]
    bots: Mapping[str, Bot]
    components: Mapping[str, Component]
    names: Mapping[str, str]
    colleagues: Colleagues = field(default_factory=Colleagues)

    def owner(self, person: str) -> ItemOwner:
        """Return a person of the office by whichever id of his."""
        name = self.colleagues.name(person)
        parts = [part for part in name.replace("@", " ").replace(".", " ").replace("-", " ").split() if part]
        initials = (parts[0][:1] + (parts[1][:1] if len(parts) > 1 else parts[0][1:2])).upper() if parts else ""
        return {"id": self.colleagues.one(person), "name": name, "initials": initials}

    def name(self, kind: str, about: str) -> str:
        """Return by what name an item is about somebody or something."""
        if kind in ("bot", "component"):
            return label_words(about, kind)
        contact = self.contacts.get(about)
        return contact.shown_name if contact else self.names.get(about, about)


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


def machine_acts(kind: Literal["bot", "component"], about: str, acts: Acts, since: int) -> Iterator[DealtWith]:
    """Return how people dealt with a bot or a component since a moment; how long it had waited is not known."""
    for of, act in acts.all():
        if of == kind and act.at >= since and (act.closes or act.hides):
            yield DealtWith(act.at, kind, about, act.by, act.action, act.outcome, act.until, None)


def needs(
    counts: Iterable[tuple[str, str, int]],
    listed: Iterable[ListedItem],
    dealt_with: Sequence[DealtWith],
    subjects: Subjects,
    targets: Targets,
    now: int,
) -> Needs:
    """Return all that waits in words: how many of each kind and owner there are, and those that are listed.

    `dealt_with` is what people did in the office's day, the newest first.
    """
    by_group, by_owner = Counter[str](), Counter[str]()
    for kind, owner, n in counts:
        by_group[GROUP_OF[kind]] += n
        by_owner[subjects.colleagues.one(owner)] += n
    order: list[NeedGroup] = list(GROUPS)
    shown = sorted(listed, key=lambda item: (order.index(item.group), -item.since, item.about, item.kind))
    count = by_group.total()
    return {
        "count": count,
        "nobodys": by_owner.pop("", 0),
        "by_owner": dict(sorted(by_owner.items())),
        "unlisted": count - len(shown),
        "groups": [_group(group, by_group[group], shown, subjects, targets) for group in order if by_group[group]],
        "items": [need(item, subjects, targets, now) for item in shown],
        "done": _done(dealt_with, subjects, targets, now),
        "snoozes": snoozes(now, targets.zone),
        "appointment": appointment(now, targets.zone),
    }


def _group(
    group: NeedGroup, count: int, shown: Sequence[ListedItem], subjects: Subjects, targets: Targets
) -> GroupOfNeeds:
    items = [item for item in shown if item.group == group]
    return {"key": group, "title": TITLES[group], "says": _cost(group, count, items, subjects, targets), "count": count}


def _cost(group: NeedGroup, count: int, items: Sequence[ListedItem], subjects: Subjects, targets: Targets) -> str:
    """Return what waiting with a group costs, in words."""
    match group:
        case "sale":
            homes = {item.about: subjects.contacts[item.about].value for item in items}
            worth = sum(cents(value) for value in homes.values() if value)
            about = f"{'' if len(items) == count else 'more than '}{money(worth)} of homes; " if worth else ""
            return f"{about}each minute lowers the chance"
        case "rule":
            return "a text after “STOP” can cost $500 to $1,500"
        case "answer":
            asked = sum(item.kind == "reply" for item in items)
            return "" if len(items) < count else f"{asked} wrote to us" if asked else ""
        case "promise" if len(items) == count:
            oldest = min(item.since for item in items)
            return f"the oldest since {write_day(moment(oldest).astimezone(targets.zone))}"
    return ""


def need(item: ListedItem, subjects: Subjects, targets: Targets, now: int) -> Need:
    """Return an open item in words."""
    said = _words(item, subjects, targets, now)
    contact = subjects.contacts[item.about] if item.group != "machine" else None
    acts = contact.acts if contact else _machine(item, subjects).acts
    name = subjects.name(item.kind, item.about)
    put_off = acts.hiding(item.kind, item.since, contact.wrote if contact else 0)
    temperature = contact.answers[-1].temperature if contact and contact.answers else ""
    detail = said.detail
    if contact is not None:
        home = contact.details.get("address").partition(",")[0]
        worth = money(cents(contact.value)) if contact.value else ""
        detail = joined(home, worth, said.detail, _quote(contact) if item.kind != "optout" else "")
    return {
        "item": f"{item.kind}:{item.about}",
        "group": item.group,
        "since_ms": item.since // 1000,
        "tone": said.tone,
        "name": name,
        "temperature": temperature,
        "says": said.says,
        "held": said.held and bool(temperature),
        "first_name": first_name(contact.name.name) if contact and contact.name else "",
        "detail": detail,
        "events": _events(item, subjects),
        "contact": item.about if contact else None,
        "phone": written(contact.details.phone) if contact else "",
        "phone_state": phone_state(contact) if contact else "none",
        "ways": ways(contact) if contact else [],
        "owner": subjects.owner(item.owner) if item.owner else None,
        "note": acts.notes[-1].note if acts.notes else "",
        "next_ms": put_off.until // 1000 if put_off else None,
        "choices": choices(item.kind, contact, targets, now),
        "news": now - item.again < NEWS,
    }


def _machine(item: ListedItem, subjects: Subjects) -> Bot | Component:
    return subjects.bots[item.about] if item.kind == "bot" else subjects.components[item.about]


def phone_state(contact: Contact) -> Literal["ok", "struck", "do_not_contact", "none"]:
    """Return whether the contact's number may be called."""
    if contact.is_off_the_phone:
        return "do_not_contact"
    if not contact.details.phone:
        return "none"
    return "struck" if contact.is_number_struck else "ok"


def ways(contact: Contact) -> list[Way]:
    """Return the ways by which a contact may be reached now: call and text, else mail."""
    found: list[Way] = []
    if may_be_called(contact):
        number = quote(contact.details.phone, safe="+")
        found += [{"kind": "call", "href": f"tel:{number}"}, {"kind": "text", "href": f"sms:{number}"}]
    if may_be_mailed(contact):
        found.append({"kind": "mail", "href": f"mailto:{quote(contact.details.get('email'), safe='@+')}"})
    return found


_CALLED = (
    ("1", "Reached", "closes this", "reached"),
    ("2", "No answer", "", "no_answer"),
    ("3", "Appointment", "pick a time", "appointment"),
    ("4", "Not interested", "bots stop", "not_interested"),
    ("5", "Wrong number", "number is struck", "wrong_number"),
)


def choices(kind: str, contact: Contact | None, targets: Targets, now: int) -> list[Choice]:
    """Return how somebody may say that it went: a call's outcomes where the contact may be called."""
    note: Choice = {
        "key": "6",
        "label": "Note",
        "says": "stays open",
        "action": "noted",
        "outcome": None,
        "until": None,
    }
    done: Choice = {
        "key": "1",
        "label": "Done",
        "says": "closes this",
        "action": "acknowledged",
        "outcome": None,
        "until": None,
    }
    if contact is None or kind == "optout" or phone_state(contact) == "do_not_contact":
        return [done, note]
    again = next_try(now, zone_of(contact) or targets.zone).astimezone(targets.zone)
    found: list[Choice] = []
    for key, label, says, outcome in _CALLED:
        if outcome == "wrong_number" and phone_state(contact) != "ok":
            continue
        until = rfc3339(micros(again)) if outcome == "no_answer" else None
        says = f"again at {says_when(again, moment(now))}" if outcome == "no_answer" else says
        found.append({"key": key, "label": label, "says": says, "action": "called", "outcome": outcome, "until": until})
    return [*found, note]


def _done(dealt_with: Sequence[DealtWith], subjects: Subjects, targets: Targets, now: int) -> Done:
    """Return what was dealt with, newest first, how fast half of it was, and how much was put off."""
    over = [act for act in dealt_with if act.is_over]
    waited = [act.waited_s for act in over if act.waited_s is not None]
    snoozed, unanswered = (
        sum(act.action == "snoozed" for act in dealt_with),
        sum(act.outcome == "no_answer" for act in dealt_with),
    )
    says = joined(
        f"half of them within {duration(median(waited))}" if waited else "",
        f"snoozed {snoozed}" if snoozed else "",
        f"no answer {unanswered}" if unanswered else "",
    )
    items = [_done_item(act, subjects, targets, now) for act in over[:DONE_SHOWN]]
    return {"count": len(over), "says": says, "items": items}


def _done_item(act: DealtWith, subjects: Subjects, targets: Targets, now: int) -> DoneItem:
    return {
        "at_ms": act.at // 1000,
        "item": f"{act.kind}:{act.about}",
        "name": subjects.name(act.kind, act.about),
        "contact": None if act.kind in GROUPS["machine"] else act.about,
        "says": done_words(act.outcome, act.until, targets, now),
        "by": subjects.owner(act.by),
    }


def done_words(outcome: str, until: int, targets: Targets, now: int) -> str:
    """Return how it went with an item: "appointment, Wed 25 Nov, 10:00"."""
    words = OUTCOMES.get(outcome, "done")
    if outcome == "appointment" and until:
        return f"{words}, {says_when(moment(until).astimezone(targets.zone), moment(now))}"
    return f"{words}, bots stopped" if outcome == "not_interested" else words


def _words(item: ListedItem, subjects: Subjects, targets: Targets, now: int) -> Words:
    if item.kind == "bot":
        return _bot_words(subjects.bots[item.about], subjects.names, targets, now)
    if item.kind == "component":
        return _component_words(subjects.components[item.about])
    contact = subjects.contacts[item.about]
    match item.kind:
        case "optout":
            return _breach_words(contact)
        case "hot":
            tried = _tried(contact, targets)
            return Words("hot", tried) if tried else Words("hot", "and no one has called", held=True)
        case "callback":
            words = callbacks(contact)[-1].words
            return Words("hot", ASKED, "" if words == ASKED else words)
        case "reply":
            return Words("warm", "has not had a reply")
        case "stall":
            return _stall_words(contact)
        case "overdue":
            return _overdue_words(overdue_steps(contact)[0], targets, now)
        case "call":
            return _call_words(contact)
    return _send_words(contact)


def _tried(contact: Contact, targets: Targets) -> str:
    """Return that nobody answered the calls since the contact is hot, "" where nobody called."""
    since = contact.touched[0]
    calls = [call for call in contact.acts.calls if call.outcome == "no_answer" and call.at > since]
    if not calls:
        return ""
    at = write_clock(moment(calls[-1].at).astimezone(targets.zone))
    times = {1: "", 2: "twice, last "}.get(len(calls), f"{len(calls)} times, last ")
    return f"was called {times}at {at}, no answer"


def _quote(contact: Contact) -> str:
    """Return what the contact wrote last."""
    return f"“{contact.said.words}”" if contact.said and not is_erased(contact.said.words) else ""


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
    return Words("bad", breach_words(found[-1]), again)


def breach_words(breach: Breach) -> str:
    """Return what a bot did to who had opted out: "was texted 40 m after STOP"."""
    send, opt_out = breach
    after = opt_out.words if opt_out.written else f"opting out of {OPTED_OUT_OF[opt_out.channel]}"
    return f"{_REACHED.get(send.channel, 'was messaged')} {duration((send.at - opt_out.at) / SECOND)} after {after}"


def _stall_words(contact: Contact) -> Words:
    if stalled_since(contact) == NEVER:
        return Words("warm", "stalled in conversation")
    answer, seller = contact.answers[-1], contact.seller
    stuck = joined(words_or_nothing(answer.stall_type, "stall_type"), seller.next_step if seller else "")
    detail = "" if _quote(contact) else stuck
    return Words("warm", f"is stuck on the {QUESTION_WORDS[answer.question]} question", detail)


def _overdue_words(step: SequenceStep, targets: Targets, now: int) -> Words:
    assert step.due is not None, "a step is overdue that was promised for a moment"
    due = moment(step.due).astimezone(targets.zone)
    what = {"sms": "text", "email": "e-mail", "call": "call"}.get(promised_channel(step), "step")
    return Words("", f"day {promised_day(step)} {what} is overdue", f"due {says_when(due, moment(now))}")


def _call_words(contact: Contact) -> Words:
    if failed := failing(contact, CALLS):
        return Words("bad", f"was not reached by our day {failed[-1].day} call", failed[-1].failure)
    return Words("warm", "has had a call without an outcome", "no analysis came in 10 minutes")


def _send_words(contact: Contact) -> Words:
    failed, lost = failing(contact, SENDS), undelivered(contact)
    if failed and (not lost or failed[-1][:2] > lost[-1][:2]):
        what = CHANNELS[failed[-1].action].replace("SMS", "text")
        return Words("bad", f"did not get our day {failed[-1].day} {what}", failed[-1].failure)
    what = {"sms": "text", "email": "e-mail"}.get(lost[-1].channel, "message")
    return Words("bad", f"did not get our {what}")


def _bot_words(bot: Bot, names: Mapping[str, str], targets: Targets, now: int) -> Words:
    report = bot.report
    assert report is not None, "a bot without a report neither fails nor falls silent"
    if bot.state(now, targets.silent_after_s) == "error":
        return Words("bad", "reports an error", report.error)
    contact = report.contact
    return Words(
        "warm",
        "has gone silent at work",
        joined(words_or_nothing(report.step), names.get(contact, contact) if contact else ""),
    )


def _component_words(component: Component) -> Words:
    detail = component.detail
    tone: Tone = "bad" if component.status == "down" else "warm"
    return Words(
        tone, f"is {component.status}", joined(milliseconds(detail.response_ms), detail.error) if detail else ""
    )
