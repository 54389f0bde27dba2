"""Query clients that record the requests of a page, by the page's own names, and their responses."""

from collections.abc import Mapping

from jorge_data.dashboard.query.cached_client import CachedQueryClient, QueryCache, QueryRequest, Reader
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, TableResponse
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.errors import RequestRefused
from jorge_data.events.envelope import OWN


class RecordingQueries(QueryCache):
    """The dashboard's own responses, asked for by its own clients; it only records."""

    requests: dict[str, QueryRequest]
    responses_by_name: dict[str, QueryResponse | RequestRefused]

    def begin(self) -> None:
        """Drop what was recorded."""
        self.requests, self.responses_by_name = {}, {}

    @property
    def page_data(self) -> PageData:
        """Return all requests and responses since `begin`."""
        return PageData(self.requests, self.responses_by_name)

    def seen_by(self, reader: Reader) -> CachedQueryClient:
        return _RecordingClient(self, reader)


class _RecordingClient(CachedQueryClient):
    def __init__(self, recorded: RecordingQueries, reader: Reader) -> None:
        super().__init__(recorded, reader)
        self._recorded = recorded

    def fetch(self, requests: Mapping[str, QueryRequest]) -> dict[str, QueryResponse | RequestRefused]:
        responses = super().fetch(requests)
        if all(request.location == OWN for request in requests.values()):  # of no office, under the same names
            return responses
        self._recorded.requests |= requests
        self._recorded.responses_by_name |= responses
        return responses

    def table(self, rows: TableRequest) -> TableResponse:
        response = super().table(rows)
        if not rows.cursor:  # further pages have a name of their own each time
            name = f"list of {rows.kind}"
            self._recorded.requests[name], self._recorded.responses_by_name[name] = rows, response
        return response
