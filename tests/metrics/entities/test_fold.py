from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events import Event
from jorge_data.events.timestamps import micros
from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.entities import CUBES, Fact, Grain, Rules, Vocabulary, event_facts, fold
from tests.metrics.entities.memory_store import MemoryStore, fold_each
from tests.metrics.entities.random_logs import logs
from tests.metrics.live_location import DAY, MINUTE, NOON, LiveLocation

GRAINS = get_args(Grain)


def assert_same(one: MemoryStore, other: MemoryStore) -> None:
    assert one.states == other.states
    assert one.rows == other.rows
    assert one.cells == other.cells
    assert {name: +facts for name, facts in one.current.items()} == {
        name: +facts for name, facts in other.current.items()
    }


def split(events: Sequence[Event], cuts: list[int]) -> list[Sequence[Event]]:
    edges = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    return [events[start:end] for start, end in pairwise(edges)]


@settings(deadline=None)
@given(logs, st.lists(st.integers(0, 25), max_size=4))
def test_any_split_into_batches_comes_to_the_same(events: list[Event], cuts: list[int]) -> None:
    store = MemoryStore()
    for batch in split(events, cuts):
        store.fold(batch)
    assert_same(store, MemoryStore().fold(events))


@settings(deadline=None)
@given(logs.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_any_order_of_arrival_comes_to_the_same(logs: tuple[list[Event], list[Event]]) -> None:
    in_order, shuffled = logs
    assert_same(fold_each(shuffled), MemoryStore().fold(in_order))


@settings(deadline=None)
@given(logs)
def test_cells_count_what_the_facts_say(events: list[Event]) -> None:
    """Cells updated batch by batch equal the sum of the current facts: nothing is left of retracted ones."""
    store = fold_each(events)
    assert_counted(store, [fact for event in events for fact in event_facts(event, store.rules)])


def assert_counted(store: MemoryStore, of_events: list[Fact]) -> None:
    """Check that the cells are the sum of the events' facts and the entities' current facts."""
    current = [fact for facts in store.current.values() for fact in facts.elements()]
    facts = of_events + [fact for fact in current if CUBES[fact.kind].counted]
    for grain in GRAINS:
        counted: Counter[tuple[str, tuple[str, ...]]] = Counter()
        sums: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        for key, cell in store.cells.items():
            if key.grain == grain:
                counted[key.kind, key.dims] += cell.n if not key.measure else 0
                sums[key.kind, key.measure, key.dims] += cell.sum
        assert +counted == Counter((fact.kind, fact.dims) for fact in facts)
        assert +sums == +_sums(facts)


def _sums(facts: list[Fact]) -> Counter[tuple[str, str, tuple[str, ...]]]:
    sums: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for fact in facts:
        for measure, value in fact.measures:
            sums[fact.kind, measure, fact.dims] += value
    return sums


@settings(deadline=None)
@given(logs, logs)
def test_under_other_rules_a_log_that_cannot_be_folded_anew_retracts_what_was_added(
    before: list[Event], after: list[Event]
) -> None:
    store = MemoryStore(mixed=True).fold(before)
    of_events = [fact for event in before for fact in event_facts(event, store.rules)]
    store.rules = Rules(rates=CommissionRates(Decimal("0.11")))
    store.fold(after)
    assert_counted(store, of_events + [fact for event in after for fact in event_facts(event, store.rules)])


@settings(deadline=None)
@given(logs, st.lists(st.integers(0, 25), max_size=4))
def test_what_was_added_is_retracted_once_however_it_is_known(events: list[Event], cuts: list[int]) -> None:
    store = MemoryStore(mixed=True)
    for batch in split(events, cuts):
        store.fold(batch)
    assert_same(store, MemoryStore().fold(events))


@settings(deadline=None)
@given(logs)
def test_every_fact_fits_its_cube(events: list[Event]) -> None:
    store = MemoryStore().fold(events)
    facts = [fact for event in events for fact in event_facts(event, store.rules)]
    for fact in facts + [fact for current in store.current.values() for fact in current]:
        cube = CUBES[fact.kind]
        names = [name for name, _ in fact.measures]
        assert len(fact.dims) == len(cube.dims)
        assert [name for name in cube.measures if name in names] == names


def test_what_comes_and_goes_within_a_batch_changes_no_cell(location: LiveLocation) -> None:
    store = MemoryStore()
    location.deal("elm", 100, stage="offer")
    store.fold(location.events)
    location.deal("elm", 200, "won", at=NOON + MINUTE)
    location.deal("elm", 100, at=NOON + 2 * MINUTE)
    folded = fold(location.events[1:], store, store.rules, store.vocabulary)
    assert {key.kind for key in folded.cells} == {"commission_update", "deal_stage"}
    entity = folded.entities["deal", "elm"]
    assert [fact.kind for fact in entity.retracted + entity.added if fact.kind == "deal_state"] == []


def test_only_facts_of_events_have_a_least_and_a_greatest(location: LiveLocation) -> None:
    location.qualify(questions_answered=2)
    location.analyse(30)
    extremes = {key.kind: cell.lo for key, cell in MemoryStore().fold(location.events).cells.items() if key.measure}
    assert extremes["seller_step"] is None
    assert extremes["intent_analysis_complete"] is not None


def test_facts_before_the_minutes_that_are_kept_are_counted_by_the_quarter_alone(location: LiveLocation) -> None:
    location.bot("lead-bot", "idle", NOON - DAY)
    location.bot("lead-bot", "idle", NOON)
    folded = fold(location.events, MemoryStore(), Rules(), Vocabulary(), minutes_since=micros(NOON - MINUTE))
    assert Counter(key.grain for key in folded.cells) == {"minute": 1, "quarter": 2, "hour": 2, "day": 2}


def test_of_more_than_four_hundred_records_the_first_and_the_last_stay_in_any_order(location: LiveLocation) -> None:
    for minutes in range(450):
        alert: dict[str, Any] = {"alert_id": "a", "property_id": "p", "match_score": 90.0, "alert_type": "other"}
        location.publish("property_alert", NOON + minutes * MINUTE, contact_id="dana", **alert)
    store = MemoryStore().fold(location.events)
    assert_same(store, MemoryStore().fold(location.events[:50]).fold(location.events[:49:-1]))
    alerts = store.values("alert_response")
    assert ([alerts[0][0], alerts[199][0], alerts[200][0], alerts[-1][0]], len(alerts)) == ([0, 199, 250, 449], 400)
    assert store.rows["contact", "dana"]["alerts"] == 450
