"""What a stream lost before we read it: trimmed by `MAXLEN`, which asks no reader."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Standing(NamedTuple):
    """Where a consumer group stands in its stream, by counts that Redis keeps since version 7."""

    added: int
    length: int
    read: int | None

    @property
    def lost(self) -> int:
        """Entries that are gone and were never delivered; 0 where Redis does not know what was."""
        return 0 if self.read is None else max(0, self.added - self.length - self.read)

    @property
    def lag(self) -> int:
        """Entries that are there and were not yet delivered."""
        return self.length if self.read is None else max(0, min(self.length, self.added - self.read))


def standing(stream: Mapping[str, Any], group: Mapping[str, Any]) -> Standing:
    """Read `XINFO STREAM` and a group of `XINFO GROUPS`."""
    return Standing(stream.get("entries-added", stream["length"]), stream["length"], group.get("entries-read"))
