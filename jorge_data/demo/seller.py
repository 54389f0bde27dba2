"""A seller's story: the address, the four questions, stalls and stall-breakers, and what comes of it."""

from random import Random
from typing import Any, NamedTuple

from jorge_data.demo import deals, intent, script
from jorge_data.demo.events import (
    SELLER,
    agent_message,
    appointment_booked,
    bot_message,
    completed,
    contact_created,
    contact_message,
    contact_update,
    conversation,
    event_about,
    opted_out,
    tagged,
    temperature_changed,
    walk,
)
from jorge_data.demo.interview import Interview, Mood
from jorge_data.demo.people import Person
from jorge_data.demo.story import DAY, HOUR, MINUTE, Json, Story

_PACE = (2.3, 3.0)  # seconds a node takes
_NODES = {
    "zestimate": "defend_valuation",
    "agent": "handle_objection",
    "surface_objection": "handle_objection",
    "thinking": "negotiation_discovery",
    "hot": "prepare_listing",
    2: "generate_cma",
    3: "analyze_market_conditions",
}

_OUTCOMES = {"hot": 7, "reluctant": 20, "vague": 14, "fades": 49, "opts_out": 10}
_RETURNS = 0.3
"""Of the sellers who answered everything, so many answer again later, in another mood."""


class Plan(NamedTuple):
    """How the story will go; chosen when it begins, known to nobody in it."""

    moods: tuple[Mood, ...]  # of the answers that will come; fewer than four: the seller stops answering
    opts_out: bool = False
    returns_with: Mood | None = None  # days later the timeline is answered anew, in this mood


def plan(rng: Random) -> Plan:
    """Choose how far the seller goes and in what mood."""
    outcome = rng.choices(tuple(_OUTCOMES), tuple(_OUTCOMES.values()))[0]
    willing, returns = _willing(rng), rng.random() < _RETURNS
    if outcome == "hot":
        return Plan(willing, returns_with="weak" if returns else None)
    if outcome == "reluctant":
        return Plan((willing[0], "weak", *willing[2:]), returns_with="eager" if returns else None)
    if outcome == "vague":
        return Plan(("weak", "weak", rng.choice(("weak", "plain")), "weak"))
    if outcome == "fades":
        return Plan(willing[: rng.choices((0, 1, 2, 3), (1, 3, 4, 3))[0]])
    return Plan(willing[: rng.randint(0, 2)], opts_out=True)


def _willing(rng: Random) -> tuple[Mood, ...]:
    return tuple(rng.choices(("eager", "plain"), (3, 2), k=4))


def tell(rng: Random, person: Person, lists: float = 0.2) -> Story:
    """Tell the whole story of one seller; `lists` is the chance that one who is hot begins a deal."""
    return SellerStory(rng, person, plan(rng), lists).story()


