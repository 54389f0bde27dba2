"""A rehearsal over a log is what an evaluation of the same log, step by step by its clock, rang."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, MINUTE, event_micros, micros
from jorge_data.metrics.alerts.evaluation import Episode, FiredAlert, OfficeClock, Phase, changes, evaluate, rung
from jorge_data.metrics.alerts.rule import AlertRule, Waiting
from jorge_data.metrics.alerts.waiting import ContactItem, Told, of_contact, outages, stays, untouched
from jorge_data.metrics.entities import Rules
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.metrics.entities.open_item import callbacks
from jorge_data.metrics.office_hours import OfficeHours
from tests.metrics.entities.memory_store import MemoryStore
from tests.metrics.entities.random_logs import logs
from tests.metrics.live_location import DAY as ONE_DAY
from tests.metrics.live_location import MINUTE as ONE_MINUTE
from tests.metrics.live_location import NOON, LiveLocation

RULES = Rules()
CLOCK = OfficeClock(OfficeHours.parse("Mon-Fri 9:00-18:00"), ZoneInfo("America/Chicago"))
HOT = AlertRule("hot", "…", "…", Waiting("hot"), wait=5 * MINUTE, office_hours=True)
CALLBACK = AlertRule("callback", "…", "…", Waiting("callback"), wait=15 * MINUTE)
OPT_OUT = AlertRule("optout", "…", "…", Waiting("optout"))
DOWN = AlertRule("component", "…", "…", Waiting("component"), wait=2 * MINUTE)
DEAL = AlertRule("deal", "…", "…", Waiting("deal"), wait=2 * DAY)

Find = Callable[[Sequence[Event], int], Iterable[Episode]]


def told(events: Sequence[Event], kind: str) -> list[Told]:
    store = MemoryStore(RULES).fold(events)
    return [
        (name, fact) for (_, name), facts in store.current.items() for fact in facts.elements() if fact.kind == kind
    ]


def down(events: Sequence[Event], now: int) -> list[Episode]:
    return outages(told(events, "component_time"), told(events, "component_newest"), now, True)


def contact_after(events: Sequence[Event], key: str) -> Contact:
    contact = Contact.load(key, None)
    for event in events:
        if contact_of(event) == key:
            contact.apply(event, RULES)
    return contact


def of_contacts(item: ContactItem) -> Find:
    def find(events: Sequence[Event], now: int) -> Iterable[Episode]:
        for contact in sorted({contact for event in events if (contact := contact_of(event))}):
            yield from of_contact(item, contact_after(events, contact))

    return find


WATCHED: tuple[tuple[AlertRule, Find], ...] = (
    (HOT, lambda events, now: untouched(told(events, "human_touch"))),
    (CALLBACK, of_contacts("callback")),
    (OPT_OUT, of_contacts("optout")),
    (DOWN, down),
    (DEAL, lambda events, now: stays(told(events, "deal_stage"))),
)


def by_the_clock(events: Sequence[Event], now: int, rule: AlertRule, find: Find) -> dict[str, list[str]]:
    """Return the phases that each alert was told to come into, as one who sees each event as it comes."""
    known: dict[str, tuple[FiredAlert, Phase]] = {}
    phases: dict[str, list[str]] = {}
    moments = sorted({*map(event_micros, events), *(event_micros(event) + rule.wait for event in events), now})
    for moment in (moment for moment in moments if moment <= now):
        so_far = [event for event in events if event_micros(event) <= moment]
        alerts = evaluate(rule, find(so_far, moment), moment, CLOCK)
        for change in changes(known, alerts, moment):
            phases.setdefault(change.alert.name, []).append(change.phase)
        known = {alert.name: (alert, alert.phase(moment)) for alert in alerts}
    return phases


def check(events: list[Event], rule: AlertRule, find: Find) -> list[FiredAlert]:
    now = max(map(event_micros, events), default=0) + 10 * MINUTE
    rehearsed = rung(evaluate(rule, find(events, now), now, CLOCK), now)
    stepped = by_the_clock(events, now, rule, find)
    assert {alert.name: alert.phase(now) for alert in rehearsed} == {
        name: phases[-1] for name, phases in stepped.items() if phases[-1] not in ("pending", "withdrawn")
    }
    for name, phases in stepped.items():
        assert len(phases) == len(set(phases)), f"{name} was told {phases}"
    return rehearsed


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return a log whose events came as they happened."""
    by_time = sorted(events, key=event_micros)
    return [event._replace(seq=seq) for seq, event in enumerate(by_time, 1)]


