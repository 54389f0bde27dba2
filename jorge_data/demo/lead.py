"""A lead's story: the 3-7-30 follow-up, with what fails and is tried again, until an answer or the nurture list."""

from random import Random
from typing import Any, NamedTuple

from jorge_data.demo import intent, script
from jorge_data.demo.events import LEAD as BOT
from jorge_data.demo.events import (
    completed,
    contact_created,
    contact_update,
    conversation,
    event_about,
    idle,
    message,
    opted_out,
    run_nodes,
)
from jorge_data.demo.people import Person, home
from jorge_data.demo.story import DAY, MINUTE, Json, RelativeDate, Story
from jorge_data.demo.team import Desk

_PACE = (6.0, 12.0)  # seconds a node takes


class SequenceDay(NamedTuple):
    """What the bot does on one day of the sequence, how that can fail, and when it promises the next step."""

    nodes: tuple[str, ...]
    channel: str  # sms | email | call
    texts: tuple[str, ...]
    failures: tuple[str, ...]
    next_step: RelativeDate | None


SEQUENCE = {
    3: SequenceDay(
        ("analyze_intent", "determine_path", "send_day_3_sms"),
        "sms",
        script.CHECK_INS,
        script.NO_SMS,
        RelativeDate(4 * DAY),
    ),
    7: SequenceDay(
        ("analyze_intent", "determine_path", "initiate_day_7_call"), "call", (), script.NO_CALL, RelativeDate(23 * DAY)
    ),
    14: SequenceDay(
        ("analyze_intent", "generate_cma", "send_day_14_email"),
        "email",
        script.CMA_MAIL,
        script.NO_MAIL,
        RelativeDate(16 * DAY),
    ),
    30: SequenceDay(
        ("analyze_intent", "determine_path", "send_day_30_nudge"), "sms", script.LAST_NUDGES, script.NO_SMS, None
    ),
}
_GETS_MAIL = 0.5
"""The share of leads who get the e-mail of day 14."""

_CALL_ANSWERED = (0.72, 0.6)
"""The chance that the first and the second call are answered."""

_ALERTS = {"new_match": 60, "price_drop": 25, "back_on_market": 8, "market_opportunity": 7}


