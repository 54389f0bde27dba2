"""A seller's story: the address, the four questions, stalls and stall-breakers, and what comes of it."""

from random import Random
from typing import Any

from jorge_data.demo import crm, deals, intent, talk
from jorge_data.demo.interview import Interview, Mood
from jorge_data.demo.people import Person
from jorge_data.demo.plan import Plan, plan
from jorge_data.demo.script import (
    ADDRESSES,
    AGENT,
    ANSWERS,
    ASIDES,
    BREAKERS,
    BYES,
    CLOSINGS,
    FIRST_WORDS,
    OPENING,
    QUESTIONS,
    STALLS,
    STOPPED,
    STOPS,
    VISIT,
)
from jorge_data.demo.steps import SELLER, done, walk
from jorge_data.demo.story import DAY, HOUR, MINUTE, Json, Story, event

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


def tell(rng: Random, person: Person, lists: float = 0.2) -> Story:
    """Tell the whole story of one seller; `lists` is the chance that one who is hot begins a deal."""
    return Seller(rng, person, plan(rng), lists).story()


class Seller:
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
        yield 0.2, crm.created(self._person, self._came_by, ["Seller-Lead", "Needs Qualifying"])
        yield from self._turn(self._pick(FIRST_WORDS), OPENING)
        yield from self._turn(self._pick(ADDRESSES), QUESTIONS[0])
        for number in range(len(self._plan.moods)):
            yield from self._question(number)
        yield from self._ending()
        if self._plan.returns_with is not None:
            yield from self._returns(self._plan.returns_with)

    def _question(self, number: int) -> Story:
        if self._rng.random() < 0.3:
            aside, reply = self._pick(ASIDES)
            yield from self._turn(aside, reply)
        if self._rng.random() < 0.28:
            yield from self._stalls()
        mood = self._plan.moods[number]
        self._interview.moods.append(mood)
        self._interview.stall = None
        answered_all = self._interview.answered == len(QUESTIONS)
        reply = BYES[self._interview.temperature] if answered_all else QUESTIONS[number + 1]
        yield from self._turn(self._pick(ANSWERS[mood][number]), reply)
        yield from self._temperature_moves()

    def _stalls(self) -> Story:
        stall: str = self._pick(tuple(STALLS))
        self._interview.stall = stall
        yield from self._turn(self._pick(STALLS[stall]), BREAKERS[stall])

    def _turn(self, text: str, reply: str) -> Story:
        """The seller writes, the decoder reads it, the bot goes through its graph and answers."""
        rng, person, interview = self._rng, self._person, self._interview
        yield from self._heard(text)
        yield from intent.decode(rng, person, result := self._analysis())
        yield from walk(rng, SELLER, person, ("analyze_intent", "detect_stall"), _PACE)
        if interview.stall:
            yield 0.2, talk.happened(SELLER, person, "stall_detected", stall_type=interview.stall, stage=self._stage)
        yield from walk(rng, SELLER, person, (*self._specials(), "select_strategy", "generate_jorge_response"), _PACE)
        yield 0.3, talk.said(SELLER, person, self._words(reply), stage=self._stage)
        yield from walk(rng, SELLER, person, ("recalculate_pcs",), _PACE)
        yield 0.2, self._progress()
        yield rng.uniform(1.2, 2.0), done(rng, SELLER, person, "execute_follow_up")
        if interview.answered < len(QUESTIONS) and rng.random() < 0.06:
            yield rng.uniform(4, 30) * MINUTE, intent.label(rng, result)

    def _heard(self, text: str) -> Story:
        """Wait for the seller to write; the first time the seller begins."""
        waited = self._rng.uniform(40, 420) if self._interview.messages else 0.3
        text = self._words(text)
        self._interview.messages.append(text)
        self._interview.waited_s += waited
        yield waited, talk.heard(self._person, text)

    def _ending(self) -> Story:
        if self._plan.opts_out:
            yield from self._heard(self._pick(STOPS))
            yield 1.5, talk.said(SELLER, self._person, STOPPED)
            yield 0.3, talk.opted_out(self._person)
        elif self._temperature == "hot":
            yield from self._is_hot()
        elif self._interview.answered < len(QUESTIONS):
            yield from self._falls_silent()
        else:
            tags = crm.tagged(self._person, "Seller-Qualified", "qualification_stage", "Q4", "Complete")
            yield 0.4, tags

    def _falls_silent(self) -> Story:
        """No answer comes any more, for some after a stall; in the end the bot closes the file."""
        if self._rng.random() < 0.2:
            yield from self._stalls()
        silence = self._rng.uniform(15, 70) * MINUTE
        yield silence, talk.said(SELLER, self._person, self._words(self._pick(CLOSINGS)), stage="nurture")
        self._interview.stall = None
        self._interview.closed = True
        yield 0.3, self._progress()
        yield 0.3, talk.happened(SELLER, self._person, "stage_changed", stage="nurture")

    def _is_hot(self) -> Story:
        """A hot seller is handed to a person; most hear from one soon, some wait, some become a deal."""
        rng, person = self._rng, self._person
        summary = "All four answered; wants a call today."
        yield 0.5, talk.happened(SELLER, person, "handoff", stage="hot", summary=summary)
        soon = rng.random() < 0.7
        wait = rng.uniform(3, 14) if soon else rng.uniform(45, 200)
        yield wait * MINUTE, talk.agent_said(person, self._words(self._pick(AGENT)))
        if rng.random() < 0.8:
            yield rng.uniform(2, 20) * MINUTE, talk.heard(person, self._pick(VISIT))
            yield rng.uniform(1, 5) * MINUTE, talk.happened("ghl", person, "appointment_booked", channel="call")
        if rng.random() < self._lists:
            yield rng.uniform(1, 3) * HOUR, crm.tagged(person, "Listing", "status", "lead", "client")
            yield from deals.opened(rng, person, self._came_by)

    def _returns(self, mood: Mood) -> Story:
        """Days later the seller answers the question of the timeline anew, and is hotter or cooler for it."""
        yield self._rng.uniform(2, 21) * DAY, crm.contact(self._person, {}, ["Re-Engaged"], [])
        self._interview.moods[1] = mood
        yield from self._turn(self._pick(ANSWERS[mood][1]), BYES[self._interview.temperature])
        yield from self._temperature_moves()

    def _temperature_moves(self) -> Story:
        before, after = self._temperature, self._interview.temperature
        if before != after:
            self._temperature = after
            yield 0.4, crm.temperature_moved(self._person, before, after)

    def _analysis(self) -> Json:
        interview = self._interview
        eager = interview.temperature == "hot" or interview.moods[-1:] == ["eager"]
        urgency = "immediate" if interview.temperature == "hot" else "active" if eager else "passive"
        category = "curious" if interview.moods[-1:] == ["weak"] else "seller"
        return intent.analysis(self._rng, self._person, category, urgency, interview.frs, interview.pcs)

    def _progress(self) -> Json:
        return event(
            SELLER,
            "jorge_qualification_progress",
            contact_id=self._person.contact_id,
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
        return f"Q{answered + 1}" if answered < len(QUESTIONS) else "Complete"

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
