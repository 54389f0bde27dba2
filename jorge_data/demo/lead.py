"""A lead's story: the 3-7-30 follow-up, with what fails and is tried again, until an answer or the nurture list."""

from random import Random
from typing import Any

from jorge_data.demo import intent, script
from jorge_data.demo.events import LEAD as BOT
from jorge_data.demo.events import (
    appointment_booked,
    bot_message,
    call_update,
    completed,
    contact_created,
    contact_message,
    contact_update,
    conversation,
    event_about,
    idle,
    opted_out,
    sequence_update,
    tagged,
    walk,
)
from jorge_data.demo.people import Person, home
from jorge_data.demo.story import DAY, MINUTE, In, Json, Story

_PACE = (6.0, 12.0)  # seconds a node takes
_NODES = {
    3: ("analyze_intent", "determine_path", "send_day_3_sms"),
    7: ("analyze_intent", "determine_path", "initiate_day_7_call"),
    14: ("analyze_intent", "generate_cma", "send_day_14_email"),
    30: ("analyze_intent", "determine_path", "send_day_30_nudge"),
}

_ALERTS = ("new_match", "price_drop", "back_on_market", "market_opportunity")
_AFTER_CALL = In(23 * DAY)


def tell(rng: Random, person: Person, first: int = 3) -> Story:
    """Tell the story of a new lead, from the first day of the sequence that it takes."""
    lead_source = rng.choice(("website", "open house", "facebook", "referral"))
    yield 0.2, contact_created(person, lead_source, ["Buyer-Lead"])
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
            following = _day_after(self._rng, day)
            if self._ended or following is None:
                break
            yield from self._step_gap(day, following)
            day = following
        if not self._ended:
            yield 2.0, conversation(BOT, self._person, "stage_changed", stage="nurture")

    def _step_gap(self, day: int, following: int) -> Story:
        """Nothing happens for days; the CRM notes which day of the sequence has come, now and then a day late."""
        late = DAY if self._rng.random() < 0.08 else 0.0
        changed = {"sequence_day": (day, following)}
        yield (following - day) * DAY + late, contact_update(self._person, changed, [], [])

    def _step(self, day: int) -> Story:
        rng, person = self._rng, self._person
        yield from walk(rng, BOT, person, _NODES[day], _PACE)
        if day == 7:
            yield from _call(rng, person)
        else:
            yield from self._message(day)
        yield rng.uniform(2, 5), completed(rng, BOT, person, _NODES[day][-1])
        yield rng.uniform(2, 5), idle(BOT)

    def _message(self, day: int) -> Story:
        """Send the day's SMS or e-mail; a failure is tried once more the same day."""
        channel, reasons = ("email", script.NO_MAIL) if day == 14 else ("sms", script.NO_SMS)
        action, wait = f"{channel}_sent", 0.8
        if self._rng.random() < 0.08:
            wait = self._rng.uniform(15, 90) * MINUTE
            failure = {"failure_reason": self._rng.choice(reasons), "next_action_date": In(wait, "moment")}
            yield 0.8, sequence_update(self._person, day, action, False, **failure)
        yield wait, bot_message(BOT, self._person, self._text(day), channel)
        yield 0.3, sequence_update(self._person, day, action, True, next_action_date=_next(day))

    def _between(self, day: int) -> Story:
        """After a step: alerts for properties, and for some an answer."""
        rng = self._rng
        for _ in range(rng.choices((0, 1, 2), (5, 3, 2))[0]):
            self._alerts += 1
            yield rng.uniform(2, 50) * MINUTE, _alert(rng, self._person, self._alerts)
        if rng.random() < 0.24:
            yield from self._answer(day)

    def _answer(self, day: int) -> Story:
        """An answer ends the sequence: the step that follows on it promises no other."""
        rng, person = self._rng, self._person
        self._ended = True
        if rng.random() < 0.15:
            yield rng.uniform(2, 40) * MINUTE, contact_message(person, rng.choice(script.STOPS))
            yield 1.0, bot_message(BOT, person, script.STOPPED)
            yield 0.3, sequence_update(person, day, "sms_sent", True)
            yield 0.3, opted_out(person)
            return
        yield rng.uniform(2, 40) * MINUTE, contact_message(person, self._words(rng.choice(script.REPLIES)))
        category = rng.choices(("buyer", "investor", "curious"), (7, 2, 2))[0]
        urgency = rng.choice(("immediate", "active", "active", "passive", "future"))
        yield from intent.decode(rng, person, result := intent.analysis(rng, person, category, urgency))
        stage = "qualified" if urgency in ("immediate", "active") and category != "curious" else "nurture"
        yield 2.0, conversation(BOT, person, "stage_changed", stage=stage)
        yield 1.0, bot_message(BOT, person, self._words(script.HEARD))
        yield 0.3, sequence_update(person, day, "sms_sent", True)
        if stage == "qualified":
            yield 1.0, tagged(person, "Qualified", "engagement_status", "new", "qualified")
            if rng.random() < 0.6:
                yield rng.uniform(5, 90) * MINUTE, appointment_booked(person)
        if rng.random() < 0.3:
            yield rng.uniform(5, 40) * MINUTE, intent.label(rng, result)

    def _text(self, day: int) -> str:
        texts = {3: script.CHECK_INS, 14: (script.CMA_MAIL,), 30: script.LAST_NUDGES}[day]
        return self._words(self._rng.choice(texts))

    def _words(self, text: str) -> str:
        home = self._person.home
        street = home.address.split(" ", 1)[1]
        return text.format(first=self._person.first, address=home.address, street=street, value=home.value)


