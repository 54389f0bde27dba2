from hypothesis import given
from hypothesis import strategies as st

from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.wall.rolling_window import RollingWindow

moves = st.lists(
    st.one_of(st.tuples(st.just("add"), st.integers(0, 60)), st.tuples(st.just("ask"), st.integers(0, 60)))
)


@given(moves)
def test_a_rolling_total_is_always_the_sum_of_its_minutes(done: list[tuple[str, int]]) -> None:
    window: RollingWindow[KeyCounter[str]] = RollingWindow(KeyCounter)
    added: list[int] = []
    for move, minute in done:
        if move == "add":
            window.add(minute, "n")
            added.append(minute)
        else:
            total = window.total("w", minute - 15, minute)
            assert total.of("n") == sum(minute - 15 <= one < minute for one in added)


def test_a_late_event_counts_in_its_own_minute() -> None:
    window: RollingWindow[KeyCounter[str]] = RollingWindow(KeyCounter)
    window.add(100, "n")
    assert window.total("w", 86, 101).of("n") == 1
    window.add(90, "n")
    window.add(80, "n")
    assert window.total("w", 86, 101).of("n") == 2
    assert window.total("w", 91, 106).of("n") == 1


def test_forgotten_minutes_leave_no_trace_in_totals() -> None:
    window: RollingWindow[KeyCounter[str]] = RollingWindow(KeyCounter)
    window.add(1, "n")
    window.add(50, "n")
    assert window.total("w", 0, 60).of("n") == 2
    window.expire(40)
    assert window.at(1) is None
    assert window.total("w", 0, 60).of("n") == 1
