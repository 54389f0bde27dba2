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
from tests.metrics.entities.ledger import Ledger, fold_each
from tests.metrics.entities.stories import logs
from tests.metrics.wall.live_office import DAY, MINUTE, NOON, Office

GRAINS = get_args(Grain)


def assert_same(one: Ledger, other: Ledger) -> None:
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
    ledger = Ledger()
    for batch in split(events, cuts):
        ledger.fold(batch)
    assert_same(ledger, Ledger().fold(events))


@settings(deadline=None)
@given(logs.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_any_order_of_arrival_comes_to_the_same(logs: tuple[list[Event], list[Event]]) -> None:
    in_order, shuffled = logs
    assert_same(fold_each(shuffled), Ledger().fold(in_order))


@settings(deadline=None)
@given(logs)
def test_cells_count_what_the_facts_say(events: list[Event]) -> None:
    """What is kept incrementally is what the current facts add up to: nothing is left of what was retracted."""
    ledger = fold_each(events)
    assert_counted(ledger, [fact for event in events for fact in event_facts(event, ledger.rules)])


def assert_counted(ledger: Ledger, said: list[Fact]) -> None:
    """Check that the cells are the sum of the facts that events said and of those that are current."""
    facts = said + [fact for current in ledger.current.values() for fact in current.elements()]
    for grain in GRAINS:
        counted: Counter[tuple[str, tuple[str, ...]]] = Counter()
        sums: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        for key, cell in ledger.cells.items():
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
    ledger = Ledger(remembers=True).fold(before)
    said = [fact for event in before for fact in event_facts(event, ledger.rules)]
    ledger.rules = Rules(rates=CommissionRates(Decimal("0.11")))
    ledger.fold(after)
    assert_counted(ledger, said + [fact for event in after for fact in event_facts(event, ledger.rules)])


@settings(deadline=None)
@given(logs, st.lists(st.integers(0, 25), max_size=4))
def test_what_was_added_is_retracted_once_however_it_is_known(events: list[Event], cuts: list[int]) -> None:
    ledger = Ledger(remembers=True)
    for batch in split(events, cuts):
        ledger.fold(batch)
    assert_same(ledger, Ledger().fold(events))


@settings(deadline=None)
@given(logs)
def test_every_fact_fits_its_cube(events: list[Event]) -> None:
    ledger = Ledger().fold(events)
    facts = [fact for event in events for fact in event_facts(event, ledger.rules)]
    for fact in facts + [fact for current in ledger.current.values() for fact in current]:
        cube = CUBES[fact.kind]
        names = [name for name, _ in fact.measures]
        assert len(fact.dims) == len(cube.dims)
        assert [name for name in cube.measures if name in names] == names


def test_what_comes_and_goes_within_a_batch_changes_no_cell(office: Office) -> None:
    ledger = Ledger()
    office.deal("elm", 100, stage="offer")
    ledger.fold(office.events)
    office.deal("elm", 200, "won", at=NOON + MINUTE)
    office.deal("elm", 100, at=NOON + 2 * MINUTE)
    folded = fold(office.events[1:], ledger, ledger.rules, ledger.vocabulary)
    assert {key.kind for key in folded.cells} == {"commission_update", "deal_stage"}
    [entity] = folded.entities.values()
    assert [fact.kind for fact in entity.retracted + entity.added if fact.kind == "deal_state"] == []


def test_only_facts_of_events_have_a_least_and_a_greatest(office: Office) -> None:
    office.qualify(questions_answered=2)
    office.analyse(30)
    extremes = {key.kind: cell.lo for key, cell in Ledger().fold(office.events).cells.items() if key.measure}
    assert extremes["seller_step"] is None
    assert extremes["intent_analysis_complete"] is not None


def test_facts_before_the_minutes_that_are_kept_are_counted_by_the_quarter_alone(office: Office) -> None:
    office.bot("lead-bot", "idle", NOON - DAY)
    office.bot("lead-bot", "idle", NOON)
    folded = fold(office.events, Ledger(), Rules(), Vocabulary(), minutes_since=micros(NOON - MINUTE))
    assert Counter(key.grain for key in folded.cells) == {"minute": 1, "quarter": 2, "hour": 2, "day": 2}


def test_of_more_than_four_hundred_records_the_first_and_the_last_stay_in_any_order(office: Office) -> None:
    for minutes in range(450):
        alert: dict[str, Any] = {"alert_id": "a", "property_id": "p", "match_score": 90.0, "alert_type": "other"}
        office.hear("property_alert", NOON + minutes * MINUTE, contact_id="dana", **alert)
    ledger = Ledger().fold(office.events)
    assert_same(ledger, Ledger().fold(office.events[:50]).fold(office.events[:49:-1]))
    told = ledger.told("alert_response")
    assert ([told[0][0], told[199][0], told[200][0], told[-1][0]], len(told)) == ([0, 199, 250, 449], 400)
    assert ledger.rows["contact", "dana"]["alerts"] == 450
