"""The sections of a location's figures; what cannot be computed is null, never 0."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import orjson

from jorge_data.events.timestamps import DAY, SECOND, office_day, office_month, rfc3339, window_start
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.entities import SCALE
from jorge_data.metrics.entities.component import Component
from jorge_data.metrics.statistics.counter import active
from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.metrics.statistics.quantile_sketch import on_its_side
from jorge_data.metrics.statistics.report_spans import UP, since_newest, up_share
from jorge_data.metrics.wall.needs import (
    MOST_DONE,
    NEWS,
    SHOWN,
    DealtWith,
    ListedItem,
    Subjects,
    bot_items,
    component_items,
    machine_acts,
)
from jorge_data.metrics.wall.needs import OF_CONTACTS as OF_CONTACT_GROUPS
from jorge_data.metrics.wall.needs import needs as listed_needs
from jorge_data.metrics.wall.next_tries import STEP
from jorge_data.metrics.wall.qualification_board import SHOWN as BOARD_ROWS
from jorge_data.metrics.wall.qualification_board import board_row
from jorge_data.metrics.wall.view import Board, Needs
from jorge_data.server.figures.bots import bots, sparks, worked_for
from jorge_data.server.figures.reader import EVER, FiguresReader, Span
from jorge_data.store import FactRow

Section = dict[str, Any]

HEARD_WITHIN = 30 * DAY
"""A seller of whom nothing was heard for so long does not count as one of now; on "Needs you" nobody drops off."""

UPTIME_OF = 30 * DAY
MOST_SOURCES = 40


def revenue(reader: FiguresReader) -> Section:
    """Return what the open deals are worth, and our commission on those won in the office's month; US dollars."""
    target = reader.targets.monthly_target
    if not reader.is_known("commission_update"):
        values = dict.fromkeys(("pipeline_value", "commission_pipeline", "commission_won_month"))
        return {**values, "target": target, "progress": None}
    won = reader.value(questions.WON, Span(*office_month(reader.now, reader.targets.zone))) or 0.0
    return {
        "pipeline_value": reader.value(questions.PIPELINE, EVER) or 0.0,
        "commission_pipeline": reader.value(questions.COMMISSION, EVER) or 0.0,
        "commission_won_month": won,
        "target": target,
        "progress": won / target,
    }


def qualification(reader: FiguresReader) -> Section:
    """Return the sellers heard of in 30 days by how they stand, and how many turned hot in the office's day."""
    names = ("hot", "warm", "cold", "stalled", "in_progress")
    counts = _sellers(reader)
    if not counts:
        return dict.fromkeys((*names, "turned_hot_today"))
    totals: Counter[str] = Counter()
    for (temperature, stalled, in_progress), n in counts.items():
        totals[temperature] += n
        totals["stalled"] += n * (stalled == "true")
        totals["in_progress"] += n * (in_progress == "true")
    return {
        **{name: totals[name] for name in names},
        "turned_hot_today": reader.count(questions.TURNED_HOT, _today(reader)),
    }


def conversations(reader: FiguresReader) -> Section:
    """Return how many conversations are active, and how many contacts wait for us, of the last 24 hours."""
    if not reader.is_known("conversation_event"):
        return {"active": None, "waiting": None}
    start = window_start(reader.at, DAY)
    edges, over = reader.by(questions.EDGES, EVER, "edge"), reader.value(questions.OVER, Span(None, start))
    return {
        "active": active(edges.get("first", 0), edges.get("opted_out"), over),
        "waiting": reader.count(questions.WAITING, Span(start)),
    }


def sequences(reader: FiguresReader) -> Section:
    """Return the steps done and still due in the office's day, all that are overdue, and the last day's success."""
    if not reader.is_known("lead_bot_sequence_update"):
        return dict.fromkeys(("due_today", "overdue", "done_today", "success_rate_24h"))
    today = _today(reader)
    return {
        "due_today": reader.count(questions.PROMISED, today),
        "overdue": reader.count(questions.PROMISED, Span(None, today.start)),
        "done_today": reader.count(questions.STEPS_DONE, today),
        "success_rate_24h": reader.value(questions.STEP_SUCCESS, Span(window_start(reader.at, DAY))),
    }


