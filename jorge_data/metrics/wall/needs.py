"""Needs you: what a person must look at now, most urgent first, in words."""

import heapq
from collections.abc import Iterator
from typing import Literal, NamedTuple

from jorge_data.events.money import cents
from jorge_data.events.timestamps import MINUTE
from jorge_data.metrics.formatting import joined, line, milliseconds, money
from jorge_data.metrics.wall.attention import OUTCOME_WITHIN
from jorge_data.metrics.wall.bots import LABELS
from jorge_data.metrics.wall.contacts import RETENTION
from jorge_data.metrics.wall.qualification import SellerStatus
from jorge_data.metrics.wall.state import LiveState
from jorge_data.metrics.wall.view import Need, Needs, Span, Tone

_DOWN, _HOT, _BOT, _CALL, _STALL, _SEND = range(6)
_DEGRADED = _BOT


class OpenItem(NamedTuple):
    """One open item, in the order of its urgency; `again` is when it last happened."""

    urgency: int
    since: int
    kind: str
    about: str
    again: int

    @property
    def item(self) -> str:
        return f"{self.kind}:{self.about}"


def open_items(state: LiveState, now: int) -> list[OpenItem]:
    """Return every open item that nobody has put out of sight, in no order."""
    items = [*_components(state), *_bots(state, now), *_sellers(state, now), *_calls(state, now), *_sends(state)]
    shown: list[OpenItem] = []
    for item in items:
        act = state.acts.on(item.item)
        if not act.hides(item.since, item.again, now):
            # Its clock begins anew where it was acknowledged before it happened again.
            begins_anew = act.acknowledged and act.at >= item.since
            shown.append(item._replace(since=item.again) if begins_anew else item)
    return shown


def _components(state: LiveState) -> Iterator[OpenItem]:
    urgency = {"down": _DOWN, "degraded": _DEGRADED}
    for name, report in state.health.reports.items():
        if report.status in urgency:
            yield OpenItem(urgency[report.status], report.since, "component", name, report.since)


def _bots(state: LiveState, now: int) -> Iterator[OpenItem]:
    patience = state.targets.silent_after_s
    for name, bot in state.bots.by_name.items():
        doing = bot.state(now, patience)
        if doing in ("error", "silent"):
            since = bot.since(doing, patience)
            yield OpenItem(_BOT, since, "bot", name, since)


def _sellers(state: LiveState, now: int) -> Iterator[OpenItem]:
    candidates = state.qualification.candidates
    for seller in map(state.qualification.sellers.__getitem__, candidates):
        is_current = state.contacts.seen(seller.contact) >= now - RETENTION
        if is_current and seller.hot_since > state.attention.touch(seller.contact).agent:
            yield OpenItem(_HOT, seller.hot_since, "hot", seller.contact, seller.hot_since)
    for contact in candidates | state.attention.candidates:
        since = _stalled_since(state, contact)
        if since:
            yield OpenItem(_STALL, since, "stall", contact, since)


def _stalled_since(state: LiveState, contact: str) -> int:
    seller, touch = state.qualification.sellers.get(contact), state.attention.touch(contact)
    since = seller.stalled_since if seller else 0
    if not since and touch.stalled > (seller.at if seller else 0):
        since = touch.stalled
    return since if since > touch.agent else 0


def _calls(state: LiveState, now: int) -> Iterator[OpenItem]:
    failing = state.attention.calls.failing
    for contact in failing:
        attempt = state.attention.calls.by_contact[contact]
        if attempt.failed_at > state.attention.touch(contact).agent:
            yield OpenItem(_CALL, attempt.since, "call", contact, attempt.failed_at)
    for contact in state.attention.candidates:
        touch = state.attention.touches[contact]
        ended = touch.call_ended
        if touch.awaits_outcome and contact not in failing and touch.agent < ended <= now - OUTCOME_WITHIN:
            yield OpenItem(_CALL, ended, "call", contact, ended)


