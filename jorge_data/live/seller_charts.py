"""The charts of seller qualification: what each draws, finds and says; `told` holds the page's answers by name."""

from functools import partial

from jorge_data import charts
from jorge_data.live import sellers, stays
from jorge_data.live.chart import chart
from jorge_data.live.query import Query
from jorge_data.live.sellers import QUESTIONS
from jorge_data.live.told import Told
from jorge_data.metrics.analysis import title
from jorge_data.metrics.analysis.change import change
from jorge_data.metrics.analysis.counts import totals
from jorge_data.metrics.analysis.funnel import funnel
from jorge_data.metrics.analysis.stock import TEMPERATURES

NOBODY = "No seller began in this period. Choose a longer one."


def drop_out(told: Told, query: Query) -> None:
    """Draw the funnel of sellers by question answered."""
    found = funnel(told.frame("cohort"))
    frame = sellers.stages(found, stays.stays(told, "step"), query)
    leak = found.leak() if found else None
    build = partial(charts.ranking, label="stage", marked=leak[1].name if leak else "")
    finding = title.leak(found, "Where sellers drop out")
    what = (
        f"sellers by the last question answered or a later one, those under way too; share, median time; {query.label}"
    )
    chart(frame, build, key="funnel", finding=finding, what=what, nothing=NOBODY)


def step_times(told: Told, query: Query) -> None:
    """Draw the median time of each question."""
    listed = [stay for stay in stays.stays(told, "step") if stay.stage in QUESTIONS]
    finding = title.slowest(listed, "How long each question takes")
    what = f"median time of each question, with its 95 % interval (Kaplan–Meier), {query.label}"
    build = partial(charts.ranking, label="step")
    chart(sellers.step_times(listed, query), build, key="steps", finding=finding, what=what, nothing=NOBODY)


def temperature(told: Told, query: Query) -> None:
    """Draw the sellers at each temperature over time."""
    frame = sellers.temperatures(told, query)
    hot = frame[frame["temperature"] == "hot"]["value"]
    first, last = (None, None) if hot.empty else (hot.iloc[0], hot.iloc[-1])
    finding = title.moved("Hot sellers", first, last, "Sellers by temperature")
    what = f"sellers at each temperature, at the end of each {query.each}, {query.label}; the newest bar opens"
    build = partial(charts.bars, split="temperature", order=TEMPERATURES)
    chart(
        frame,
        build,
        key="stock",
        finding=finding,
        what=what,
        nothing="No seller was ever heard of. Connect a bot on the Connect page.",
    )


def moves(told: Told, query: Query) -> None:
    """Draw the changes of temperature, from and to."""
    frame = sellers.moves(told.frame("moved"))
    what = f"changes of a seller's temperature, {query.label}, n = {told.series('moved').n:,}"
    build = partial(charts.ranking, label="move")
    chart(
        frame,
        build,
        key="moves",
        finding="Who moved",
        what=what,
        nothing="No temperature changed in this period. Choose a longer one.",
    )


def time_to_hot(told: Told, query: Query) -> None:
    """Draw the share that is not hot yet, by the time since the start."""
    found = stays.curve(told, "step", "hot")
    frame, unit, build = stays.drawn(found)
    finding = title.by_then("of sellers are hot", found, "Time to hot")
    what = f"share not yet hot, by {unit} since the first event, 95 % band; {query.label}, n = {found.n:,}"
    chart(
        frame,
        build,
        key="to_hot",
        finding=finding,
        what=what,
        nothing="Nobody became hot in this period. Choose a longer one.",
    )


def stall_rate(told: Told, query: Query) -> None:
    """Draw the share of sellers who stalled at each question."""
    frame, parts = told.frame("stalls"), sellers.stall_parts(told.frame("stalls"))
    finding = title.stands_out("stalls most", parts, "Where sellers stall")
    what = f"share of the sellers at each question who stalled there, {query.label}"
    build = partial(charts.ranking, label="question")
    chart(sellers.stall_rates(frame, query), build, key="stall_rate", finding=finding, what=what, nothing=NOBODY)


def stall_types(told: Told, query: Query) -> None:
    """Draw the stalls by type."""
    frame = sellers.types(told.frame("types"))
    finding = title.leads("stalls", totals(frame, "stall_type"), "How sellers stall")
    what = f"first stall of a seller at a question, by type, and share; {query.label}, n = {told.series('types').n:,}"
    build = partial(charts.ranking, label="stall_type")
    chart(
        frame,
        build,
        key="stall_types",
        finding=finding,
        what=what,
        nothing="No seller stalled in this period. Choose a longer one.",
    )


def spread(told: Told, query: Query) -> None:
    """Draw how effectiveness is distributed."""
    what = f"events by effectiveness (0–100), in tens from each mark, {query.label}, n = {told.series('spread').n:,}"
    frame, build = sellers.tenths(told.frame("spread")), partial(charts.bars, x="bin")
    chart(frame, build, key="effectiveness_spread", finding="Distribution of effectiveness", what=what)


def trend(told: Told, query: Query) -> None:
    """Draw the mean effectiveness over time."""
    mean = told.figure("effectiveness")
    finding = title.compared("Effectiveness", change(mean.now, mean.before), "Effectiveness")
    what = f"mean effectiveness (0–100), by {query.each}, {query.label}; grey: the {query.before.label}"
    build = partial(charts.lines, before=told.before("trend"))
    chart(told.frame("trend"), build, key="effectiveness_trend", finding=finding, what=what)


def questions(told: Told, query: Query) -> None:
    """Draw the mean effectiveness by question."""
    what = f"mean effectiveness (0–100) by question, and of how many events; {query.label}"
    frame, build = sellers.by_question(told.frame("questions")), partial(charts.ranking, label="question")
    chart(frame, build, key="effectiveness_question", finding="Effectiveness by question", what=what)


CHARTS = (
    drop_out,
    temperature,
    step_times,
    moves,
    stall_rate,
    stall_types,
    time_to_hot,
    spread,
    trend,
    questions,
)
"""In the order in which the page shows them."""
