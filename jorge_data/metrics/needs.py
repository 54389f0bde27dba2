"""Needs: what a person must look at now, most urgent first, in words."""

import heapq
from typing import Literal

from jorge_data.events.timestamps import MINUTE
from jorge_data.metrics.bots import LABELS
from jorge_data.metrics.findings import Finding, find
from jorge_data.metrics.qualification import Seller
from jorge_data.metrics.state import LiveState
from jorge_data.metrics.view import Need, Needs, Span, Tone
from jorge_data.metrics.wording import cents, joined, line, milliseconds, money

SHOWN = 20

NEWS = 15 * MINUTE
"""What last happened before is no news: a history that is brought in must not call for everybody's attention."""

Words = tuple[Tone, list[Span], str]


def needs(state: LiveState, now: int) -> Needs:
    """Return how many items are open, and the twenty that are most urgent."""
    found = find(state, now)
    return {"count": len(found), "items": [_need(state, one, now) for one in heapq.nsmallest(SHOWN, found)]}


def _need(state: LiveState, found: Finding, now: int) -> Need:
    tone, title, detail = _words(state, found, now)
    contact = None if found.kind in ("bot", "component") else found.about
    mine = state.acts.on(found.item).owner(found.since)
    first: Literal["open", "mine"] = "open" if contact or mine else "mine"
    return {
        "item": found.item,
        "since_ms": found.since // 1000,
        "tone": tone,
        "title": title,
        "detail": detail,
        "contact": contact,
        "mine": mine,
        "first": first,
        "news": now - found.again < NEWS,
    }


def _words(state: LiveState, found: Finding, now: int) -> Words:
    match found.kind:
        case "hot":
            return _hot_words(state, state.qualification.sellers[found.about])
        case "stall":
            return _stall_words(state, found.about)
        case "call":
            return _call_words(state, found.about)
        case "send":
            return _send_words(state, found.about)
        case "bot":
            return _bot_words(state, found.about, now)
    return _component_words(state, found.about)


def _hot_words(state: LiveState, seller: Seller) -> Words:
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
