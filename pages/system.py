"""System: can we rely on the system?"""

from jorge_data.live import components, operations, page
from jorge_data.live.components import EVENT, PARTS, TIME, event_questions, strip_step
from jorge_data.live.figure import at_least, figure
from jorge_data.live.house import House
from jorge_data.live.looks import part
from jorge_data.live.operations import Operations
from jorge_data.live.query import Query
from jorge_data.live.system_charts import CHARTS, status
from jorge_data.live.system_parts import PARTS as DRAWN
from jorge_data.live.told import Told, ask
from jorge_data.metrics.definitions.system import FIGURES
from jorge_data.permissions import Right, may

SETTINGS = House.current().settings
ROLE = SETTINGS.role


def system(query: Query) -> None:
    told = ask(
        query,
        compare=("components",),
        components=query.series(TIME, "duration_s", "sum", by=PARTS),
        strip=query.series(TIME, by=PARTS, step=strip_step(query)),
        p50=query.series(EVENT, "response_time_ms", "p50"),
        p95=query.series(EVENT, "response_time_ms", "p95"),
        p50_by=query.series(EVENT, "response_time_ms", "p50", by=("component",)),
        p95_by=query.series(EVENT, "response_time_ms", "p95", by=("component",)),
        p95_trend=query.series(EVENT, "response_time_ms", "p95", by=("component",), step=query.step),
        **event_questions(query),
    )
    own = Operations(query.location, ROLE)
    tiles(told, own, query)
    with part("strip"):
        status(told, query)
    with page.columns():
        for draw in CHARTS:
            with part(draw.__name__):
                draw(told, query)
        for draw_own in (draw_own for draw_own, right in DRAWN if may(ROLE, right)):
            with part(draw_own.__name__):
                draw_own(own, query)


def tiles(told: Told, own: Operations, query: Query) -> None:
    up = told.figure("components", of=components.share)
    with page.tiles():
        figure(FIGURES["uptime"], up, query, good="up", target=at_least(SETTINGS.uptime_target), of="reports")
        figure(FIGURES["unknown"], components.unknown(told, query), query, good="down", of="reports")
        for rank in ("p50", "p95"):
            figure(FIGURES["response"], told.figure(rank), query, label=f"Response {rank}", good="down", of="reports")
        figure(FIGURES["rate"], components.total(told), query, label="Events", note=query.label)
        if may(ROLE, Right.REFUSALS):
            count = operations.figure_of(own.refusals, lambda said: said["total"])
            figure(FIGURES["rejected"], count, query, note=operations.since(own.refusals, query))
        if may(ROLE, Right.DELIVERY_BODIES):
            states = operations.states(own.deliveries)
            count = operations.figure_of(own.deliveries, lambda said: sum(states.values()))
            note = ", ".join(f"{n:,} {state}" for state, n in states.items())
            figure(FIGURES["deliveries"], count, query, note=note)
        if may(ROLE, Right.SYSTEM):
            clients = operations.figure_of(own.system, lambda said: sum(said["clients"].values()))
            figure(FIGURES["clients"], clients, query, label="Live connections", note="now")


page.show("system", system)
