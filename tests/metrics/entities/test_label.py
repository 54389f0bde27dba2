from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events import Event
from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities import SCALE, Fact
from jorge_data.metrics.entities.entity import RECORDS
from jorge_data.metrics.entities.label import Label
from tests.metrics.entities.memory_store import MemoryStore, fold_at_once, fold_each
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation, make

SOURCES = ("decoder", "rival", "third")


def label(location: LiveLocation, actual: str, minutes: int = 60, **data: str) -> None:
    location.publish("intent_feedback", NOON + minutes * MINUTE, analysis_id="a1", actual_category=actual, **data)


def judged(store: MemoryStore) -> list[tuple[str, str, str]]:
    """Return the source of each labelled analysis, what it predicted and what a person said."""
    return sorted((source, predicted, actual) for _, predicted, actual, _, _, source, _ in store.values("intent_label"))


def test_a_label_counts_at_the_time_of_its_analysis(location: LiveLocation) -> None:
    location.analyse(30, identity="a1", confidence_score=0.93)
    label(location, "buyer")
    assert fold_at_once(location).values("intent_label") == [(0, "seller", "buyer", "no", "0.90", "test", 930_000)]


def test_a_label_before_its_analysis_waits_for_it_in_one_batch_and_across_batches(location: LiveLocation) -> None:
    label(location, "seller")
    assert fold_at_once(location).values("intent_label") == []
    location.analyse(30, at=NOON + HOUR, identity="a1", confidence_score=1.0)
    expected = [(60, "seller", "seller", "yes", "0.95", "test", SCALE)]
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
    assert {family for family, _ in fold_at_once(location).states} == {"bot", "source"}


def test_a_label_for_an_analysis_of_long_ago_asks_for_it(location: LiveLocation) -> None:
    location.analyse(30, at=NOON - 300 * DAY, identity="a1")
    label(location, "seller")
    store = MemoryStore().fold(location.events[:1]).fold(location.events[1:])
    assert len(store.facts("intent_label")) == 1


def of_sources(location: LiveLocation, *sources: str) -> None:
    for source, predicted in zip(sources, ("seller", "buyer", "investor"), strict=False):
        location.analyse(30, identity="a1", source=source, intent_category=predicted)


def test_a_verdict_on_an_id_judges_the_analysis_of_every_source_by_its_own_prediction(location: LiveLocation) -> None:
    of_sources(location, "decoder", "rival")
    label(location, "seller")
    of_sources(location, "third")
    for store in (fold_at_once(location), fold_each(location.events)):
        assert judged(store) == [
            ("decoder", "seller", "seller"),
            ("rival", "buyer", "seller"),
            ("third", "seller", "seller"),
        ]
        assert [right for _, _, _, right, *_ in store.values("intent_label")].count("yes") == 2
        assert store.count("intent_label") == 3


def test_a_verdict_that_names_a_source_is_on_its_analysis_alone(location: LiveLocation) -> None:
    of_sources(location, "decoder", "rival")
    label(location, "investor", analysis_source="rival")
    for store in (fold_at_once(location), fold_each(location.events)):
        assert judged(store) == [("rival", "buyer", "investor")]


def test_of_verdicts_with_and_without_a_source_the_newest_holds(location: LiveLocation) -> None:
    of_sources(location, "decoder", "rival", "third")
    label(location, "seller", 60)
    label(location, "buyer", 90, analysis_source="decoder")
    label(location, "curious", 30, analysis_source="rival")
    for store in (fold_at_once(location), fold_each(reversed(location.events))):
        assert [actual for _, _, actual in judged(store)] == ["buyer", "seller", "seller"]


@pytest.mark.parametrize("source", [None, "", 7, ["decoder"]])
def test_a_source_in_an_event_from_before_it_had_a_rule_names_none_unless_it_is_text(
    location: LiveLocation, source: object
) -> None:
    of_sources(location, "decoder")
    label(location, "buyer")
    event = location.events[-1]
    old = event._replace(data=event.data | {"analysis_source": source})
    assert judged(MemoryStore().fold([location.events[0], old])) == [("decoder", "seller", "buyer")]


Drawn = tuple[str, str | None, int, str]
_id = st.sampled_from(["a", "b"])
_category = st.sampled_from(["buyer", "seller"])
_minute = st.integers(0, 5)
_analysis = st.tuples(_id, st.sampled_from(SOURCES), _minute, _category)
_verdict = st.tuples(_id, st.none() | st.sampled_from(SOURCES), _minute, _category)


def _made(analyses: list[Drawn], verdicts: list[Drawn]) -> list[Event]:
    """Return analyses, of an id and a source one, and verdicts, in the order of their seq."""
    events: list[Event] = []
    for name, source, minute, category in analyses:
        data: dict[str, Any] = {"processing_time_ms": 30.0, "confidence_score": 0.9, "intent_category": category}
        data |= {"urgency_level": "active", "ml_features_triggered": []}
        at, seq = NOON + minute * MINUTE, len(events) + 1
        events.append(make("intent_analysis_complete", at, seq, name, source or "", **data))
    for name, source, minute, category in verdicts:
        label: dict[str, Any] = {"analysis_id": name, "actual_category": category, "analysis_source": source}
        events.append(make("intent_feedback", NOON + minute * MINUTE, len(events) + 1, **label))
    return events


