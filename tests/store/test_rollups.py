"""What every store promises of rollups, facts and entities."""

from collections.abc import Callable
from functools import partial

import orjson
import pytest

from jorge_data.events import Cursor
from jorge_data.store import (
    CellDelta,
    Condition,
    EntityFilter,
    EntityRow,
    EntitySortKey,
    FactRow,
    Field,
    Flush,
    GrainRange,
    LogView,
    RollupFilter,
    SQLiteStore,
    Store,
    Sum,
    TimeRange,
    Watermark,
)
from jorge_data.store.event_filter import holds
from jorge_data.store.rollup_types import EntityOrder
from jorge_data.store.sql import clear_rollups
from jorge_data.store.sqlite.driver import driver_of
from tests.store.conftest import Open, sqlite_only
from tests.store.office import keep

ALL = [GrainRange(0, "day", 0, 10**9)]
COUNT = RollupFilter("calls", "")
EVERYBODY, NAME = EntityFilter("contact", (0, 99)), ("contact_id",)
TWO_CONTACTS = EntityFilter("contact", (1, 9), ((Field("key", "column"), Condition("contact_id", "in", ("c1", "c2"))),))
NAMED = EntityFilter("contact", (1, 9), text="ann 512")
OPEN_DEALS = EntityFilter("deal", (0, 9), ((Field("status", "attribute"), Condition("status", "eq", ("open",))),))


def cell(n: int, bucket: int = 10, dims: tuple[str, ...] = ("a",), grain: str = "day") -> CellDelta:
    return CellDelta("calls", "", grain, bucket, dims, n)


def measured(n: int, total: int, sketch: dict[int, int], lo: int | None = None, hi: int | None = None) -> CellDelta:
    return CellDelta("calls", "seconds", "day", 10, ("a",), n, total, lo, hi, sketch)


def fact(at: int = 1, entity: str = "c1", state: str = "open") -> FactRow:
    return FactRow("step", at, entity, ("Q1", state), '{"s":1}')


def entity(key: str, at: int = 1, name: str = "", value: int | None = None, state: bytes = b"s") -> EntityRow:
    summary = orjson.dumps({"contact_id": key, "hot": at % 2 == 0, "none": None}).decode()
    return EntityRow("contact", key, at, name or key, value, None, summary, state)


class Log:
    """A log of three events whose folds a test writes itself."""

    def __init__(self, store: Store, location: str = "a") -> None:
        self.store, self.location = store, location
        self.epoch = keep(store, location, "e1", "e2", "e3")[-1].cursor.epoch
        self.mark: Watermark | None = None

    def flush(self, **changed: object) -> bool:
        """Move the watermark on, and keep what is given."""
        after, seq = self.mark, self.mark.cursor.seq + 1 if self.mark else 1
        to = Watermark(Cursor(self.epoch, seq), "rules")
        flushed = self.store.flush(self.location, Flush(after, to, **changed)).result(10)  # type: ignore[arg-type]
        self.mark = to if flushed else after
        return flushed

    def sums(self, wanted: RollupFilter = COUNT, spans: list[GrainRange] = ALL) -> list[Sum]:
        with self.store.view(self.location) as view:
            return view.rollups.sums(wanted, spans)

    def facts(self) -> list[FactRow]:
        with self.store.view(self.location) as view:
            matching = view.facts.page("step", (), (0, 99), None, False, 99)
        return [row._replace(dims=row.dims[:2]) for _, row in matching]


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


def test_cells_add_up_and_what_counts_nothing_is_gone(log: Log) -> None:
    log.flush(cells=[cell(2), cell(3, dims=("b",)), measured(2, 70, {1: 1, 5: 1}, 30, 40)])
    log.flush(cells=[cell(4), cell(-3, dims=("b",)), measured(1, 10, {5: 2, 1: -1}, 10, 10)])
    assert log.sums(RollupFilter("calls", "", ("d0",))) == [Sum(0, ("a",), 6, 0, None, None)]
    assert log.sums(RollupFilter("calls", "seconds", ends=True)) == [Sum(0, (), 3, 80, 10, 40)]
    with log.store.view("a") as view:
        assert view.rollups.sketches(RollupFilter("calls", "seconds"), ALL) == [(0, (), {"5": 3})]


