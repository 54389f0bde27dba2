"""A query client that records the requests of a page, by the page's own names, and their responses."""

from collections.abc import Mapping

from jorge_data.dashboard.query.cached_client import CachedQueryClient, QueryRequest
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, TableResponse
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.errors import RequestRefused
from jorge_data.events.envelope import OWN


class RecordingClient(CachedQueryClient):
    """The dashboard's own client, which the dashboard's own pages call; it only records."""

    requests: dict[str, QueryRequest]
    responses: dict[str, QueryResponse | RequestRefused]

    def begin(self) -> None:
        """Drop what was recorded."""
        self.requests, self.responses = {}, {}

    @property
    def page_data(self) -> PageData:
        """Return all requests and responses since `begin`."""
        return PageData(self.requests, self.responses)

    def fetch(self, requests: Mapping[str, QueryRequest]) -> dict[str, QueryResponse | RequestRefused]:
        responses = super().fetch(requests)
        if all(request.location == OWN for request in requests.values()):  # of no office, under the same names
            return responses
        self.requests |= requests
        self.responses |= responses
        return responses

    def table(self, rows: TableRequest) -> TableResponse:
        response = super().table(rows)
        if not rows.cursor:  # further pages have a name of their own each time
            self.requests[f"list of {rows.kind}"], self.responses[f"list of {rows.kind}"] = rows, response
        return response
