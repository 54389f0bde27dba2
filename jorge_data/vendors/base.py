"""The seam: what a vendor's webhooks say of themselves, so that one route, one inbox and one translation serve all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

Json = dict[str, Any]


class Envelope(NamedTuple):
    """What is filed with a delivery: by its key a repeat is known; without a location it is ours."""

    key: str
    type: str
    location: str | None
    known_for: timedelta | None = None
    """How long the same key is a repeat; None: as long as its delivery is kept, which is seven days."""


class VendorEntity(NamedTuple):
    """Names a thing of a location of which a copy is kept as last seen: a contact, a deal, the names of fields."""

    kind: str
    id: str


Seen = Mapping[VendorEntity, Json]
"""The copies that are kept, of the entities that were asked for."""


class Translation(NamedTuple):
    """What a delivery means: events as a publisher would send them, and the copies to keep from now on.

    `id`, `source` and `locationid` are set for events that have none. A copy of kind `qualification` is what the live
    state knows of a seller: it can be asked for, and one returned holds for what follows, but it is not kept.
    """

    events: list[Json]
    seen: dict[VendorEntity, Json]
    ignored: str | None = None
    """Why a delivery of a type that we know means nothing to us all the same."""


class Vendor(Protocol):
    """One sender of webhooks; pure, so that a delivery translates to the same events however often it is tried."""

    @property
    def name(self) -> str:
        """The name under which its deliveries are filed and counted."""

    @property
    def source(self) -> str:
        """The source of its events."""

    @property
    def recurs(self) -> bool:
        """Whether a key may come again once it is known no more, and is then news: the events differ in name."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Look at the received bytes; raise Unauthenticated where they are not the vendor's, Forbidden where it is off.

        The names of headers are in lower case.
        """

    def open(self, body: Any, raw: bytes, now: datetime) -> Envelope:
        """Read what a verified body says of itself; raise Unauthenticated where it is too old, Invalid where wrong."""

    def concerns(self, body: Any) -> list[VendorEntity]:
        """Return what `translate` must see to translate this body."""

    def translate(self, body: Any, seen: Seen, at: datetime) -> Translation | None:
        """Translate a body received at a moment; None for what means nothing to us; raise ValueError where it is wrong.

        `seen` has, besides what was asked for by `concerns`, nothing.
        """
