from jorge_data.metrics.entities import SCALE
from tests.metrics.entities.ledger import Ledger, fold_each, fold_office
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office


def judge(office: Office, actual: str, minutes: int = 60) -> None:
    office.hear("intent_feedback", NOON + minutes * MINUTE, analysis_id="a1", actual_category=actual)


def test_a_label_counts_at_the_time_of_its_analysis(office: Office) -> None:
    office.analyse(30, identity="a1", confidence_score=0.93)
    judge(office, "buyer")
    assert fold_office(office).told("intent_label") == [(0, "seller", "buyer", "no", "0.90", 930_000)]


def test_a_label_before_its_analysis_waits_for_it_in_one_batch_and_across_batches(office: Office) -> None:
    judge(office, "seller")
    waiting = fold_office(office)
    assert (waiting.told("intent_label"), waiting.pending(["a1"])) == ([], {"a1"})
    office.analyse(30, at=NOON + HOUR, identity="a1", confidence_score=1.0)
    expected = [(60, "seller", "seller", "yes", "0.95", SCALE)]
    assert fold_office(office).told("intent_label") == fold_each(office.events).told("intent_label") == expected


def test_a_newer_label_replaces_the_older_whichever_came_first(office: Office) -> None:
    office.analyse(30, identity="a1")
    judge(office, "investor", 90)
    judge(office, "seller", 60)
    ledger = fold_each(office.events)
    assert [label[1:4] for label in ledger.told("intent_label")] == [("seller", "investor", "no")]
    assert ledger.count("intent_label") == 1


def test_an_analysis_without_a_label_is_no_entity(office: Office) -> None:
    office.analyse(30, identity="a1")
    assert fold_office(office).states == {}


def test_a_label_for_an_analysis_of_long_ago_asks_for_it(office: Office) -> None:
    office.analyse(30, at=NOON - 300 * DAY, identity="a1")
    judge(office, "seller")
    ledger = Ledger().fold(office.events[:1]).fold(office.events[1:])
    assert len(ledger.facts("intent_label")) == 1
