"""A seller's story: the address, the four questions, stalls and stall-breakers, and what comes of it."""

from random import Random
from typing import NamedTuple

from jorge_data.demo import intent, script
from jorge_data.demo.deals import Planned
from jorge_data.demo.events import (
    SELLER,
    completed,
    contact_created,
    contact_update,
    conversation,
    event_about,
    message,
    opted_out,
    run_nodes,
)
from jorge_data.demo.interview import Interview, Mood
from jorge_data.demo.people import Person
from jorge_data.demo.story import DAY, HOUR, MINUTE, Json, RelativeDate, Story
from jorge_data.demo.team import Desk, acted, agent_of, call, taken, text

_PACE = (2.3, 3.0)  # seconds a node takes
_EXTRA_NODES = {
    "zestimate": "defend_valuation",
    "agent": "handle_objection",
    "surface_objection": "handle_objection",
    "thinking": "negotiation_discovery",
    "hot": "prepare_listing",
    2: "generate_cma",
    3: "analyze_market_conditions",
}
"""Nodes that only some turns go through: by stall, temperature and number of answers."""


class Scenario(NamedTuple):
    """How one sort of seller goes: each answer's mood, and how many of the four come, are drawn from these."""

    weight: int
    moods: tuple[tuple[Mood, ...], ...]
    answers: tuple[int, ...] = (4,)
    returns_in: Mood | None = None  # days later some answer the timeline anew, in this mood
    opts_out: bool = False


_WILLING: tuple[Mood, ...] = ("eager", "eager", "eager", "plain", "plain")
_WEAK: tuple[Mood, ...] = ("weak",)

HOT = Scenario(11, (_WILLING, _WILLING, _WILLING, _WILLING), returns_in="weak")
SCENARIOS = (
    HOT,
    Scenario(11, (_WILLING, _WEAK, _WILLING, _WILLING), returns_in="eager"),  # its timeline does not work
    Scenario(12, (_WEAK, _WEAK, ("weak", "plain"), _WEAK)),  # vague
    Scenario(58, (_WILLING, _WILLING, _WILLING), answers=(0, 0, 0, 0, 1, 1, 2, 2, 3)),  # falls silent
    Scenario(8, (_WILLING, _WILLING), answers=(0, 1, 2), opts_out=True),
)
_RETURNS = 0.3
"""The share of those who may answer again later that do."""


