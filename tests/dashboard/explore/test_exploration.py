"""What Explore asks and what it makes of the answers: shares, ratios, two series, and charts that fit first."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from jorge_data.charts import Axis
from jorge_data.dashboard.explore.exploration import (
    AGGREGATIONS,
    ALTOGETHER,
    AUTO,
    BARS,
    BESIDE,
    FIGURE,
    HEAT,
    KINDS,
    LINES,
    PLAIN,
    RANKING,
    RATIO,
    SHARE,
    TABLE,
    ChosenSeries,
    Combination,
    Exploration,
    aggregations,
    calculations,
    measures,
    shapes,
    table,
)
from jorge_data.dashboard.explore.snippets import as_sql
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.cell_words import as_written
from jorge_data.metrics.entities.cube import CUBES

AUSTIN = ZoneInfo("America/Chicago")
QUERY = PageQuery(
    "default",
    datetime(2026, 11, 16, 6, tzinfo=UTC),
    datetime(2026, 11, 23, 6, tzinfo=UTC),
    AUSTIN,
    AUSTIN,
    "last 7 d",
)
ALERTS = ChosenSeries("property_alert", "events", "count")
DROPS = replace(ALERTS, where=("alert_type:eq:price_drop",))
MESSAGES = ChosenSeries("conversation_event", "events", "count", ("author:eq:agent",))
DAYS = pd.date_range("2026-11-16", periods=2, freq="1D", tz=AUSTIN)


def frame(*values: float, **columns: list[str]) -> pd.DataFrame:
    times = list(DAYS) * (len(values) // 2)
    return pd.DataFrame(
        {"t": times, **columns, "value": values, "n": 1, "drill": [f"r{n}" for n in range(len(values))]}
    )


def test_only_kinds_that_are_counted_are_offered() -> None:
    assert set(KINDS) == {kind for kind, cube in CUBES.items() if cube.counted}
    assert "annotation" in KINDS
    assert not {"open_item", "seller_newest"} & KINDS.keys()


def test_every_kind_measure_and_aggregation_has_its_words() -> None:
    for kind in KINDS:
        for measure in measures(kind):
            for agg in aggregations(kind, measure):
                words = ChosenSeries(kind, measure, agg).words
                assert "_" not in words, (kind, measure)
                assert agg in AGGREGATIONS


def test_charts_that_fit_are_offered_first() -> None:
    mean = ChosenSeries("property_alert", "match_score", "mean")
    assert shapes(ALERTS, (), AUTO, PLAIN) == (BARS, LINES, FIGURE, TABLE)
    assert shapes(mean, ("alert_type",), AUTO, PLAIN) == (LINES, BARS, RANKING, TABLE)
    assert shapes(ALERTS, ("alert_type", "source"), ALTOGETHER, PLAIN) == (HEAT, RANKING, TABLE)
    assert shapes(ALERTS, ("alert_type",), AUTO, SHARE) == (LINES, RANKING, TABLE)
    assert shapes(ALERTS, (), AUTO, BESIDE) == (LINES, TABLE)
    assert shapes(ALERTS, (), ALTOGETHER, BESIDE) == (TABLE,)


def test_a_share_is_offered_where_there_is_a_whole() -> None:
    assert calculations(ALERTS, ()) == (PLAIN, RATIO, BESIDE)
    assert SHARE in calculations(DROPS, ())
    assert SHARE in calculations(ALERTS, ("alert_type",))
    assert SHARE not in calculations(ChosenSeries("property_alert", "match_score", "mean"), ("alert_type",))


def test_a_share_of_what_is_filtered_is_of_the_same_without_the_filter() -> None:
    chosen = Exploration(DROPS, calculation=SHARE)
    requests = chosen.requests(QUERY)
    assert (requests["answer"].where, requests["whole"].where) == (DROPS.where, ())
    combined = chosen.combined({"answer": frame(3, 1), "whole": frame(4, 0)})
    assert combined["value"].fillna(-1).tolist() == [0.75, -1]
    assert combined["drill"].tolist() == ["r0", "r1"]
    assert (chosen.written(0.75), chosen.written(float("nan"))) == ("75 %", "no data")


def test_a_share_of_a_split_is_of_all_parts_at_that_time() -> None:
    chosen = Exploration(ALERTS, by=("alert_type",), calculation=SHARE)
    assert list(chosen.requests(QUERY)) == ["answer"]
    parts = frame(3, 0, 1, 0, alert_type=["price_drop", "price_drop", "other", "other"])
    assert chosen.combined({"answer": parts})["value"].fillna(-1).tolist() == [0.75, -1, 0.25, -1]


def test_a_ratio_is_to_each_ones_own_part_where_both_are_split_alike() -> None:
    chosen = Exploration(ALERTS, by=("source",), calculation=RATIO, second=MESSAGES)
    assert chosen.requests(QUERY)["second"].by == ("source",)
    parts = frame(4, 6, 9, 8, source=["a", "a", "b", "b"])
    below = frame(2, 3, 3, 0, source=["a", "a", "b", "b"])
    assert chosen.combined({"answer": parts, "second": below})["value"].fillna(-1).tolist() == [2, 2, 3, -1]
    alone = replace(chosen, by=("alert_type",))
    assert alone.requests(QUERY)["second"].by == ()
    assert alone.heading == "Property alerts for each of turns of conversations"


def test_a_ratio_without_time_is_one_figure() -> None:
    chosen = Exploration(ALERTS, calculation=RATIO, second=MESSAGES, shape=FIGURE)
    one = pd.DataFrame({"t": [None], "value": [6.0], "n": [6], "drill": ["r"]})
    assert chosen.requests(QUERY)["answer"].step == "all"
    assert chosen.combined({"answer": one, "second": one.assign(value=4.0)})["value"].tolist() == [1.5]
    split = one.assign(alert_type="other")
    by_type = replace(chosen, by=("alert_type",), shape=RANKING)
    assert by_type.combined({"answer": split, "second": one.assign(value=4.0)})["value"].tolist() == [1.5]


def test_two_series_stand_beside_each_other_under_their_names() -> None:
    chosen = Exploration(ALERTS, calculation=BESIDE, second=DROPS)
    combined = chosen.combined({"answer": frame(3, 1), "second": frame(2, 1)})
    assert list(dict.fromkeys(combined[chosen.split])) == ["all", "type of alert is price drop"]
    same = Exploration(ALERTS, calculation=BESIDE, second=ALERTS)
    assert len(set(same.series_names)) == 2
    assert chosen.heading == "Property alerts and property alerts"


def test_values_are_drawn_in_words_and_the_numbers_have_no_raw_columns() -> None:
    chosen = Exploration(ALERTS, by=("alert_type", "source"))
    parts = frame(3, 1, alert_type=["price_drop", "new_match"], source=["ghl", ""])
    assert chosen.drawn(parts)[chosen.split].tolist() == ["Price drop · GoHighLevel", "New match · None"]
    assert list(table(parts).columns) == ["t", "Type of alert", "Told by", "value", "n"]


def test_what_is_drawn_is_said_in_words() -> None:
    words = Exploration(DROPS, by=("source",)).words(QUERY)
    assert words == "Property alerts, type of alert is price drop, split by told by, by day, last 7 d"
    words = Exploration(ALERTS, calculation=RATIO, second=MESSAGES, shape=FIGURE).words(QUERY)
    assert "the ratio to a second series, Turns of conversations, written by is a person of ours, altogether" in words


def test_a_question_reads_as_sql() -> None:
    asked = Exploration(replace(DROPS, measure="match_score", agg="p95"), by=("source",))
    assert as_sql(asked.requests(QUERY), asked.made) == (
        "SELECT time_bucket(INTERVAL '1 day', time AT TIME ZONE 'America/Chicago') AS t,\n"
        "       source,\n"
        "       percentile_cont(0.95) WITHIN GROUP (ORDER BY match_score) AS value,\n"
        "       count(*) AS n\n"
        "FROM property_alert\n"
        "WHERE locationid = 'default'\n"
        "  AND time >= '2026-11-16T06:00:00Z'\n"
        "  AND time < '2026-11-23T06:00:00Z'\n"
        "  AND alert_type = 'price_drop'\n"
        "GROUP BY 1, 2\n"
        "ORDER BY 1, 2;\n"
    )


@pytest.mark.parametrize(
    ("condition", "sql"),
    [
        ("stage:in:a,it's", "stage IN ('a', 'it''s')"),
        ("match_score:ge:85", "match_score >= 85"),
        ("from:ne:hot", "\"from\" <> 'hot'"),
    ],
)
def test_a_condition_reads_as_sql(condition: str, sql: str) -> None:
    asked = QUERY.series("seller_move", where=(condition,))
    assert f"  AND {sql};" in as_sql({"answer": asked}, Combination())


WITHIN = ChosenSeries("intent_analysis_complete", "within_target", "share")
ANSWERED = ChosenSeries("intent_analysis_complete", "processing_time_ms", "mean")
TOUCHED = ChosenSeries("human_touch", "duration_s", "p50")
SOLD = ChosenSeries("commission_update", "deal_value", "sum")
COST = ChosenSeries("bot_status_update", "cost_usd", "mean")


@pytest.mark.parametrize(
    ("series", "value", "words"),
    [
        (ALERTS, 12.0, "12"),
        (WITHIN, 0.9786, "97.9 %"),
        (ANSWERED, 34.4512, "34 ms"),
        (TOUCHED, 372.0, "6 m 12 s"),
        (SOLD, 530000.0, "$530,000"),
        (COST, 0.0013, "$0.0013"),
        (ChosenSeries("property_alert", "match_score", "mean"), 84.25, "84.25"),
    ],
)
def test_a_value_is_written_in_the_unit_of_its_measure(series: ChosenSeries, value: float, words: str) -> None:
    assert series.written(value) == words


@pytest.mark.parametrize(
    ("series", "highest", "axis"),
    [
        (ALERTS, 400, Axis()),
        (WITHIN, 1, Axis(1, ".0%", ".1%")),
        (ANSWERED, 40, Axis(suffix=" ms")),
        (ANSWERED, 4000, Axis(1000, suffix=" s")),
        (TOUCHED, 90, Axis(suffix=" s")),
        (TOUCHED, 600, Axis(60, suffix=" m")),
        (TOUCHED, 86_400, Axis(3600, suffix=" h")),
        (TOUCHED, 0, Axis(suffix=" s")),
        (SOLD, 1e6, Axis(1, "$.3~s", "$,.0f")),
        (COST, 0.01, Axis(1, "$.3~s", "$,.4~r")),
    ],
)
def test_an_axis_is_in_the_largest_unit_that_tells_its_values_apart(
    series: ChosenSeries, highest: float, axis: Axis
) -> None:
    assert series.axis(highest) == axis


def test_each_of_two_series_has_its_own_columns_and_its_own_axis() -> None:
    chosen = Exploration(ALERTS, calculation=BESIDE, second=WITHIN)
    combined = chosen.combined({"answer": frame(3, 1), "second": frame(0.5, 1)})
    listed = chosen.listed(combined)
    assert list(listed.frame.columns) == ["t", "value", "value_2", "n_2"]
    assert listed.frame["value_2"].tolist() == [0.5, 1]
    assert listed.titles["value"] == "Property alerts"
    assert (listed.titles["value_2"], listed.titles["n_2"]) == ("Fast enough, share", "Counted: fast enough, share")
    assert listed.writers["value_2"](0.5) == "50 %"
    assert as_written(listed.frame, listed.writers)["value_2"].tolist() == ["50 %", "100 %"]
    assert listed.tokens == ["r0", "r1"]
    assert chosen.axes(combined) == (Axis(), Axis(1, ".0%", ".1%"))


def test_a_ratio_is_a_number_and_a_share_is_in_percent_whatever_they_are_of() -> None:
    ratio = Exploration(ALERTS, calculation=RATIO, second=MESSAGES)
    share = Exploration(DROPS, calculation=SHARE)
    assert (ratio.written(1.5), share.written(0.5)) == ("1.50", "50 %")
    assert (ratio.axes(frame(1, 2)), share.axes(frame(1, 2))) == ((Axis(),), (Axis(1, ".0%", ".1%"),))


def test_how_many_is_listed_once() -> None:
    assert list(Exploration(ALERTS).listed(frame(3, 1)).frame.columns) == ["t", "value"]
    assert list(Exploration(ANSWERED).listed(frame(3, 1)).frame.columns) == ["t", "value", "n"]
