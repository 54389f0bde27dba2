"""A bearer token on every request, whatever else the machine knows of the host."""

from requests import PreparedRequest
from requests.auth import AuthBase


class Bearer(AuthBase):
    """Carries a token as an auth object: requests would replace a plain header by what `.netrc` holds for the host.

    Without a token it carries nothing, and keeps `.netrc` out as well.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
