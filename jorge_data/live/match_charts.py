"""The charts of properties: what each draws, finds and says; `told` holds the page's answers by name."""

from functools import partial

from jorge_data import charts
from jorge_data.live import matches, stays
from jorge_data.live.chart import chart
from jorge_data.live.house import House
from jorge_data.live.matches import SPELLED
from jorge_data.live.query import Query
from jorge_data.live.told import Told
from jorge_data.metrics.analysis import title
from jorge_data.metrics.analysis.counts import totals
from jorge_data.metrics.units import duration

NOTHING = "No property was matched in this period. Choose a longer one."


def alerts(told: Told, query: Query) -> None:
    frame = matches.in_words(told.frame("types"))
    finding = title.leads("alerts", totals(frame, "alert_type"), "Alerts by type")
    what = f"alerts by type, by {query.each}, {query.label}, n = {told.series('types').n:,}"
    build = partial(charts.bars, split="alert_type", order=SPELLED)
    chart(frame, build, key="alerts", finding=finding, what=what, nothing=NOTHING)


def scores(told: Told, query: Query) -> None:
    frame = matches.tenths(told.frame("scores"))
    what = (
        f"alerts by match score (0–100), in tens from 0 to 90, by type, {query.label}, n = {told.series('scores').n:,}"
    )
    build = partial(charts.bars, x="score_bin", split="alert_type", order=SPELLED)
    chart(frame, build, key="scores", finding="How well properties match", what=what, nothing=NOTHING)


def answers(told: Told, query: Query) -> None:
    listed = matches.found(told)
    parts = {matches.spelled(each.alert_type): (each.answered, each.alerts) for each in listed}
    finding = title.stands_out("is answered most", parts, "Which alerts are answered")
    what = f"share answered within 7 days, and the median time (Kaplan–Meier); alerts of the {query.label}"
    build = partial(charts.ranking, label="alert_type")
    chart(matches.by_type(listed, query), build, key="answers", finding=finding, what=what, nothing=NOTHING)


def time_to_answer(told: Told, query: Query) -> None:
    """Draw the share of alerts that nobody has answered, by the time since the alert."""
    found = matches.curve(told)
    frame, unit, build = stays.drawn(found)
    half = "" if found.median is None else f"Half of the alerts are answered after {duration(found.median)}"
    finding, nothing = half or "Time to the answer", "No alert was answered yet."
    what = f"share not answered yet, by {unit} since the alert, 95 % band; {query.label}, n = {found.n:,}"
    chart(frame, build, key="time_to_answer", finding=finding, what=what, nothing=nothing)


def contacts(told: Told, query: Query) -> None:
    frame = matches.named(told.frame("contacts"), "contact_id", House.current().offices.get(query.location).name)
    what = f"alerts by contact, the {matches.MOST} with the most; {query.label}"
    build = partial(charts.ranking, label="named")
    chart(frame, build, key="by_contact", finding="Who gets the most alerts", what=what, nothing=NOTHING)


def properties(told: Told, query: Query) -> None:
    top = told.frame("properties")
    known = matches.addresses(House.current().questions.ask(matches.newest(top, query)))
    frame = matches.named(top, "property_id", lambda key: known.get(key, key))
    what = f"alerts by property, the {matches.MOST} with the most; {query.label}"
    build = partial(charts.ranking, label="named")
    once = not frame.empty and frame["value"].max() == 1
    finding = "No property was shown twice" if once else "Which properties are shown most"
    chart(frame, build, key="by_property", finding=finding, what=what, nothing=NOTHING)


CHARTS = (alerts, scores, answers, time_to_answer, contacts, properties)
"""In the order in which the page shows them."""
