"""The charts of properties: what each draws, its headline and its words."""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.properties import data
from jorge_data.dashboard.properties.data import TYPES, type_name
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.formatting import number
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.frame_counts import totals

TYPE_NAMES = tuple(map(type_name, TYPES))
NOTHING = "No property was matched in this period. Choose a longer one."


def alerts(page_data: PageData, query: PageQuery) -> None:
    """Draw the alerts by type over time."""
    frame = data.in_words(page_data.frame("types"))
    finding = chart_headlines.leads("alerts", totals(frame, "alert_type"), "Alerts by type")
    what = f"alerts by type, by {query.each}, {query.label}, n = {number(page_data.series('types').n)}"
    build = partial(charts.bars, split="alert_type", order=TYPE_NAMES)
    chart_card(frame, build, key="alerts", finding=finding, what=what, nothing=NOTHING)


def scores(page_data: PageData, query: PageQuery) -> None:
    """Draw how match scores are distributed."""
    frame = data.tenths(page_data.frame("scores"))
    n = page_data.series("scores").n
    what = f"alerts by match, of 100, in tens from 0 to 90, by type, {query.label}, n = {number(n)}"
    build = partial(charts.bars, x="score_bin", split="alert_type", order=TYPE_NAMES)
    chart_card(frame, build, key="scores", finding="How well properties match", what=what, nothing=NOTHING)


def answers(page_data: PageData, query: PageQuery) -> None:
    """Draw the share of the alerts of each type that was answered."""
    listed = data.responses_by_type(page_data)
    parts = {type_name(each.alert_type): (each.answered, each.alerts) for each in listed}
    finding = chart_headlines.stands_out("answered", parts, "Which alerts are answered")
    what = f"share answered within 7 days, of how many, and how soon half were; alerts {query.during}"
    build = partial(charts.ranking, label="alert_type")
    chart_card(data.by_type(listed, query), build, key="answers", finding=finding, what=what, nothing=NOTHING)


def time_to_answer(page_data: PageData, query: PageQuery) -> None:
    """Draw the share of alerts that nobody has answered, by the time since the alert."""
    curve = data.curve(page_data)
    frame, unit, build = time_in_stage.survival_chart(curve)
    finding = chart_headlines.half_done("of the alerts are answered", curve, "Time to the answer")
    nothing = "No alert was answered yet."
    since = f"share not answered yet, by {unit} since the alert"
    what = f"{since}; shaded: the likely range; {query.label}, n = {number(curve.n)}"
    chart_card(frame, build, key="time_to_answer", finding=finding, what=what, nothing=nothing)


def contacts(page_data: PageData, query: PageQuery) -> None:
    """Draw the contacts with the most alerts."""
    most = page_data.frame("contacts")
    frame = data.most_alerts(most, "contact_id", contact_names(query.location, most["contact_id"]))
    what = f"alerts by contact, the {data.MOST} with the most; {query.label}"
    build = partial(charts.ranking, label="label")
    chart_card(frame, build, key="by_contact", finding="Who gets the most alerts", what=what, nothing=NOTHING)


def properties(page_data: PageData, query: PageQuery) -> None:
    """Draw the properties with the most alerts."""
    top = page_data.frame("properties")
    addresses = data.addresses(UserContext.current().client.fetch(data.newest(top, query)))
    frame = data.most_alerts(top, "property_id", lambda key: addresses.get(key, key))
    what = f"alerts by property, the {data.MOST} with the most; {query.label}"
    build = partial(charts.ranking, label="label")
    once = not frame.empty and frame["value"].max() == 1
    finding = "No property was shown twice" if once else "Which properties are shown most"
    chart_card(frame, build, key="by_property", finding=finding, what=what, nothing=NOTHING)


FIRST_CHARTS = (alerts, answers, properties)
"""What the page begins with."""

CHARTS = (scores, time_to_answer, contacts)
"""Those behind the details."""