@sqlite_only
def test_any_number_of_cells_is_kept_by_a_few_statements_that_stay_prepared(opened: Open) -> None:
    store = opened()
    assert isinstance(store, SQLiteStore)
    log, statements = Log(store), list[str]()
    driver_of(store.writer._connection).set_trace_callback(statements.append)
    numbers = range(0, 600, 7)
    for number in numbers:
        log.flush(cells=[cell(1, bucket=bucket) for bucket in range(number)])
    assert log.sums()[0].n == sum(numbers)
    rows = {statement.count("'calls'") for statement in statements if "INTO rollups" in statement}
    assert rows <= {1 << power for power in range(9)}


def test_spans_take_the_rows_that_begin_in_them(log: Log) -> None:
    log.flush(cells=[cell(1, 10), cell(2, 20), cell(4, 30), cell(8, 20, grain="minute")])
    days = [GrainRange(0, "day", 10, 20), GrainRange(1, "day", 20, 31), GrainRange(2, "day", 0, 11)]
    spans = [*days, GrainRange(2, "minute", 0, 99)]
    assert [(row.bucket, row.n) for row in log.sums(spans=spans)] == [(0, 1), (1, 6), (2, 1), (2, 8)]


@pytest.mark.parametrize(
    ("condition", "matching"),
    [
        (Condition("d0", "eq", ("3",)), {"3"}),
        (Condition("d0", "ne", ("3",)), {"", "7", "30", "x", "4y"}),
        (Condition("d0", "in", ("3", "x")), {"3", "x"}),
        (Condition("d0", "ge", ("7",)), {"7", "30"}),
        (Condition("d0", "lt", ("7",)), {"3"}),
        (Condition("d0", "eq", ("' OR 1=1 --",)), set()),
    ],
)
def test_conditions_hold_of_text_and_of_numbers(log: Log, condition: Condition, matching: set[str]) -> None:
    values = ("", "3", "7", "30", "x", "4y")
    log.flush(cells=[cell(1, dims=(value,)) for value in values])
    rows = log.sums(RollupFilter("calls", "", ("d0",), (condition,)))
    assert {row.group[0] for row in rows} == matching
    assert {value for value in values if holds(value, condition)} == matching


def test_sums_that_fill_a_row_add_up_exactly(log: Log) -> None:
    most = (1 << 63) - 1
    log.flush(cells=[measured(1, most, {1: 1})._replace(bucket=bucket) for bucket in (1, 2, 3)])
    assert log.sums(RollupFilter("calls", "seconds"))[0].sum == 3 * most


def test_a_retracted_fact_goes_once_however_many_are_alike(log: Log) -> None:
    log.flush(added=[fact(), fact(), fact(), fact(2), fact(entity="c2")])
    log.flush(retracted=[fact(), fact()], added=[fact(state="done")])
    assert sorted(log.facts()) == sorted([fact(), fact(2), fact(entity="c2"), fact(state="done")])
    log.flush(retracted=[fact(), fact(9)])
    assert sorted(log.facts()) == sorted([fact(2), fact(entity="c2"), fact(state="done")])


def test_an_entity_is_replaced_and_its_state_comes_back_byte_for_byte(log: Log) -> None:
    log.flush(entities=[entity("c1", state=b"\0\xff1"), entity("c2", state=b"")])
    log.flush(entities=[entity("c1", state=b"two"), entity("c3", state=b"\xc3\xa9")])
    with log.store.view("a") as view:
        assert view.entities.states("contact", ["c1", "c2", "c3", "c4"]) == {"c1": b"two", "c2": b"", "c3": b"\xc3\xa9"}
        assert view.entities.states("deal", ["c1"]) == {}
        assert view.entities.states("contact", ["c2", "c9"]).keys() == {"c2"}


