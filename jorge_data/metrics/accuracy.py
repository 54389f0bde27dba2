"""Accuracy: how often the decoder was right, by labels alone."""

from typing import Any, NamedTuple

from jorge_data.events import Event

MAX_ANALYSES = 20_000


class Label(NamedTuple):
    """What a person said last about one analysis."""

    at: int
    right: bool


class Accuracy:
    """Join labels to the last 20,000 analyses."""

    def __init__(self) -> None:
        self._categories: dict[str, str] = {}
        self._labels: dict[str, Label] = {}
        self._right = 0

    def apply(self, event: Event, at: int) -> None:
        if event.type == "intent_feedback":
            self._label(event.data["analysis_id"], event.data["actual_category"], at)
            return
        self._categories[event.id] = event.data["intent_category"]
        if len(self._categories) > MAX_ANALYSES:
            self._drop(next(iter(self._categories)))

    @property
    def labelled(self) -> int:
        """Return how many analyses carry a label."""
        return len(self._labels)

    @property
    def share(self) -> float | None:
        """Return the share of labelled analyses that were right, None where there are no labels."""
        return self._right / len(self._labels) if self._labels else None

    def dump(self) -> dict[str, Any]:
        return {
            "categories": [[name, category] for name, category in self._categories.items()],
            "labels": {name: list(label) for name, label in self._labels.items()},
        }

    def load(self, dump: dict[str, Any]) -> None:
        self._categories = dict(dump["categories"])
        self._labels = {name: Label(*row) for name, row in dump["labels"].items()}
        self._right = sum(label.right for label in self._labels.values())

    def _label(self, analysis: str, actual: str, at: int) -> None:
        category, was = self._categories.get(analysis), self._labels.get(analysis)
        if category is None or (was is not None and at < was.at):
            return
        self._labels[analysis] = Label(at, actual == category)
        self._right += (actual == category) - (was.right if was else 0)

    def _drop(self, analysis: str) -> None:
        del self._categories[analysis]
        label = self._labels.pop(analysis, None)
        self._right -= label.right if label else 0
