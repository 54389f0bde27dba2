"""ML confidence: can we trust the intent decoder today?"""

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ml_confidence import costs, data
from jorge_data.dashboard.ml_confidence.charts import CHARTS, FIRST_CHARTS, URGENCIES, spending
from jorge_data.dashboard.ml_confidence.data import ANALYSES, FEATURE, LABELS, RANKS, SPREAD
from jorge_data.dashboard.ml_confidence.labelling import labelling
from jorge_data.dashboard.ml_confidence.labels import CATEGORIES
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import page_layout
from jorge_data.dashboard.ui.filters import Filter
from jorge_data.dashboard.ui.metric_card import at_least, at_most, metric_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.definitions.ml_confidence import FIGURES

SETTINGS = AppContext.current().settings
READ = "messages read"


def ml(query: PageQuery) -> None:
    step = query.step
    page_data = fetch_page_data(
        query,
        compare=("trend", "confusion", "calibration", *costs.COMPARED),
        **{rank: query.series(ANALYSES, "processing_time_ms", rank) for rank in RANKS},
        **{f"{rank}_trend": query.series(ANALYSES, "processing_time_ms", rank, step=step) for rank in RANKS},
        within=query.series(ANALYSES, "within_target", "share"),
        confidence=query.series(ANALYSES, "confidence_score", "mean"),
        above=query.series(ANALYSES, "above_target", "share"),
        trend=query.series(ANALYSES, "confidence_score", "mean", step=step),
        spread=query.series(SPREAD, by=("bin",)),
        spread_before=query.before.series(SPREAD, by=("bin",)),  # whether or not the viewer compares
        categories=query.series(ANALYSES, by=("intent_category",)),
        urgency=query.series(ANALYSES, by=("urgency_level",), step=step),
        features=query.series(FEATURE, "confidence_score", "mean", by=("feature",)),
        confusion=query.series(LABELS, by=("predicted", "actual")),
        calibration=query.series(LABELS, "confidence_score", "sum", by=("bin", "right")),
        bins=query.series(LABELS, by=("bin",)),
        **costs.requests(query),
    )
    first(page_data, query)
    page_layout.first_charts(FIRST_CHARTS, page_data, query)
    with page_layout.details("how fast it answers, how sure it is and whether rightly so, what it costs") as is_open:
        if is_open:
            tiles(page_data, query)
            page_layout.parts(CHARTS, page_data, query)
            with part("spending"):
                spending(page_data, query)


def first(page_data: PageData, query: PageQuery) -> None:
    accuracy, right = page_data.figure("confusion", of=data.accuracy), at_least(SETTINGS.accuracy_target)
    sure = at_least(SETTINGS.confidence_target)
    with page_layout.first_tiles():
        note = "" if accuracy.refusal else data.interval(page_data.frame("confusion"))
        metric_card(FIGURES["accuracy"], accuracy, query, good="up", target=right, of="labels", note=note)
        metric_card(FIGURES["confidence"], page_data.figure("confidence"), query, good="up", target=sure, of=READ)
        latency, fast = data.latency(page_data, "p95", SETTINGS.intent_target_ms), at_most(SETTINGS.intent_target_ms)
        metric_card(
            FIGURES["latency"], latency, query, label="95 of 100 answers within", good="down", target=fast, of=READ
        )


def tiles(page_data: PageData, query: PageQuery) -> None:
    fast = at_most(SETTINGS.intent_target_ms)
    with page_layout.tiles():
        for rank, label in (("p50", "Half of the answers within"), ("p99", "99 of 100 answers within")):
            latency = data.latency(page_data, rank, SETTINGS.intent_target_ms)
            metric_card(FIGURES["latency"], latency, query, label=label, good="down", target=fast, of=READ)
        metric_card(FIGURES["within_target"], page_data.figure("within"), query, good="up", of=READ)
        metric_card(FIGURES["above_target"], page_data.figure("above"), query, good="up", of=READ)
        metric_card(FIGURES["ece"], page_data.figure("calibration", of=data.error), query, good="down", of="labels")
        for name, of in COUNTED.items():
            per = costs.per(name, page_data)
            metric_card(FIGURES[name], per, query, good="down", of=of, note=costs.note(page_data, per))


COUNTED = {
    "cost_per_conversation": "conversations",
    "cost_per_hot": "times hot",
    "cost_per_appointment": "appointments",
    "cost_per_deal": "deals won",
}
"""What each figure divides the cost by, in words."""


def below(query: PageQuery) -> None:
    with part("labelling"):
        labelling(query)


NARROWING = {ANALYSES: "intent_category", SPREAD: "intent_category", LABELS: "predicted"}
page_layout.show(
    "ml",
    ml,
    Filter("category", "Category", CATEGORIES, NARROWING),
    Filter("urgency", "Urgency", URGENCIES, {ANALYSES: "urgency_level"}),
    below=below,
)
