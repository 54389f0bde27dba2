"""What a person says that an analysis should have said, published as an event like any other."""

from typing import Any, get_args

from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.events.kinds import IntentCategory
from jorge_data.live.api import Api
from jorge_data.live.attention import event
from jorge_data.live.question import Rows
from jorge_data.live.questions import Questions

CATEGORIES: tuple[str, ...] = get_args(IntentCategory)
SHOWN = 12
LOOKED_AT = 200


class Labels:
    """Publish `intent_feedback`, and find the analyses that still have none."""

    def __init__(self, api: Api, questions: Questions) -> None:
        self._api, self._questions = api, questions

    def publish(self, location: str, user: str, chosen: dict[str, str]) -> None:
        """Publish the category of each analysis id; raise RequestRefused where the server did not take one."""
        wrong = sorted(set(chosen.values()) - set(CATEGORIES))
        if wrong:
            raise RequestRefused(f"category {wrong[0]!r}: allowed are {', '.join(CATEGORIES)}")
        for analysis, category in chosen.items():
            self._api.post("/events", _event(location, user, analysis, category))
        self._questions.forget(location)

    def unlabelled(self, recent: Rows) -> list[dict[str, Any]]:
        """Return the newest analyses of a question that nobody has labelled; raise RequestRefused."""
        table = self._questions.table(recent)
        analyses = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        if not analyses:
            return []
        known = self._questions.table(_labels_of(recent, str(analyses[-1]["time"])))
        labelled = set(known.frame["entity"]) if known.rows else set()
        return [each for each in analyses if each["id"] not in labelled][:SHOWN]


def _labels_of(recent: Rows, since: str) -> Rows:
    """Return the question for the labels of the analyses since a moment: a label's time is its analysis's."""
    return Rows(recent.location, "intent_label", start=parse_moment(since), end=recent.end, limit=1000)


def _event(location: str, user: str, analysis: str, category: str) -> dict[str, Any]:
    data = {"analysis_id": analysis, "actual_category": category, "labelled_by": user}
    return event("intent_feedback", location, data)
