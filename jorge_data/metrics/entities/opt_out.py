"""What a contact opted out of, and what a bot sent nevertheless: the same in whatever order events arrive."""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from jorge_data.events.consent import CHANNELS, EVERY, channel_of, confirms, consent_in, shortened
from jorge_data.events.message_status import RANKS, has_failed_at
from jorge_data.events.timestamps import MINUTE, SECOND

CONFIRM_WITHIN = 5 * MINUTE
"""Within it one message may confirm an opting out (47 CFR 64.1200(a)(12)), and is no breach."""

SAME_SEND = MINUTE
"""What a bot, its CRM and its telephone tell of one sending is no further apart than this."""

MOST_SENDS = 100
"""Most messages and calls by bots that are kept of a contact: the newest."""

PHONE_CHANNELS = ("sms", "call")
"""The channels to a telephone."""

_by_time = itemgetter(0, 1)


class ConsentRecord(NamedTuple):
    """That a contact opted out of a channel ("": of every one) or in to it; `words` say how."""

    at: int
    seq: int
    channel: str
    out: bool
    words: str = ""
    written: bool = False

    def covers(self, channel: str) -> bool:
        """Return whether it is about a channel."""
        return self.channel in (EVERY, channel)


class BotSend(NamedTuple):
    """A message that a bot sent, or a call that it placed; the same `message` told again is one sending."""

    at: int
    seq: int
    channel: str
    message: str = ""
    words: str = ""
    confirms: bool = False
    rank: int = 0
    """Of the newest status of its delivery."""

    @property
    def failed(self) -> bool:
        """Return whether it reached nobody."""
        return has_failed_at(self.rank)


class Breach(NamedTuple):
    """That a bot wrote to, or called, who had opted out of that channel, and had opted out since without a break."""

    send: BotSend
    opt_out: ConsentRecord


class OutRun(NamedTuple):
    """A time without consent for a channel: what began it, and the opting in that ended it, if one did."""

    began: ConsentRecord
    ended: ConsentRecord | None

    def holds_at(self, at: int) -> bool:
        """Return whether there was no consent at a moment, that of the opting out not among them."""
        return self.began.at < at and (self.ended is None or at < self.ended.at)


def consent_of(at: int, seq: int, data: dict[str, Any]) -> ConsentRecord | None:
    """Return what a conversation event says of consent; None where it says nothing."""
    said = consent_in(data)
    return said and ConsentRecord(at, seq, said.channel, said.out, said.words, said.written)


def send_of(at: int, seq: int, data: dict[str, Any]) -> BotSend | None:
    """Return the message that a bot sent, or the call that it placed, at its beginning; None for any other event.

    What goes out without an author counts too: what a person sends has one.
    """
    if data.get("author") not in (None, "bot") or data.get("direction") != "outbound":
        return None
    match data["kind"]:
        case "message":
            body, rank = data.get("body"), RANKS.get(data.get("delivery"), 0)
            message = str(data.get("message_id") or "")
            words = f"“{shortened(body)}”" if body else ""
            return BotSend(at, seq, channel_of(data), message, words, confirms(body), rank)
        case "call_started":
            return BotSend(at, seq, "call")
        case "call_ended" if data.get("duration_seconds"):  # its start may be missing
            return BotSend(at - round(data["duration_seconds"] * SECOND), seq, "call")
    return None


def keep_send(sends: list[BotSend], send: BotSend) -> None:
    """Insert a sending in the order of time and seq; beyond MOST_SENDS the oldest one goes."""
    insort(sends, send, key=_by_time)
    if len(sends) > MOST_SENDS:
        del sends[0]


def out_runs(consents: Sequence[ConsentRecord], channel: str) -> list[OutRun]:
    """Return the times without consent for a channel, the oldest first; `consents` are in order of time and seq."""
    runs: list[OutRun] = []
    began: ConsentRecord | None = None
    for record in consents:
        if record.covers(channel):
            if record.out:
                began = began or record
            elif began:
                runs.append(OutRun(began, record))
                began = None
    return [*runs, OutRun(began, None)] if began else runs


def phone_runs(consents: Sequence[ConsentRecord]) -> list[OutRun]:
    """Return the times in which nobody may call or text the contact: who opted out of either is left alone by both.

    Few mean the one alone.
    """
    return [run for channel in PHONE_CHANNELS for run in out_runs(consents, channel)]


def opt_out(consents: Sequence[ConsentRecord]) -> ConsentRecord | None:
    """Return the newest opting out that holds for at least one channel."""
    newest: dict[str, ConsentRecord] = {}
    for record in consents:
        newest |= {channel: record for channel in CHANNELS if record.covers(channel)}
    return max((record for record in newest.values() if record.out), key=_by_time, default=None)


def breaches(consents: Sequence[ConsentRecord], sends: Iterable[BotSend], steps: Iterable[BotSend]) -> list[Breach]:
    """Return what a bot sent without consent since a contact opted out, the oldest first.

    `steps` are steps of a sequence as sendings: one that its own message tells of as well is not counted again. Who
    opted in since is left alone, and one confirmation of each opting out is no breach.
    """
    if not any(record.out for record in consents):
        return []
    sent = _each_once(sends)
    alone = [step for step in steps if not any(_is_near(step, message) for message in sent)]
    found = [
        each
        for channel in CHANNELS
        if (runs := out_runs(consents, channel)) and runs[-1].ended is None
        for each in _within(runs[-1], [s for s in (*sent, *alone) if s.channel == channel], consents)
    ]
    return sorted(found, key=lambda breach: _by_time(breach.send))


def _each_once(sends: Iterable[BotSend]) -> list[BotSend]:
    """Return each sending once, as it was first told, with what became of it: told again, or by another source too."""
    by_message: dict[str, list[BotSend]] = {}
    nameless: list[BotSend] = []
    for send in sends:
        (by_message.setdefault(send.message, []) if send.message else nameless).append(send)
    once = [min(told, key=_by_time)._replace(rank=max(send.rank for send in told)) for told in by_message.values()]
    for send in sorted(nameless, key=_by_time):
        if not any(_is_near(send, other) and send.words == other.words for other in once):
            once.append(send)
    return sorted(once, key=_by_time)


def _is_near(one: BotSend, other: BotSend) -> bool:
    return one.channel == other.channel and abs(one.at - other.at) <= SAME_SEND


def _within(run: OutRun, sends: list[BotSend], consents: Sequence[ConsentRecord]) -> Iterator[Breach]:
    """Yield what was sent within a time without consent, but for what confirms an opting out."""
    confirmed = -1
    for send in sorted(sends, key=_by_time):
        if send.failed or not run.holds_at(send.at):
            continue
        asked = (
            record.at
            for record in consents
            if record.out and record.covers(send.channel) and 0 <= send.at - record.at <= CONFIRM_WITHIN
        )
        first = min(asked, default=None) if send.confirms else None
        if first is not None and confirmed < first:
            confirmed = send.at
        else:
            yield Breach(send, run.began)
