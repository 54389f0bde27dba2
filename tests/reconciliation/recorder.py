"""Questions that remember what a page asked, by the page's own names, and what it was told."""

from collections.abc import Mapping

from jorge_data.dashboard.query.cached_client import Asked, CachedQueryClient
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, TableResponse
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.errors import RequestRefused


class Recorder(CachedQueryClient):
    """The dashboard's own client, asked by the dashboard's own pages; nothing is made up here."""

    asked: dict[str, Asked]
    answered: dict[str, QueryResponse | RequestRefused]

    def begin(self) -> None:
        """Forget what was recorded."""
        self.asked, self.answered = {}, {}

    @property
    def page_data(self) -> PageData:
        """Return all that was asked since `begin`."""
        return PageData(self.asked, self.answered)

    def fetch(self, asked: Mapping[str, Asked]) -> dict[str, QueryResponse | RequestRefused]:
        answers = super().fetch(asked)
        self.asked |= asked
        self.answered |= answers
        return answers

    def table(self, rows: TableRequest) -> TableResponse:
        answer = super().table(rows)
        if not rows.cursor:  # further pages have a name of their own each time
            self.asked[f"list of {rows.kind}"], self.answered[f"list of {rows.kind}"] = rows, answer
        return answer
