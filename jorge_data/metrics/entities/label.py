"""A label: the category that a person gave an analysis, beside the one that the decoder predicted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import event_micros
from jorge_data.metrics.entities.cube import SCALE, Fact
from jorge_data.metrics.entities.entity import newer
from jorge_data.metrics.entities.event_facts import twentieth


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
    """The newest verdict on an analysis, and the analysis; until that is known, the label is pending."""

    verdict: LabelVerdict | None = None
    analysis: Analysis | None = None

    def apply(self, event: Event) -> None:
        """Record a person's verdict; the newest by time, then seq, holds."""
        verdict = LabelVerdict(event_micros(event), event.seq, event.data["actual_category"])
        self.verdict = newer(self.verdict, verdict)

    def join(self, event: Event) -> None:
        """Record the analysis that the verdict is about; the first one stays."""
        if self.analysis is None:
            data = event.data
            self.analysis = Analysis(event_micros(event), data["intent_category"], data["confidence_score"])

    def facts(self) -> Iterator[Fact]:
        """Return the one fact of a label whose analysis is known."""
        if self.verdict is None or self.analysis is None:
            return
        at, predicted, confidence = self.analysis
        actual = self.verdict.actual
        dims = predicted, actual, "yes" if predicted == actual else "no", twentieth(confidence)
        yield Fact("intent_label", at, dims, (("confidence_score", round(confidence * SCALE)),))

    def dump(self) -> bytes:
        return orjson.dumps((self.verdict, self.analysis), default=tuple)

    @classmethod
    def load(cls, state: bytes | None) -> "Label":
        """Read a stored label; without a state it is a new one."""
        verdict, analysis = orjson.loads(state) if state else (None, None)
        return cls(verdict and LabelVerdict._make(verdict), analysis and Analysis._make(analysis))
