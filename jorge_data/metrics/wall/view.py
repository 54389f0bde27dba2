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


class Need(TypedDict):
    """Something a person must look at; most urgent first."""

    item: str  # the `item` of attention_update: "hot:<contact>"
    since_ms: int
    tone: Tone
    title: list[Span]
    detail: str
    events: list[NeedEvent]  # where more than one make it: the opting out and what was sent after it, in order of time
    contact: str | None
    mine: str | None  # who has taken it
    first: Literal["open", "mine"]  # the action that is drawn as the main one
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
    level: Literal["ok", "amber", "red", "none"]
    sources: list[SourceAge]
    more_sources: int  # that are not among them
    alerts: int  # open needs


class Needs(TypedDict):
    count: int
    items: list[Need]  # at most 20


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