def _sends(state: LiveState) -> Iterator[OpenItem]:
    for contact in state.attention.sends.failing:
        attempt = state.attention.sends.by_contact[contact]
        yield OpenItem(_SEND, attempt.since, "send", contact, attempt.failed_at)


SHOWN = 20

NEWS = 15 * MINUTE
"""The age up to which an item is announced: a history that is brought in must not call for everybody's attention."""

Words = tuple[Tone, list[Span], str]


def needs(state: LiveState, now: int) -> Needs:
    """Return how many items are open, and the twenty that are most urgent."""
    items = open_items(state, now)
    return {"count": len(items), "items": [_need(state, item, now) for item in heapq.nsmallest(SHOWN, items)]}


def _need(state: LiveState, need: OpenItem, now: int) -> Need:
    tone, title, detail = _words(state, need, now)
    contact = None if need.kind in ("bot", "component") else need.about
    mine = state.acts.on(need.item).owner(need.since)
    first: Literal["open", "mine"] = "open" if contact or mine else "mine"
    return {
        "item": need.item,
        "since_ms": need.since // 1000,
        "tone": tone,
        "title": title,
        "detail": detail,
        "contact": contact,
        "mine": mine,
        "first": first,
        "news": now - need.again < NEWS,
    }


def _words(state: LiveState, need: OpenItem, now: int) -> Words:
    match need.kind:
        case "hot":
            return _hot_words(state, state.qualification.sellers[need.about])
        case "stall":
            return _stall_words(state, need.about)
        case "call":
            return _call_words(state, need.about)
        case "send":
            return _send_words(state, need.about)
        case "bot":
            return _bot_words(state, need.about, now)
    return _component_words(state, need.about)


def _hot_words(state: LiveState, seller: SellerStatus) -> Words:
    detail = joined(
        f"answered {seller.answered} of 4",
        f"effectiveness {seller.effectiveness}",
        money(cents(seller.value)) if seller.value else "",
        f"next: {line(seller.next_step)}" if seller.next_step else "",
    )
    return "hot", [("b", state.contacts.name(seller.contact)), ("t", " is hot and no one has called")], detail


def _stall_words(state: LiveState, contact: str) -> Words:
    name: Span = ("b", state.contacts.name(contact))
    seller = state.qualification.sellers.get(contact)
    if seller is None or not seller.stalled_since:
        return "warm", [name, ("t", " stalled in conversation")], ""
    detail = joined(line(seller.stall_type), f"effectiveness {seller.effectiveness}", line(seller.next_step))
    return "warm", [name, ("t", f" stalled on Q{seller.question + 1}")], detail


def _call_words(state: LiveState, contact: str) -> Words:
    attempt = state.attention.calls.by_contact.get(contact)
    name = state.contacts.name(contact)
    if attempt is None or not attempt.failing:
        return "warm", [("b", "Call ended without an outcome"), ("t", f" for {name}")], "no analysis came in 10 minutes"
    return "bad", [("b", f"{attempt.words} failed"), ("t", f" for {name}")], line(attempt.reason)


def _send_words(state: LiveState, contact: str) -> Words:
    attempt = state.attention.sends.by_contact[contact]
    title: list[Span] = [("b", f"{attempt.words} failed"), ("t", f" for {state.contacts.name(contact)}")]
    return "bad", title, line(attempt.reason)


def _bot_words(state: LiveState, name: str, now: int) -> Words:
    bot = state.bots.by_name[name]
    label: Span = ("b", LABELS.get(name, name))
    if bot.state(now, state.targets.silent_after_s) == "error":
        return "bad", [label, ("t", " reports an error")], line(bot.report.error)
    contact = bot.report.contact
    detail = joined(line(bot.report.step), state.contacts.name(contact) if contact else "")
    return "warm", [label, ("t", " has gone silent at work")], detail


def _component_words(state: LiveState, name: str) -> Words:
    report = state.health.reports[name]
    tone: Tone = "bad" if report.status == "down" else "warm"
    detail = joined(milliseconds(report.response_ms), line(report.error))
    return tone, [("b", name), ("t", f" is {report.status}")], detail
