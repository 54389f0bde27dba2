"""Ages of what is under way: asked in finer steps where they are shorter, and read from the answers."""

from dataclasses import replace

from jorge_data.live.query import DAY, Query
from jorge_data.live.question import Question
from jorge_data.live.told import Told
from jorge_data.metrics.analysis.period import floor
from jorge_data.metrics.analysis.velocity import ages

LATELY = " lately"
"""What the name of the second question ends in."""

RECENT = 7 * DAY


def age_questions(name: str, query: Query, kind: str, by: str, where: tuple[str, ...]) -> dict[str, Question]:
    """Return the questions for what is under way: ages are right to the day, of the last week to the hour.

    Of a span that is no longer than that there is one, to the quarter of an hour. The period before is asked by the
    first alone: what began in it is old.
    """
    recent = floor(query.end - RECENT, "1d", query.office)
    if recent <= query.start:
        return {name: query.series(kind, by=(by,), where=where, step="15m")}
    older, newer = replace(query, end=recent), replace(query, start=recent)
    return {
        name: older.series(kind, by=(by,), where=where, step="1d"),
        name + LATELY: newer.series(kind, by=(by,), where=where, step="1h"),
    }


def told_ages(told: Told, name: str, by: str) -> dict[str, list[tuple[float, int]]]:
    """Return (age in seconds, count) of what is under way, by stage; raise RequestRefused."""
    listed: dict[str, list[tuple[float, int]]] = {}
    names = [name, name + LATELY] if name + LATELY in told.questions else [name]
    for answer in map(told.series, names):
        for stage, aged in ages(answer.frame, by, answer.told_at).items():
            listed.setdefault(stage, []).extend(aged)
    return listed