def test_lists_are_ordered_searched_and_filtered(log: Log) -> None:
    log.flush(entities=[entity("c1", 5, "Zoe", 30), entity("c2", 4, "anna_b"), entity("c3", 6, "Ärla 100%", 20)])

    def listed(order: str, descending: bool = False, **given: object) -> list[str]:
        with log.store.view("a") as view:
            which = EntityFilter("contact", (0, 99), **given)  # type: ignore[arg-type]
            rows = view.entities.page(which, order, None, descending, 9, ("contact_id",))  # type: ignore[arg-type]
            assert view.entities.count(which) == len(rows)
        return [contact for _, (contact,) in rows]

    assert [listed("at"), listed("at", True), listed("value")] == [
        ["c2", "c1", "c3"],
        ["c3", "c1", "c2"],
        ["c2", "c3", "c1"],
    ]
    assert [listed("at", text=text) for text in ("ZO", "_", "%", "C3", "' OR")] == [["c1"], ["c2"], ["c3"], ["c3"], []]
    hot = Field("hot", "attribute")
    assert listed("at", conditions=((hot, Condition("hot", "eq", ("true",))),)) == ["c2", "c3"]
    with log.store.view("a") as view:
        after = EntitySortKey(5, view.entities.page(EVERYBODY, "at", None, False, 9, NAME)[1][0].id)
        (row,) = view.entities.page(EVERYBODY, "at", after, False, 9, NAME)
        assert row[1] == ["c3"]


@pytest.mark.parametrize("text", ["a/b", "a_b", "a%b"])
def test_signs_of_a_pattern_are_searched_for_as_they_are(log: Log, text: str) -> None:
    log.flush(entities=[entity(f"c{n}", name=name) for n, name in enumerate(("a/b", "a_b", "a%b", "ab", "axb"))])
    with log.store.view("a") as view:
        rows = view.entities.page(EntityFilter("contact", (0, 99), text=text), "at", None, False, 9, ("contact_id",))
        assert len(rows) == view.entities.count(EntityFilter("contact", (0, 99), text=text)) == 1


@pytest.mark.parametrize("descending", [False, True])
def test_pages_by_value_have_each_entity_once_and_none_is_less_than_any(log: Log, descending: bool) -> None:
    values = [None, 5, -3, None, 0, 5]
    log.flush(entities=[entity(f"c{n}", value=value) for n, value in enumerate(values)])
    matching: list[str] = []
    after: EntitySortKey | None = None
    with log.store.view("a") as view:
        while rows := view.entities.page(EVERYBODY, "value", after, descending, 1, NAME):
            ((after, (contact,)),) = rows
            matching.append(contact)
    ascending = ["c0", "c3", "c2", "c4", "c1", "c5"]
    assert matching == (ascending[::-1] if descending else ascending)


def test_nothing_is_cleared_of_a_log_that_has_lost_events_since(log: Log) -> None:
    log.flush(cells=[cell(1)])
    log.store.forget("a", log.epoch, 2).result(10)
    assert log.store.clear("a", None).result(10)
    with log.store.view("a") as view:
        assert view.rollups.sums(COUNT, ALL)
        assert log.store.clear("a", view.lost).result(10)
    with log.store.view("a") as view:
        assert not view.rollups.sums(COUNT, ALL)


