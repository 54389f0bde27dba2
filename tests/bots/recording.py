"""A publisher for tests that takes what the contract takes, and records it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jorge_data.events import Reception, admit


class RecordingPublisher:
    """Records every event as (kind, data); raises EventRefused as `Publisher.publish` does."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def publish(self, kind: str, data: Mapping[str, Any]) -> str:
        event = {"source": "bot", "type": kind, "data": dict(data)}
        self.events.append((kind, admit(event, Reception(datetime.now(UTC))).event.data))
        return f"event-{len(self.events)}"

    @property
    def statuses(self) -> list[tuple[str, str | None]]:
        """Status and step of every status report, in order."""
        return [(data["status"], data.get("current_step")) for data in self.of("bot_status_update")]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [data for name, data in self.events if name == kind]