def ml(reader: FiguresReader) -> Section:
    """Return how fast and how sure the decoder was in the last 24 hours, and how often right by all labels."""
    start = window_start(reader.at, DAY)
    day = Span(start)
    before = reader.value(questions.LATENCY, Span(start - DAY, start))
    labelled = reader.answer(questions.ACCURACY, EVER).rows
    return {
        "p50_ms": _latency(reader, day, 0.50),
        "p95_ms": _latency(reader, day, 0.95),
        "within_target": reader.value(questions.WITHIN_TARGET, day),
        "confidence_mean": reader.value(questions.CONFIDENCE, day),
        "above_target": reader.value(questions.ABOVE_TARGET, day),
        "accuracy": labelled[0][-2] if labelled else None,
        "labelled": labelled[0][-1] if labelled else 0,
        "p95_ms_before": percentile(before or (), 0.95),
    }


def _latency(reader: FiguresReader, span: Span, q: float) -> float | None:
    value = percentile(reader.value(questions.LATENCY, span) or (), q)
    within = reader.value(questions.WITHIN_TARGET, span)
    return None if value is None else on_its_side(value, q, reader.targets.intent_target_ms, within)


def system(reader: FiguresReader) -> Section:
    """Return how each component is, and the share of the known time of 30 days that components were up."""
    components = {name: _component(reader, each) for name, each in sorted(reader.shown_components.items())}
    known = {each["status"] for each in components.values()} - {"unknown"}
    worst = "critical" if "down" in known else "degraded" if known & {"degraded", "recovering"} else "healthy"
    return {
        "overall": worst if known else None,
        "components": components,
        "not_reporting": sum(each["status"] == "unknown" for each in components.values()),
        "uptime_30d": _uptime(reader),
    }