def test_open_items_are_bounded_however_many_own_some_and_reach_the_oldest_of_each_group(log: Log) -> None:
    def item(at: int, kind: str) -> FactRow:
        owner = f"agent{at % 50}" if at % 3 else ""
        return FactRow("open_item", at, f"{kind}{at}", (kind, owner), '{"shown_from":0}')

    everything = [item(at, kind) for at in range(1, 501) for kind in ("hot", "reply")]
    log.flush(added=everything)
    with log.store.view("a") as view:
        found = view.facts.open_items(1000, 20, [("hot", "callback"), ("reply",)])
    assert sum(n for _, _, n in found.counts) == 1000
    assert 20 < len(found.rows) <= 60
    assert min(row.at for row in found.rows if row.dims[0] == "hot") == 1
    assert {row.entity for row in found.rows} >= {"hot1", "hot500", "reply1", "reply500"}
    assert [row.dims[0] for row in found.rows] == sorted(row.dims[0] for row in found.rows)


def test_an_owner_of_few_open_items_is_told_of_them_beside_one_of_many(log: Log) -> None:
    of_many = [FactRow("open_item", at, f"c{at}", ("hot", "many"), '{"shown_from":0}') for at in range(1, 101)]
    log.flush(added=[*of_many, FactRow("open_item", 50, "single", ("hot", "few"), '{"shown_from":0}')])
    with log.store.view("a") as view:
        rows = view.facts.open_items(1000, 10, [("hot",)]).rows
    assert "single" in {row.entity for row in rows}


def test_what_nobody_has_is_listed_beside_what_many_have(log: Log) -> None:
    taken = [
        FactRow("open_item", 100 * (owner + 1) + at, f"c{owner}-{at}", ("hot", f"agent{owner}"), '{"shown_from":0}')
        for owner in range(10)
        for at in range(20)
    ]
    free = [FactRow("open_item", 500 + at, f"free{at}", ("hot", ""), '{"shown_from":0}') for at in range(30)]
    log.flush(added=[*taken, *free])
    with log.store.view("a") as view:
        rows = view.facts.open_items(10_000, 10, [("hot",)]).rows
    owners = [row.dims[1] for row in rows]
    assert owners.count("") == 10
    assert set(owners) == {"", *(f"agent{owner}" for owner in range(10))}
    assert len(rows) <= 30


