import math

from hypothesis import given
from hypothesis import strategies as st

from jorge_data.metrics.entities import Cell

VALUES = st.lists(st.integers(0, 10**15), max_size=50)


def cell_of(values: list[int]) -> Cell:
    cell = Cell()
    for value in values:
        cell.add(value)
        cell.stretch(value)
    return cell


@given(VALUES, VALUES)
def test_cells_add_up_to_the_cell_of_all(some: list[int], more: list[int]) -> None:
    total = cell_of(some)
    total.merge(cell_of(more))
    assert total == cell_of(some + more)


@given(VALUES)
def test_what_is_taken_away_again_leaves_nothing(values: list[int]) -> None:
    difference = Cell()
    for value in values:
        difference.add(value, -1)
    for value in values:
        difference.add(value)
    assert difference.empty
    assert (difference.n, difference.sum, difference.bins) == (0, 0, {})


@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=50), st.floats(0, 1))
def test_quantiles_are_right_to_one_percent(values: list[int], q: float) -> None:
    exact = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    result = cell_of(values).quantile(q)
    assert result is not None
    assert math.isclose(result, exact, rel_tol=0.0101)


def test_a_fact_without_a_value_is_counted_alone() -> None:
    cell = Cell()
    cell.add(None)
    assert (cell.n, cell.sum, cell.lo, cell.hi, cell.bins, cell.quantile(0.5)) == (1, 0, None, None, {}, None)


def test_the_distribution_is_every_value_with_its_count() -> None:
    [(zero, zeros), (million, millions)] = cell_of([0, 1_000_000, 1_000_000]).distribution()
    assert (zero, zeros, millions) == (0.0, 1, 2)
    assert math.isclose(million, 1_000_000, rel_tol=0.01)
