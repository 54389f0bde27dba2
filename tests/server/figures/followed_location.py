"""A location whose log is really folded into a store, and what its figures and the Command Center show of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jorge_data.events import Candidate, Event, decode
from jorge_data.events.encoding import encode
from jorge_data.events.timestamps import micros
from jorge_data.metrics import Line, Targets, WallView, line_of, view
from jorge_data.metrics.colleagues import Colleague
from jorge_data.metrics.entities import Vocabulary
from jorge_data.metrics.wall.view import Need, Tile
from jorge_data.server.figures.live_figures import LocationFigures
from jorge_data.server.figures.reader import FiguresReader
from jorge_data.server.figures.sections import SECTIONS
from jorge_data.server.rollup.batch import prepare
from jorge_data.store import SQLiteStore
from tests.metrics.live_location import NOON, LiveLocation

LOCATION = "default"
Json = dict[str, Any]


class Folded:
    """One log of a store, folded up to its top batch by batch, as the server folds it."""

    def __init__(self, store: SQLiteStore, location: str = LOCATION, targets: Targets | None = None) -> None:
        self.store, self.location = store, location
        self.targets = targets or Targets()
        self.people: Sequence[Colleague] = ()

    def append(self, events: list[Event]) -> list[Event]:
        """Commit events, without folding them; return those that were not there before, with their positions."""
        if not events:
            return []
        appended = self.store.append(self.location, [Candidate(event, encode(event)) for event in events]).result(30)
        placed = zip(events, appended, strict=True)
        return [event._replace(seq=result.cursor.seq) for event, result in placed if not result.duplicate]

    def fold(self) -> frozenset[str] | None:
        """Fold what is committed and not yet folded, as one batch; what was folded by other rules is folded anew.

        Return the kinds of fact and families of entity that changed, None where all may have.
        """
        with self.store.view(self.location) as stored:
            watermark, lost = stored.watermark, stored.lost
        anew = watermark is not None and watermark.rules != self.targets.version
        if anew:
            self.store.clear(self.location, lost).result(30)
        with self.store.view(self.location) as stored:
            events = [decode(record.wire) for record in stored.read(stored.position.seq, 10_000).records]
            if not events:
                return None if anew else frozenset()
            flush = prepare(stored, events, stored.top, self.targets, Vocabulary(stored.words()))
        assert self.store.flush(self.location, flush).result(30)
        return None if anew else flush.names

    def read(self, now: datetime) -> LocationFigures:
        """Return the figures as of what is folded."""
        with self.store.view(self.location) as stored:
            reader = FiguresReader(stored, self.targets, now, people=self.people)
            sections = {name: section(reader) for name, section in SECTIONS.items()}
            return LocationFigures(stored.position, now, {**sections, "counting": None})


class FollowedLocation(LiveLocation):
    """Publishes events, and reads what the Command Center shows once they are folded."""

    def __init__(self, folder: Path, targets: Targets | None = None) -> None:
        super().__init__()
        self._store = SQLiteStore(folder / "events.db")
        self._folded, self._appended = Folded(self._store, targets=targets), 0

    @property
    def targets(self) -> Targets:
        """The rules in force; new ones fold the log anew, as a server does that starts with other settings."""
        return self._folded.targets

    @targets.setter
    def targets(self, targets: Targets) -> None:
        self._folded.targets = targets

    @property
    def people(self) -> Sequence[Colleague]:
        """The users of the office."""
        return self._folded.people

    @people.setter
    def people(self, people: Sequence[Colleague]) -> None:
        self._folded.people = people

    def figures(self, now: datetime = NOON) -> Json:
        """Return the JSON of `/api/dashboard/metrics`."""
        self._folded.append(self.events[self._appended :])
        self._appended = len(self.events)
        self._folded.fold()
        return self._folded.read(now).as_json()

    def lines(self) -> list[Line]:
        """Return the feed's lines, newest first, as if no contact had a name."""
        return [line_of(event, "", self.targets) for event in reversed(self.events)]

    def view(self, now: datetime = NOON, location: str = LOCATION, feed: Sequence[Line] = ()) -> WallView:
        return view(self.figures(now), feed, 0, location, self.targets, micros(now))

    def tile(self, key: str, now: datetime = NOON) -> Tile:
        return next(tile for tile in self.view(now)["kpis"] if tile["key"] == key)

    def note(self, key: str, now: datetime = NOON) -> str:
        return "".join(text for _, text in self.tile(key, now)["note"])

    def needs(self, now: datetime = NOON) -> list[Need]:
        return self.view(now)["needs"]["items"]

    def open(self, now: datetime = NOON) -> list[str]:
        return [need["item"] for need in self.needs(now)]

    def close(self) -> None:
        self._store.close()


Following = Callable[[Targets], FollowedLocation]


def since(need: Need) -> datetime:
    return datetime.fromtimestamp(need["since_ms"] / 1000, UTC)
