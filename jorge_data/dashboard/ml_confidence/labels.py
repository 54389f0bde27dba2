"""Labels of analyses: which have none yet, what people gave two of, and the message that each is about."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple, get_args

from jorge_data.dashboard.event_publisher import event
from jorge_data.dashboard.ml_confidence.data import ANALYSES
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.cached_client import CachedQueryClient
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.events.kinds import IntentCategory

CATEGORIES: tuple[str, ...] = get_args(IntentCategory)

WAITING = 50
"""Most analyses that wait to be labelled at once."""

BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
"""Edges of the bands of confidence that are read one after the other: what is least sure is found without all else."""

MOST = 1000
"""The newest analyses of a band that are looked through; as many as the server gives at once."""

CONTEXT = 3
"""Messages that are shown with an analysis: the one that it is about, and what was said before."""

COLUMNS = ("source", "id", "time", "contact_id", "intent_category", "confidence_score", "urgency_level")

Key = tuple[str, str]
"""Source and id, which name one analysis."""


class Opinions(NamedTuple):
    """What people gave one analysis: the newest category of each, and which was given last, which counts."""

    analysis: Key
    by_person: dict[str, str]
    newest: str

    @property
    def is_disputed(self) -> bool:
        """Return whether what counts has not more people behind it than every other category."""
        counts = Counter(self.by_person.values())
        return any(count >= counts[self.newest] for category, count in counts.items() if category != self.newest)


class Labels:
    """The labels of one office as one person sees them; `publish` adds one."""

    def __init__(self, api: ApiClient, client: CachedQueryClient) -> None:
        self._api, self._client = api, client

    def publish(self, location: str, user: str, analysis: Key, category: str) -> None:
        """Publish what an analysis should have said; raise RequestRefused where the server refuses it."""
        if category not in CATEGORIES:
            raise RequestRefused(f"category {category!r}: allowed are {', '.join(CATEGORIES)}")
        source, id_ = analysis
        data = {"analysis_id": id_, "analysis_source": source, "actual_category": category, "labelled_by": user}
        self._api.post("/events", event("intent_feedback", location, data))
        self._client.invalidate(location)

    def unlabelled(self, query: PageQuery) -> list[dict[str, Any]]:
        """Return up to WAITING analyses of the period that nobody has labelled, the least sure first."""
        labels = query.rows("intent_label")
        labelled = {
            (label["analysis_source"], label["entity"]) for label in self._records(replace(labels, where=()))
        }  # a label's time is that of its analysis
        return self._least_sure(query, lambda each: labelled.isdisjoint(_keys(each)))

    def labelled_by_others(self, query: PageQuery, user: str, opinions: list[Opinions]) -> list[dict[str, Any]]:
        """Return up to WAITING analyses that others have labelled in the period and this person has not."""
        keys = {each.analysis for each in opinions if user not in each.by_person}
        return self._least_sure(query, lambda each: not keys.isdisjoint(_keys(each))) if keys else []

    def opinions(self, query: PageQuery) -> list[Opinions]:
        """Return what people gave each analysis that was labelled in the period, the newest first.

        A label that does not name its analysis's source is of the one source that the others of the id name.
        """
        found: dict[Key, Opinions] = {}
        feedback = replace(query.rows("intent_feedback"), where=(), order="-time")
        given = list(self._records(feedback))
        sources: dict[str, set[str]] = {}
        for each in given:
            sources.setdefault(each["analysis_id"], set()).add(each["analysis_source"] or "")
        for each in given:
            named = sources[each["analysis_id"]] - {""}
            source = each["analysis_source"] or (min(named) if len(named) == 1 else "")
            key = (source, each["analysis_id"])
            opinions = found.setdefault(key, Opinions(key, {}, each["actual_category"]))
            opinions.by_person.setdefault(each["labelled_by"] or "somebody", each["actual_category"])
        return list(found.values())

    def analysis(self, query: PageQuery, key: Key) -> dict[str, Any] | None:
        """Return an analysis by its name, of any time; None where there is none."""
        where = (equals("id", key[1]), *((equals("source", key[0]),) if key[0] else ()))
        rows = TableRequest(query.location, ANALYSES, where, columns=COLUMNS, limit=1)
        return next(self._client.table(rows).records(), None)

    def messages(self, location: str, analysis: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the message that an analysis is about, last, and what was said before it; none where none is known."""
        if not analysis["contact_id"]:
            return []
        where = equals("contact_id", analysis["contact_id"]), equals("kind", "message")
        until = parse_moment(str(analysis["time"])) + timedelta(milliseconds=1)
        columns = ("time", "direction", "author", "body")
        rows = TableRequest(location, "conversation_event", where, None, until, columns, "-time", limit=20)
        told = list(self._client.table(rows).records())
        # The newest that the contact wrote, and not what we answered in the same moment.
        about = next((at for at, each in enumerate(told) if each["direction"] != "outbound"), None)
        return [] if about is None else told[about : about + CONTEXT][::-1]

    def _least_sure(self, query: PageQuery, wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for low, high in pairwise(BANDS):
            within = f"confidence_score:ge:{low}", f"confidence_score:lt:{high}"
            table = self._client.table(query.rows(ANALYSES, *within, columns=COLUMNS, order="-time", limit=MOST))
            found += sorted(filter(wanted, table.records()), key=lambda each: float(each["confidence_score"]))
            if len(found) >= WAITING:
                break
        return found[:WAITING]

    def _records(self, rows: TableRequest) -> Iterator[dict[str, Any]]:
        for table in whole_table(self._client, rows).tables:
            yield from table.records()


def disputed(opinions: Iterable[Opinions]) -> list[Opinions]:
    """Return those on which two people differ."""
    return [each for each in opinions if each.is_disputed]


def with_label(opinions: Sequence[Opinions], analysis: Key, user: str, category: str) -> list[Opinions]:
    """Return the opinions as `Labels.opinions` reads them once this person has labelled an analysis."""
    same = [each for each in opinions if each.analysis in (analysis, ("", analysis[1]))]
    before = {who: what for each in same for who, what in each.by_person.items() if who != user}
    return [Opinions(analysis, {user: category, **before}, category), *(each for each in opinions if each not in same)]


def key_of(analysis: dict[str, Any]) -> Key:
    """Return the name of an analysis."""
    return analysis["source"], analysis["id"]


def _keys(analysis: dict[str, Any]) -> set[Key]:
    """Return the names by which labels know an analysis: one without its source knows it by the id alone."""
    return {key_of(analysis), ("", analysis["id"])}
