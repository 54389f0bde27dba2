"""Any sequence of writes, reads and reopenings leaves what a dictionary of lists would hold."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jorge_data.store import SQLiteStore
from tests.store.office import contents, event, keep

locations = st.sampled_from(["a", "b"])
names = st.integers(0, 15).map(str)


class StoreMachine(RuleBasedStateMachine):
    """A store beside its model: for each location the names of its events, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.model: dict[str, list[str]] = {}
        self.epochs: dict[str, str] = {}
        self.past_epochs: set[str] = set()
        self.open()

    def open(self) -> None:
        self.store = SQLiteStore(Path(self.folder.name) / "events.db")

    @rule(location=locations, identifiers=st.lists(names, min_size=1, max_size=6))
    def append(self, location: str, identifiers: list[str]) -> None:
        log = self.model.setdefault(location, [])
        for identifier, appended in zip(identifiers, keep(self.store, location, *identifiers), strict=True):
            assert appended.duplicate == (identifier in log)
            if not appended.duplicate:
                log.append(identifier)
            assert appended.cursor.seq == log.index(identifier) + 1
            assert appended.cursor.epoch == self.epochs.setdefault(location, appended.cursor.epoch)
        assert self.epochs[location] not in self.past_epochs

    @rule(submissions=st.lists(st.tuples(locations, names), max_size=8))
    def append_at_once(self, submissions: list[tuple[str, str]]) -> None:
        futures = [(location, name, self.store.append(location, [event(name)])) for location, name in submissions]
        for location, name, future in futures:
            (appended,) = future.result(10)
            log = self.model.setdefault(location, [])
            assert appended.duplicate == (name in log)
            log.extend([] if appended.duplicate else [name])
            assert appended.cursor.seq == log.index(name) + 1
            self.epochs.setdefault(location, appended.cursor.epoch)

    @rule(location=locations)
    def drop(self, location: str) -> None:
        self.store.drop(location).result(10)
        self.model.pop(location, None)
        self.past_epochs.add(self.epochs.pop(location, ""))

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()

    @rule(location=locations, after=st.integers(0, 20), limit=st.integers(1, 20))
    def read(self, location: str, after: int, limit: int) -> None:
        log = self.model.get(location, [])
        page = self.store.read(location, after, limit)
        assert [record.seq for record in page.records] == list(range(1, len(log) + 1))[after : after + limit]
        assert page.position == (page.records[-1].seq if page.records else max(after, len(log)))

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        for location, log in self.model.items():
            assert contents(self.store, location) == list(enumerate(log, 1))
        assert {bounds.location: bounds.top for bounds in self.store.logs()} == {
            location: len(log) for location, log in self.model.items()
        }

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
