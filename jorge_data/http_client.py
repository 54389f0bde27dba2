"""How every client of ours reaches a server: with which token, by which proxy, trusting which certificates.

Loopback is reached directly; elsewhere the environment's proxies are taken (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY), but
not for what NO_PROXY names. A certificate is trusted where the machine, certifi or JORGE_CA_FILE has its authority.
"""

import os
import re
import ssl
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy

from jorge_data.errors import SettingsError

CA_FILE = "JORGE_CA_FILE"
UNENCRYPTED = "JORGE_UNENCRYPTED"

_REDIRECTS = (301, 302, 303, 307, 308)
_PASSWORD = re.compile(r"//[^/@\s]*@")
_LONGEST_REASON = 200

_UNTRUSTED = (18, 19, 20, 21)
"""OpenSSL's codes of a certificate whose authority is not known (X509_V_ERR_*): self-signed, or no issuer found."""

_DATED = {9: "is not valid yet", 10: "has expired"}
_OTHER_NAME = (62, 64)


class Moved(requests.RequestException):
    """The server answered with a redirect: followed, it would turn a POST into a GET, or carry the token elsewhere."""


class HTTPSession(requests.Session):
    """Requests to one server, which go where they are sent: no `.netrc`, no redirects, no other bundle."""

    def get_redirect_target(self, resp: Any) -> str | None:
        if resp.status_code in _REDIRECTS and "location" in resp.headers:
            resp.close()  # nobody else will: its connection would stay open
            raise Moved(f"the address has moved to {_without_query(resp.headers['location'])}: use that one")
        return None


class Bearer(AuthBase):
    """Sets the token as an auth object: requests would replace a plain header by what `.netrc` holds for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            check_encrypted(request.url or "")
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def http_session(url: str, token: str = "", *, ca_file: str | None = None, connections: int = 10) -> HTTPSession:
    """Return a session for the server at `url`, which keeps so many connections open.

    `ca_file` as for `tls_context`. Raises SettingsError where it cannot be read, and as `check_encrypted` does.
    """
    if token:
        check_encrypted(url)
    session = HTTPSession()
    session.trust_env = False
    session.auth = Bearer(token)
    proxy = proxy_of(url)
    session.proxies = {"all": proxy} if proxy else {}
    is_encrypted = any(each.lower().startswith("https:") for each in (url, proxy or ""))
    adapter = _Adapter(tls_context(ca_file) if is_encrypted else None, connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class ForwardProxy(NamedTuple):
    """A forward proxy, as websocket-client takes it."""

    scheme: str
    host: str
    port: int
    auth: tuple[str, str] | None


def proxy_of(url: str) -> str | None:
    """Return the address of the proxy by which a server is reached, None where it is reached directly."""
    if is_loopback(url):
        return None
    secure = re.sub("^ws", "http", url)
    proxy = select_proxy(secure, get_environ_proxies(secure))
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def read_proxy(address: str) -> ForwardProxy:
    """Return the parts of a proxy's address; raise ValueError where it has no host, or no port that there is."""
    parts = urlsplit(address)
    if not parts.hostname:
        raise ValueError("a proxy's address is http://host:port")
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return ForwardProxy(parts.scheme, parts.hostname, parts.port or 80, auth)


def is_loopback(url: str) -> bool:
    """Return whether an address is this machine's own: `localhost`, names below it, 127.0.0.0/8, ::1, 0.0.0.0, ::."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def check_encrypted(url: str, name: str = "the address") -> None:
    """Raise SettingsError where a token would go to another machine so that everybody on the way can read it."""
    scheme = urlsplit(url).scheme.lower()
    if scheme not in ("http", "ws") or is_loopback(url) or os.environ.get(UNENCRYPTED, "").lower() in ("1", "true"):
        return
    allowed = f"{scheme}s://, or {UNENCRYPTED}=1 where nobody else is on the way: a token is sent there"
    raise SettingsError(name, _server(url), allowed)


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return what a server's certificate is checked by; None takes JORGE_CA_FILE of the environment, "" none.

    The file's authorities (PEM) are trusted besides those of the machine and of certifi. Raises SettingsError.
    """
    return _tls_context(os.environ.get(CA_FILE, "") if ca_file is None else ca_file)


@lru_cache(maxsize=8)  # 10–40 ms each, and one is needed at every attempt of a connection
def _tls_context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)  # certifi's
    if ca_file:
        check_ca_file(ca_file)
        context.load_verify_locations(ca_file)
        # An office's own authority may be old: Python 3.13 refuses those that lack an extension of RFC 5280. And the
        # file may hold the certificate that signed the server's alone, or the server's own.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def check_ca_file(path: str) -> str:
    """Return the path of a file of certificates; raise SettingsError where it has none that can be read."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # an ssl.SSLError is one
        reason = "holds no certificate" if isinstance(error, ssl.SSLError) else str(error.strerror).lower()
        raise SettingsError(CA_FILE, path, f"a file of certificates (PEM); this one: {reason}") from None
    return path


def lasting_fault(error: BaseException, url: str) -> str | None:
    """Return a sentence where a request failed for what somebody must change, None where it may succeed in a moment."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _of_certificate(cause, _server(url))
        if isinstance(cause, Moved):
            return f"{_server(url)}: {cause}"
        if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
            return f"{_server(url)} does not speak TLS: use http:// or ws:// for it"
    return None


def why_unreachable(error: BaseException, url: str) -> str:
    """Return why a request failed, in one sentence that holds no password and no query."""
    if lasting := lasting_fault(error, url):
        return lasting
    *_, innermost = _causes(error)
    reason = _PASSWORD.sub("//…@", str(innermost) or type(innermost).__name__)[:_LONGEST_REASON]
    proxy = proxy_of(url)
    if proxy is None:
        return f"{_server(url)} does not answer: {reason}"
    return f"{_server(url)} does not answer by the proxy {_server(proxy)} (NO_PROXY names what needs none): {reason}"


def _of_certificate(error: ssl.SSLCertVerificationError, server: str) -> str:
    if error.verify_code in _UNTRUSTED:
        advice = f"set {CA_FILE} to the file (PEM) of the authority that signed it"
        return f"the certificate of {server} is not trusted: {advice}"
    if error.verify_code in _DATED:
        return f"the certificate of {server} {_DATED[error.verify_code]}: renew it, or set this machine's clock right"
    if error.verify_code in _OTHER_NAME:
        return f"the certificate of {server} is for another name: use the name that it is for, or renew it"
    return f"the certificate of {server} is not accepted: {error.verify_message}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that stands behind it, innermost last; urllib3 hands some on as an argument alone."""
    seen = [error]
    for each in seen:
        yield each
        behind = each.__cause__, each.__context__, getattr(each, "reason", None), *each.args
        seen += [other for other in behind if isinstance(other, BaseException) and other not in seen]


def _server(url: str) -> str:
    """Return the address of a server, without user, password, path and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _without_query(url: str) -> str:
    return _PASSWORD.sub("//…@", url.partition("?")[0])[:_LONGEST_REASON]


class _Adapter(HTTPAdapter):
    """An adapter that checks certificates by one context; requests would load certifi's anew for each connection."""

    def __init__(self, context: ssl.SSLContext | None, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=connections, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **given: Any) -> None:
        super().init_poolmanager(*args, **given, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **given: Any) -> Any:
        own = {"ssl_context": self._context, "proxy_ssl_context": self._context} if self._context else {}
        return super().proxy_manager_for(proxy, **given, **own)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"
