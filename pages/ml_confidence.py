"""ML confidence: can we trust the intent decoder today?"""

from functools import partial

from jorge_data import charts
from jorge_data.live import decoder, page
from jorge_data.live.chart import chart
from jorge_data.live.decoder import ANALYSES, LABELS, SPREAD
from jorge_data.live.figure import at_least, at_most, figure
from jorge_data.live.filters import Filter
from jorge_data.live.house import House
from jorge_data.live.labelling import labelling
from jorge_data.live.labels import CATEGORIES
from jorge_data.live.looks import part
from jorge_data.live.query import Query
from jorge_data.live.ranked import ranked
from jorge_data.live.told import Told, ask
from jorge_data.metrics.analysis import title
from jorge_data.metrics.analysis.calibration import reliability
from jorge_data.metrics.analysis.confusion import confusion
from jorge_data.metrics.analysis.counts import totals
from jorge_data.metrics.definitions.ml_confidence import FIGURES
from jorge_data.metrics.units import Unit

URGENCIES = ("immediate", "active", "passive", "future")
SETTINGS = House.current().settings


def ml(query: Query) -> None:
    told = ask(query, compare=decoder.COMPARED, **decoder.questions(query))
    tiles(told, query)
    charted = (latency, confidence, distribution, categories, urgency, features, calibration, matrix)
    page.parts(charted, told, query)


def tiles(told: Told, query: Query) -> None:
    fast, sure = at_most(SETTINGS.intent_target_ms), at_least(SETTINGS.confidence_target)
    right = told.figure("confusion", of=decoder.accuracy)
    with page.tiles():
        for rank in decoder.RANKS:
            figure(FIGURES["latency"], told.figure(rank), query, label=f"Latency {rank}", good="down", target=fast)
        figure(FIGURES["within_target"], told.figure("within"), query, good="up")
        figure(FIGURES["confidence"], told.figure("confidence"), query, good="up", target=sure)
        figure(FIGURES["above_target"], told.figure("above"), query, good="up")
        note = "" if right.refusal else decoder.interval(told.frame("confusion"))
        figure(
            FIGURES["accuracy"],
            right,
            query,
            good="up",
            target=at_least(SETTINGS.accuracy_target),
            of="labels",
            note=note,
        )
        figure(FIGURES["ece"], told.figure("calibration", of=decoder.error), query, good="down", of="labels")


def latency(told: Told, query: Query) -> None:
    frame = told.joined("line", p95="p95_trend", p50="p50_trend", p99="p99_trend")
    goal = SETTINGS.intent_target_ms
    build = partial(charts.lines, split="line", target=goal, target_words=f"target {goal:.0f} ms", suffix=" ms")
    finding = title.at_most("Intent p95", told.series("p95").value, goal, Unit.MS, "Latency")
    what = f"milliseconds per analysis, by {query.each}, {query.label}, n = {told.series('p95').n:,}"
    chart(frame, build, key="latency", finding=finding, what=what)


def confidence(told: Told, query: Query) -> None:
    goal = SETTINGS.confidence_target
    build = partial(
        charts.lines, before=told.before("trend"), target=goal, target_words=f"target {goal:.2f}", tickformat=".2f"
    )
    finding = title.at_least("Mean confidence", told.series("confidence").value, goal, Unit.RATIO, "Confidence")
    what = f"mean confidence (0–1), by {query.each}, {query.label}; grey: the {query.before.label}"
    chart(told.frame("trend"), build, key="confidence", finding=finding, what=what)


def distribution(told: Told, query: Query) -> None:
    frame = decoder.spread(told.frame("spread"), told.frame("spread_before"))
    before = decoder.scaled(told.frame("spread_before"), frame)
    moved = decoder.drifted(told.frame("spread"), told.frame("spread_before"), "bin")
    finding = title.drifted("Confidence", moved, "Distribution of confidence")
    n = told.series("spread").n
    what = f"analyses by confidence, in twentieths, {query.label}, n = {n:,}; grey: the {query.before.label}, scaled"
    chart(frame, partial(charts.bars, x="bin", before=before), key="distribution", finding=finding, what=what)


def categories(told: Told, query: Query) -> None:
    frame = ranked(told.frame("categories"))
    finding = title.leads("analyses", totals(frame, "intent_category"), "What contacts want")
    what = f"analyses by category, {query.label}, n = {told.series('categories').n:,}, and share"
    chart(
        frame,
        partial(charts.ranking, label="intent_category", meaning=True),
        key="categories",
        finding=finding,
        what=what,
    )


def urgency(told: Told, query: Query) -> None:
    build = partial(charts.bars, split="urgency_level", order=URGENCIES)
    what = f"analyses by urgency, by {query.each}, {query.label}, n = {told.series('urgency').n:,}"
    chart(told.frame("urgency"), build, key="urgency", finding="How soon they mean to act", what=what)


def features(told: Told, query: Query) -> None:
    frame = decoder.features(told.frame("features"))
    what = f"analyses in which a feature fired, and their mean confidence, {query.label}"
    build = partial(charts.ranking, label="feature")
    chart(frame, build, key="features", finding="Which features fire", what=what, nothing=FIGURES["features"].absent)


def calibration(told: Told, query: Query) -> None:
    bins = reliability(told.frame("calibration"))
    frame = decoder.calibration(told.frame("calibration"), told.frame("bins"))
    what = f"share right against stated confidence, {told.series('bins').n:,} labels, 95 % intervals, {query.label}"
    finding = title.kept_promise(bins, "Calibration")
    chart(frame, charts.reliability, key="calibration", finding=finding, what=what, nothing=NO_LABELS)


def matrix(told: Told, query: Query) -> None:
    frame = told.frame("confusion")
    build = partial(charts.matrix, column="predicted", row="actual", write="{:,.0f}".format, rows=CATEGORIES)
    build = partial(build, columns=CATEGORIES, column_title="the decoder said", row_title="a person said")
    finding = title.accuracy(confusion(frame), SETTINGS.accuracy_target, "Confusion")
    what = f"labelled analyses by what was said and what is right, {query.label}, n = {told.series('confusion').n:,}"
    chart(frame, build, key="matrix", finding=finding, what=what, nothing=NO_LABELS)


def below(query: Query) -> None:
    with part("labelling"):
        labelling(query)


NO_LABELS = "No labels yet: accuracy is known from labels alone. Label a few analyses below."
NARROWING = {ANALYSES: "intent_category", SPREAD: "intent_category", LABELS: "predicted"}
page.show(
    "ml",
    ml,
    Filter("category", "Category", CATEGORIES, NARROWING),
    Filter("urgency", "Urgency", URGENCIES, {ANALYSES: "urgency_level"}),
    below=below,
)
