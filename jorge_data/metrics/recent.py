"""The newest events as lines of the feed."""

from collections import deque

from jorge_data.events import Event
from jorge_data.metrics.lines import IMPERSONAL, line_of, without_contact
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.view import Line

SHOWN = 50


class Recent:
    """Keep the last fifty events; each is put into words when it is first asked for, as it was named when it came."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._lines: deque[Line | tuple[Event, str]] = deque(maxlen=SHOWN)

    def apply(self, event: Event, name: str) -> None:
        self._lines.append((event, name))

    def lines(self) -> list[Line]:
        """Return the lines, newest first."""
        return self.dump()[::-1]

    def without_contacts(self) -> "Recent":
        """Return the lines of bots and components alone, with nothing in them that may name a contact."""
        recent = Recent(self._targets)
        recent._lines.extend(without_contact(line) for line in self.dump() if line["group"] in IMPERSONAL)
        return recent

    def dump(self) -> list[Line]:
        lines = [one if isinstance(one, dict) else line_of(*one, self._targets) for one in self._lines]
        self._lines = deque(lines, maxlen=SHOWN)
        return lines

    def load(self, dump: list[Line]) -> None:
        for line in dump:
            self._lines.append({**line, "title": [(style, text) for style, text in line["title"]]})
