"""When a rule rings, as of a moment."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from jorge_data.events.timestamps import DAY, HOUR, MINUTE, micros
from jorge_data.metrics.alerts.evaluation import (
    Episode,
    FiredAlert,
    OfficeClock,
    changes,
    evaluate,
    merged,
    rung,
    with_acts,
)
from jorge_data.metrics.alerts.rule import AlertRule, Waiting
from jorge_data.metrics.office_hours import OfficeHours
from tests.metrics.live_location import NOON

ZONE = ZoneInfo("America/Chicago")
ALWAYS = OfficeClock(OfficeHours(), ZONE)
WEEKDAYS = OfficeClock(OfficeHours.parse("Mon-Fri 9:00-18:00", "2026-11-26"), ZONE)
RULE = AlertRule("hot", "A hot seller waits", "…", Waiting("hot"), wait=5 * MINUTE)
IN_HOURS = AlertRule("hot", "A hot seller waits", "…", Waiting("hot"), wait=5 * MINUTE, office_hours=True)
AT = micros(NOON)


def one(episode: Episode, now: int, rule: AlertRule = RULE, clock: OfficeClock = ALWAYS) -> FiredAlert | None:
    alerts = evaluate(rule, [episode], now, clock)
    return alerts[0] if alerts else None


def chicago(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def test_it_is_pending_then_firing_then_acknowledged_then_resolved() -> None:
    episode = Episode("dana", AT, AT + HOUR, AT + 20 * MINUTE, "ann")
    phases = []
    for minutes in (0, 4, 5, 19, 20, 59, 60):
        now = AT + minutes * MINUTE
        alert = one(episode, now)
        assert alert
        phases.append(alert.phase(now))
    assert phases == ["pending", "pending", "firing", "firing", "acknowledged", "acknowledged", "resolved"]


def test_what_did_not_happen_yet_is_not_known() -> None:
    episode = Episode("dana", AT, AT + HOUR, AT + 20 * MINUTE, "ann")
    assert one(episode, AT - 1) is None
    alert = one(episode, AT + 10 * MINUTE)
    assert alert == FiredAlert("hot", "dana", AT, AT + 5 * MINUTE, None, "", None)


@pytest.mark.parametrize("episode", [Episode("dana", AT, AT + 5 * MINUTE), Episode("dana", AT, None, AT + 5 * MINUTE)])
def test_what_ends_or_is_acted_on_before_it_would_ring_never_rings(episode: Episode) -> None:
    assert one(episode, AT + 4 * MINUTE) is not None
    assert one(episode, AT + DAY) is None


@pytest.mark.parametrize(
    ("began", "rings"),
    [
        ("2026-11-23T12:00", "2026-11-23T12:05"),
        ("2026-11-23T17:58", "2026-11-24T09:03"),
        ("2026-11-23T23:00", "2026-11-24T09:05"),
        ("2026-11-25T17:59", "2026-11-27T09:04"),  # Thanksgiving lies between
        ("2026-11-27T18:00", "2026-11-30T09:05"),  # and a weekend
    ],
)
def test_a_wait_in_office_hours_runs_while_the_office_is_open(began: str, rings: str) -> None:
    alert = one(Episode("dana", chicago(began)), chicago("2026-12-15T00:00"), IN_HOURS, WEEKDAYS)
    assert alert
    assert alert.rang == chicago(rings)


def test_an_office_without_hours_is_open_at_any_hour() -> None:
    alert = one(Episode("dana", chicago("2026-11-28T23:58")), AT + 30 * DAY, IN_HOURS)
    assert alert
    assert alert.rang == chicago("2026-11-29T00:03")


def test_an_office_that_never_opens_rings_nobody() -> None:
    closed = OfficeClock(OfficeHours((((0, 1),),) + ((),) * 6, frozenset()), ZONE)
    never = AlertRule("hot", "…", "…", Waiting("hot"), wait=HOUR, office_hours=True)
    alert = one(Episode("dana", AT), AT + 90 * DAY, never, closed)
    assert alert
    assert alert.phase(AT + 90 * DAY) == "pending"


@pytest.mark.parametrize(
    ("acted", "ended", "later", "outcome"),
    [
        (HOUR, HOUR, 2 * DAY, "acted"),
        (HOUR, None, 2 * HOUR, "acted"),
        (None, HOUR, 2 * HOUR, "healed"),
        (2 * HOUR, HOUR, 3 * HOUR, "healed"),
        (None, None, HOUR, "ringing"),
        (None, None, 2 * DAY, "ignored"),
        (None, 2 * DAY, 3 * DAY, "ignored"),
        (2 * DAY, 2 * DAY, 3 * DAY, "ignored"),
    ],
)
def test_what_people_did(acted: int | None, ended: int | None, later: int, outcome: str) -> None:
    alert = FiredAlert("hot", "dana", AT, AT, acted and AT + acted, "", ended and AT + ended)
    assert alert.outcome(AT + later, DAY) == outcome


def test_an_alert_lasts_until_somebody_acts_or_it_is_over_or_until_now() -> None:
    assert FiredAlert("hot", "dana", AT, AT, None, "", None).lasted(AT + HOUR) == HOUR
    assert FiredAlert("hot", "dana", AT, AT, AT + MINUTE, "", None).lasted(AT + HOUR) == MINUTE
    assert FiredAlert("hot", "dana", AT, AT, None, "", AT + MINUTE).lasted(AT + HOUR) == MINUTE


def test_a_change_is_told_once_and_what_is_over_when_it_is_first_heard_of_does_not_ring() -> None:
    late = evaluate(RULE, [Episode("dana", AT, AT + HOUR)], AT + 2 * HOUR, ALWAYS)
    told = changes({}, late, AT + 2 * HOUR)
    assert [change.phase for change in told] == ["resolved"]
    known = {alert.name: (alert, alert.phase(AT + 2 * HOUR)) for alert in late}
    assert changes(known, late, AT + 3 * HOUR) == []


def test_what_arrives_late_may_withdraw_an_alert() -> None:
    rang = evaluate(RULE, [Episode("dana", AT)], AT + HOUR, ALWAYS)
    known = {alert.name: (alert, alert.phase(AT + HOUR)) for alert in rang}
    touched = evaluate(RULE, [Episode("dana", AT, AT + MINUTE)], AT + HOUR, ALWAYS)
    assert [change.phase for change in changes(known, touched, AT + HOUR)] == ["withdrawn"]


def test_the_first_act_on_a_subject_while_it_holds_counts() -> None:
    acts = {"redis": [(AT - 1, "ann"), (AT + 2, "bob"), (AT + 3, "ann")]}
    episodes = [Episode("redis", AT, AT + 10), Episode("redis", AT + 20), Episode("ghl", AT)]
    acted, *others = with_acts(episodes, acts)
    assert (acted.acted, acted.by) == (AT + 2, "bob")
    assert others == episodes[1:]


def test_episodes_that_follow_on_one_another_are_one() -> None:
    apart = [Episode("b", 1, 2), Episode("a", 0, 10), Episode("a", 10, 20), Episode("a", 20), Episode("b", 5, 6)]
    assert merged(apart, 0) == [Episode("a", 0), Episode("b", 1, 2), Episode("b", 5, 6)]


def test_only_what_has_rung_by_now_has_rung() -> None:
    alerts = evaluate(RULE, [Episode("a", AT), Episode("b", AT + HOUR)], AT + HOUR, ALWAYS)
    assert [alert.subject for alert in rung(alerts, AT + HOUR)] == ["a"]
