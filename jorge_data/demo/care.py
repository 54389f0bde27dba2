"""What the people of the office do: they answer who is hot, and see to what went wrong, so that little is left open."""

from random import Random

from jorge_data.demo.events import agent_message, event
from jorge_data.demo.people import Person
from jorge_data.demo.script import AGENT
from jorge_data.demo.story import HOUR, Json, Story

_TEAM = ("jorge", "maria")
_ANSWERED = frozenset({"hot", "call"})
"""Needs that a person closes by writing to the contact; the others are acknowledged."""


def cared_for(person: Person, story: Story) -> Story:
    """Tell a story with what the team does where hours pass and something is open; the story itself stays the same."""
    care = _Care(person)
    for gap, told in story:
        waited = 0.0
        for wait, act in care.see_to(gap):
            waited += wait
            yield wait, act
        yield gap - waited, told
        care.follow(told)
    yield from care.see_to(float("inf"))


class _Care:
    """What is open about one contact, and what the team does about it."""

    def __init__(self, person: Person) -> None:
        self._person = person
        # Of its own, so that no draw of the story moves.
        self._rng = Random(f"{person.contact_id}:care")
        self._needs: set[str] = set()
        self._opted_out = False

    def see_to(self, within_s: float) -> Story:
        """Close in so many seconds what can be closed, the most urgent first."""
        for need in sorted(self._needs, key=lambda need: (need != "hot", need)):
            wait = self._rng.uniform(0.4, 4) * HOUR if need == "hot" else self._rng.uniform(2, 14) * HOUR
            if wait < within_s:
                within_s -= wait
                self._needs.discard(need)
                yield wait, self._act(need)

    def follow(self, told: Json) -> None:
        """Open and close what needs somebody, as an event has it."""
        data = told["data"]
        if told["type"] == "jorge_qualification_progress":
            self._keep("hot", data["seller_temperature"] == "hot")
            self._keep("stall", data["stall_detected"])
        elif told["type"] == "lead_bot_sequence_update" and data["action_type"] != "call_scheduled":
            self._keep("call" if data["action_type"] == "call_completed" else "send", not data["success"])
        elif data.get("kind") == "stall_detected":
            self._keep("stall", True)
        elif data.get("author") == "agent":
            self._needs -= {*_ANSWERED, "stall"}
        self._opted_out |= data.get("kind") == "opted_out"

    def _keep(self, need: str, is_open: bool) -> None:
        (self._needs.add if is_open else self._needs.discard)(need)

    def _act(self, need: str) -> Json:
        rng, person = self._rng, self._person
        if need in _ANSWERED and not self._opted_out:
            return agent_message(person, rng.choice(AGENT).format(first=person.first, address=person.home.address))
        item = f"{need}:{person.contact_id}"
        return event("ghl", "attention_update", item=item, action="acknowledged", by=rng.choice(_TEAM))
