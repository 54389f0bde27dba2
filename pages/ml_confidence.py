"""ML confidence: can we trust the intent decoder today?"""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ml_confidence import data
from jorge_data.dashboard.ml_confidence.data import ANALYSES, LABELS, SPREAD
from jorge_data.dashboard.ml_confidence.labelling import CATEGORIES, labelling
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import page_layout
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.filters import Filter
from jorge_data.dashboard.ui.metric_card import at_least, at_most, metric_card
from jorge_data.dashboard.ui.page_data import PageData, ask
from jorge_data.dashboard.ui.ranking import largest
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.definitions.ml_confidence import FIGURES
from jorge_data.metrics.formatting import Unit
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.calibration import reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.counter import totals

URGENCIES = ("immediate", "active", "passive", "future")
SETTINGS = AppContext.current().settings


def ml(query: PageQuery) -> None:
    page_data = ask(query, compare=data.COMPARED, **data.questions(query))
    tiles(page_data, query)
    charted = (latency, confidence, distribution, categories, urgency, features, calibration, matrix)
    page_layout.parts(charted, page_data, query)


def tiles(page_data: PageData, query: PageQuery) -> None:
    fast, sure = at_most(SETTINGS.intent_target_ms), at_least(SETTINGS.confidence_target)
    right = page_data.figure("confusion", of=data.accuracy)
    with page_layout.tiles():
        for rank in data.RANKS:
            metric_card(
                FIGURES["latency"], page_data.figure(rank), query, label=f"Latency {rank}", good="down", target=fast
            )
        metric_card(FIGURES["within_target"], page_data.figure("within"), query, good="up")
        metric_card(FIGURES["confidence"], page_data.figure("confidence"), query, good="up", target=sure)
        metric_card(FIGURES["above_target"], page_data.figure("above"), query, good="up")
        note = "" if right.refusal else data.interval(page_data.frame("confusion"))
        metric_card(
            FIGURES["accuracy"],
            right,
            query,
            good="up",
            target=at_least(SETTINGS.accuracy_target),
            of="labels",
            note=note,
        )
        metric_card(FIGURES["ece"], page_data.figure("calibration", of=data.error), query, good="down", of="labels")


def latency(page_data: PageData, query: PageQuery) -> None:
    frame = page_data.joined("line", p95="p95_trend", p50="p50_trend", p99="p99_trend")
    goal = SETTINGS.intent_target_ms
    build = partial(charts.lines, split="line", target=goal, target_words=f"target {goal:.0f} ms", suffix=" ms")
    finding = chart_headlines.at_most("Intent p95", page_data.series("p95").value, goal, Unit.MS, "Latency")
    what = f"milliseconds per analysis, by {query.each}, {query.label}, n = {page_data.series('p95').n:,}"
    chart_card(frame, build, key="latency", finding=finding, what=what)


def confidence(page_data: PageData, query: PageQuery) -> None:
    goal = SETTINGS.confidence_target
    build = partial(
        charts.lines, before=page_data.before("trend"), target=goal, target_words=f"target {goal:.2f}", tickformat=".2f"
    )
    finding = chart_headlines.at_least(
        "Mean confidence", page_data.series("confidence").value, goal, Unit.RATIO, "Confidence"
    )
    what = f"mean confidence (0–1), by {query.each}, {query.label}; grey: the {query.before.label}"
    chart_card(page_data.frame("trend"), build, key="confidence", finding=finding, what=what)


def distribution(page_data: PageData, query: PageQuery) -> None:
    frame = data.spread(page_data.frame("spread"), page_data.frame("spread_before"))
    before = data.scaled(page_data.frame("spread_before"), frame)
    moved = data.drifted(page_data.frame("spread"), page_data.frame("spread_before"), "bin")
    finding = chart_headlines.drifted("Confidence", moved, "Distribution of confidence")
    n = page_data.series("spread").n
    what = f"analyses by confidence, in twentieths, {query.label}, n = {n:,}; grey: the {query.before.label}, scaled"
    chart_card(frame, partial(charts.bars, x="bin", before=before), key="distribution", finding=finding, what=what)


def categories(page_data: PageData, query: PageQuery) -> None:
    frame = largest(page_data.frame("categories"))
    finding = chart_headlines.leads("analyses", totals(frame, "intent_category"), "What contacts want")
    what = f"analyses by category, {query.label}, n = {page_data.series('categories').n:,}, and share"
    chart_card(
        frame,
        partial(charts.ranking, label="intent_category", meaning=True),
        key="categories",
        finding=finding,
        what=what,
    )


def urgency(page_data: PageData, query: PageQuery) -> None:
    build = partial(charts.bars, split="urgency_level", order=URGENCIES)
    what = f"analyses by urgency, by {query.each}, {query.label}, n = {page_data.series('urgency').n:,}"
    chart_card(page_data.frame("urgency"), build, key="urgency", finding="How soon they mean to act", what=what)


def features(page_data: PageData, query: PageQuery) -> None:
    frame = data.features(page_data.frame("features"))
    what = f"analyses in which a feature fired, and their mean confidence, {query.label}"
    build = partial(charts.ranking, label="feature")
    chart_card(
        frame, build, key="features", finding="Which features fire", what=what, nothing=FIGURES["features"].absent
    )


def calibration(page_data: PageData, query: PageQuery) -> None:
    bins = reliability(page_data.frame("calibration"))
    frame = data.calibration(page_data.frame("calibration"), page_data.frame("bins"))
    what = (
        f"share right against stated confidence, {page_data.series('bins').n:,} labels, 95 % intervals, {query.label}"
    )
    finding = chart_headlines.kept_promise(bins, "Calibration")
    chart_card(frame, charts.reliability, key="calibration", finding=finding, what=what, nothing=NO_LABELS)


def matrix(page_data: PageData, query: PageQuery) -> None:
    frame = page_data.frame("confusion")
    build = partial(charts.matrix, column="predicted", row="actual", write="{:,.0f}".format, rows=CATEGORIES)
    build = partial(build, columns=CATEGORIES, column_title="the decoder said", row_title="a person said")
    finding = chart_headlines.accuracy(confusion(frame), SETTINGS.accuracy_target, "Confusion")
    what = (
        f"labelled analyses by what was said and what is right, {query.label}, n = {page_data.series('confusion').n:,}"
    )
    chart_card(frame, build, key="matrix", finding=finding, what=what, nothing=NO_LABELS)


def below(query: PageQuery) -> None:
    with part("labelling"):
        labelling(query)


NO_LABELS = "No labels yet: accuracy is known from labels alone. Label a few analyses below."
NARROWING = {ANALYSES: "intent_category", SPREAD: "intent_category", LABELS: "predicted"}
page_layout.show(
    "ml",
    ml,
    Filter("category", "Category", CATEGORIES, NARROWING),
    Filter("urgency", "Urgency", URGENCIES, {ANALYSES: "urgency_level"}),
    below=below,
)
