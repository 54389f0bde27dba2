from tests.metrics.live_location import MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def test_an_empty_log_has_nulls_and_no_zeros(followed: FollowedLocation) -> None:
    figures = followed.figures(NOON)
    assert figures["as_of"] == "2026-11-23T18:00:00Z"
    assert figures["freshness_s"] is figures["position"] is figures["connection"] is None
    assert figures["bots"] == {}


def test_the_position_is_that_of_the_last_event(followed: FollowedLocation) -> None:
    followed.qualify(at=NOON - MINUTE)
    followed.qualify(at=NOON - 2 * MINUTE)
    figures = followed.figures(NOON)
    assert figures["position"] == {"epoch": figures["position"]["epoch"], "seq": 2}
    assert figures["freshness_s"] == 60


def test_a_bot_is_told_by_its_last_report(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "processing", NOON - MINUTE, current_step="generate", processing_time_ms=100.0)
    followed.step()
    bots = followed.figures(NOON)["bots"]
    assert bots["jorge-seller"]["since"] == "2026-11-23T17:59:00Z"
    assert bots["jorge-seller"]["success_rate_1h"] is None
    assert bots["lead-bot"]["status"] is None
    assert bots["lead-bot"]["success_rate_1h"] == 1.0
