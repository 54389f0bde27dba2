from jorge_data.metrics.entities import SCALE
from tests.metrics.entities.memory_store import MemoryStore, fold_at_once, fold_each
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def label(location: LiveLocation, actual: str, minutes: int = 60) -> None:
    location.publish("intent_feedback", NOON + minutes * MINUTE, analysis_id="a1", actual_category=actual)


def test_a_label_counts_at_the_time_of_its_analysis(location: LiveLocation) -> None:
    location.analyse(30, identity="a1", confidence_score=0.93)
    label(location, "buyer")
    assert fold_at_once(location).values("intent_label") == [(0, "seller", "buyer", "no", "0.90", 930_000)]


def test_a_label_before_its_analysis_waits_for_it_in_one_batch_and_across_batches(location: LiveLocation) -> None:
    label(location, "seller")
    waiting = fold_at_once(location)
    assert (waiting.values("intent_label"), waiting.pending(["a1"])) == ([], {"a1"})
    location.analyse(30, at=NOON + HOUR, identity="a1", confidence_score=1.0)
    expected = [(60, "seller", "seller", "yes", "0.95", SCALE)]
    assert (
        fold_at_once(location).values("intent_label") == fold_each(location.events).values("intent_label") == expected
    )


def test_a_newer_label_replaces_the_older_whichever_came_first(location: LiveLocation) -> None:
    location.analyse(30, identity="a1")
    label(location, "investor", 90)
    label(location, "seller", 60)
    store = fold_each(location.events)
    assert [label[1:4] for label in store.values("intent_label")] == [("seller", "investor", "no")]
    assert store.count("intent_label") == 1


def test_an_analysis_without_a_label_is_no_entity(location: LiveLocation) -> None:
    location.analyse(30, identity="a1")
    assert fold_at_once(location).states == {}


def test_a_label_for_an_analysis_of_long_ago_asks_for_it(location: LiveLocation) -> None:
    location.analyse(30, at=NOON - 300 * DAY, identity="a1")
    label(location, "seller")
    store = MemoryStore().fold(location.events[:1]).fold(location.events[1:])
    assert len(store.facts("intent_label")) == 1
