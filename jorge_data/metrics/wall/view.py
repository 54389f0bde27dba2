"""What the live wall shows, as plain JSON: Python computes every figure and word, the browser only paints.

A view is a dict of sections. A patch to a tab carries whole sections that changed, and new feed lines alone.
Moments are integers, milliseconds since 1970 in UTC (`…_ms`): the browser writes clock times in its viewer's zone
and lets ages count up by themselves. `tone` is one of the theme's colours, never the only carrier of a meaning.
"""

from typing import Literal, TypedDict

Mark = Literal["done", "now", "todo"]
Tone = Literal["", "hot", "warm", "cold", "ok", "bad", "mute"]
Group = Literal[
    "qualification", "sequences", "intent", "conversations", "revenue", "properties", "health", "bots", "contacts"
]
"""The feed's chips: Qualification, Sequences, Intent, Conversations, Revenue, Properties, Health, Bots, Contacts."""

Span = tuple[Literal["b", "t", "hot", "warm", "cold", "bad", "ok"], str]
"""A run of text in one style: bold, plain, or in a tone."""


class Tile(TypedDict):
    """One KPI. `value` is ready to show ("$148,200", "39 ms", "no data"); `progress` is 0–1 for a bar, else null."""

    key: str  # hot | conversations | pipeline | won | sequences | intent | system
    label: str
    value: str
    tail: str  # smaller, after the value: "of 44"
    tone: Tone
    note: list[Span]
    progress: float | None
    page: str  # url path of the page that opens the figure: "revenue"
    help: str  # one sentence: what it is, its unit, its period


class NeedEvent(TypedDict):
    """An event that makes an item: its position in the log, its moment, and what happened."""

    seq: int
    at_ms: int
    text: str


class Way(TypedDict):
    """A way to reach a contact, as an address that its viewer's machine opens."""

    kind: Literal["call", "text", "mail"]
    href: str  # "tel:+15125550127", "sms:+15125550127", "mailto:dana@example.com"


class ItemOwner(TypedDict):
    """A person of the office, by the name that he works under; the page says "You" where that is its viewer."""

    id: str
    name: str
    initials: str


class Choice(TypedDict):
    """One of the outcomes that an item offers, ready to be published as it is."""

    key: str  # "1" to "6"
    label: str  # "No answer"
    says: str  # what it does: "again at 16:07"
    action: Literal["called", "noted", "acknowledged"]
    outcome: str | None
    until: str | None  # RFC 3339: when the item comes back; null where there is none, or the person chooses it


class Snooze(TypedDict):
    """A moment until which an item may be put off."""

    label: str  # "This evening"
    says: str  # "18:00"
    until: str  # RFC 3339


class Appointment(TypedDict):
    """What a field for an appointment begins with and allows, by the office's clock: "2026-11-25T10:00"."""

    default: str
    min: str
    max: str
    clock: str  # "Chicago time"


NeedGroup = Literal["sale", "rule", "answer", "promise", "machine"]
"""What waiting costs, the dearest first."""


class Need(TypedDict):
    """Something a person must look at."""

    item: str  # the `item` of attention_update: "hot:<contact>"
    group: NeedGroup
    since_ms: int
    tone: Tone
    name: str  # the contact's, the bot's or the component's
    temperature: str  # hot, warm, cold or ""
    says: str  # after the name: "and no one has called"
    held: bool  # it goes on after the temperature: "is hot, and no one has called"
    first_name: str  # by which people speak of the contact; "" where its name is not known, and for machines
    detail: str  # "14 Elm St · $412,500 · “440 and we’d sign”"
    events: list[NeedEvent]  # where more than one make it: the opting out and what was sent after it, in order of time
    contact: str | None
    phone: str  # as people write it, "" where none is known
    phone_state: Literal["ok", "struck", "do_not_contact", "none"]
    ways: list[Way]
    owner: ItemOwner | None
    note: str  # the newest one
    next_ms: int | None  # when it is tried again, where somebody put it off
    choices: list[Choice]
    news: bool  # it happened just now: the page notifies


class BotCard(TypedDict):
    name: str
    label: str
    state: Literal["working", "idle", "error", "silent"]
    since_ms: int  # 0 where the bot never had an event
    step: list[Span]
    error: str
    spark: list[int]  # events in each of the last 30 two-minute spans
    figures: list[tuple[str, str]]  # (value, label): events 1 h, success, median step


class BoardRow(TypedDict):
    """One contact on the qualification board."""

    contact: str
    name: str
    marks: list[Mark]  # Q1–Q4
    temperature: str  # hot, warm or cold
    effectiveness: int
    stalled: bool
    next_step: str
    at_ms: int


class Line(TypedDict):
    """One line of the event feed."""

    seq: int
    at_ms: int
    group: Group
    title: list[Span]
    detail: str
    contact: str | None


class SourceAge(TypedDict):
    name: str
    at_ms: int
    level: Literal["ok", "amber", "red"]


class Bar(TypedDict):
    """What the header shows on every page."""

    location: str
    demo: bool
    newest_ms: int | None
    counting: str  # what to say while the history is being counted, else ""
    loaded: float | None  # 0–1, for a bar: how much is told and counted of a past that is being brought in
    level: Literal["ok", "amber", "red", "none"]
    sources: list[SourceAge]
    more_sources: int  # that are not among them
    alerts: int  # open needs


class GroupOfNeeds(TypedDict):
    """The items of one group: their number, and what waiting costs."""

    key: NeedGroup
    title: str  # "A sale may be lost"
    says: str  # "$1,271,500 of homes; each minute lowers the chance"
    count: int


class DoneItem(TypedDict):
    """An item that somebody dealt with today."""

    at_ms: int
    item: str
    name: str
    contact: str | None
    says: str  # "appointment, Wed 25 Nov, 10:00"
    by: ItemOwner


class Done(TypedDict):
    """What was dealt with in the office's day, the newest first."""

    count: int
    says: str  # "half of them within 9 m · snoozed 2"
    items: list[DoneItem]


class Needs(TypedDict):
    """All that waits for a person: what waiting costs most first, the freshest first within a group."""

    count: int
    nobodys: int
    by_owner: dict[str, int]
    unlisted: int  # that are not among `items`; of each owner, and of nobody's, some are
    groups: list[GroupOfNeeds]
    items: list[Need]
    done: Done
    snoozes: list[Snooze]
    appointment: Appointment


class Board(TypedDict):
    count: int
    rows: list[BoardRow]  # at most 12, last touched first


class WallView(TypedDict):
    bar: Bar
    kpis: list[Tile]
    needs: Needs
    bots: list[BotCard]
    more_bots: int  # that have no card
    board: Board
    rate: int  # events in the last 60 seconds
    feed: list[Line]  # newest first, at most 50
