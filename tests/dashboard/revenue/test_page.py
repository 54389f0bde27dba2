"""The page of revenue: what is open, won and likely, and what past forecasts were worth."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.metrics.formatting import write_date, write_day, write_month
from jorge_data.metrics.statistics.forecast import months_before
from tests.dashboard.app_context import context_with, metrics, past_event, texts
from tests.dashboard.chart_marks import labels, marks, positions, rows_behind
from tests.dashboard.test_pages import visit
from tests.served import Served

DAY = 24 * 60


def deal(name: str, minutes_ago: float, value: float, status: str = "open", **data: Any) -> dict[str, Any]:
    fields = {
        "deal_id": name,
        "name": f"{name} Street",
        "deal_value": value,
        "status": status,
        "contact_id": f"c-{name}",
    }
    return past_event("commission_update", minutes_ago, **fields, **data)


def deals() -> list[dict[str, Any]]:
    """Elm is open at $6,000 of commission and 65 %, Oak has just been won at $12,000, Ash lost."""
    return [
        deal("elm", 40, 100_000, stage="Offer"),
        deal("oak", 40, 200_000, stage="under_contract", lead_source="referral"),
        deal("oak", 0, 200_000, "won", lead_source="referral"),
        deal("ash", 30, 300_000, stage="prospect", lead_source="website"),
        deal("ash", 0, 300_000, "lost", lead_source="website"),
    ]


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    with context_with(served, *deals()) as context:
        yield context


def won_at_once(number: int, days_ago: int = 200) -> list[dict[str, Any]]:
    """Deals that were won from Offer within a minute, long ago."""
    ways = [(days_ago * DAY, {"stage": "Offer"}), (days_ago * DAY - 1, {"status": "won"})]
    return [deal(f"w{n}", ago, 50_000, **data) for n in range(number) for ago, data in ways]


def forecasts(figures: dict[str, str]) -> list[str]:
    return [value for label, value in figures.items() if label.startswith("Forecast")]


@pytest.mark.usefixtures("context")
def test_what_is_open_and_won_is_commission_in_dollars() -> None:
    app = visit("revenue", range="1 h")
    assert not app.exception
    figures = metrics(app)
    assert (figures["Pipeline"], figures["Commission in the pipeline"], figures["Weighted"]) == (
        "$100,000",
        "$6,000",
        "$3,900",
    )
    assert (figures["Commission won"], figures["Against the target"], figures["Win rate"]) == (
        "$12,000",
        "48 %",
        "50 %",
    )


def test_the_forecast_is_a_range_with_the_plain_weighted_sum_beside_it(served: Served) -> None:
    with context_with(served, *deals(), *won_at_once(10)):
        app = visit("revenue", range="1 h")
    assert forecasts(metrics(app)) == ["$18,000", "$18,000"]
    note = next(
        text
        for text in texts(app)
        if text.startswith("best guess · 8 of 10 trials end at $12,000 to $18,000 · on average $15,")
    )
    assert note.endswith(" · target $25,000")
    assert any("10,000 simulated runs (seed 7)" in text for text in texts(app))


@pytest.mark.usefixtures("context")
def test_where_too_few_were_won_to_say_how_soon_there_is_no_forecast() -> None:
    app = visit("revenue", range="1 h")
    assert forecasts(metrics(app)) == ["no data", "no data"]
    assert any("No open deal can be forecast" in text for text in texts(app))


def test_a_quarter_that_is_over_is_drawn_with_its_own_months_and_a_forecast_of_the_current_one(served: Served) -> None:
    today = datetime.now(ZoneInfo("America/Chicago")).date()
    last = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    span = {"from": last.replace(month=last.month - 2, day=1).isoformat(), "to": last.isoformat()}
    with context_with(served, *deals(), *won_at_once(10)):
        app = visit("revenue", range="Custom", **span)
    shown = texts(app)
    assert "Commission won by month" in shown
    what = f"commission won, thousand US dollars, by month, 12 months to {last:%b %Y}; dotted: the target, 25"
    assert what in shown
    assert f"Q{(today.month + 2) // 3} will likely end at" in metrics(app)


def test_deals_that_are_left_out_of_the_forecast_are_counted(served: Served) -> None:
    unknown = (deal("fir", 10, 100_000, stage="elsewhere"), deal("bay", 10, 100_000, stage="prospect"))
    with context_with(served, *deals(), *won_at_once(10), *unknown):
        app = visit("revenue", range="1 h")
    left_out = "left out without a probability: 1 · left out, fewer than 3 won from their stage: 1"
    assert any(text.endswith(f"open deals counted: 1 · {left_out}; target $25,000") for text in texts(app))


def test_more_deals_and_reports_than_are_read_are_said(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.dashboard.query.whole_table.PAGE", 1)
    monkeypatch.setattr("jorge_data.dashboard.revenue.deal_forecasts.whole_table", partial(whole_table, most=2))
    old = [deal(name, 40 * DAY, 50_000, stage="offer") for name in ("yew", "fir", "bay")]
    with context_with(served, *deals(), *old):
        shown = texts(visit("revenue", range="1 h"))
    assert "There are more open deals than are read: the forecasts count the 2 of the greatest value." in shown
    assert "There are more reports than are read: the oldest months are rehearsed without the first of them." in shown


def test_a_mark_opens_the_deals_that_it_shows(context: AppContext) -> None:
    app = visit("revenue", range="1 h")
    sources = marks(app, "sources")
    assert sources
    assert [rows_behind(context, mark) for mark in sources] == [mark.shows for mark in sources]
    assert [(mark.shows, rows_behind(context, mark)) for mark in marks(app, "stages")] == [(6_000, 1)]
    assert [(mark.shows, rows_behind(context, mark)) for mark in marks(app, "months")] == [(12_000, 1)]


@pytest.mark.parametrize(
    ("figure", "rows"), [("pipeline", 1), ("commission_won", 1), ("against_the_target", 1), ("win_rate", 2)]
)
@pytest.mark.usefixtures("context")
def test_a_figure_opens_the_deals_that_it_is_made_of(figure: str, rows: int) -> None:
    app = visit("revenue", range="1 h")
    app.button(key=f"open_{figure}").click().run()
    assert not app.exception
    assert any(text.startswith(f"{rows} ") for text in texts(app))


@pytest.mark.usefixtures("context")
def test_deals_are_listed_by_status_with_the_age_of_their_stage() -> None:
    app = visit("revenue", range="1 h")
    listed = next(frame.value for frame in app.dataframe if "stage_age" in frame.value.columns)
    assert listed["deal_id"].tolist() == ["elm"]
    assert 40 / DAY < listed["stage_age"].iloc[0] < 60 / DAY
    app.session_state["deal_status"] = "won"
    app.run()
    assert [frame.value["deal_id"].tolist() for frame in app.dataframe if "stage_age" in frame.value] == [["oak"]]


def test_a_deal_without_a_probability_is_left_out_of_what_is_weighted_and_said_so(served: Served) -> None:
    with context_with(served, deal("elm", 10, 100_000, stage="Offer"), deal("fir", 10, 100_000, stage="elsewhere")):
        app = visit("revenue", range="1 h")
        assert metrics(app)["Weighted"] == "$3,900"
        assert "1 open deals without a probability are left out" in texts(app)


def test_forecasts_are_rehearsed_on_the_months_that_began_with_a_known_deal(served: Served) -> None:
    past = [
        *won_at_once(10),
        deal("old", 100 * DAY, 100_000, stage="Offer"),
        deal("old", 50 * DAY, 100_000, "won"),
    ]
    with context_with(served, *past):
        app = visit("revenue")
        assert not app.exception
        assert any("Too few months to judge the forecasts" in text for text in texts(app))
        (said,) = (text for text in texts(app) if "months came within their range: " in text)
        assert "within their range: 100 % (likely " in said
        assert "These ranges promise 100 %" in said
        assert "Of so few months an honest range of 80 % could not be told from one of 50 %." in said


def test_8_a_win_reported_after_its_month_is_one_number_in_every_chart_and_its_marks_open_it(served: Served) -> None:
    zone = ZoneInfo("America/Chicago")
    opened, _, reported = months_before(datetime.now(zone).date(), 3)

    def minutes_since(day: date) -> float:
        return (datetime.now(zone) - datetime.combine(day, time(12), zone)).total_seconds() / 60

    late = [
        deal("elm", minutes_since(opened.replace(day=25)), 1_000_000, stage="Offer"),
        deal(
            "elm", minutes_since(reported.replace(day=2)), 1_000_000, "won", closed_at=str(reported - timedelta(days=1))
        ),
    ]
    with context_with(served, *won_at_once(10), *late) as context:
        app = visit("revenue")
        months, rehearsal = (
            [mark for mark in marks(app, chart) if mark.shows == 60_000] for chart in ("months", "rehearsal")
        )
        assert [rows_behind(context, mark) for mark in (*months, *rehearsal)] == [1, 1]
        assert [mark.shows for mark in marks(app, "rehearsal")] == [60_000]
        assert any("what each month brought, as known today" in text for text in texts(app))


def test_what_the_pipeline_was_when_the_period_began_is_taken_from_the_book(served: Served) -> None:
    with context_with(served, deal("elm", 40 * DAY, 100_000, stage="offer"), deal("elm", 1, 150_000, stage="offer")):
        app = visit("revenue", range="30 d")
        pipeline = next(metric for metric in app.metric if metric.label == "Pipeline")
        assert (pipeline.value, pipeline.delta) == ("$150,000", "+50 %")
        began = datetime.now(AppContext.current().settings.timezone).date() - timedelta(days=29)
        assert pipeline.proto.delta_description in (f"now, vs {write_day(began)}", f"now, vs {write_date(began)}")


def test_of_a_period_that_is_over_the_pipeline_is_that_of_its_end(served: Served) -> None:
    book = [
        deal("elm", 40 * DAY, 100_000, stage="offer"),
        deal("oak", 20 * DAY, 50_000, stage="offer"),
        deal("elm", 2, 100_000, "lost"),
    ]
    with context_with(served, *book):
        today = datetime.now(AppContext.current().settings.timezone).date()
        first, last = today - timedelta(days=30), today - timedelta(days=10)
        app = visit("revenue", **{"range": "Custom", "from": first.isoformat(), "to": last.isoformat()})
        tile = next(metric for metric in app.metric if metric.label == "Commission in the pipeline")
        assert (tile.value, tile.delta) == ("$9,000", "+50 %")
        assert tile.proto.delta_description.startswith(f"{write_date(last)}, vs ")
        assert "2 deals worth $150,000" in texts(app)
        assert metrics(app)["Pipeline"] == "$150,000"
        assert labels(app, "stages") == ["Offer"], "today's is of one deal"
        assert marks(app, "stages") == [], "no list says which deals they were"
        assert any(f"by stage as of {write_date(last)}" in text for text in texts(app))


@pytest.mark.parametrize(("status", "first"), [("open", 1), ("won", 0)])
def test_a_month_of_which_only_a_part_is_known_is_no_month_without_a_win(
    served: Served, status: str, first: int
) -> None:
    zone = ZoneInfo("America/Chicago")
    now = datetime.now(zone)
    known = [*months_before(now.date(), 2), now.date()]
    begun, won = (
        (now - datetime.combine(day, time(12), zone)).total_seconds() / 60
        for day in (known[0].replace(day=28), known[1].replace(day=10))
    )
    with context_with(served, deal("elm", begun, 100_000, status), deal("oak", won, 50_000, "won")):
        assert positions(visit("revenue"), "months") == [write_month(month) for month in known[first:]]


def test_nothing_won_is_zero_where_deals_are_known_and_no_data_where_none_is(served: Served) -> None:
    with context_with(served, deal("elm", 10, 100_000, stage="offer")):
        assert metrics(visit("revenue", range="1 h"))["Commission won"] == "$0"
    with context_with(served):
        app = visit("revenue")
        assert not app.exception
        assert set(metrics(app).values()) == {"no data"}


def test_where_every_deal_was_deleted_nothing_is_open(served: Served) -> None:
    with context_with(served, deal("elm", 2, 400_000), deal("elm", 1, 400_000, status="deleted")):
        figures = metrics(visit("revenue", range="7 d"))
        assert (figures["Pipeline"], figures["Commission in the pipeline"], figures["Commission won"]) == (
            "$0",
            "$0",
            "$0",
        )
