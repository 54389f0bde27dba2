"""Each builder: what it draws, what a click on its marks opens, and that text of events stays text."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import pytest
from plotly.colors import hex_to_rgb

from jorge_data import charts
from jorge_data.charts import DARK, LIGHT

HOSTILE = '<a href="http://evil.example">x</a>'
TIMES = pd.date_range("2026-11-23", periods=2, freq="1D", tz="America/Chicago")
OVER_TIME = pd.DataFrame({"t": TIMES, "value": [1.0, 2.0], "n": [1, 2], "drill": ["a", "b"], "name": [HOSTILE] * 2})
CELLS = pd.DataFrame({"x": [HOSTILE, "b"], "y": ["1", "2"], "value": [3.0, 4.0], "drill": ["a", "b"]})
BINS = pd.DataFrame(
    {
        "stated": [0.8, 0.9],
        "right": [0.7, 0.95],
        "low": [0.5, 0.9],
        "high": [0.8, 1.0],
        "n": [9, 40],
        "drill": ["a", "b"],
    }
)
SPANS = pd.DataFrame(
    {
        "component": [HOSTILE, "redis"],
        "status": ["down", "healthy"],
        "share": [1.0, 1.0],
        "start": TIMES,
        "end": TIMES + pd.Timedelta("1h"),
    }
).assign(drill=["a", "b"])
MONTHS = pd.DataFrame(
    {"month": ["Oct", HOSTILE], "value": [1.0, 2.0], "p10": [None, 3.0], "p50": [None, 4.0], "p90": [None, 5.0]}
).assign(words=["1", "2"], drill=["a", "b"])
FLOWS = pd.DataFrame({"from": ["day 3", "day 3"], "to": ["day 7", HOSTILE], "value": [3, 1]})
ARRIVALS = pd.DataFrame({"time": [0.0, 1.0, 2.0], "share": [0, 0.5, 0.5], "state": ["", "arrived", "waiting"]}).assign(
    drill=["", "a", "b"]
)
CURVE = pd.DataFrame({"time": [0.0, 1.0], "share": [1.0, 0.5], "low": [1.0, 0.3], "high": [1.0, 0.7]})

CLICKED: dict[str, tuple[Callable[..., Any], pd.DataFrame]] = {
    "lines": (partial(charts.lines, split="name", target=1.5), OVER_TIME),
    "bars": (partial(charts.bars, split="name"), OVER_TIME),
    "ranking": (partial(charts.ranking, label="x"), CELLS),
    "matrix": (partial(charts.matrix, column="x", row="y", write=str), CELLS),
    "arrivals": (partial(charts.arrivals, unit="minutes", most=60, half=charts.Half(1, "half: 1 m")), ARRIVALS),
    "reliability": (charts.reliability, BINS),
    "strip": (charts.strip, SPANS),
    "spread": (partial(charts.spread, x="month", target=3), MONTHS),
}
ALL = CLICKED | {"sankey": (charts.sankey, FLOWS), "survival": (partial(charts.survival, unit="h", median=1), CURVE)}


@pytest.mark.parametrize("name", CLICKED)
def test_every_mark_says_what_it_is_made_of(name: str) -> None:
    build, frame = CLICKED[name]
    tokens = {row[0] for trace in build(frame, LIGHT).data if trace.customdata is not None for row in trace.customdata}
    assert tokens == {"a", "b"}


@pytest.mark.parametrize("name", ALL)
def test_text_of_events_is_text(name: str) -> None:
    build, frame = ALL[name]
    assert "<a " not in build(frame, LIGHT).to_json()


@pytest.mark.parametrize("name", ALL)
def test_a_frame_is_left_as_it_was(name: str) -> None:
    build, frame = ALL[name]
    was = frame.copy()
    build(frame, LIGHT)
    pd.testing.assert_frame_equal(frame, was)


def test_dates_of_lines_do_not_touch_in_a_third_of_a_page_and_no_words_stand_on_those_of_bars() -> None:
    assert charts.lines(OVER_TIME, LIGHT).layout.xaxis.nticks == 5
    assert not charts.spread(MONTHS, LIGHT, x="month", target=3).layout.annotations


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    figure = charts.lines(OVER_TIME.assign(value=[1.0, float("nan")]), LIGHT)
    assert not figure.data[0].connectgaps
    assert pd.isna(figure.data[0].y[1])


def test_the_names_at_the_ends_of_lines_take_nothing_from_the_axis_of_time() -> None:
    figure = charts.lines(OVER_TIME.assign(name=["a", "a long name"]), LIGHT, split="name")
    assert {note.xref for note in figure.layout.annotations} == {"paper"}
    assert figure.layout.margin.r > 60


def test_a_long_name_leaves_a_phone_its_plot_and_is_whole_where_one_points() -> None:
    long = "the nightly reconciliation of contacts"
    figure = charts.lines(OVER_TIME.assign(name=["a", long]), LIGHT, split="name")
    assert [note.text for note in figure.layout.annotations] == ["a", "the nightly rec…"]
    assert figure.layout.margin.r < 390 / 3
    assert f"<extra>{long}</extra>" in figure.data[1].hovertemplate


def test_a_sign_that_markup_writes_by_five_letters_is_one_wide() -> None:
    signed, lettered = (
        charts.lines(OVER_TIME.assign(name=["a", name]), LIGHT, split="name").layout for name in ("R&D&Q", "RnDnQ")
    )
    assert signed.annotations[1].text == "R&amp;D&amp;Q"
    assert signed.margin.r == lettered.margin.r


def test_the_period_before_is_grey_and_behind() -> None:
    before, now = charts.lines(OVER_TIME, LIGHT, before=OVER_TIME).data
    assert (before.line.color, now.line.color) == (LIGHT.mute, LIGHT.accent)


def test_the_same_thing_has_the_same_colour_everywhere() -> None:
    shades = charts.shades(["hot", "cold", "anything"], LIGHT)
    assert (shades["hot"], shades["cold"], shades["anything"]) == (LIGHT.hot, LIGHT.cold, LIGHT.accent)


def test_parts_stand_in_the_order_that_was_asked_for() -> None:
    frame = OVER_TIME.assign(name=["cold", "hot"])
    assert [trace.name for trace in charts.bars(frame, LIGHT, split="name", order=("hot", "warm", "cold")).data] == [
        "hot",
        "cold",
    ]


@pytest.mark.parametrize("name", CLICKED)
def test_every_mark_that_says_what_it_is_made_of_can_be_clicked(name: str) -> None:
    """Plotly reports no clicks on marks whose hoverinfo is "skip"."""
    build, frame = CLICKED[name]
    assert not [
        trace for trace in build(frame, LIGHT).data if trace.customdata is not None and trace.hoverinfo == "skip"
    ]


def test_words_of_the_frame_stand_beside_bars_and_in_cells() -> None:
    cells = CELLS.assign(words=["3 of 4", "4 %\nof 9"])
    assert charts.ranking(cells, LIGHT, label="x").data[0].text == (" 3 of 4", " 4 %\nof 9")
    assert charts.matrix(cells, LIGHT, column="x", row="y", write=str).data[0].text == ("3 of 4", "4 %<br>of 9")


def test_the_longer_the_words_beside_a_bar_the_more_room_they_have() -> None:
    ends = [
        charts.ranking(CELLS.assign(words=["n" * letters] * 2), LIGHT, label="y").layout.xaxis.range[1]
        for letters in (3, 20)
    ]
    assert ends[0] < 1.3 * 4 < 1.9 * 4 < ends[1]


def test_an_outcome_has_its_colour_however_it_is_written() -> None:
    shades = charts.shades(["opted_out", "Opted out"], LIGHT)
    assert set(shades.values()) == {LIGHT.bad}
    assert charts.sankey(FLOWS.assign(to=["day 7", "Appointment"]), LIGHT).data[0].node.color == (
        LIGHT.accent,
        LIGHT.accent,
        LIGHT.ok,
    )


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_a_ribbon_is_seen_on_its_ground(colours: charts.Palette) -> None:
    red, green, blue, share = map(float, charts.sankey(FLOWS, colours).data[0].link.color[5:-1].split(","))
    ground = hex_to_rgb(colours.ground)
    apart = [share * abs(over - under) for over, under in zip((red, green, blue), ground, strict=True)]
    assert min(apart) > 24, "by a tenth of all that there is, in each colour"


def test_only_an_axis_of_time_is_written_as_moments() -> None:
    """Written as a moment, 0.95 reads 0.9500000000000001."""
    moments = {name for name, (build, frame) in ALL.items() if build(frame, LIGHT).layout.xaxis.tickformatstops}
    assert moments == {"lines", "bars", "strip"}


def test_a_part_without_a_name_is_named_so_in_the_legend() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-11-02"] * 2, utc=True), "split": ["", "sms"], "value": [3, 4]})
    figure = charts.bars(frame, charts.LIGHT, split="split")
    assert [trace.name for trace in figure.data] == ["(none)", "SMS"]


def test_the_targets_line_runs_through_no_words_of_a_bar() -> None:
    frame = MONTHS.iloc[[0, 0, 0]].assign(value=[20.0, 24.0, 26.0], words=["20", "24", "26"])
    words = charts.spread(frame, LIGHT, x="month", target=25).data[0].text
    assert [each.split("<br>") for each in words] == [["20"], ["24", "\u00a0"], ["26"]]


@pytest.mark.parametrize("name", CLICKED)
def test_a_click_finds_what_plotly_needs_to_draw_a_mark_as_chosen(name: str) -> None:
    """Plotly reads `selected` of the words of a chosen mark, and makes one up for marks of one opacity alone."""
    build, frame = CLICKED[name]
    for trace in build(frame, LIGHT).data:
        makes_it_up = (
            not isinstance(getattr(trace.marker, "opacity", None), tuple) and not trace.unselected.textfont.color
        )
        assert getattr(trace, "text", None) is None or makes_it_up or trace.selected.textfont.color


def test_a_click_on_a_bar_leaves_the_others_and_their_words_as_they_were() -> None:
    bars = charts.spread(MONTHS, LIGHT, x="month").data[0]
    assert (bars.unselected.textfont.color, bars.unselected.marker.opacity) == (LIGHT.text, 1)
    assert bars.selected.textfont.color == LIGHT.text
