"""Questions that remember what a page asked, by the page's own names, and what it was told."""

from collections.abc import Mapping

from jorge_data.errors import RequestRefused
from jorge_data.live.question import Rows
from jorge_data.live.questions import Asked, Questions
from jorge_data.live.series import Answer, Table
from jorge_data.live.told import Told


class Recorder(Questions):
    """The dashboard's own client, asked by the dashboard's own pages; nothing is made up here."""

    asked: dict[str, Asked]
    answered: dict[str, Answer | RequestRefused]

    def begin(self) -> None:
        """Forget what was recorded."""
        self.asked, self.answered = {}, {}

    @property
    def told(self) -> Told:
        """Return all that was asked since `begin`."""
        return Told(self.asked, self.answered)

    def ask(self, asked: Mapping[str, Asked]) -> dict[str, Answer | RequestRefused]:
        answers = super().ask(asked)
        self.asked |= asked
        self.answered |= answers
        return answers

    def table(self, rows: Rows) -> Table:
        answer = super().table(rows)
        if not rows.cursor:  # further pages have a name of their own each time
            self.asked[f"list of {rows.kind}"], self.answered[f"list of {rows.kind}"] = rows, answer
        return answer
