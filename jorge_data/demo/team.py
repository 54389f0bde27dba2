"""What the office's people do: they call and text who waits, in their hours, so that little stays open."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from jorge_data.demo import script
from jorge_data.demo.events import contact_update, conversation, event, message
from jorge_data.demo.people import Person
from jorge_data.demo.story import MINUTE, Json, Story

_ANSWERED = frozenset({"hot", "call", "reply"})
"""Items that a person closes by calling or writing to the contact; the others are acknowledged."""

_OPENS_H = (8.0, 8.0, 8.0, 8.0, 8.0, 9.0, 11.0)
_CLOSES_H = (19.0, 19.0, 19.0, 19.0, 18.0, 16.0, 15.0)
"""From when to when somebody of the office works, Monday first, by the office's clock."""

_SUNDAY = 6


class Agent(NamedTuple):
    """One of the office's people: in how many minutes of work half of those who wait for him hear from him."""

    agent_id: str
    name: str
    median_min: float
    share: int  # of the contacts, as a weight


AGENTS = (
    Agent("amara", "Amara Obi", 5.0, 33),
    Agent("jorge", "Jorge Salas", 8.0, 29),
    Agent("tom", "Tom Lindqvist", 12.0, 25),
    Agent("maria", "Maria Fuentes", 15.0, 13),
)


def agent_of(rng: Random) -> Agent:
    """Draw the agent who takes a contact."""
    return rng.choices(AGENTS, [agent.share for agent in AGENTS])[0]


class Desk:
    """When somebody of the office gets round to something, by the hours that they work."""

    def __init__(self, zero: datetime, begin: float) -> None:
        self._begin = zero.astimezone(UTC) + timedelta(seconds=begin)
        self._zone = zero.tzinfo

    def wait_s(self, rng: Random, elapsed_s: float, median_s: float, sigma: float = 0.8) -> float:
        """Return the wait from so long after the story's begin on; half of the times, of so many seconds of work."""
        now = self._begin + timedelta(seconds=elapsed_s)
        left_s, moment = rng.lognormvariate(0, sigma) * median_s, now
        while True:
            local = moment.astimezone(self._zone)
            midnight = datetime(local.year, local.month, local.day, tzinfo=self._zone)
            opens, closes = (
                (midnight + timedelta(hours=hours[local.weekday()])).astimezone(UTC) for hours in (_OPENS_H, _CLOSES_H)
            )
            start = max(moment, opens)
            if start < closes:
                available_s = (closes - start).total_seconds()
                if left_s <= available_s:
                    return (start + timedelta(seconds=left_s) - now).total_seconds()
                left_s -= available_s
            moment = (midnight + timedelta(days=1, hours=1)).astimezone(UTC)

    def appointment_s(self, rng: Random, elapsed_s: float) -> float:
        """Return in how many seconds a visit is that is agreed on now: on one of the next days, on the half hour."""
        now = self._begin + timedelta(seconds=elapsed_s)
        local = now.astimezone(self._zone) + timedelta(days=rng.randint(1, 3))
        local += timedelta(days=local.weekday() == _SUNDAY)
        hour, minute = rng.choice((9, 10, 11, 13, 14, 15, 16)), rng.choice((0, 0, 30))
        agreed = datetime(local.year, local.month, local.day, hour, minute, tzinfo=self._zone)
        return (agreed.astimezone(UTC) - now).total_seconds()


def acted(person: Person, agent: Agent, item: str, action: str, **data: Any) -> Json:
    """Return an agent's act on an item of "Needs you" that is about a person."""
    name = f"{item}:{person.contact_id}"
    return event("ghl", "attention_update", item=name, action=action, by=agent.agent_id, **data)


def text(rng: Random, person: Person, agent: Agent) -> Json:
    """Return the text that an agent writes to a contact."""
    body = person.fill(rng.choice(script.AGENT)).replace(script.WRITER, agent.name.split()[0])
    return message(person, "agent", body, agent_id=agent.agent_id, agent_name=agent.name)