@given(st.data(), st.sampled_from(WATCHED))
def test_rehearsal_is_evaluation_by_the_clock(data: st.DataObject, watched: tuple[AlertRule, Find]) -> None:
    check(in_order(data.draw(logs)), *watched)


def at(minutes: float) -> datetime:
    return NOON + ONE_MINUTE * minutes


def test_who_turns_hot_at_noon_rings_five_minutes_later_until_somebody_calls() -> None:
    log = LiveLocation()
    log.qualify("dana", NOON, seller_temperature="hot")
    log.qualify("priya", NOON, seller_temperature="hot")
    log.act("hot:priya", "called", at(3), outcome="no_answer")
    log.converse("message", "dana", at(45), author="agent", agent_id="ann", direction="outbound", body="Hi")
    (alert,) = check(log.events, HOT, WATCHED[0][1])
    assert (alert.subject, alert.by) == ("dana", "ann")
    assert (alert.rang, alert.resolved) == (micros(at(5)), micros(at(45)))
    assert alert.outcome(micros(at(60)), DAY) == "acted"


def test_who_opts_out_before_anybody_tried_is_healed_by_itself() -> None:
    log = LiveLocation()
    log.qualify("dana", NOON, seller_temperature="hot")
    log.converse("opted_out", "dana", at(20), author="contact", direction="inbound")
    (alert,) = check(log.events, HOT, WATCHED[0][1])
    assert (alert.acknowledged, alert.resolved) == (None, micros(at(20)))


def test_a_callback_that_somebody_put_off_is_acted_on_and_one_that_the_bot_hands_over_heals() -> None:
    log = LiveLocation()
    for contact in ("dana", "priya"):
        log.converse("task", contact, NOON, author="contact", summary="Call me after six")
    log.act("callback:dana", "snoozed", at(30))
    log.converse("handoff", "priya", at(40), author="bot")
    log.qualify("reed", at(60))
    dana, priya = check(log.events, CALLBACK, WATCHED[1][1])
    assert (dana.acknowledged, dana.by, dana.resolved) == (micros(at(30)), "jorge", None)
    assert (priya.acknowledged, priya.resolved) == (None, micros(at(40)))


def test_a_message_after_a_stop_rings_at_once_until_somebody_says_that_he_saw_it() -> None:
    log = LiveLocation()
    log.converse("message", "dana", NOON, author="contact", direction="inbound", body="STOP", channel="sms")
    log.converse("message", "dana", at(90), author="bot", direction="outbound", body="Hello again", channel="sms")
    log.act("optout:dana", "acknowledged", at(120))
    (alert,) = check(log.events, OPT_OUT, WATCHED[2][1])
    assert (alert.rang, alert.acknowledged, alert.resolved) == (micros(at(90)), micros(at(120)), micros(at(120)))


def test_a_short_restart_rings_nobody_and_an_outage_does() -> None:
    log = LiveLocation()
    log.report("redis", "down", NOON)
    log.report("redis", "healthy", at(1))
    log.report("ghl", "down", at(10))
    log.report("ghl", "down", at(25))
    log.report("ghl", "recovering", at(70))
    (alert,) = check(log.events, DOWN, WATCHED[3][1])
    assert (alert.subject, alert.rang, alert.resolved) == ("ghl", micros(at(12)), micros(at(70)))


def test_a_deal_that_nobody_moves_rings_until_it_is_moved() -> None:
    log = LiveLocation()
    log.deal("elm", 400_000, at=NOON, stage="showing")
    log.deal("elm", 400_000, at=NOON + 3 * ONE_DAY, stage="offer")
    log.deal("oak", 400_000, at=NOON + 3 * ONE_DAY, stage="showing")
    (alert,) = check(log.events, DEAL, WATCHED[4][1])
    assert (alert.subject, alert.rang) == ("elm", micros(NOON + 2 * ONE_DAY))
    assert alert.acknowledged == alert.resolved == micros(NOON + 3 * ONE_DAY)


@given(logs)
def test_a_callback_is_open_when_needs_you_has_it(events: list[Event]) -> None:
    events = in_order(events)
    for key in ("dana", "priya"):
        contact = contact_after(events, key)
        asked = callbacks(contact)
        open_ = bool(asked) and not contact.is_deleted
        standing = open_ and contact.acts.status("callback", asked[0].at, asked[-1].at, wrote=contact.wrote)
        episodes = list(of_contact("callback", contact))
        assert bool(standing) == (bool(episodes) and episodes[-1].ended is None)