class Lead:
    """One lead that the bot follows up."""

    def __init__(self, rng: Random, person: Person, desk: Desk) -> None:
        self._rng = rng
        self._person = person
        self._desk = desk
        self._alerts = 0

    def story(self, first: int = 3) -> Story:
        """Yield the steps from the first day of the sequence on, until the lead replies to one or all are done."""
        lead_source = self._rng.choice(("website", "open house", "facebook", "referral"))
        yield 0.2, contact_created(self._person, lead_source, "Buyer-Lead")
        # The bot texts and calls by day: each later step comes whole days after the first.
        yield self._desk.wait_s(self._rng, 0.2, 5 * MINUTE), contact_update(self._person, {}, ["Sequence 3-7-30"])
        skipped = () if self._rng.random() < _GETS_MAIL else (14,)
        before = first
        for day in (day for day in SEQUENCE if day >= first and day not in skipped):
            if day != first:
                # Nothing happens for days; the CRM notes which day of the sequence it is, sometimes a day late.
                late = DAY if self._rng.random() < 0.02 else 0.0
                changed = {"sequence_day": (before, day)}
                yield (day - before) * DAY + late, contact_update(self._person, changed)
            yield from self._step(day)
            yield from self._property_alerts()
            if self._rng.random() < 0.24:
                yield from self._reply(day)
                return
            before = day
        yield 2.0, conversation(self._person, "stage_changed", BOT, stage="nurture")

    def _step(self, day: int) -> Story:
        rng, nodes = self._rng, SEQUENCE[day].nodes
        yield from run_nodes(rng, BOT, self._person, nodes, _PACE)
        yield from (self._call(day) if SEQUENCE[day].channel == "call" else self._message(day))
        yield rng.uniform(2, 5), completed(rng, BOT, self._person, nodes[-1])
        yield rng.uniform(2, 5), idle(BOT)

    def _message(self, day: int) -> Story:
        """Send the day's SMS or e-mail; a failure is tried once more the same day."""
        rng, (_, channel, texts, failures, next_step) = self._rng, SEQUENCE[day]
        action, wait = f"{channel}_sent", 0.8
        if rng.random() < 0.08:
            wait = rng.uniform(15, 90) * MINUTE
            yield 0.8, self._update(day, action, RelativeDate(wait, "moment"), failure_reason=rng.choice(failures))
        yield wait, message(self._person, "bot", self._person.fill(rng.choice(texts)), BOT, channel)
        yield 0.3, self._update(day, action, next_step)

    def _call(self, day: int) -> Story:
        """Schedule the call and make it; one that is missed is made again, once."""
        rng, next_step = self._rng, SEQUENCE[day].next_step
        wait = rng.uniform(4, 25) * MINUTE
        yield 1.0, self._update(day, "call_scheduled", RelativeDate(wait, "moment"))
        for attempt, chance in enumerate(_CALL_ANSWERED, start=1):
            yield wait, self._call_event("started", direction="outbound", author="bot")
            call = {"call_id": f"call-{self._person.contact_id}-{attempt}"}
            if rng.random() < chance:
                lasted = round(rng.triangular(25, 420, 110), 1)
                yield lasted, self._call_event("ended", duration_seconds=lasted)
                yield 1.0, self._update(day, "call_completed", next_step, retell_call_duration_seconds=lasted, **call)
                mood = rng.choices(tuple(script.CALL_SUMMARIES), (3, 5, 2))[0]
                analysis = {"sentiment": mood, "summary": script.CALL_SUMMARIES[mood]}
                yield rng.uniform(5, 12), self._call_event("analyzed", **analysis)
                return
            wait = rng.uniform(30, 120) * MINUTE
            following = RelativeDate(wait, "moment") if attempt < len(_CALL_ANSWERED) else next_step
            reason = rng.choice(SEQUENCE[day].failures)
            yield rng.uniform(8, 28), self._call_event("ended", duration_seconds=0.0)
            yield 1.0, self._update(day, "call_completed", following, failure_reason=reason, **call)

    def _update(self, day: int, action: str, next_step: RelativeDate | None = None, **data: Any) -> Json:
        """Return what the bot reports of a step: it failed where there is a reason."""
        data |= {"sequence_day": day, "action_type": action, "success": "failure_reason" not in data}
        return event_about(self._person, BOT, "lead_bot_sequence_update", next_action_date=next_step, **data)

    def _call_event(self, kind: str, **data: Any) -> Json:
        """Return what Retell reports of a call: started, ended or analyzed."""
        return conversation(self._person, f"call_{kind}", "retell", channel="call", **data)

    def _reply(self, day: int) -> Story:
        """A reply ends the sequence: the step that follows on it promises no other."""
        rng, person = self._rng, self._person
        wait = rng.uniform(2, 40) * MINUTE
        if rng.random() < 0.15:
            yield wait, message(person, "contact", rng.choice(script.STOPS))
            yield 1.0, message(person, "bot", script.STOPPED, BOT)
            yield 0.3, self._update(day, "sms_sent")
            yield 0.3, opted_out(person)
            return
        yield wait, message(person, "contact", person.fill(rng.choice(script.REPLIES)))
        category = rng.choices(("buyer", "investor", "curious"), (7, 2, 2))[0]
        urgency = rng.choice(("immediate", "active", "active", "passive", "future"))
        yield from intent.decode(rng, person, result := intent.analysis(rng, person, category, urgency))
        is_qualified = urgency in ("immediate", "active") and category != "curious"
        yield 2.0, conversation(person, "stage_changed", BOT, stage="qualified" if is_qualified else "nurture")
        yield 1.0, message(person, "bot", person.fill(script.THANKS), BOT)
        yield 0.3, self._update(day, "sms_sent")
        if is_qualified:
            yield 1.0, contact_update(person, {"engagement_status": ("new", "qualified")}, ["Qualified"])
            if rng.random() < 0.6:
                yield rng.uniform(5, 90) * MINUTE, conversation(person, "appointment_booked", channel="call")
        if rng.random() < 0.3:
            yield rng.uniform(5, 40) * MINUTE, intent.label(rng, result)

    def _property_alerts(self) -> Story:
        for _ in range(self._rng.choices((0, 1, 2), (5, 3, 2))[0]):
            self._alerts += 1
            yield self._rng.uniform(2, 50) * MINUTE, _alert(self._rng, self._person, self._alerts)


def _alert(rng: Random, person: Person, number: int) -> Json:
    match = home(rng)
    kind = rng.choices(tuple(_ALERTS), tuple(_ALERTS.values()))[0]
    return event_about(
        person,
        BOT,
        "property_alert",
        alert_id=f"alert-{person.contact_id}-{number}",
        property_id=f"mls-{rng.randrange(10**6, 10**7)}",
        match_score=round(rng.triangular(62, 99, 88), 1),
        alert_type=kind,
        property={
            "address": f"{match.address}, {match.place}",
            "price": match.value,
            "bedrooms": match.bedrooms,
            "bathrooms": match.bathrooms,
            "sqft": match.sqft,
        },
        reasons=_reasons(rng, kind, match.bedrooms),
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