def call(rng: Random, person: Person, agent: Agent, is_answered: bool) -> Story:
    """Call a contact: it begins at once, and lasts as long as the two talk."""
    who = {"agent_id": agent.agent_id, "agent_name": agent.name}
    started = conversation(person, "call_started", direction="outbound", author="agent", channel="call", **who)
    lasted = round(rng.triangular(60, 900, 240), 1) if is_answered else 0.0
    yield 0.0, started
    ended = {"duration_seconds": lasted, "author": "agent", "direction": "outbound", "channel": "call", **who}
    yield lasted or rng.uniform(18, 30), conversation(person, "call_ended", **ended)
    if is_answered:
        summary = rng.choice(script.TALKED)
        yield rng.uniform(4, 12), conversation(person, "call_analyzed", channel="call", summary=summary, **who)


def taken(person: Person, agent: Agent) -> Json:
    """Return that a contact is this agent's from now on, as the CRM tells it."""
    update = contact_update(person, {"assigned_to": (None, agent.agent_id)})
    update["data"]["assigned_to"] = agent.agent_id
    return update


def with_team(person: Person, desk: Desk, story: Story) -> Story:
    """Yield a story, and in its pauses what the team does about what is open; the story itself stays the same."""
    items = _OpenItems(person, desk)
    elapsed = 0.0
    for gap, following in story:
        waited = 0.0
        for wait, act in items.close_within(elapsed, gap):
            waited += wait
            yield wait, act
        yield gap - waited, following
        elapsed += gap
        items.apply(following)
    yield from items.close_within(elapsed, float("inf"))


class _OpenItems:
    """The items of "Needs you" that are open about one contact."""

    def __init__(self, person: Person, desk: Desk) -> None:
        self._person = person
        self._desk = desk
        # Of its own, so that no draw of the story moves.
        self._rng = Random(f"{person.contact_id}:care")
        self._agent = agent_of(self._rng)
        self._open: set[str] = set()
        self._opted_out = False
        self._is_handed_over = False  # then the story itself says what people do

    def close_within(self, elapsed_s: float, within_s: float) -> Story:
        """Close in so many seconds what can be closed, the most urgent first."""
        if self._is_handed_over:
            return
        for item in sorted(self._open, key=lambda item: (item != "hot", item)):
            median_s = self._agent.median_min * MINUTE * (1 if item == "hot" else 4)
            wait = self._desk.wait_s(self._rng, elapsed_s, median_s)
            if item in self._open and wait < within_s - 2 * MINUTE:
                within_s -= wait
                elapsed_s += wait
                self._open -= {item, *(_ANSWERED if item in _ANSWERED else ())}
                yield wait, self._act(item)

    def apply(self, event: Json) -> None:
        """Open and close items as an event says."""
        data = event["data"]
        if event["type"] == "jorge_qualification_progress":
            self._set("hot", data["seller_temperature"] == "hot")
            self._set("stall", data["stall_detected"])
        elif event["type"] == "lead_bot_sequence_update" and data["action_type"] != "call_scheduled":
            self._set("call" if data["action_type"] == "call_completed" else "send", not data["success"])
            # Nobody calls a third time: the promise stands until somebody is done with it.
            self._set("overdue", not data["success"] and data.get("call_id", "").endswith("-2"))
        elif data.get("kind") == "stall_detected":
            self._set("stall", True)
        elif data.get("author") == "agent" and data["kind"] in ("message", "call_ended"):
            self._open -= {*_ANSWERED, "stall"}
        elif data.get("kind") == "message":
            self._set("reply", data["author"] == "contact")
        elif data.get("kind") == "opted_out":
            self._opted_out = True
            self._open -= {"reply"}
        elif data.get("kind") == "handoff":
            self._is_handed_over = True

    def _set(self, item: str, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(item)

    def _act(self, item: str) -> Json:
        if item in _ANSWERED and not self._opted_out:
            return text(self._rng, self._person, self._agent)
        return acted(self._person, self._agent, item, "acknowledged")