def needs(reader: FiguresReader) -> Needs:
    """Return all that waits for a person, what waiting costs most first; nobody drops off by time alone."""
    of_contacts = reader.open_items(SHOWN, OF_CONTACT_GROUPS)
    listed = []
    bots_waiting = bot_items(reader.bots.values(), reader.targets, reader.at)
    for item in (*component_items(reader.components.values(), reader.at), *bots_waiting):
        reader.holds_until(item.shown_from)
        if item.shown_from <= reader.at:
            listed.append(item)
    counts = [*of_contacts.counts, *((item.kind, item.owner, 1) for item in listed)]
    today, _ = office_day(reader.now, reader.targets.zone)
    done = [_dealt_with(row) for row in reader.dealt_with(today, MOST_DONE)]
    done += _of_machines(reader, today)
    done.sort(key=lambda act: act.at, reverse=True)
    told = [act.about for act in done[:MOST_DONE] if act.kind not in ("bot", "component")]
    names = reader.contact_names("needs", [*told, *worked_for(reader)])
    for row in of_contacts.rows:
        kind: Any = row.dims[0]
        measures = orjson.loads(row.measures)
        listed.append(ListedItem(kind, row.entity, row.at, measures["again"], measures["shown_from"], row.dims[1]))
    for item in listed:
        reader.holds_until(item.again + NEWS)
    reader.holds_until((reader.at // STEP + 1) * STEP)  # the moments that are offered
    contacts = reader.contacts("needs", list(dict.fromkeys(row.entity for row in of_contacts.rows)))
    colleagues = reader.colleagues({*(item.owner for item in listed), *(act.by for act in done[:MOST_DONE])} - {""})
    subjects = Subjects(contacts, reader.shown_bots, reader.shown_components, names, colleagues)
    return listed_needs(counts, listed, done, subjects, reader.targets, reader.at)


def _dealt_with(row: FactRow) -> DealtWith:
    kind, by, action, outcome = row.dims[:4]
    measures = orjson.loads(row.measures)
    waited = measures.get("waited_s")
    return DealtWith(
        row.at, kind, row.entity, by, action, outcome, measures["until"], None if waited is None else waited / SCALE
    )


def _of_machines(reader: FiguresReader, since: int) -> Iterator[DealtWith]:
    for bot in reader.bots.values():
        yield from machine_acts("bot", bot.key, bot.acts, since)
    for component in reader.components.values():
        yield from machine_acts("component", component.key, component.acts, since)


def board(reader: FiguresReader) -> Board:
    """Return how many sellers are in progress, and the twelve that were qualified last, finished ones among them."""
    contacts = reader.contacts("board", reader.last_qualified(BOARD_ROWS))
    # Of one moment by name: the order of arrival decides nothing.
    newest = sorted(contacts.values(), key=lambda contact: (-contact.answers[-1].at, contact.key))
    in_progress = sum(n for (_, _, in_progress), n in _sellers(reader).items() if in_progress == "true")
    return {"count": in_progress, "rows": list(map(board_row, newest))}


def sources(reader: FiguresReader) -> dict[str, str]:
    """Return when the newest event of each source happened, by the name of the source."""
    return {name: rfc3339(at) for name, at in sorted(reader.sources(MOST_SOURCES).items())}


def people(reader: FiguresReader) -> dict[str, str]:
    """Return how the office's people are called, by the ids by which events know them."""
    return reader.people()


def unlisted(reader: FiguresReader) -> dict[str, int]:
    """Return how many bots, components and sources there are beside those that are told by name."""
    return {
        "bots": reader.unlisted("bot"),
        "components": reader.unlisted("component"),
        "sources": reader.unlisted("source", MOST_SOURCES),
    }


SECTIONS: Mapping[str, Callable[[FiguresReader], Any]] = MappingProxyType(
    {
        "revenue": revenue,
        "bots": bots,
        "qualification": qualification,
        "sequences": sequences,
        "ml": ml,
        "conversations": conversations,
        "system": system,
        "needs": needs,
        "board": board,
        "sources": sources,
        "sparks": sparks,
        "unlisted": unlisted,
        "people": people,
    }
)
"""Each section by its name, in the order in which it is told."""


OF_CONTACTS = ("bots", "system", "needs", "board")
"""The sections that name contacts: an agent's are of his own contacts and nobody's; all others are the office's."""


def _sellers(reader: FiguresReader) -> dict[tuple[str, str, str], int]:
    """Return how many sellers of whom something was heard there are by temperature, stalled and in progress."""
    heard = Span(window_start(reader.at, HEARD_WITHIN))
    return reader.by(questions.SELLERS, heard, "temperature", "stalled", "in_progress")


def _today(reader: FiguresReader) -> Span:
    return Span(*office_day(reader.now, reader.targets.zone))


def _component(reader: FiguresReader, component: Component) -> Section:
    return {
        "status": component.status_at(reader.at),
        "since": rfc3339(component.since),
        "response_time_ms": component.detail.response_ms if component.detail else None,
        "error_message": (component.detail.error if component.detail else "") or None,
    }


def _uptime(reader: FiguresReader) -> float | None:
    start, rule = window_start(reader.at, UPTIME_OF), reader.targets.down_until_reported
    seconds = reader.by(questions.STATUS_TIME, Span(start), "status")
    reports = reader.answer(questions.NEWEST_REPORTS, EVER, ("component", "status")).rows
    # Those that are counted together under one name have no common moment.
    newest = [(name, status, round(reported * SECOND)) for _, name, status, reported, n in reports if n == 1]
    for running in since_newest(newest, start, reader.at, reader.at, rule):
        seconds[running.status] = seconds.get(running.status, 0) + running.duration / 1e6
    return up_share(sum(time for status, time in seconds.items() if status in UP), sum(seconds.values()))
