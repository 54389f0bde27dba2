"""What a state keeps has a bound, and beyond it what matters least is dropped."""

import pytest

from jorge_data.events.timestamps import SECOND, micros
from jorge_data.metrics import dashboard
from jorge_data.metrics.entities import Vocabulary
from jorge_data.metrics.entities.component import Component, ComponentReport
from jorge_data.metrics.wall.attention import ContactAttempts
from jorge_data.metrics.wall.contacts import Contacts
from jorge_data.metrics.wall.newest_events import EventRates
from tests.metrics.live_location import MINUTE, NOON, LiveLocation, make


def test_the_oldest_analysis_goes_with_its_label(location: LiveLocation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.metrics.wall.intent.MAX_ANALYSES", 2)
    for name, actual in (("a", "seller"), ("b", "buyer")):
        location.analyse(40, identity=name, intent_category="seller")
        location.publish("intent_feedback", analysis_id=name, actual_category=actual)
    assert dashboard(location.state, NOON)["ml"]["accuracy"] == 0.5
    location.analyse(40, identity="c", intent_category="seller")
    ml = dashboard(location.state, NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (1, 0.0)
    location.analyse(40, identity="d", intent_category="seller")
    location.analyse(40, identity="e", intent_category="seller")
    assert dashboard(location.state, NOON)["ml"]["labelled"] == 0


def test_the_contacts_not_heard_of_for_longest_go_beyond_the_bound(
    location: LiveLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jorge_data.metrics.wall.contacts.MAX_CONTACTS", 2)
    contacts = Contacts()
    for minute, name in enumerate(("ann", "ben", "cleo", "ann")):
        at = NOON + minute * MINUTE
        location.step(name, at)
        contacts.apply(location.events[-1], micros(at))
    contacts.expire(micros(NOON + 4 * MINUTE))
    assert [name in contacts for name in ("ann", "ben", "cleo")] == [True, False, True]


def test_a_rate_keeps_its_last_minute_when_it_makes_room() -> None:
    rates, now = EventRates(), micros(NOON)
    for second in range(200):
        at = NOON + second * MINUTE / 60
        rates.apply(make("bot_status_update", at, second + 1, bot_type="b", status="idle"))
        now = micros(at)
        assert rates.last_minute(now) == min(second + 1, 60)
    assert len(rates.dump()) <= 180
    assert rates.last_minute(now + 30 * SECOND) == 30


def test_a_component_that_reports_all_the_time_says_no_more_about_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.metrics.entities.component.REPORTS", 2)
    component, at = Component("redis", None, {}, True), micros(NOON)
    component.report(ComponentReport(at, 1, "healthy"))
    component.report(ComponentReport(at + SECOND, 2, "healthy"))
    assert component.report(ComponentReport(at + 2 * SECOND, 3, "down")) == ([], [])
    assert component.head == ComponentReport(at + SECOND, 2, "healthy")


def test_a_vocabulary_counts_a_value_alike_when_it_has_forgotten_that_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.metrics.entities.cube._MEMO", 1)
    monkeypatch.setattr("jorge_data.metrics.entities.cube.DISTINCT", 2)
    vocabulary = Vocabulary()
    names = [(f"component-{number}", "healthy") for number in range(4)]
    first = [vocabulary.dims("component_time", name) for name in names]
    assert first[:2] == names[:2]
    assert first[2] == first[3] == ("(other)", "healthy")
    assert [vocabulary.dims("component_time", name) for name in reversed(names)] == first[::-1]


def test_an_attempt_told_late_changes_nothing_newer() -> None:
    attempts = ContactAttempts()
    attempts.failed("ann", 20, "sms", "no number")
    attempts.succeeded("ann", 10)
    assert attempts.failing == {"ann"}
    attempts.succeeded("ann", 30)
    attempts.succeeded("ann", 25)
    attempts.failed("ann", 15, "call", "busy")
    assert attempts.failing == set()
    assert (attempts.by_contact["ann"].ok_at, attempts.by_contact["ann"].failed_at) == (30, 20)
