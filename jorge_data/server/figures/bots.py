"""What each bot does now, since when, and how its last hour went."""

from collections import Counter
from typing import Any

from jorge_data.events import parse_moment
from jorge_data.events.timestamps import HOUR, MINUTE, SECOND, micros, office_day, rfc3339, window_start
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.entities.bot import OWNERS, Bot
from jorge_data.metrics.statistics.counter import share
from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.server.figures.reader import FiguresReader, Span

SELLER, LEAD, DECODER = OWNERS.values()
SPARK_STEP, SPARK_MINUTES, SPARKS = "2m", 2, 30

SPARKS_EVERY = 10 * SECOND
"""A line is drawn of an hour: what came in the last seconds moves it by less than a pixel."""


def bots(reader: FiguresReader) -> dict[str, Any]:
    """Return each bot by its name."""
    hour = Span(window_start(reader.at, HOUR))
    reports = reader.by(questions.BOT_REPORTS, hour, "bot_type", "status")
    took = reader.by(questions.BOT_STEP_TIME, hour, "bot_type")
    steps, analyses = reader.by(questions.STEPS, hour, "success"), reader.answer(questions.LATENCY, hour).rows
    events = Counter({SELLER: reader.count(questions.QUALIFICATIONS, hour), LEAD: sum(steps.values())})
    # The lead bot is judged by its steps, the decoder's successes are its analyses: counting their reports as well
    # would count the same work twice.
    good, bad = Counter({LEAD: steps.get("true", 0)}), Counter({LEAD: steps.get("false", 0)})
    if analyses:
        *_, bins, n = analyses[0]
        took[DECODER], events[DECODER], good[DECODER] = percentile(bins, 0.5), n, n
    for (name, status), n in reports.items():
        events[name] += n
        bad[name] += n if status == "error" and name != LEAD else 0
        good[name] += n if status == "completed" and name not in (LEAD, DECODER) else 0
    names = reader.contact_names("bots", worked_for(reader))
    return {
        name: {
            **_now(reader, bot),
            "contact_name": names.get(bot.report.contact) if bot.report and bot.report.contact else None,
            "events_1h": events[name],
            "success_rate_1h": share(good[name], bad[name]),
            "processing_ms_p50": took.get(name),
        }
        for name, bot in sorted(reader.shown_bots.items())
    }


def worked_for(reader: FiguresReader) -> list[str]:
    """Return the contacts that the bots' newest reports name."""
    return [bot.report.contact for bot in reader.shown_bots.values() if bot.report and bot.report.contact]


def _now(reader: FiguresReader, bot: Bot) -> dict[str, Any]:
    patience, report = reader.targets.silent_after_s, bot.report
    state = bot.state(reader.at, patience)
    return {
        "status": report.status if report else None,
        "current_step": (report.step if report else "") or None,
        "since": rfc3339(bot.since(bot.reported_state, patience)) if report else None,
        "state": state,
        "state_since": rfc3339(bot.since(state, patience)),
        "contact": report.contact if report else None,
        "error_message": (report.error if report else "") or None,
    }


def sparks(reader: FiguresReader) -> dict[str, list[int]]:
    """Return how many events each bot had in each of the last 30 spans of two minutes.

    They are spans of the clock, so that a line drawn of them does not slide.
    """
    size = SPARK_MINUTES * MINUTE
    midnight, _ = office_day(reader.now, reader.targets.zone)  # from which a series counts its steps
    first = midnight + ((reader.at - midnight) // size - SPARKS + 1) * size
    counts: dict[str, list[int]] = {}
    own_work = (questions.QUALIFICATIONS, questions.STEPS, questions.ANALYSES)
    for question, by in ((questions.BOT_REPORTS, ("bot_type",)), *((question, ()) for question in own_work)):
        for row in reader.answer(question, Span(first, first + SPARKS * size), by, SPARK_STEP).rows:
            name = row[1] if by else OWNERS[question.kind]
            if name not in reader.bots:
                continue
            place = (micros(parse_moment(row[0])) - first) // size
            counts.setdefault(name, [0] * SPARKS)[place] += row[-1]
    reader.holds_for(SPARKS_EVERY)
    return counts