def test_of_rollups_that_are_cleared_in_parts_nothing_is_read_meanwhile(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts = [f"c{number}" for number in range(3)]
    added = [fact(entity=contact) for contact in contacts]
    log.flush(cells=[cell(1)], entities=list(map(entity, contacts)), added=added, words=[("k", "d", "v")])
    monkeypatch.setattr(clear_rollups, "CLEARED", 2)
    assert not log.store.clear("a", None).result(10)
    with log.store.view("a") as view:
        assert view.entities.states("contact", contacts) == {}
        assert view.facts.in_ranges("step", (), [TimeRange(0, 0, 99)], 9) == []
        assert (view.rollups.sums(COUNT, ALL), view.words(), view.watermark) == ([], [], None)
    while not log.store.clear("a", None).result(10):
        pass


def test_a_flush_that_does_not_follow_on_keeps_nothing(log: Log) -> None:
    log.flush(cells=[cell(1)])
    stale, mark = None, Watermark(Cursor(log.epoch, 2), "rules")
    assert not log.store.flush("a", Flush(stale, mark, cells=[cell(1)])).result(10)
    other = Watermark(Cursor("gone", 2), "rules")
    assert not log.store.flush("a", Flush(log.mark, other, cells=[cell(1)])).result(10)
    assert not log.store.flush("nowhere", Flush(None, mark, cells=[cell(1)])).result(10)
    assert log.sums()[0].n == 1


def test_what_was_flushed_is_there_after_reopening(opened: Open) -> None:
    first = opened()
    log = Log(first)
    log.flush(cells=[cell(5)], words=[("calls", "d0", "a"), ("calls", "d0", "ü")])
    first.close()
    with opened().view("a") as view:
        assert view.watermark == log.mark
        assert view.rollups.sums(COUNT, ALL)[0].n == 5
        assert sorted(view.words()) == [("calls", "d0", "a"), ("calls", "d0", "ü")]


def test_minutes_that_have_expired_are_removed(log: Log) -> None:
    log.flush(cells=[cell(1, bucket, grain=grain) for bucket in (10, 20) for grain in ("minute", "day")])
    to = Watermark(Cursor(log.epoch, 2), "rules", minutes_from=20)
    assert log.store.flush("a", Flush(log.mark, to, expired=[("calls", "")])).result(10)
    spans = [GrainRange(0, "minute", 0, 99), GrainRange(1, "day", 0, 99)]
    assert [(row.bucket, row.n) for row in log.sums(spans=spans)] == [(0, 1), (1, 2)]


def test_clearing_and_dropping_leave_nothing_of_one_location_alone(store: Store) -> None:
    logs = [Log(store, name) for name in "abc"]
    for log in logs:
        log.flush(cells=[cell(1)], entities=[entity("c1")], added=[fact()], words=[("k", "d", "v")])
    assert store.clear("a", None).result(10)
    store.drop("b").result(10)
    for name, left in (("a", 0), ("b", 0), ("c", 1)):
        with store.view(name) as view:
            entities = view.entities.states("contact", ["c1"])
            contents = view.rollups.sums(COUNT, ALL), entities, view.words(), view.watermark
            assert [bool(each) for each in contents] == [bool(left)] * 4
            assert len(view.facts.in_ranges("step", (), [TimeRange(0, 0, 99)], 9)) == left
    assert store.bounds("a").top == 3
    assert store.clear("nowhere", None).result(10)


def open_deals_by_value(view: LogView) -> object:
    return view.entities.page(OPEN_DEALS, "value", None, True, 9, ("key",))


def named(view: LogView, order: EntityOrder) -> object:
    return view.entities.page(NAMED, order, None, True, 9, ("key",))


def two_contacts(view: LogView, order: EntityOrder) -> object:
    return view.entities.page(TWO_CONTACTS, order, None, True, 9, ("key",))


def plan_of(store: SQLiteStore, ask: Callable[[LogView], object]) -> list[str]:
    """Return the steps of SQLite's plan for the last statement that a query runs."""
    ran: list[str] = []
    with store.view("a") as view:
        driver = driver_of(view._connection)
        driver.set_trace_callback(ran.append)
        ask(view)
        driver.set_trace_callback(None)
        return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {ran[-1]}")]


@sqlite_only
@pytest.mark.parametrize(
    ("search", "ask"),
    [
        ("rollups USING PRIMARY KEY", lambda view: view.rollups.sums(COUNT, ALL)),
        ("events USING COVERING INDEX events_time", lambda view: view.count("calls", [TimeRange(0, 1, 2)])),
        ("facts USING INDEX facts_time", lambda view: view.facts.in_ranges("step", (), [TimeRange(0, 1, 2)], 9)),
        ("facts USING INDEX facts_entity", lambda view: view.facts.of_entities(["step"], ["c1"])),
        ("entities USING COVERING INDEX entities_sought", lambda view: view.entities.count(NAMED)),
        *(("entities USING COVERING INDEX entities_sought", partial(named, order=order)) for order in ("at", "match")),
        ("entities USING COVERING INDEX entities_status", lambda view: view.entities.count(OPEN_DEALS)),
        ("entities USING INDEX entities_status", open_deals_by_value),
        ("entities USING INDEX sqlite_autoindex_entities_1", lambda view: view.entities.count(TWO_CONTACTS)),
        *(
            ("entities USING INDEX sqlite_autoindex_entities_1", partial(two_contacts, order=order))
            for order in ("at", "name", "value")
        ),
    ],
)
def test_a_question_costs_one_search_a_span(search: str, ask: Callable[[LogView], object], opened: Open) -> None:
    store = opened()
    assert isinstance(store, SQLiteStore)
    keep(store, "a", "e1")
    steps = plan_of(store, ask)
    assert any(f"SEARCH {search} (log=? AND" in step for step in steps), steps
    assert ask is not open_deals_by_value or not any("TEMP B-TREE" in step for step in steps), "in the order of value"
