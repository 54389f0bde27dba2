"""The charts of seller qualification: what each draws, its headline and its words."""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.seller_qualification import data
from jorge_data.dashboard.seller_qualification.data import QUESTIONS
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.definitions.seller_qualification import FIGURES
from jorge_data.metrics.formatting import number
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.frame_counts import bins, totals
from jorge_data.metrics.statistics.funnel import funnel
from jorge_data.metrics.statistics.period import change
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES, into_and_out_of, opening

NOBODY = "No seller began in this period. Choose a longer one."


def drop_out(page_data: PageData, query: PageQuery) -> None:
    """Draw the funnel of sellers by question answered."""
    sellers = funnel(page_data.frame("cohort"))
    frame = data.stages(sellers, time_in_stage.time_in_stage(page_data, "step"), query)
    plain = "Where sellers drop out"
    finding = chart_headlines.leak(sellers, plain)
    leak = sellers.leak() if sellers and finding != plain else None
    build = partial(charts.ranking, label="stage", marked=leak[1].name if leak else "")
    answered = "sellers by the last question answered or a later one, those under way too"
    what = f"{answered}; share, and half were through within; {query.label}"
    chart_card(frame, build, key="funnel", finding=finding, what=what, nothing=NOBODY)


def step_times(page_data: PageData, query: PageQuery) -> None:
    """Draw the median time of each question."""
    listed = [stay for stay in time_in_stage.time_in_stage(page_data, "step") if stay.stage in QUESTIONS]
    finding = chart_headlines.slowest(listed, "How long each question takes")
    what = f"half were through by then, in brackets the likely range; who is still at it counts; {query.label}"
    build = partial(charts.ranking, label="step")
    chart_card(data.step_times(listed, query), build, key="steps", finding=finding, what=what, nothing=NOBODY)


def temperature(page_data: PageData, query: PageQuery) -> None:
    """Draw the sellers at each temperature over time."""
    frame = data.temperatures(page_data, query)
    first = opening(page_data.series("opened").frame).of("hot")
    into, out_of = into_and_out_of(page_data.series("moved").frame, "hot")
    finding = chart_headlines.moved(FIGURES["stock"].title, first, into, out_of, "Sellers by temperature")
    ends = f"at the end of each {query.each}, the first bar as the period began"
    what = f"sellers by their last rating, silent ones too, {ends}, {query.label}; the newest bar opens"
    build = partial(charts.bars, split="temperature", order=TEMPERATURES)
    nothing = "No seller was ever heard of. Connect a bot on the Connect page."
    chart_card(frame, build, key="stock", finding=finding, what=what, nothing=nothing)


def moves(page_data: PageData, query: PageQuery) -> None:
    """Draw the changes of temperature, from and to."""
    frame = data.moves(page_data.frame("moved"))
    what = f"changes of a seller's temperature, {query.label}, n = {number(page_data.series('moved').n)}"
    build = partial(charts.ranking, label="move")
    nothing = "No temperature changed in this period. Choose a longer one."
    chart_card(frame, build, key="moves", finding="Who moved", what=what, nothing=nothing)


def time_to_hot(page_data: PageData, query: PageQuery) -> None:
    """Draw the share that is not hot yet, by the time since the start."""
    curve = time_in_stage.curve(page_data, "step", "hot")
    frame, unit, build = time_in_stage.survival_chart(curve)
    finding = chart_headlines.half_done("of sellers are hot", curve, "Time to hot")
    since = f"share not yet hot, by {unit} since the first event"
    what = f"{since}; shaded: the likely range; {query.label}, n = {number(curve.n)}"
    nothing = "Nobody became hot in this period. Choose a longer one."
    chart_card(frame, build, key="to_hot", finding=finding, what=what, nothing=nothing)


def stall_rate(page_data: PageData, query: PageQuery) -> None:
    """Draw the share of sellers who stalled at each question."""
    frame, parts = page_data.frame("stalls"), data.stall_parts(page_data.frame("stalls"))
    finding = chart_headlines.stands_out("of sellers who stall", parts, "Where sellers stall")
    what = f"share of the sellers at each question who stalled there, {query.label}"
    build = partial(charts.ranking, label="question")
    chart_card(data.stall_rates(frame, query), build, key="stall_rate", finding=finding, what=what, nothing=NOBODY)


def stall_types(page_data: PageData, query: PageQuery) -> None:
    """Draw the stalls by type."""
    frame = data.types(page_data.frame("types"))
    finding = chart_headlines.leads("stalls", totals(frame, "stall_type"), "How sellers stall")
    n = page_data.series("types").n
    what = f"first stall of a seller at a question, by type, and share; {query.label}, n = {number(n)}"
    build = partial(charts.ranking, label="stall_type")
    nothing = "No seller stalled in this period. Choose a longer one."
    chart_card(frame, build, key="stall_types", finding=finding, what=what, nothing=nothing)


def spread(page_data: PageData, query: PageQuery) -> None:
    """Draw how effectiveness is distributed."""
    n = page_data.series("spread").n
    what = f"steps of interviews by effectiveness, of 100, in tens from each mark, {query.label}, n = {number(n)}"
    frame, build = data.tenths(page_data.frame("spread")), partial(charts.bars, x="bin")
    chart_card(frame, build, key="effectiveness_spread", finding="How well the questions work", what=what)


def trend(page_data: PageData, query: PageQuery) -> None:
    """Draw the mean effectiveness over time."""
    mean = page_data.figure("effectiveness")
    now, before = (bins(frame) for frame in page_data.beside("effectiveness_bins"))
    finding = chart_headlines.compared("Effectiveness", change(mean.now, mean.before), now, before, "Effectiveness")
    what = f"average effectiveness, of 100, by {query.each}, {query.label}; grey: the {query.before.label}"
    build = partial(charts.lines, before=page_data.before("trend"))
    chart_card(page_data.frame("trend"), build, key="effectiveness_trend", finding=finding, what=what)


def questions(page_data: PageData, query: PageQuery) -> None:
    """Draw the mean effectiveness by question."""
    what = f"average effectiveness, of 100, by question, and of how many steps; {query.label}"
    frame, build = data.by_question(page_data.frame("questions")), partial(charts.ranking, label="question")
    chart_card(frame, build, key="effectiveness_question", finding="Effectiveness by question", what=what)


FIRST_CHARTS = drop_out, temperature, stall_rate
"""What the page begins with."""

CHARTS = step_times, moves, stall_types, time_to_hot, spread, trend, questions
"""Those behind the details."""
