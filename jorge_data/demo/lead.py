"""A lead's story: the 3-7-30 follow-up, with what fails and is tried again, until an answer or the nurture list."""

from random import Random

from jorge_data.demo import crm, intent, properties, talk
from jorge_data.demo.call import call
from jorge_data.demo.people import Person
from jorge_data.demo.script import CHECK_INS, CMA_MAIL, HEARD, LAST_NUDGES, NO_MAIL, NO_SMS, REPLIES, STOPPED, STOPS
from jorge_data.demo.sequence import BOT, day_after, reached
from jorge_data.demo.steps import done, idle, walk
from jorge_data.demo.story import DAY, MINUTE, In, Story

_PACE = (6.0, 12.0)  # seconds a node takes
_NODES = {
    3: ("analyze_intent", "determine_path", "send_day_3_sms"),
    7: ("analyze_intent", "determine_path", "initiate_day_7_call"),
    14: ("analyze_intent", "generate_cma", "send_day_14_email"),
    30: ("analyze_intent", "determine_path", "send_day_30_nudge"),
}


def tell(rng: Random, person: Person, first: int = 3) -> Story:
    """Tell the story of a new lead, from the first day of the sequence that it takes."""
    yield 0.2, crm.created(person, rng.choice(("website", "open house", "facebook", "referral")), ["Buyer-Lead"])
    yield from Lead(rng, person).sequence(first)


class Lead:
    """One lead that the bot follows up."""

    def __init__(self, rng: Random, person: Person) -> None:
        self._rng = rng
        self._person = person
        self._alerts = 0
        self._ended = False

    def sequence(self, day: int) -> Story:
        """Take the steps in order until the lead has replied to one or all are done."""
        while True:
            yield from self._step(day)
            yield from self._between(day)
            following = day_after(self._rng, day)
            if self._ended or following is None:
                break
            yield from self._step_gap(day, following)
            day = following
        if not self._ended:
            yield 2.0, talk.happened(BOT, self._person, "stage_changed", stage="nurture")

    def _step_gap(self, day: int, following: int) -> Story:
        """Nothing happens for days; the CRM notes which day of the sequence has come, now and then a day late."""
        late = DAY if self._rng.random() < 0.08 else 0.0
        yield (following - day) * DAY + late, crm.contact(self._person, {"sequence_day": (day, following)}, [], [])

    def _step(self, day: int) -> Story:
        rng, person = self._rng, self._person
        yield from walk(rng, BOT, person, _NODES[day], _PACE)
        if day == 7:
            yield from call(rng, person)
        else:
            yield from self._message(day)
        yield rng.uniform(2, 5), done(rng, BOT, person, _NODES[day][-1])
        yield rng.uniform(2, 5), idle(BOT)

    def _message(self, day: int) -> Story:
        """Send the day's SMS or e-mail; a failure is tried once more the same day."""
        action, channel, reasons = ("email_sent", "email", NO_MAIL) if day == 14 else ("sms_sent", "sms", NO_SMS)
        if self._rng.random() < 0.08:
            retry = self._rng.uniform(15, 90) * MINUTE
            reason = self._rng.choice(reasons)
            again = In(retry, "moment")
            yield 0.8, reached(self._person, day, action, False, failure_reason=reason, next_action_date=again)
            yield retry, talk.said(BOT, self._person, self._text(day), channel)
        else:
            yield 0.8, talk.said(BOT, self._person, self._text(day), channel)
        yield 0.3, reached(self._person, day, action, True, next_action_date=_next(day))

    def _between(self, day: int) -> Story:
        """After a step: alerts for properties, and for some an answer."""
        rng = self._rng
        for _ in range(rng.choices((0, 1, 2), (5, 3, 2))[0]):
            self._alerts += 1
            yield rng.uniform(2, 50) * MINUTE, properties.alert(rng, self._person, self._alerts)
        if rng.random() < 0.24:
            yield from self._answer(day)

    def _answer(self, day: int) -> Story:
        """An answer ends the sequence: the step that follows on it promises no other."""
        rng, person = self._rng, self._person
        self._ended = True
        if rng.random() < 0.15:
            yield rng.uniform(2, 40) * MINUTE, talk.heard(person, rng.choice(STOPS))
            yield 1.0, talk.said(BOT, person, STOPPED)
            yield 0.3, reached(person, day, "sms_sent", True)
            yield 0.3, talk.opted_out(person)
            return
        yield rng.uniform(2, 40) * MINUTE, talk.heard(person, self._words(rng.choice(REPLIES)))
        category = rng.choices(("buyer", "investor", "curious"), (7, 2, 2))[0]
        urgency = rng.choice(("immediate", "active", "active", "passive", "future"))
        yield from intent.decode(rng, person, result := intent.analysis(rng, person, category, urgency))
        stage = "qualified" if urgency in ("immediate", "active") and category != "curious" else "nurture"
        yield 2.0, talk.happened(BOT, person, "stage_changed", stage=stage)
        yield 1.0, talk.said(BOT, person, self._words(HEARD))
        yield 0.3, reached(person, day, "sms_sent", True)
        if stage == "qualified":
            yield 1.0, crm.tagged(person, "Qualified", "engagement_status", "new", "qualified")
            if rng.random() < 0.6:
                yield rng.uniform(5, 90) * MINUTE, talk.happened("ghl", person, "appointment_booked", channel="call")
        if rng.random() < 0.3:
            yield rng.uniform(5, 40) * MINUTE, intent.label(rng, result)

    def _text(self, day: int) -> str:
        texts = {3: CHECK_INS, 14: (CMA_MAIL,), 30: LAST_NUDGES}[day]
        return self._words(self._rng.choice(texts))

    def _words(self, text: str) -> str:
        home = self._person.home
        street = home.address.split(" ", 1)[1]
        return text.format(first=self._person.first, address=home.address, street=street, value=home.value)


def _next(day: int) -> In | None:
    return {3: In(4 * DAY), 7: In(7 * DAY), 14: In(16 * DAY)}.get(day)
