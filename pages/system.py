"""System: can we rely on the system?"""

from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.system import data, server_status
from jorge_data.dashboard.system.charts import CHARTS, product, rate, status
from jorge_data.dashboard.system.data import EVENT, SPLIT, TIME, event_questions, newest_requests, strip_step
from jorge_data.dashboard.system.parts import PARTS
from jorge_data.dashboard.system.server_status import ServerStatus
from jorge_data.dashboard.ui import guessed_passwords, page_layout
from jorge_data.dashboard.ui.metric_card import at_least, metric_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.shell import scope
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.definitions.system import FIGURES
from jorge_data.metrics.formatting import number
from jorge_data.metrics.names import label_words
from jorge_data.permissions import Right, may

SETTINGS = AppContext.current().settings


def system(query: PageQuery) -> None:
    context = UserContext.current()
    role = context.grant_at(query.location).role
    page_data = fetch_page_data(
        query,
        compare=("components",),
        components=query.series(TIME, "duration_s", "sum", by=SPLIT),
        **newest_requests(query),
        strip=query.series(TIME, "duration_s", "sum", by=SPLIT, step=strip_step(query)),
        p50=query.series(EVENT, "response_time_ms", "p50"),
        p95=query.series(EVENT, "response_time_ms", "p95"),
        p50_by=query.series(EVENT, "response_time_ms", "p50", by=("component",)),
        p95_by=query.series(EVENT, "response_time_ms", "p95", by=("component",)),
        p95_trend=query.series(EVENT, "response_time_ms", "p95", by=("component",), step=query.step),
        **event_questions(query, role),
    )
    server = ServerStatus(context, query.location)
    guessed_passwords.warnings(context, query.location)
    first(page_data, query)
    own = (product,) if may(role, Right.SYSTEM) else ()
    if scope().kiosk:  # a screen has room for one row
        page_layout.first_charts((status, *own, rate), page_data, query)
        return
    with part("status"):  # as wide as the page: a lane is as long as the period
        status(page_data, query)
    page_layout.parts((*own, rate), page_data, query)
    with page_layout.details("how fast parts answer, what was refused, deliveries, connections, the store") as is_open:
        if is_open:
            tiles(page_data, server, query)
            with page_layout.columns():
                for draw in CHARTS:
                    with part(draw.__name__):
                        draw(page_data, query)
                for draw_part in (draw_part for draw_part, right in PARTS if context.may_at(query.location, right)):
                    with part(draw_part.__name__):
                        draw_part(server, query)


def first(page_data: PageData, query: PageQuery) -> None:
    up, unknown = (of(page_data, query, SETTINGS.down_until_reported) for of in (data.up, data.unknown))
    with page_layout.first_tiles():
        metric_card(FIGURES["uptime"], up, query, good="up", target=at_least(SETTINGS.uptime_target), of="reports")
        metric_card(FIGURES["unknown"], unknown, query, good="down", of="reports")
        of_which = query.label + data.which(page_data)
        metric_card(FIGURES["rate"], data.total(page_data), query, label="Events", note=of_which)


def tiles(page_data: PageData, server: ServerStatus, query: PageQuery) -> None:
    context = UserContext.current()
    with page_layout.tiles():
        for rank in ("p50", "p95"):
            label = f"{label_words(rank)} of the answers within"
            metric_card(FIGURES["response"], page_data.figure(rank), query, label=label, good="down", of="reports")
        if context.may_at(query.location, Right.REFUSALS):
            count = server_status.figure_of(server.refusals, lambda refusals: refusals["total"])
            metric_card(FIGURES["rejected"], count, query, note=server_status.since(server.refusals, query))
        if context.may_at(query.location, Right.DELIVERY_BODIES):
            states = server_status.deliveries_by_state(server.deliveries)
            count = server_status.figure_of(server.deliveries, lambda _: sum(states.values()))
            refused = int(server_status.refused_deliveries(server.sources, query)["times"].sum())
            counts = {**states, **({"refused besides": refused} if refused else {})}
            note = ", ".join(f"{number(n)} {state}" for state, n in counts.items())
            metric_card(FIGURES["deliveries"], count, query, note=note)
        if context.may_at(query.location, Right.SYSTEM):
            clients = server_status.figure_of(server.system, lambda system: sum(system["clients"].values()))
            metric_card(FIGURES["clients"], clients, query, label="Live connections", note="now")


page_layout.show("system", system)
