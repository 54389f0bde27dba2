"""The error tree. A class holds facts, and its `__str__` makes a sentence that names the value and what is allowed.

JorgeError
├── SettingsError           a setting or option is wrong: its name, its value, what is allowed
├── EventRefused            an event breaks the contract: one or more `Fault`s
│   ├── EventNotStored      the event is valid, but the store cannot take it now: send it again
│   └── EventAhead          it is valid but for its time, which is later than now: one of two clocks is wrong
├── RequestRefused          a request cannot be answered: HTTP status, code, detail; code that closes a websocket
│   ├── Unauthenticated     401 · websocket 4501
│   │   ├── TokenExpired    401 · websocket 4401
│   │   │   └── SessionEnded    the same, for who was logged in is so no more
│   │   ├── LoginRefused    401: no such user, another password, or one who may not come in; never which of them
│   │   └── LinkEnded       401: a link by which a password is chosen was used, replaced, or is too old
│   ├── Forbidden           403 · websocket 4503
│   ├── NotFound            404 · websocket 4509
│   ├── Conflict            409: what is asked for is so already, or cannot be any more
│   ├── TimedOut            408: the rest of a request did not come in time
│   ├── TooLarge            413 · websocket 4504
│   ├── URLTooLong          414
│   ├── Unsupported         415 · websocket 4509
│   ├── Invalid             422 · websocket 4509
│   ├── TooMany             429 · websocket 4429
│   ├── HeadTooLarge        431: the head of a request, its trailers, or what stands between its chunks
│   └── Unavailable         503 · websocket 1012
│       └── Behind          503: the rollups do not count yet what the log has
├── StoreError              the store cannot write or read events
│   ├── StoreDamaged        what is asked for is on a part of the disk that cannot be read
│   ├── StoreBusy           the queue of events waiting for the writer is full
│   └── StoreTaken          another process holds the store
├── SpoolError              a bot's spool cannot write or read events
│   ├── SpoolFull           the spool has as many undelivered events as it may
│   └── SpoolTaken          another publisher holds the spool
├── SourceFailed            another system refused a request of ours, or did not answer
└── PortTaken               a port that we need is held by another program

Four more are raised in one room and are defined there: `FileRefused` (files), `FeedFailure` (feed), `NotReady` and
`NotOpen` (dashboard).
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar


class JorgeError(Exception):
    """Base of every error that this product raises on purpose."""


@dataclass
class SettingsError(JorgeError):
    name: str
    value: object
    allowed: str

    def __str__(self) -> str:
        return f"{self.name} is {self.value!r}; allowed: {self.allowed}"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one event: where (JSON pointer), the value there, what is allowed."""

    pointer: str
    value: str
    detail: str

    def as_json(self, prefix: str = "") -> dict[str, str]:
        return {"pointer": prefix + self.pointer, "value": self.value, "detail": self.detail}


MAX_FAULTS_IN_MESSAGE = 5
"""How many faults the sentence of an EventRefused spells out; `faults` has them all."""


@dataclass
class EventRefused(JorgeError):
    faults: list[Fault]
    id: str | None = None

    code: ClassVar[str] = "invalid_event"

    def __str__(self) -> str:
        shown, more = self.faults[:MAX_FAULTS_IN_MESSAGE], len(self.faults) - MAX_FAULTS_IN_MESSAGE
        sentence = "; ".join(f"{fault.pointer or '/'} is {fault.value}: {fault.detail}" for fault in shown)
        return sentence if more <= 0 else f"{sentence}; and {more} more"


class EventNotStored(EventRefused):
    code = "not_kept"


@dataclass
class EventAhead(EventRefused):
    """`now` is the time at which it was refused, in RFC 3339, by the clock that it was compared with."""

    now: str = ""

    code = "clock"


@dataclass
class RequestRefused(JorgeError):
    """A request that cannot be answered, with the one JSON shape of every refusal."""

    detail: str
    faults: list[dict[str, Any]] | None = None
    retry_after_s: float | None = None

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    close: ClassVar[int] = 4509

    def __str__(self) -> str:
        return self.detail

    @property
    def headers(self) -> dict[str, str]:
        """The headers that its response needs: when to try again, how to authenticate."""
        headers = {} if self.retry_after_s is None else {"Retry-After": str(math.ceil(self.retry_after_s))}
        return headers if self.status != 401 else {**headers, "WWW-Authenticate": "Bearer"}

    def as_json(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "detail": self.detail}
        if self.faults:
            error["faults"] = self.faults
        return {"error": error}


class Unauthenticated(RequestRefused):
    status, code, close = 401, "unauthenticated", 4501


class TokenExpired(Unauthenticated):
    code, close = "token_expired", 4401


class LoginRefused(Unauthenticated):
    code = "login_refused"


class SessionEnded(TokenExpired):
    code = "session_ended"


class LinkEnded(Unauthenticated):
    code = "link_ended"


class Forbidden(RequestRefused):
    status, code, close = 403, "forbidden", 4503


class NotFound(RequestRefused):
    status, code, close = 404, "not_found", 4509


class Conflict(RequestRefused):
    status, code = 409, "conflict"


class TimedOut(RequestRefused):
    status, code = 408, "timed_out"


class TooLarge(RequestRefused):
    status, code, close = 413, "too_large", 4504


class URLTooLong(RequestRefused):
    status, code = 414, "url_too_long"


class Unsupported(RequestRefused):
    status, code, close = 415, "unsupported", 4509


class Invalid(RequestRefused):
    status, code, close = 422, "invalid", 4509


class TooMany(RequestRefused):
    status, code, close = 429, "too_many", 4429


class HeadTooLarge(RequestRefused):
    status, code = 431, "head_too_large"


class Unavailable(RequestRefused):
    status, code, close = 503, "unavailable", 1012


class Behind(Unavailable):
    code = "behind"


class StoreError(JorgeError):
    """The store cannot write or read events; what was not acknowledged must be taken as lost."""


class StoreDamaged(StoreError):
    """What was asked for cannot be read from the disk; what stands elsewhere can."""


class StoreBusy(StoreError):
    """The bounded queue before the writer is full; try again in a moment."""


@dataclass
class StoreTaken(StoreError):
    path: str
    owner: str

    def __str__(self) -> str:
        return f"{self.path} is held by {self.owner}: end it first, or set JORGE_STORE_URL to a store of its own"


class SpoolError(JorgeError):
    """A bot's spool cannot write or read events; the event of a `publish` that raised this is not in it."""


@dataclass
class SpoolFull(SpoolError):
    path: str
    limit: int

    def __str__(self) -> str:
        return f"{self.path} holds {self.limit} events that are not delivered yet: no more are taken until some are"


@dataclass
class SpoolTaken(SpoolError):
    path: str

    def __str__(self) -> str:
        return f"{self.path} is held by another publisher: give each one a spool of its own (spool=…)"


@dataclass
class SourceFailed(JorgeError):
    """Another system refused a request, or did not answer; `status` is its HTTP status, None without a response."""

    source: str
    detail: str
    status: int | None = None

    def __str__(self) -> str:
        answered = f" answered {self.status}" if self.status else ""
        return f"{self.source}{answered}: {self.detail}"


@dataclass
class PortTaken(JorgeError):
    host: str
    port: int

    def __str__(self) -> str:
        return (
            f"port {self.port} on {self.host} is held by another program: end it, "
            f"or set JORGE_PORT (and JORGE_SOCKET_URL) to a free one"
        )
