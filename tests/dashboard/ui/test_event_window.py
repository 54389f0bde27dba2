"""A session's window: references into the office's one buffer, as far as the role may see, and nothing else."""

import gc
import sys
from types import FunctionType, ModuleType

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.ui.event_window import KEY, drop_window, fill_window
from jorge_data.events import Cursor
from jorge_data.feed import Buffer
from jorge_data.permissions import Rights
from tests.dashboard.fake_feeds import HOME, FakeFeeds, event

MANAGER = Rights("manager")
SIZE = Buffer().size
ALLOWED = 100_000
"""Bytes that a session's window may cost: what is the buffer's is not its own."""


def seqs(location_state: LocationState, rights: Rights = MANAGER) -> list[int]:
    return [each.seq for each in fill_window({}, location_state, rights).events]


def owned(root: object, location_state: LocationState) -> int:
    """Return the bytes of all that is reached from an object and not from the office's buffer."""
    seen: dict[int, object] = {}
    _reach(location_state.buffer.newest(SIZE), seen)
    shared = set(seen)
    _reach(root, seen)
    return sum(sys.getsizeof(each) for key, each in seen.items() if key not in shared)


def _reach(root: object, seen: dict[int, object]) -> None:
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type | ModuleType | FunctionType):
            continue
        seen[id(each)] = each
        waiting += gc.get_referents(each)


def test_it_is_the_last_thousand_newest_first(feeds: FakeFeeds) -> None:
    feeds.publish(*range(1, SIZE + 51))
    events = seqs(feeds.locations.get(HOME))
    assert (len(events), events[0], events[-1]) == (SIZE, SIZE + 50, 51)


def test_it_refers_to_the_buffers_own_events_and_costs_a_tenth_of_a_megabyte_at_most(feeds: FakeFeeds) -> None:
    feeds.publish(*range(1, SIZE + 1))
    location_state, state = feeds.locations.get(HOME), dict[object, object]()
    listed = fill_window(state, location_state, MANAGER).events
    assert all(mine is theirs for mine, theirs in zip(listed, location_state.buffer.newest(SIZE), strict=True))
    assert len(listed) == SIZE
    assert owned(state, location_state) <= ALLOWED
    assert owned([each._replace() for each in listed], location_state) > ALLOWED  # copies would be noticed


def test_events_that_left_the_buffer_leave_the_fill_window(feeds: FakeFeeds) -> None:
    location_state, state = feeds.locations.get(HOME), dict[object, object]()
    feeds.publish(*range(1, SIZE + 1))
    fill_window(state, location_state, MANAGER)
    feeds.publish(*range(SIZE + 1, 2 * SIZE + 1))
    fill_window(state, location_state, MANAGER)
    assert owned(state, location_state) <= ALLOWED


def test_a_viewers_window_is_of_bots_and_health_alone(feeds: FakeFeeds) -> None:
    bot = event(2, kind="bot_status_update", bot_type="jorge-seller", status="idle")
    feeds.locations.get(HOME).deliver([event(1), bot], feeds.now)
    assert seqs(feeds.locations.get(HOME), Rights("viewer")) == [2]


def test_while_it_is_held_nothing_moves_but_to_another_office_or_role(feeds: FakeFeeds) -> None:
    location_state, state = feeds.locations.get(HOME), dict[object, object]()
    feeds.publish(1)
    fill_window(state, location_state, MANAGER)
    feeds.publish(2)
    assert [each.seq for each in fill_window(state, location_state, MANAGER, hold=True).events] == [1]
    assert not fill_window(state, feeds.locations.get("other"), MANAGER, hold=True).events
    assert [each.seq for each in fill_window(state, location_state, MANAGER, hold=True).events] == [2, 1]
    assert not fill_window(state, location_state, Rights("viewer"), hold=True).events


def test_whom_the_office_forgets_is_in_no_window_that_is_held(feeds: FakeFeeds) -> None:
    location_state, state = feeds.locations.get(HOME), dict[object, object]()
    feeds.publish(1, 2)
    fill_window(state, location_state, MANAGER)
    location_state.forget("c1")
    assert [each.seq for each in fill_window(state, location_state, MANAGER, hold=True).events] == [2]
    feeds.publish(3)
    location_state.restart(Cursor(location_state.recent()[0].epoch, 9))
    assert not fill_window(state, location_state, MANAGER, hold=True).events


def test_a_wiped_office_has_no_events_of_its_former_life(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    feeds.wipe()
    assert seqs(feeds.locations.get(HOME)) == []


def test_it_is_let_go_of(feeds: FakeFeeds) -> None:
    state: dict[object, object] = {}
    fill_window(state, feeds.locations.get(HOME), MANAGER)
    drop_window(state)
    assert KEY not in state
