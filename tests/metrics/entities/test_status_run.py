from bisect import bisect_right

from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.metrics.entities.status_run import Moment, StatusRun

Reports = list[tuple[int, str]]

_reports = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["healthy", "down", "degraded"])), max_size=10)


def run_of(moments: list[tuple[Moment, str]]) -> StatusRun:
    """Return the run after reports in this order of arrival, read from its dump between any two."""
    run, arrived = StatusRun(), list[Moment]()
    for moment, status in moments:
        run = StatusRun.load(run.dump())
        run.add(moment, status, lambda: _next(arrived, moment))  # noqa: B023 - called at once
        arrived.append(moment)
    return run


def _next(arrived: list[Moment], moment: Moment) -> Moment | None:
    later = sorted(arrived)
    index = bisect_right(later, moment)
    return later[index] if index < len(later) else None


def recount(moments: list[tuple[Moment, str]]) -> tuple[str, int]:
    """Return the newest status, and the time of the first report of the last run of it."""
    in_order = sorted(moments)
    if not in_order:
        return "", 0
    (since, _), newest = in_order[-1]
    for (at, _), status in reversed(in_order):
        if status != newest:
            break
        since = at
    return newest, since


@settings(max_examples=500)
@given(_reports.flatmap(lambda reports: st.tuples(st.just(reports), st.permutations(range(len(reports))))))
def test_in_any_order_of_arrival_a_run_begins_with_its_first_report(drawn: tuple[Reports, list[int]]) -> None:
    reports, order = drawn
    moments: list[tuple[Moment, str]] = [((at, seq), status) for seq, (at, status) in enumerate(reports, 1)]
    run = run_of([moments[index] for index in order])
    assert (run.status, run.since) == recount(moments)


def test_before_the_first_report_there_is_neither_status_nor_moment() -> None:
    assert (StatusRun().status, StatusRun().since) == ("", 0)


def test_a_late_report_between_two_of_a_run_begins_it_with_the_next_one() -> None:
    moments: list[tuple[Moment, str]] = [((1, 1), "down"), ((5, 2), "down"), ((9, 3), "down"), ((3, 4), "healthy")]
    assert run_of(moments).since == 5


def test_where_the_next_report_is_not_found_a_run_begins_with_its_newest_one() -> None:
    run = StatusRun()
    for moment in ((1, 1), (5, 2), (9, 3)):
        run.add(moment, "down", lambda: None)
    run.add((3, 4), "healthy", lambda: None)
    assert run.since == 9