_events = st.builds(
    _made, st.lists(_analysis, max_size=6, unique_by=lambda drawn: drawn[:2]), st.lists(_verdict, max_size=6)
)
_arrivals = _events.flatmap(st.permutations)


def recount(events: list[Event]) -> list[tuple[str, str, str, str]]:
    """Return (id, source, predicted, actual) of every labelled analysis, read from the events one by one."""
    labels = []
    for analysis in (event for event in events if event.type == "intent_analysis_complete"):
        on_it = [
            event
            for event in events
            if event.data.get("analysis_id") == analysis.id and event.data["analysis_source"] in (None, analysis.source)
        ]
        if on_it:
            newest = max(on_it, key=lambda event: (event.time, event.seq))
            predicted, actual = analysis.data["intent_category"], newest.data["actual_category"]
            labels.append((analysis.id, analysis.source, predicted, actual))
    return sorted(labels)


def counted(store: MemoryStore) -> list[tuple[str, str, str, str]]:
    return sorted(
        (name, fact.dims[4], fact.dims[0], fact.dims[1])
        for (family, name), facts in store.current.items()
        if family == "label"
        for fact in facts.elements()
    )


@settings(deadline=None)
@given(_arrivals, st.lists(st.integers(0, 12), max_size=5), st.booleans())
def test_any_order_and_split_counts_what_a_recount_does_at_every_position(
    events: list[Event], cuts: list[int], mixed: bool
) -> None:
    """`mixed`: what is retracted are the stored facts."""
    store = MemoryStore(mixed=mixed)
    for start, end in pairwise([0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]):
        store.fold(events[start:end])
        assert counted(store) == recount(events[:end])
        assert store.count("intent_label") == len(counted(store))
    assert store.states == MemoryStore().fold(sorted(events, key=lambda event: event.seq)).states


@settings(deadline=None)
@given(_arrivals, st.integers(1, 13))
def test_a_log_that_is_folded_from_its_archive_counts_what_a_recount_does(events: list[Event], oldest: int) -> None:
    log = [event._replace(seq=seq) for seq, event in enumerate(events, 1)]
    store = MemoryStore(oldest=oldest)
    for event in log:
        store.fold([event])
    assert counted(store) == recount(log)


@settings(deadline=None)
@given(_arrivals)
def test_an_analysis_that_is_joined_again_counts_once(events: list[Event]) -> None:
    analyses = [event for event in events if event.type == "intent_analysis_complete"]
    store = MemoryStore().fold(events)
    states = dict(store.states)
    assert counted(store.fold(analyses)) == recount(events)
    assert store.states == states


def test_of_more_sources_than_are_kept_those_with_the_newest_analyses_stay_in_any_order(location: LiveLocation) -> None:
    label(location, "seller")
    for minutes in range(RECORDS + 5):
        location.analyse(30, NOON + minutes * MINUTE, "a1", source=f"s{minutes}")
    store = MemoryStore().fold(location.events)
    assert [at for at, *_ in store.values("intent_label")] == list(range(5, RECORDS + 5))
    again = MemoryStore().fold(location.events[:50]).fold(location.events[:40:-1])
    assert (again.states, again.values("intent_label")) == (store.states, store.values("intent_label"))


AT = micros(NOON)
OLD = b'[[%d,2,"buyer"],[%d,"seller",0.9]]' % (micros(NOON + HOUR), AT)


def test_a_label_stored_before_sources_were_counts_and_learns_the_source(location: LiveLocation) -> None:
    of_sources(location, "decoder")
    label(location, "buyer")
    counted = Fact("intent_label", AT, ("seller", "buyer", "no", "0.90", ""), (("confidence_score", 900_000),))
    assert list(Label.load(OLD).facts()) == [counted]
    assert Label.load(Label.load(OLD).dump()) == Label.load(OLD)
    store = MemoryStore(mixed=True).fold(location.events[:1])
    store.states["label", "a1"], store.current["label", "a1"] = OLD, Counter([counted])
    label(location, "curious", 90, analysis_source="decoder")
    assert judged(store.fold(location.events[2:])) == [("decoder", "seller", "curious")]


def test_a_label_stored_before_sources_were_waits_on_for_its_analyses(location: LiveLocation) -> None:
    store = MemoryStore()
    store.states["label", "a1"] = b'[[%d,1,"buyer"],null]' % AT
    of_sources(location, "decoder", "rival")
    assert judged(store.fold(location.events)) == [("decoder", "seller", "buyer"), ("rival", "buyer", "buyer")]
