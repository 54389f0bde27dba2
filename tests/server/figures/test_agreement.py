"""At every position of any log the wall, the pages' questions and a naive recount say the same."""

import os
from collections.abc import Hashable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import pandas as pd
import pytest
from starlette.datastructures import QueryParams

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, micros, moment, office_day, office_month, rfc3339, window_start
from jorge_data.metrics import Targets
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.definitions.questions import Question
from jorge_data.metrics.statistics.counter import active
from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.metrics.statistics.uptime import overall, since_newest, uptime
from jorge_data.server.figures.reader import Answered, FiguresReader
from jorge_data.server.figures.sections import SECTIONS
from jorge_data.server.query.series_request import read_series
from jorge_data.server.query.service import answer_series
from jorge_data.store import LogView, SQLiteStore
from tests.server.figures.followed_location import Folded, Json
from tests.server.figures.random_office import office
from tests.server.figures.recount import Judged, Recount

CASES = int(os.environ.get("JORGE_TEST_LOGS", "25"))
SKETCHED = ("p50_ms", "p95_ms", "p95_ms_before", "processing_ms_p50")
_numbers = count()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(tmp_path_factory.mktemp("agreement") / "events.db")) as store:
        yield store


@pytest.mark.parametrize("seed", range(CASES))
def test_wall_page_and_recount_agree_at_every_position(store: SQLiteStore, seed: int) -> None:
    check(store, seed)


def check(store: SQLiteStore, seed: int) -> None:
    """Fold a random office part by part, beside another one, and compare all figures after each part."""
    made, number = office(seed), next(_numbers)
    folded, other = Folded(store, f"office-{number}"), Folded(store, f"other-{number}")
    events: list[Event] = []
    known: dict[Hashable, Answered] = {}
    for part, rules in made.parts:
        if rules is not folded.targets:  # a server that starts again
            folded.targets, known = rules, {}
        events += folded.append(part)
        other.append(part[:1])
        changed = folded.fold()
        other.fold()
        known = {name: each for name, each in known.items() if changed is not None and changed.isdisjoint(each.reads)}
        for now in (made.now, made.now + timedelta(seconds=seed % 90), made.now + timedelta(hours=1 + seed % 50)):
            with store.view(folded.location) as stored:
                values = _sections(stored, rules, now, {})
                expected = Recount(events, now, _judged(rules)).sections()
                assert _shown(values) == _approximately(expected), (seed, len(events), now)
                assert _told(values) == _approximately(_pages(stored, rules, now)), (seed, len(events), now)
                # Parts begin at one moment: what is known of it is what the next one reuses.
                reused = known if now == made.now else dict(known)
                assert _settled(_sections(stored, rules, now, reused)) == _settled(values), (seed, len(events), now)


def _sections(stored: LogView, rules: Targets, now: datetime, known: dict[Hashable, Answered]) -> Json:
    """Return all sections, made of what is known where that still holds."""
    reader = FiguresReader(stored, rules, now, known)
    return {name: reader.once(name, partial(section, reader)) for name, section in SECTIONS.items()}


def _settled(values: Json) -> Json:
    """Return the sections without what moves all the time and is read once in seconds, as it says."""
    system = {name: value for name, value in values["system"].items() if name != "uptime_30d"}
    return {**values, "system": system, "sparks": None}


def _judged(rules: Targets) -> Judged:
    return Judged(
        rules.zone,
        (rules.rates.first, rules.rates.later),
        rules.intent_target_ms,
        rules.confidence_target,
        rules.monthly_target,
        rules.silent_after_s,
        rules.down_until_reported,
    )


def _shown(values: Json) -> Json:
    """Return the sections without the words of what needs someone."""
    compared = ("item", "group", "since_ms", "temperature", "contact", "phone", "phone_state", "next_ms", "news")
    needs = values["needs"]
    items = [
        {**{name: item[name] for name in compared}, "owner": item["owner"] and item["owner"]["id"]}
        for item in needs["items"]
    ]
    groups = [{"key": group["key"], "count": group["count"]} for group in needs["groups"]]
    over = [{"at_ms": act["at_ms"], "item": act["item"], "by": act["by"]["id"]} for act in needs["done"]["items"]]
    done = {"count": needs["done"]["count"], "items": sorted(over, key=str)}
    counts = {name: needs[name] for name in ("count", "nobodys", "by_owner", "unlisted")}
    return {**values, "needs": {**counts, "groups": groups, "items": items, "done": done}}