def _next(day: int) -> In | None:
    return {3: In(4 * DAY), 7: In(7 * DAY), 14: In(16 * DAY)}.get(day)


def _day_after(rng: Random, day: int) -> int | None:
    """Return the sequence day after this one; half of the leads get the e-mail of day 14."""
    if day == 7:
        return 14 if rng.random() < 0.5 else 30
    return {3: 7, 14: 30}.get(day)


def _call(rng: Random, person: Person) -> Story:
    """Schedule the call and make it; one that is missed is made again, once."""
    yield 1.0, _scheduled(person, wait := rng.uniform(4, 25) * MINUTE)
    if rng.random() < 0.72:
        yield from _answered(rng, person, wait, "1")
        return
    again = rng.uniform(30, 120) * MINUTE
    yield from _missed(rng, person, wait, "1", In(again, "moment"))
    if rng.random() < 0.6:
        yield from _answered(rng, person, again, "2")
    else:
        yield from _missed(rng, person, again, "2", _AFTER_CALL)


def _scheduled(person: Person, wait: float) -> Json:
    return sequence_update(person, 7, "call_scheduled", True, next_action_date=In(wait, "moment"))


def _answered(rng: Random, person: Person, wait: float, attempt: str) -> Story:
    name, lasted = f"call-{person.contact_id}-{attempt}", round(rng.triangular(25, 420, 110), 1)
    mood = rng.choices(tuple(script.CALL_SUMMARIES), (3, 5, 2))[0]
    yield wait, call_update(person, "started", direction="outbound", author="bot")
    yield lasted, call_update(person, "ended", duration_seconds=lasted)
    yield 1.0, _completed(person, True, _AFTER_CALL, call_id=name, retell_call_duration_seconds=lasted)
    analysis = {"sentiment": mood, "summary": script.CALL_SUMMARIES[mood]}
    yield rng.uniform(5, 12), call_update(person, "analyzed", **analysis)


def _missed(rng: Random, person: Person, wait: float, attempt: str, following: In) -> Story:
    name, reason = f"call-{person.contact_id}-{attempt}", rng.choice(script.NO_CALL)
    yield wait, call_update(person, "started", direction="outbound", author="bot")
    yield rng.uniform(8, 28), call_update(person, "ended", duration_seconds=0.0)
    yield 1.0, _completed(person, False, following, call_id=name, failure_reason=reason)


def _completed(person: Person, success: bool, following: In, **data: Any) -> Json:
    return sequence_update(person, 7, "call_completed", success, next_action_date=following, **data)


def _alert(rng: Random, person: Person, number: int) -> Json:
    found = home(rng)
    kind = rng.choices(_ALERTS, (60, 25, 8, 7))[0]
    return event_about(
        person,
        BOT,
        "property_alert",
        alert_id=f"alert-{person.contact_id}-{number}",
        property_id=f"mls-{rng.randrange(10**6, 10**7)}",
        match_score=round(rng.triangular(62, 99, 88), 1),
        alert_type=kind,
        property={
            "address": found.address,
            "price": found.value,
            "bedrooms": found.bedrooms,
            "bathrooms": found.bathrooms,
            "sqft": found.sqft,
        },
        reasons=_reasons(rng, kind, found.bedrooms),
    )


def _reasons(rng: Random, kind: str, bedrooms: int) -> list[str]:
    first = {
        "new_match": "listed today",
        "price_drop": f"${rng.randrange(8, 36)},000 below last week's price",
        "back_on_market": "the buyer's financing fell through",
        "market_opportunity": f"{rng.randint(5, 12)} % under comparable sales",
    }[kind]
    others = (
        f"{bedrooms} bedrooms, as asked",
        "within the budget",
        "20 minutes to work",
        "in the school district asked for",
    )
    return [first, *rng.sample(others, 2)]
