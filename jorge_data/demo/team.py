"""What the office's team does: it answers hot sellers and acknowledges what went wrong, so that little stays open."""

from random import Random

from jorge_data.demo import script
from jorge_data.demo.events import event, message
from jorge_data.demo.people import TEAM, Person
from jorge_data.demo.story import HOUR, Json, Story

_ANSWERED = frozenset({"hot", "call"})
"""Items that a person closes by writing to the contact; the others are acknowledged."""


def with_team(person: Person, story: Story) -> Story:
    """Yield a story, and in its pauses what the team does about what is open; the story itself stays the same."""
    items = _OpenItems(person)
    for gap, following in story:
        waited = 0.0
        for wait, act in items.close_within(gap):
            waited += wait
            yield wait, act
        yield gap - waited, following
        items.apply(following)
    yield from items.close_within(float("inf"))


class _OpenItems:
    """The items of "Needs you" that are open about one contact."""

    def __init__(self, person: Person) -> None:
        self._person = person
        # Of its own, so that no draw of the story moves.
        self._rng = Random(f"{person.contact_id}:care")
        self._open: set[str] = set()
        self._opted_out = False

    def close_within(self, within_s: float) -> Story:
        """Close in so many seconds what can be closed, the most urgent first."""
        for item in sorted(self._open, key=lambda item: (item != "hot", item)):
            wait = self._rng.uniform(0.4, 4) * HOUR if item == "hot" else self._rng.uniform(2, 14) * HOUR
            if wait < within_s:
                within_s -= wait
                self._open.discard(item)
                yield wait, self._act(item)

    def apply(self, event: Json) -> None:
        """Open and close items as an event says."""
        data = event["data"]
        if event["type"] == "jorge_qualification_progress":
            self._set("hot", data["seller_temperature"] == "hot")
            self._set("stall", data["stall_detected"])
        elif event["type"] == "lead_bot_sequence_update" and data["action_type"] != "call_scheduled":
            self._set("call" if data["action_type"] == "call_completed" else "send", not data["success"])
        elif data.get("kind") == "stall_detected":
            self._set("stall", True)
        elif data.get("author") == "agent":
            self._open -= {*_ANSWERED, "stall"}
        self._opted_out |= data.get("kind") == "opted_out"

    def _set(self, item: str, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(item)

    def _act(self, item: str) -> Json:
        if item in _ANSWERED and not self._opted_out:
            return message(self._person, "agent", self._person.fill(self._rng.choice(script.AGENT)))
        name = f"{item}:{self._person.contact_id}"
        return event("ghl", "attention_update", item=name, action="acknowledged", by=self._rng.choice(TEAM))
