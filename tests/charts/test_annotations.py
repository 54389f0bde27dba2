"""What is marked on charts of time: where, in which clock, with which words; and that a drag chooses a period."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from jorge_data import charts
from jorge_data.charts import LIGHT, Annotation
from tests.charts.test_builders import ALL, OVER_TIME, SPANS

AUSTIN = ZoneInfo("America/Chicago")
SPAN = datetime(2026, 11, 23, tzinfo=AUSTIN), datetime(2026, 11, 25, tzinfo=AUSTIN)
LINES = partial(charts.lines, split="name")
DEPLOY = Annotation("Deploy <b>1.4</b>", datetime(2026, 11, 23, 18, tzinfo=UTC))


def drawn(*marks: Annotation) -> Any:
    return charts.annotate(charts.lines(OVER_TIME, LIGHT), marks, LIGHT, AUSTIN, SPAN)


def words(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations if (note.name or "").startswith("mark")]


@pytest.mark.parametrize("name", ALL)
def test_charts_of_time_alone_are_marked(name: str) -> None:
    build, frame = ALL[name]
    zone = charts.time_zone(frame, build(frame, LIGHT))
    assert (zone is not None) == (name in ("lines", "bars", "strip")), name
    assert zone is None or str(zone) == "America/Chicago"


def test_bars_of_what_is_no_time_are_not_marked_whatever_their_frame_has() -> None:
    frame = OVER_TIME.assign(bin=["0", "10"])
    assert charts.time_zone(frame, charts.bars(frame, LIGHT, x="bin")) is None
    assert charts.time_zone(SPANS.iloc[:0], charts.bars(frame.iloc[:0], LIGHT, x="bin")) is None


def test_a_moment_is_a_line_in_the_clock_of_the_axis() -> None:
    figure = drawn(DEPLOY)
    (line,) = figure.layout.shapes
    assert (line.type, line.x0, line.x1) == ("line", datetime(2026, 11, 23, 12), datetime(2026, 11, 23, 12))
    assert words(figure) == ["Deploy &lt;b&gt;1.4&lt;/b&gt;"]


def test_a_span_is_cut_to_what_the_chart_shows() -> None:
    campaign = Annotation("Campaign", SPAN[0] - timedelta(days=9), SPAN[1] + timedelta(days=9))
    ground, line = drawn(campaign).layout.shapes
    assert (ground.type, ground.x0, ground.x1) == ("rect", datetime(2026, 11, 23), datetime(2026, 11, 25))
    assert line.x0 == datetime(2026, 11, 23)


def test_two_of_one_name_at_one_moment_are_both_drawn() -> None:
    figure = drawn(DEPLOY, DEPLOY._replace(end=DEPLOY.start + timedelta(hours=1)), DEPLOY)
    assert len(words(figure)) == 3


def test_what_is_outside_of_the_span_is_not_drawn() -> None:
    before, after = SPAN[0] - timedelta(hours=1), SPAN[1]
    figure = drawn(Annotation("before", before), Annotation("past", before, before), Annotation("after", after))
    assert (len(figure.layout.shapes), words(figure)) == (0, [])


def test_words_end_where_the_next_mark_begins() -> None:
    at = SPAN[0] + timedelta(hours=1)
    close = Annotation("An open house with a long name", at), Annotation("Second", at + timedelta(minutes=10))
    far = Annotation("A name that is far too long for what is left of it all", at + timedelta(hours=20))
    figure = drawn(*close, far)
    assert words(figure) == ["⚑", "Second", "A name that is far too…"]
    assert figure.layout.annotations[0].hovertext == "An open house with a long name"


def test_what_happened_just_now_is_written_to_its_left() -> None:
    now = Annotation("New script", SPAN[1] - timedelta(minutes=5))
    (note,) = drawn(now).layout.annotations
    assert (note.text, note.xanchor) == ("New script", "right")
    earlier = Annotation("A campaign that has begun", SPAN[0])
    figure = drawn(earlier, now)
    assert words(figure) == ["A campaign that has…", "New script"]
    assert [note.xanchor for note in figure.layout.annotations] == ["left", "right"]


def test_a_chart_of_time_is_dragged_along_its_time_and_shown_whole_in_another_span() -> None:
    figure = charts.zoomable(charts.lines(OVER_TIME, LIGHT), AUSTIN, "7 d")
    layout = figure.layout
    assert (layout.dragmode, layout.yaxis.fixedrange, layout.xaxis.fixedrange) == ("zoom", True, None)
    assert (layout.meta["zone"], layout.uirevision) == ("America/Chicago", "7 d")


def test_a_logarithmic_axis_keeps_the_marks_above_the_plot() -> None:
    figure = charts.lines(pd.DataFrame(OVER_TIME), LIGHT, by_tens=True)
    (note,) = charts.annotate(figure, [DEPLOY], LIGHT, AUSTIN, SPAN).layout.annotations
    assert (note.y, note.yref) == (1, "paper")
