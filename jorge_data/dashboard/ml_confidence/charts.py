"""The charts of ML confidence: what each draws, its headline and its words."""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ml_confidence import costs, data
from jorge_data.dashboard.ml_confidence.labels import CATEGORIES
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.chart_card import MOST_BARS, chart_card, largest
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.definitions.ml_confidence import FIGURES
from jorge_data.metrics.formatting import Unit, cost, number, write
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.calibration import reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.frame_counts import totals

URGENCIES = ("immediate", "active", "passive", "future")
NO_LABELS = "No labels yet: accuracy is known from labels alone. Label a few analyses below."


def latency(page_data: PageData, query: PageQuery) -> None:
    """Draw p50, p95 and p99 of the latency over time."""
    frame = page_data.joined("line", p95="p95_trend", p50="p50_trend", p99="p99_trend")
    p95, target = page_data.series("p95"), AppContext.current().settings.intent_target_ms
    build = partial(
        charts.lines, split="line", target=target, target_words=f"target {write(target, Unit.MS)}", unit=Unit.MS
    )
    value = data.latency(page_data, "p95", target).now
    finding = chart_headlines.at_most("95 of 100 answers take", value, target, Unit.MS, "How fast it answers")
    what = f"milliseconds to read a message, by {query.each}, {query.label}, n = {number(p95.n)}"
    chart_card(frame, build, key="latency", finding=finding, what=what)


def confidence(page_data: PageData, query: PageQuery) -> None:
    """Draw the mean confidence over time."""
    mean, target = page_data.series("confidence").value, AppContext.current().settings.confidence_target
    build = partial(charts.lines, before=page_data.before("trend"), target=target, unit=Unit.SHARE)
    build = partial(build, target_words=f"target {write(target, Unit.SHARE)}")
    finding = chart_headlines.at_least("Average confidence", mean, target, Unit.SHARE, "Average confidence")
    what = f"how sure the decoder was on average, by {query.each}, {query.label}; grey: the {query.before.label}"
    chart_card(page_data.frame("trend"), build, key="confidence", finding=finding, what=what)


def distribution(page_data: PageData, query: PageQuery) -> None:
    """Draw how confidence is distributed, over its distribution in the period before."""
    frame = data.spread(page_data.frame("spread"), page_data.frame("spread_before"))
    build = partial(charts.bars, x="bin", before=data.scaled(page_data.frame("spread_before"), frame))
    drift = data.drifted(page_data.frame("spread"), page_data.frame("spread_before"), "bin")
    finding, n = (
        chart_headlines.drifted("Confidence", drift, "How sure it is"),
        page_data.series("spread").n,
    )
    what = (
        f"messages by how sure it was, in steps of 5 %, {query.label}, n = {number(n)}; "
        f"grey: the {query.before.label}, scaled{data.drift_words(drift)}"
    )
    chart_card(frame, build, key="distribution", finding=finding, what=what)


def categories(page_data: PageData, query: PageQuery) -> None:
    """Draw the analyses by category."""
    frame = largest(page_data.frame("categories"))
    finding = chart_headlines.leads("messages", totals(frame, "intent_category"), "What contacts want")
    what = f"messages by category, {query.label}, n = {number(page_data.series('categories').n)}, and share"
    build = partial(charts.ranking, label="intent_category", meaning=True)
    chart_card(frame, build, key="categories", finding=finding, what=what)


def urgency(page_data: PageData, query: PageQuery) -> None:
    """Draw the analyses by urgency over time."""
    build = partial(charts.bars, split="urgency_level", order=URGENCIES)
    what = f"messages by urgency, by {query.each}, {query.label}, n = {number(page_data.series('urgency').n)}"
    chart_card(page_data.frame("urgency"), build, key="urgency", finding="How soon they mean to act", what=what)


def features(page_data: PageData, query: PageQuery) -> None:
    """Draw how often each feature fired."""
    frame, nothing = data.features(page_data.frame("features")), FIGURES["features"].absent
    what = f"messages in which a sign was found, and how sure the decoder was of them; {query.label}"
    build = partial(charts.ranking, label="feature")
    chart_card(frame, build, key="features", finding="Which signs it finds", what=what, nothing=nothing)


def calibration(page_data: PageData, query: PageQuery) -> None:
    """Draw the share that was right against the confidence stated."""
    labels, n = page_data.frame("calibration"), page_data.series("bins").n
    frame = data.calibration(labels, page_data.frame("bins"))
    what = f"how often it was right, by how sure it was; bars: the likely range; {number(n)} labels, {query.label}"
    finding = chart_headlines.calibrated(reliability(labels), "Is it right as often as it is sure?")
    chart_card(frame, charts.reliability, key="calibration", finding=finding, what=what, nothing=NO_LABELS)


def matrix(page_data: PageData, query: PageQuery) -> None:
    """Draw the confusion matrix."""
    frame, n = page_data.frame("confusion"), page_data.series("confusion").n
    build = partial(charts.matrix, column="predicted", row="actual", write=number, rows=CATEGORIES)
    build = partial(build, columns=CATEGORIES, column_title="the decoder said", row_title="a person said")
    target = AppContext.current().settings.accuracy_target
    finding = chart_headlines.accuracy(confusion(frame), target, "What it takes for what")
    what = f"labelled messages by what was said and what is right, {query.label}, n = {number(n)}"
    chart_card(frame, build, key="matrix", finding=finding, what=what, nothing=NO_LABELS)


def spending(page_data: PageData, query: PageQuery) -> None:
    """Draw what each script of the bots cost at each kind of work."""
    frame, nothing = costs.by_script(page_data), FIGURES["cost_by_script"].absent
    known, in_all = costs.known(page_data), costs.spending(page_data).dollars
    what = (
        f"US dollars, and for how many events, by bot, script and work, {query.label}; {cost(in_all)} in all, {known}"
    )
    build = partial(charts.ranking, label="script")
    title = FIGURES["cost_by_script"].title
    chart_card(frame.head(MOST_BARS), build, key="spending", finding=title, what=what, nothing=f"{nothing}.")


FIRST_CHARTS = (categories, urgency, confidence)
"""What the page begins with."""

CHARTS = (latency, distribution, features, calibration, matrix)
"""Those behind the details."""
