"""Findings: the open items of "Needs you", as the facts and the clock have them now."""

from collections.abc import Iterator
from typing import NamedTuple

from jorge_data.metrics.attention import OUTCOME_WITHIN
from jorge_data.metrics.contacts import KEPT
from jorge_data.metrics.state import LiveState

_DOWN, _HOT, _BOT, _CALL, _STALL, _SEND = range(6)
_DEGRADED = _BOT


class Finding(NamedTuple):
    """One open item, in the order of its urgency; `again` is when it last happened."""

    urgency: int
    since: int
    kind: str
    about: str
    again: int

    @property
    def item(self) -> str:
        return f"{self.kind}:{self.about}"


def find(state: LiveState, now: int) -> list[Finding]:
    """Return every open item that nobody has put out of sight, in no order."""
    found = [*_components(state), *_bots(state, now), *_sellers(state, now), *_calls(state, now), *_sends(state)]
    return [_shown(state, one) for one in found if not _hidden(state, one, now)]


def _hidden(state: LiveState, found: Finding, now: int) -> bool:
    return state.acts.on(found.item).hides(found.since, found.again, now)


def _shown(state: LiveState, found: Finding) -> Finding:
    # Its clock begins anew where it was acknowledged before it happened again.
    act = state.acts.on(found.item)
    return found._replace(since=found.again) if act.acknowledged and act.at >= found.since else found


def _components(state: LiveState) -> Iterator[Finding]:
    urgency = {"down": _DOWN, "degraded": _DEGRADED}
    for name, report in state.health.reports.items():
        if report.status in urgency:
            yield Finding(urgency[report.status], report.since, "component", name, report.since)


def _bots(state: LiveState, now: int) -> Iterator[Finding]:
    patience = state.targets.silent_after_s
    for name, bot in state.bots.by_name.items():
        doing = bot.state(now, patience)
        if doing in ("error", "silent"):
            since = bot.since(doing, patience)
            yield Finding(_BOT, since, "bot", name, since)


def _sellers(state: LiveState, now: int) -> Iterator[Finding]:
    asking = state.qualification.asking
    for seller in map(state.qualification.sellers.__getitem__, asking):
        is_current = state.contacts.seen(seller.contact) >= now - KEPT
        if is_current and seller.hot_since > state.attention.touch(seller.contact).agent:
            yield Finding(_HOT, seller.hot_since, "hot", seller.contact, seller.hot_since)
    for contact in asking | state.attention.asking:
        since = _stalled_since(state, contact)
        if since:
            yield Finding(_STALL, since, "stall", contact, since)


def _stalled_since(state: LiveState, contact: str) -> int:
    seller, touch = state.qualification.sellers.get(contact), state.attention.touch(contact)
    since = seller.stalled_since if seller else 0
    if not since and touch.stalled > (seller.at if seller else 0):
        since = touch.stalled
    return since if since > touch.agent else 0


def _calls(state: LiveState, now: int) -> Iterator[Finding]:
    failing = state.attention.calls.failing
    for contact in failing:
        attempt = state.attention.calls.by_contact[contact]
        if attempt.failed_at > state.attention.touch(contact).agent:
            yield Finding(_CALL, attempt.since, "call", contact, attempt.failed_at)
    for contact in state.attention.asking:
        touch = state.attention.touches[contact]
        ended = touch.call_ended
        if touch.awaits_outcome and contact not in failing and touch.agent < ended <= now - OUTCOME_WITHIN:
            yield Finding(_CALL, ended, "call", contact, ended)


def _sends(state: LiveState) -> Iterator[Finding]:
    for contact in state.attention.sends.failing:
        attempt = state.attention.sends.by_contact[contact]
        yield Finding(_SEND, attempt.since, "send", contact, attempt.failed_at)
