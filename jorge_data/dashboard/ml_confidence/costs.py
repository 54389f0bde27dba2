"""What the bots cost: as they told it, over what came of it in the same period. No filter of the page narrows it.

Where some told no cost, the sum is a lower bound and says so. It is not scaled up: who tells nothing may cost anything.
"""

from dataclasses import replace
from math import fsum
from typing import NamedTuple

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.ui.page_data import BEFORE, Metric, PageData, value_or_refusal
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.definitions.questions import BOT_EVENTS, BOT_WORK, COSTS, FURTHER_COSTS
from jorge_data.metrics.entities.cube import PICODOLLARS
from jorge_data.metrics.entities.event_facts import LARGEST
from jorge_data.metrics.formatting import cost, number, percent
from jorge_data.metrics.wall.event_sentences import BOT_LABELS

COST, EVENTS, FURTHER = "cost of ", "bot events of ", "further costs of "
TOLD = ("cost_usd:ge:0", f"cost_usd:le:{LARGEST // PICODOLLARS}")
"""The conditions that an event told a cost that counts."""
COMPARED = tuple(COST + kind for kind in BOT_WORK)
"""The series whose period before is asked for as well; it is for the others, which are single figures."""

OUTCOMES = {
    "cost_per_conversation": questions.WITH_BOTS,
    "cost_per_hot": questions.TURNED_HOT,
    "cost_per_appointment": questions.BOOKED,
    "cost_per_deal": questions.DEALS_WON,
}
"""Each figure, and what it divides the cost by."""

NAMES = {
    "jorge_qualification_progress": "scores",
    "lead_bot_sequence_update": "steps",
    "intent_analysis_complete": "intent",
    "property_alert": "alerts",
    "conversation_event": "chats",
    "bot_status_update": "other",
}
"""The bots' work in a word, short enough for a phone."""


class Spending(NamedTuple):
    """The cost that was told, in US dollars; how many events told one, and of how many."""

    dollars: float
    told: int
    events: int

    @property
    def known(self) -> float | None:
        """Return the share of the bot events whose cost is known; None without any."""
        return self.told / self.events if self.events else None


def requests(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the requests for all costs, and for what they are divided by."""
    everything = replace(query, filters=())
    return {
        **{COST + kind: everything.ask(each, by=("source", "script_version")) for kind, each in COSTS.items()},
        **{EVENTS + kind: everything.ask(each) for kind, each in BOT_EVENTS.items()},
        **{FURTHER + kind: everything.ask(each) for kind, each in FURTHER_COSTS.items()},
        **{name: everything.ask(each) for name, each in OUTCOMES.items()},
    }


def spending(page_data: PageData, prefix: str = "") -> Spending:
    """Return what the bots cost; raise RequestRefused where that is not known. `prefix`: of the period before."""
    told = [page_data.series(prefix + COST + kind).frame for kind in BOT_WORK]
    others = [FURTHER + kind for kind in FURTHER_COSTS] + [EVENTS + kind for kind in BOT_EVENTS]
    return Spending(
        fsum(value for frame in told for value in frame["value"]),
        sum(int(frame["n"].sum()) for frame in told),
        sum(page_data.series(prefix + name).n for name in others),
    )


@value_or_refusal
def per(name: str, page_data: PageData) -> Metric:
    """Return the cost of the period over one of OUTCOMES; None where no cost was told, or nothing came of it."""
    now, request = spending(page_data), page_data.requests[name]
    assert isinstance(request, SeriesRequest)
    before = _over(page_data, name, BEFORE) if BEFORE + name in page_data.requests else None
    rows, n = request.rows(), page_data.series(name).n
    return Metric(_over(page_data, name), before, n, rows, at_least=now.told < now.events)


def _over(page_data: PageData, name: str, prefix: str = "") -> float | None:
    spent, n = spending(page_data, prefix), page_data.series(prefix + name).n
    return spent.dollars / n if spent.told and n else None


def known(page_data: PageData) -> str:
    """Write of how many bot events the cost is known, and of how many in the period before; "" where there are none."""
    now = spending(page_data)
    if now.known is None:
        return ""
    if now.told == now.events:
        return f"cost known for all {number(now.events)} bot events"
    before = spending(page_data, BEFORE).known if BEFORE + COMPARED[0] in page_data.requests else None
    beside = f", {percent(before, 0)} before" if before is not None else ""
    return f"cost known for {percent(now.known, 0)} of {number(now.events)} bot events{beside}"


def note(page_data: PageData, per: Metric) -> str:
    """Write how much of the cost a figure knows; "" where it was refused."""
    if per.refusal:
        return ""
    return f"at least: {known(page_data)}" if per.at_least and per.now is not None else known(page_data)


def by_script(page_data: PageData) -> pd.DataFrame:
    """Return the cost of each script at each kind of work, and of each of its events; in words, of how many.

    Each opens the events that told a cost.
    """
    frame = pd.concat([_of_work(page_data, kind) for kind in BOT_WORK], ignore_index=True)
    scripts = zip(frame["source"], frame["script_version"], frame["work"], strict=True)
    names = [(f"{BOT_LABELS.get(source, source)} {script}".rstrip(), work) for source, script, work in scripts]
    return frame.assign(
        script=[", ".join(name) for name in names],
        each=frame["value"] / frame["n"],
        words=[f"{cost(value)} · {number(n)}" for value, n in zip(frame["value"], frame["n"], strict=True)],
    ).sort_values("value", ascending=False, kind="stable")


def _of_work(page_data: PageData, kind: str) -> pd.DataFrame:
    request, frame = page_data.requests[COST + kind], page_data.series(COST + kind).frame
    assert isinstance(request, SeriesRequest)
    scripts = zip(frame["source"], frame["script_version"], strict=True)
    wheres = [(equals("source", source), equals("script_version", script), *TOLD) for source, script in scripts]
    return frame.assign(work=NAMES[kind], **{DRILL: [request.rows(*where).token() for where in wheres]})
