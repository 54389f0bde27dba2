"""Documented examples, word for word as the vendor publishes them, and a desk that translates one after another."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jorge_data.events import Event, Reception, admit
from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel import GoHighLevel

EXAMPLES = Path(__file__).parent / "examples"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def example(name: str, **fields: Any) -> Json:
    """Return a documented webhook, with other fields where a test wants them."""
    documented: Json = json.loads((EXAMPLES / f"{name}.json").read_text())
    return documented | fields


class Desk:
    """Translates webhooks as the server does, each against what the ones before it left."""

    def __init__(self) -> None:
        self.vendor = GoHighLevel("ghl", None)
        self.seen: dict[VendorEntity, Json] = {}

    def read(self, webhook: Any, at: datetime = NOW) -> list[Event] | None:
        """Return a webhook's events, admitted as any publish is; None where it means nothing to us."""
        concerned = {name: self.seen[name] for name in self.vendor.concerns(webhook) if name in self.seen}
        translation = self.vendor.translate(webhook, concerned, at)
        if translation is None:
            return None
        self.seen |= translation.seen
        named = ({"id": str(n), "source": "ghl", **event} for n, event in enumerate(translation.events))
        return [admit(event, Reception(NOW)).event for event in named]

    def only(self, webhook: Any, at: datetime = NOW) -> Event:
        """Return the one event of a webhook."""
        events = self.read(webhook, at)
        assert events is not None
        assert len(events) == 1, events
        return events[0]

    def data(self, webhook: Any, at: datetime = NOW) -> Json:
        return self.only(webhook, at).data