def _approximately(expected: Any, name: str = "") -> Any:
    """Return what compares equal to a figure: a quantile within the sketch's 1 %, another fraction but for its end."""
    match expected:
        case dict():
            return {key: _approximately(value, key) for key, value in expected.items()}
        case list():
            return [_approximately(value) for value in expected]
        case float():
            return pytest.approx(expected, rel=0.0101 if name in SKETCHED else 1e-6)
    return expected


def _told(values: Json) -> Json:
    """Return those of the wall's figures that a page asks for too."""
    qualification, sequences, ml = values["qualification"], values["sequences"], values["ml"]
    revenue, conversations = values["revenue"], values["conversations"]
    return {
        "hot": qualification["hot"] or 0,
        "turned_hot_today": qualification["turned_hot_today"],
        "active": conversations["active"],
        "waiting": conversations["waiting"] or 0,
        "pipeline_value": revenue["pipeline_value"] or 0,
        "commission_won_month": revenue["commission_won_month"] or 0,
        "due_today": sequences["due_today"] or 0,
        "overdue": sequences["overdue"] or 0,
        "done_today": sequences["done_today"] or 0,
        "success_rate_24h": sequences["success_rate_24h"],
        "p95_ms": ml["p95_ms"],
        "within_target": ml["within_target"],
        "confidence_mean": ml["confidence_mean"],
        "above_target": ml["above_target"],
        "accuracy": ml["accuracy"],
        "uptime": values["system"]["uptime_30d"],
    }


def _pages(stored: LogView, rules: Targets, now: datetime) -> Json:
    """Return the same figures as pages ask for them: by `/api/series`, in spans of their periods."""
    at = micros(now)
    day, month = Page(window_start(at, DAY)), Page(window_start(at, 30 * DAY))
    today, of_month = Page(*office_day(now, rules.zone)), Page(*office_month(now, rules.zone))
    asked = Asked(stored, rules)
    begun, gone = asked.value(questions.BEGUN, Page()), asked.value(questions.OPTED_OUT, Page())
    heard = asked.value(questions.SELLERS, month)
    return {
        "hot": asked.value(questions.HOT, month) or 0,
        "turned_hot_today": (asked.value(questions.TURNED_HOT, today) or 0) if heard else None,
        "active": active(begun, gone, asked.value(questions.OVER, Page(None, day.start))),
        "waiting": asked.value(questions.WAITING, day) or 0,
        "pipeline_value": asked.value(questions.PIPELINE, Page()) or 0,
        "commission_won_month": asked.value(questions.WON, of_month) or 0,
        "due_today": asked.value(questions.PROMISED, today) or 0,
        "overdue": asked.value(questions.PROMISED, Page(None, today.start)) or 0,
        "done_today": asked.value(questions.STEPS_DONE, today) or 0,
        "success_rate_24h": asked.value(questions.STEP_SUCCESS, day),
        "p95_ms": percentile(asked.value(questions.LATENCY, day) or (), 0.95),
        "within_target": asked.value(questions.WITHIN_TARGET, day),
        "confidence_mean": asked.value(questions.CONFIDENCE, day),
        "above_target": asked.value(questions.ABOVE_TARGET, day),
        "accuracy": asked.value(questions.ACCURACY, Page()),
        "uptime": asked.uptime(month, now),
    }


class Page(NamedTuple):
    """A period of a page, in microseconds."""

    start: int | None = None
    end: int | None = None


class Asked:
    """Asks one view as `/api/series` does."""

    def __init__(self, stored: LogView, rules: Targets) -> None:
        self._stored, self._rules = stored, rules

    def rows(self, question: Question, period: Page, by: str = "") -> list[list[Any]]:
        params = [("kind", question.kind), ("measure", question.measure), ("agg", question.agg), ("step", "all")]
        params += [("where", each) for each in question.where] + ([("by", by)] if by else [])
        params += [(n, rfc3339(each)) for n, each in zip(("from", "to"), period, strict=True) if each is not None]
        query = read_series(QueryParams(params), self._rules.zone)
        return answer_series(self._stored, query, self._rules).rows

    def value(self, question: Question, period: Page) -> Any:
        rows = self.rows(question, period)
        return rows[0][-2] if rows else None

    def uptime(self, period: Page, now: datetime) -> float | None:
        assert period.start is not None
        columns, split = ["t", "component", "status", "value", "n"], "component,status"
        start, rule = moment(period.start), self._rules.down_until_reported
        past = pd.DataFrame(self.rows(questions.STATUS_TIME, period, split), columns=columns)
        newest = pd.DataFrame(self.rows(questions.NEWEST_REPORTS, Page(), split), columns=columns)
        frames = [frame for frame in (past, since_newest(newest, start, now, now, rule)) if not frame.empty]
        known = pd.concat(frames, ignore_index=True) if frames else past
        return overall(uptime(known, (now - start).total_seconds()))