class SellerStory:
    """One seller in conversation with the bot."""

    def __init__(self, rng: Random, person: Person, fate: Plan, lists: float) -> None:
        self._rng = rng
        self._person = person
        self._plan = fate
        self._lists = lists
        self._came_by: str = rng.choice(("website", "facebook", "referral"))
        self._interview = Interview()
        self._temperature: str | None = None  # as the CRM has it

    def story(self) -> Story:
        """Tell it from the first contact to silence, or to the deal."""
        yield 0.2, contact_created(self._person, self._came_by, ["Seller-Lead", "Needs Qualifying"])
        yield from self._turn(self._pick(script.FIRST_WORDS), script.OPENING)
        yield from self._turn(self._pick(script.ADDRESSES), script.QUESTIONS[0])
        for number in range(len(self._plan.moods)):
            yield from self._question(number)
        yield from self._ending()
        if self._plan.returns_with is not None:
            yield from self._returns(self._plan.returns_with)

    def _question(self, number: int) -> Story:
        if self._rng.random() < 0.3:
            aside, reply = self._pick(script.ASIDES)
            yield from self._turn(aside, reply)
        if self._rng.random() < 0.28:
            yield from self._stalls()
        mood = self._plan.moods[number]
        self._interview.moods.append(mood)
        self._interview.stall = None
        answered_all = self._interview.answered == len(script.QUESTIONS)
        reply = script.BYES[self._interview.temperature] if answered_all else script.QUESTIONS[number + 1]
        yield from self._turn(self._pick(script.ANSWERS[mood][number]), reply)
        yield from self._temperature_moves()

    def _stalls(self) -> Story:
        stall: str = self._pick(tuple(script.STALLS))
        self._interview.stall = stall
        yield from self._turn(self._pick(script.STALLS[stall]), script.BREAKERS[stall])

    def _turn(self, text: str, reply: str) -> Story:
        """The seller writes, the decoder reads it, the bot goes through its graph and answers."""
        rng, person, interview = self._rng, self._person, self._interview
        yield from self._heard(text)
        yield from intent.decode(rng, person, result := self._analysis())
        yield from walk(rng, SELLER, person, ("analyze_intent", "detect_stall"), _PACE)
        if interview.stall:
            stall = {"stall_type": interview.stall, "stage": self._stage}
            yield 0.2, conversation(SELLER, person, "stall_detected", **stall)
        yield from walk(rng, SELLER, person, (*self._specials(), "select_strategy", "generate_jorge_response"), _PACE)
        yield 0.3, bot_message(SELLER, person, self._words(reply), stage=self._stage)
        yield from walk(rng, SELLER, person, ("recalculate_pcs",), _PACE)
        yield 0.2, self._progress()
        yield rng.uniform(1.2, 2.0), completed(rng, SELLER, person, "execute_follow_up")
        if interview.answered < len(script.QUESTIONS) and rng.random() < 0.06:
            yield rng.uniform(4, 30) * MINUTE, intent.label(rng, result)

    def _heard(self, text: str) -> Story:
        """Wait for the seller to write; the first time the seller begins."""
        waited = self._rng.uniform(40, 420) if self._interview.messages else 0.3
        text = self._words(text)
        self._interview.messages.append(text)
        self._interview.waited_s += waited
        yield waited, contact_message(self._person, text)

    def _ending(self) -> Story:
        if self._plan.opts_out:
            yield from self._heard(self._pick(script.STOPS))
            yield 1.5, bot_message(SELLER, self._person, script.STOPPED)
            yield 0.3, opted_out(self._person)
        elif self._temperature == "hot":
            yield from self._is_hot()
        elif self._interview.answered < len(script.QUESTIONS):
            yield from self._falls_silent()
        else:
            tags = tagged(self._person, "Seller-Qualified", "qualification_stage", "Q4", "Complete")
            yield 0.4, tags

    def _falls_silent(self) -> Story:
        """No answer comes any more, for some after a stall; in the end the bot closes the file."""
        if self._rng.random() < 0.2:
            yield from self._stalls()
        silence = self._rng.uniform(15, 70) * MINUTE
        yield silence, bot_message(SELLER, self._person, self._words(self._pick(script.CLOSINGS)), stage="nurture")
        self._interview.stall = None
        self._interview.closed = True
        yield 0.3, self._progress()
        yield 0.3, conversation(SELLER, self._person, "stage_changed", stage="nurture")

    def _is_hot(self) -> Story:
        """A hot seller is handed to a person; most hear from one soon, some wait, some become a deal."""
        rng, person = self._rng, self._person
        summary = "All four answered; wants a call today."
        yield 0.5, conversation(SELLER, person, "handoff", stage="hot", summary=summary)
        soon = rng.random() < 0.7
        wait = rng.uniform(3, 14) if soon else rng.uniform(45, 200)
        yield wait * MINUTE, agent_message(person, self._words(self._pick(script.AGENT)))
        if rng.random() < 0.8:
            yield rng.uniform(2, 20) * MINUTE, contact_message(person, self._pick(script.VISIT))
            yield rng.uniform(1, 5) * MINUTE, appointment_booked(person)
        if rng.random() < self._lists:
            yield rng.uniform(1, 3) * HOUR, tagged(person, "Listing", "status", "lead", "client")
            yield from deals.opened(rng, person, self._came_by)

    def _returns(self, mood: Mood) -> Story:
        """Days later the seller answers the question of the timeline anew, and is hotter or cooler for it."""
        yield self._rng.uniform(2, 21) * DAY, contact_update(self._person, {}, ["Re-Engaged"], [])
        self._interview.moods[1] = mood
        yield from self._turn(self._pick(script.ANSWERS[mood][1]), script.BYES[self._interview.temperature])
        yield from self._temperature_moves()

    def _temperature_moves(self) -> Story:
        before, after = self._temperature, self._interview.temperature
        if before != after:
            self._temperature = after
            yield 0.4, temperature_changed(self._person, before, after)

    def _analysis(self) -> Json:
        interview = self._interview
        eager = interview.temperature == "hot" or interview.moods[-1:] == ["eager"]
        urgency = "immediate" if interview.temperature == "hot" else "active" if eager else "passive"
        category = "curious" if interview.moods[-1:] == ["weak"] else "seller"
        return intent.analysis(self._rng, self._person, category, urgency, interview.frs, interview.pcs)

    def _progress(self) -> Json:
        return event_about(
            self._person,
            SELLER,
            "jorge_qualification_progress",
            estimated_value=self._person.home.value,
            **self._interview.progress(),
        )

    def _specials(self) -> tuple[str, ...]:
        """Nodes that only this turn goes through."""
        interview = self._interview
        keys = (interview.stall, interview.answered, interview.temperature)
        return tuple(_NODES[key] for key in keys if key in _NODES)

    @property
    def _stage(self) -> str:
        answered = self._interview.answered
        return f"Q{answered + 1}" if answered < len(script.QUESTIONS) else "Complete"

    def _words(self, text: str) -> str:
        person = self._person
        asked = person.home.value / 1000
        return text.format(
            first=person.first,
            address=person.home.address,
            street=person.home.address.split(" ", 1)[1],
            city=person.moving_to,
            price=f"{asked * 1.04:.0f}",
            zestimate=f"{asked * 1.12:.0f}",
        )

    def _pick(self, choices: tuple[Any, ...]) -> Any:
        return self._rng.choice(choices)
