"""The interface of a vendor: with it, one route, one inbox and one worker serve every sender of webhooks.

To add a second CRM:

1. Write `vendors/<name>/vendor.py` with a class that has the attributes and methods of `Vendor` below. It does no I/O:
   what it needs is passed in, so that it can be tested with the vendor's documented examples alone
   (`tests/vendors/gohighlevel/examples/`). `vendors/retell/` is the shortest one to read first.
2. Make an instance of it from the settings in `vendors_of` (`server/webhook/vendors.py`). Its secret is a setting
   (`settings.py`); while that is empty, `verify` raises Forbidden with the name of the setting.
3. Give it a path in the routes of `server/http/webhooks.py`, and a guide on the Connect page
   (`dashboard/connect/setup_guides.py`).

For each request the server calls `verify` and `open`, stores the delivery whatever is in it, and answers. Its worker
then calls `concerns` and `translate`, in the order of receipt, and commits the events together with the copies; what
failed or was ignored is translated again on demand (`jorge retranslate`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

Json = dict[str, Any]


class Envelope(NamedTuple):
    """What is stored with a delivery; one without a location belongs to the server's own."""

    key: str
    """Names the delivery: another of the same vendor and key is a repeat, and is dropped."""
    type: str
    location: str | None
    known_for: timedelta | None = None
    """How long the same key is a repeat; None: as long as its delivery is stored, which is seven days."""


class VendorEntity(NamedTuple):
    """Names an entity of a location of which the last copy is stored: a contact, a deal, the names of fields."""

    kind: str
    id: str


HOLDERS = "holders"
"""The kind by which `concerns` asks for the copies of the contacts that have a number or an address, with its own."""

OFFICE = VendorEntity("names", "office")
"""Among the copies of every translation: `{"zone"}`, the office's IANA zone, for times without one. Not stored."""

StoredCopies = Mapping[VendorEntity, Json]
"""The stored copies of entities, as they were last seen."""


NOTHING_NEW = "it says nothing that was not known"
"""Why a body is ignored that repeats what its copies have."""


class Translation(NamedTuple):
    """What a delivery means: events as a publisher would send them, and the copies to store from now on.

    The server sets `id`, `source` and `locationid` of events that have none. A copy of kind `qualification` is the live
    state of a seller: `concerns` may name it, and one that is returned holds for the deliveries after this one, but it
    is not stored.
    """

    events: list[Json]
    seen: dict[VendorEntity, Json]
    ignored: str | None = None
    """Why a delivery of a type that is translated has no events all the same."""
    faults: tuple[str, ...] = ()
    """Values that could not be read, each with its field and what is allowed: the rest is told without them."""


class Vendor(Protocol):
    """One sender of webhooks, without I/O: the same delivery and copies always translate to the same events."""

    @property
    def name(self) -> str:
        """The name under which its deliveries are stored and counted, and by which a route finds it."""

    @property
    def source(self) -> str:
        """The `source` of its events."""

    @property
    def recurs(self) -> bool:
        """Whether a key may come again after `Envelope.known_for`, and is then news, with other ids for its events."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise Unauthenticated unless the vendor sent these bytes, Forbidden where this vendor is off.

        The names of headers are in lower case.
        """

    def open(self, body: Any, raw: bytes, now: datetime) -> Envelope:
        """Return the envelope of a verified body; raise Unauthenticated where it is too old, Forbidden where foreign.

        `body` is what `read_body` made of `raw`. Raise Invalid where it is malformed: it is filed all the same.
        """

    def concerns(self, body: Any) -> list[VendorEntity]:
        """Return the entities whose copies `translate` needs for this body."""

    def translate(self, body: Any, seen: StoredCopies, at: datetime) -> Translation | None:
        """Translate a body received at a moment; None where its type means nothing here.

        `seen` has the copies of the entities that `concerns` named, as far as they are stored. Raise ValueError, which
        names the field and what is allowed, where the body is malformed: the delivery then counts as failed.
        """
