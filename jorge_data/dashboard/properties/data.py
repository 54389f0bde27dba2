"""The data of the page of properties: alerts and their answers, in the order and the columns of its charts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from jorge_data.charts import DRILL, TENTHS, every_bin
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.query.responses import QueryResponse, TableResponse
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.dashboard.ui.time_in_stage import durations_and_ages
from jorge_data.errors import RequestRefused
from jorge_data.events.money import cents
from jorge_data.metrics.formatting import duration, joined, line, money, number, percent, portion
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.interval import wilson
from jorge_data.metrics.statistics.percentile import merged
from jorge_data.metrics.statistics.response import AlertResponse, responses, unanswered
from jorge_data.metrics.statistics.survival import Survival

EVENT, RESPONSE = "property_alert", "alert_response"
TYPES = ("new_match", "price_drop", "back_on_market", "market_opportunity", "other")
MOST = 10
"""How many contacts and properties are shown."""

ANSWERED, WAITING = "answered_after", "waiting_since"
"""The names of the page's requests for times to the answer (agg=bins) and for ages of waiting alerts."""


def answered_share(frame: pd.DataFrame) -> float | None:
    """Return the share of alerts (a count by state) that were answered within seven days."""
    answered, n = _answered_of(frame)
    return answered / n if n else None


def responses_by_type(page_data: PageData, before: bool = False) -> list[AlertResponse]:
    """Return how the alerts of each type were answered, in this period or the one before; raise RequestRefused."""
    return responses(*durations_and_ages(page_data, "alert_type", ANSWERED, WAITING, before))


def curve(page_data: PageData, before: bool = False) -> Survival:
    """Return the survival curve of the unanswered alerts, of all types together; raise RequestRefused."""
    answered, waiting = durations_and_ages(page_data, "alert_type", ANSWERED, WAITING, before)
    return unanswered(merged(answered.values()), merged(waiting.values()))


@value_or_refusal
def answer_time(page_data: PageData, query: PageQuery) -> Metric:
    """Return the median time to the answer as a figure, of this period and of the one before."""
    now = curve(page_data)
    before = curve(page_data, before=True).median if query.compare else None
    return Metric(now.median, before, now.n, query.rows(RESPONSE))


def by_type(listed: list[AlertResponse], query: PageQuery) -> pd.DataFrame:
    """Return the share answered of each type in words, the most frequent first; a mark opens its alerts."""
    rows = [
        {
            "alert_type": type_name(each.alert_type),
            "value": each.share or 0.0,
            "words": joined(
                f"{portion(each.share or 0.0)} of {number(each.alerts)}",
                f"half in {duration(each.median_s)}" if each.median_s is not None else "",
            ),
            DRILL: query.rows(RESPONSE, equals("alert_type", each.alert_type)).token(),
        }
        for each in listed
    ]
    return pd.DataFrame(rows, columns=["alert_type", "value", "words", DRILL])


def tenths(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each ten points and type (from a count by score_bin, alert_type), 0 where there are none."""
    types = pd.DataFrame({"alert_type": frame["alert_type"].unique()})
    return in_words(every_bin(frame, pd.DataFrame({"score_bin": TENTHS}).merge(types, how="cross")))


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its types of alert in words."""
    return frame.assign(alert_type=frame["alert_type"].map(type_name))


def type_name(name: str) -> str:
    """Write a type of alert in words: "price drop"."""
    return name.replace("_", " ")


def most_alerts(frame: pd.DataFrame, by: str, name: Callable[[str], str]) -> pd.DataFrame:
    """Return the MOST rows with the most alerts, each with a `label` of its own.

    The label is the name; where several share one, each gets the end of its id as well.
    """
    top = frame.sort_values("value", ascending=False, kind="stable").head(MOST).reset_index(drop=True)
    ids = [str(each) for each in top[by]]
    names = [line(name(each)) or each for each in ids]
    labels = [
        text if names.count(text) == 1 else f"{text} · {each[-6:]}" for each, text in zip(ids, names, strict=True)
    ]
    return top.assign(label=labels)


def rows(frame: pd.DataFrame, names: Callable[[Iterable[str]], Callable[[str], str]]) -> pd.DataFrame:
    """Return alerts as a list shows them: the contact by name, the property and the reasons in words."""
    name = names(frame["contact_id"])
    return in_words(frame).assign(
        contact=[line(name(contact)) for contact in frame["contact_id"]],
        home=[_describe(home) if isinstance(home, dict) else "" for home in frame["property"]],
        why=[line(" · ".join(reasons)) if isinstance(reasons, list) else "" for reasons in frame["reasons"]],
    )


def interval(frame: pd.DataFrame) -> str:
    """Return the answered share's 95 % interval (a count by state) in words."""
    bounds = wilson(*_answered_of(frame))
    return f"likely {percent(bounds.low)} to {percent(bounds.high)}" if bounds else ""


def newest(top: pd.DataFrame, query: PageQuery) -> dict[str, TableRequest]:
    """Return the request for the newest alert of each of these properties, which carries its address."""
    return {
        key: query.rows(EVENT, equals("property_id", key), columns=("property",), limit=1) for key in top["property_id"]
    }


def addresses(alerts: Mapping[str, QueryResponse | RequestRefused]) -> dict[str, str]:
    """Return the addresses that the alerts carry, by property id."""
    pairs = (
        (key, alert.rows[0][0]) for key, alert in alerts.items() if isinstance(alert, TableResponse) and alert.rows
    )
    return {key: home["address"] for key, home in pairs if isinstance(home, dict) and home.get("address")}


def _answered_of(frame: pd.DataFrame) -> tuple[int, int]:
    """Return how many alerts were answered, of how many."""
    states = counts(frame, "state")
    return states.of(("answered",)), states.of(("answered",)) + states.of(("waiting",))


def _describe(home: dict[str, Any]) -> str:
    """Write a property in words: its address, price, rooms and area."""
    price, area = home.get("price"), home.get("sqft")
    rooms = [f"{home[part]:g} {word}" for part, word in (("bedrooms", "bed"), ("bathrooms", "bath")) if home.get(part)]
    return joined(
        line(home.get("address")), money(cents(price)) if price else "", *rooms, f"{number(area)} sq ft" if area else ""
    )
