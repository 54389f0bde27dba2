"""A label: the category that a person gave an analysis, beside the one that the decoder predicted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import event_micros
from jorge_data.metrics.entities.cube import SCALE, Fact
from jorge_data.metrics.entities.entity import RECORDS, newer
from jorge_data.metrics.entities.event_facts import twentieth

R = TypeVar("R", bound=tuple[Any, ...])

UNKNOWN = ""
"""The source of an analysis in a state that was stored before sources were."""


class Analysis(NamedTuple):
    at: int
    predicted: str
    confidence: float


class LabelVerdict(NamedTuple):
    at: int
    seq: int
    actual: str


@dataclass
class Label:
    """The verdicts on the analyses of one id, and those analyses, by source: each pair of the two names one analysis.

    The newest verdict, by time and then seq, holds: among those on an analysis's source and those that name none.
    """

    verdict: LabelVerdict | None = None
    by_source: dict[str, LabelVerdict] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Record a person's verdict."""
        verdict = LabelVerdict(event_micros(event), event.seq, event.data["actual_category"])
        source = event.data.get("analysis_source")
        if source and isinstance(source, str):  # events are older than the rule that it is text
            _record(self.by_source, source, verdict)
        else:
            self.verdict = newer(self.verdict, verdict)

    def join(self, event: Event) -> None:
        """Record an analysis of this id; the same one again changes nothing."""
        data = event.data
        analysis = Analysis(event_micros(event), data["intent_category"], data["confidence_score"])
        if self.analyses.get(UNKNOWN) == analysis:
            del self.analyses[UNKNOWN]
        _record(self.analyses, event.source, analysis)

    def facts(self) -> Iterator[Fact]:
        """Return a fact for each analysis that a verdict is about."""
        for source, (at, predicted, confidence) in self.analyses.items():
            verdict = self.by_source.get(source)
            verdict = newer(verdict, self.verdict) if self.verdict else verdict
            if verdict is not None:
                right = "yes" if predicted == verdict.actual else "no"
                dims = predicted, verdict.actual, right, twentieth(confidence), source
                yield Fact("intent_label", at, dims, (("confidence_score", round(confidence * SCALE)),))

    def dump(self) -> bytes:
        state = self.verdict, self.by_source, self.analyses
        return orjson.dumps(state, default=tuple, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def load(cls, state: bytes | None) -> "Label":
        """Read a stored label; without a state it is a new one."""
        if not state:
            return cls()
        verdict, *rest = orjson.loads(state)
        # Before version 10 of the facts it was a verdict and one analysis, and a log that lost events still has those.
        by_source, analyses = rest if len(rest) == 2 else ({}, {UNKNOWN: rest[0]} if rest[0] else {})
        return cls(
            verdict and LabelVerdict._make(verdict),
            {source: LabelVerdict._make(each) for source, each in by_source.items()},
            {source: Analysis._make(each) for source, each in analyses.items()},
        )


def _record(records: dict[str, R], source: str, record: R) -> None:
    """Record the greatest of a source, which is its newest; beyond RECORDS sources the one with the oldest goes."""
    records[source] = max(record, records.get(source, record))
    if len(records) > RECORDS:
        del records[min(records, key=lambda name: (records[name], name))]
