"""When a live state is worth another checkpoint."""

import pytest

from jorge_data.server.log.live_state import LastCheckpoint


@pytest.mark.parametrize(
    ("position", "now", "due"),
    [(0, 1000.0, False), (49_999, 29.0, False), (50_000, 1.0, True), (1, 30.0, True)],
    ids=["nothing new", "little and soon", "many events", "half a minute"],
)
def test_it_is_after_many_events_or_half_a_minute(position: int, now: float, due: bool) -> None:
    assert LastCheckpoint(0, 0.0).is_outdated(position, now) == due


@pytest.mark.parametrize(("now", "due"), [(99.0, False), (100.0, True)])
def test_one_that_held_the_loop_for_long_is_not_soon_followed_by_another(now: float, due: bool) -> None:
    assert LastCheckpoint(0, 0.0, held_s=2.0).is_outdated(1_000_000, now) == due