class Seller:
    """One seller in conversation with the bot, and what comes of it: a deal, where one is planned."""

    def __init__(
        self, rng: Random, person: Person, desk: Desk, scenario: Scenario | None = None, planned: Planned | None = None
    ) -> None:
        self._rng = rng
        self._person = person
        self._desk = desk
        self._planned = planned
        source = rng.choice(("website", "facebook", "referral", "yard sign"))
        self._lead_source = planned.deal.lead_source if planned else source
        self._scenario = scenario or rng.choices(SCENARIOS, [each.weight for each in SCENARIOS])[0]
        self._interview = Interview()
        self._temperature: str | None = None  # as the CRM has it
        self._elapsed = 0.0

    def story(self) -> Story:
        """Yield it from the first contact to silence, or to the deal."""
        for gap, event in self._scenes():
            self._elapsed += gap
            yield gap, event

    def _scenes(self) -> Story:
        rng, scenario = self._rng, self._scenario
        yield 0.2, contact_created(self._person, self._lead_source, "Seller-Lead", "Needs Qualifying")
        yield from self._turn(rng.choice(script.FIRST_WORDS), script.OPENING)
        answers = rng.choice(scenario.answers)
        if answers or rng.random() < 0.5:
            yield from self._turn(rng.choice(script.ADDRESSES), script.QUESTIONS[0])
        for number in range(answers):
            yield from self._question(number, rng.choice(scenario.moods[number]))
        yield from self._ending()
        if scenario.returns_in and not self._planned and rng.random() < _RETURNS:
            yield rng.randint(2, 21) * DAY + rng.uniform(-1, 1) * HOUR, contact_update(self._person, {}, ["Re-Engaged"])
            self._interview.moods[1] = scenario.returns_in
            yield from self._answer(1, script.BYES[self._interview.temperature])
            if self._temperature == "hot":
                yield from self._handoff()

    def _question(self, number: int, mood: Mood) -> Story:
        """Perhaps a question back, perhaps a stall, then the answer."""
        if self._rng.random() < 0.3:
            yield from self._turn(*self._rng.choice(script.ASIDES))
        if self._rng.random() < 0.28:
            yield from self._stall()
        interview = self._interview
        interview.moods.append(mood)
        interview.stall = None
        reply = script.BYES[interview.temperature] if interview.is_complete else script.QUESTIONS[number + 1]
        yield from self._answer(number, reply)

    def _answer(self, number: int, reply: str) -> Story:
        """One question is answered in the mood noted for it; the CRM's temperature follows."""
        interview = self._interview
        yield from self._turn(self._rng.choice(script.ANSWERS[interview.moods[number]][number]), reply)
        before, after = self._temperature, interview.temperature
        if before != after:
            self._temperature = after
            removed = [f"{before.title()}-Seller"] if before else []
            changed = {"seller_temperature": (before, after)}
            yield 0.4, contact_update(self._person, changed, [f"{after.title()}-Seller"], removed)

    def _stall(self) -> Story:
        stall = self._rng.choice(tuple(script.STALLS))
        self._interview.stall = stall
        yield from self._turn(self._rng.choice(script.STALLS[stall]), script.BREAKERS[stall])

    def _turn(self, text: str, reply: str) -> Story:
        """The seller writes, the decoder reads it, the bot goes through its graph and replies."""
        rng, person, interview = self._rng, self._person, self._interview
        yield self._message(text)
        yield from intent.decode(rng, person, result := self._analysis())
        yield from run_nodes(rng, SELLER, person, ("analyze_intent", "detect_stall"), _PACE)
        if interview.stall:
            stall = {"stall_type": interview.stall, "stage": interview.stage}
            yield 0.2, conversation(person, "stall_detected", SELLER, **stall)
        keys = (interview.stall, interview.answered, interview.temperature)
        extra = tuple(_EXTRA_NODES[key] for key in keys if key in _EXTRA_NODES)
        yield from run_nodes(rng, SELLER, person, (*extra, "select_strategy", "generate_jorge_response"), _PACE)
        yield 0.3, message(person, "bot", person.fill(reply), SELLER, stage=interview.stage)
        yield from run_nodes(rng, SELLER, person, ("recalculate_pcs",), _PACE)
        yield 0.2, self._progress()
        yield rng.uniform(1.2, 2.0), completed(rng, SELLER, person, "execute_follow_up")
        if not interview.is_complete and rng.random() < 0.06:
            yield rng.uniform(4, 30) * MINUTE, intent.label(rng, result)

    def _message(self, text: str) -> tuple[float, Json]:
        """Return what the seller writes and the wait for it; the first time the seller begins."""
        if not self._interview.conversation:
            waited_s = 0.3
        else:
            is_quick = self._rng.random() < 0.85
            waited_s = self._rng.uniform(40, 420) if is_quick else self._rng.uniform(10, 120) * MINUTE
        text = self._person.fill(text)
        self._interview.add_message(text, waited_s)
        return waited_s, message(self._person, "contact", text)

    def _ending(self) -> Story:
        if self._scenario.opts_out:
            yield self._message(self._rng.choice(script.STOPS))
            yield 1.5, message(self._person, "bot", script.STOPPED, SELLER)
            yield 0.3, opted_out(self._person)
        elif self._temperature == "hot":
            yield from self._handoff()
        elif self._interview.is_complete:
            yield 0.4, contact_update(self._person, {"qualification_stage": ("Q4", "Complete")}, ["Seller-Qualified"])
        else:
            yield from self._silence()

    def _silence(self) -> Story:
        """No answer comes any more, for some after a stall; in the end the bot closes the file."""
        rng, person = self._rng, self._person
        if rng.random() < 0.2:
            yield from self._stall()
        closing = message(person, "bot", person.fill(rng.choice(script.CLOSINGS)), SELLER, stage="nurture")
        yield rng.uniform(15, 70) * MINUTE, closing
        self._interview.stall = None
        self._interview.closed = True
        yield 0.3, self._progress()
        yield 0.3, conversation(person, "stage_changed", SELLER, stage="nurture")

    def _handoff(self) -> Story:
        """A hot seller is handed to a person, who calls; most agree on a visit, a few become a deal."""
        rng, person, desk = self._rng, self._person, self._desk
        summary = "All four answered; wants a call today."
        yield 0.5, conversation(person, "handoff", SELLER, stage="hot", summary=summary)
        agent = agent_of(rng)
        wait = desk.wait_s(rng, self._elapsed, agent.median_min * MINUTE)
        yield wait * 0.6, taken(person, agent)
        is_answered = rng.random() < 0.6
        for gap, event in call(rng, person, agent, is_answered):
            yield gap or wait * 0.4, event
        is_booked = self._planned is not None or rng.random() < 0.6
        outcome: Json = {"outcome": "no_answer"}
        if is_answered:
            outcome = {"outcome": "reached"}
            if is_booked:
                outcome = {
                    "outcome": "appointment",
                    "until": RelativeDate(desk.appointment_s(rng, self._elapsed), "moment"),
                }
        yield rng.uniform(3, 20), acted(person, agent, "hot", "called", **outcome)
        if not is_answered:
            yield rng.uniform(30, 90), text(rng, person, agent)
            if rng.random() < 0.6:
                yield rng.uniform(5, 120) * MINUTE, message(person, "contact", rng.choice(script.VISIT))
                wait = desk.wait_s(rng, self._elapsed, agent.median_min * MINUTE)
                who = {"agent_id": agent.agent_id, "agent_name": agent.name}
                yield wait, message(person, "agent", rng.choice(script.ANSWERED_BY_AGENT), **who)
            else:
                yield desk.wait_s(rng, self._elapsed, 2 * HOUR, 0.3), text(rng, person, agent)
        if is_booked:
            yield rng.uniform(1, 5) * MINUTE, conversation(person, "appointment_booked", channel="call")
        if self._planned:
            yield rng.uniform(1, 3) * HOUR, contact_update(person, {"status": ("lead", "client")}, ["Listing"])
            yield from self._planned.deal.story(self._planned.takes_s - self._elapsed)

    def _analysis(self) -> Json:
        interview = self._interview
        is_eager, is_weak = (interview.moods[-1:] == [mood] for mood in ("eager", "weak"))
        urgency = "immediate" if interview.temperature == "hot" else "active" if is_eager else "passive"
        category = "curious" if is_weak else "seller"
        return intent.analysis(self._rng, self._person, category, urgency, interview.frs, interview.pcs)

    def _progress(self) -> Json:
        data = {"estimated_value": self._person.home.value, **self._interview.progress()}
        return event_about(self._person, SELLER, "jorge_qualification_progress", **data)
