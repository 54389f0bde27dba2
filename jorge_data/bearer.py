"""A bearer token on every request, which no `.netrc` of the machine can replace."""

from requests import PreparedRequest
from requests.auth import AuthBase


class Bearer(AuthBase):
    """Sets the token as an auth object: requests would replace a plain header by what `.netrc` holds for the host.

    Without a token it sets no header, and `.netrc` is not read either.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
