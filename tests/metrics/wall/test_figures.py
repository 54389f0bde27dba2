from jorge_data.metrics import dashboard
from tests.metrics.live_location import MINUTE, NOON, LiveLocation


def test_an_empty_log_has_nulls_and_no_zeros(location: LiveLocation) -> None:
    figures = dashboard(location.state, NOON)
    assert figures["as_of"] == "2026-11-23T18:00:00Z"
    assert figures["freshness_s"] is figures["position"] is figures["connection"] is None
    assert figures["bots"] == {}


def test_the_position_is_that_of_the_last_event(location: LiveLocation) -> None:
    location.qualify(at=NOON - MINUTE)
    location.qualify(at=NOON - 2 * MINUTE)
    figures = dashboard(location.state, NOON)
    assert figures["position"] == {"epoch": "one", "seq": 2}
    assert figures["freshness_s"] == 60


def test_a_bot_is_told_by_its_last_report(location: LiveLocation) -> None:
    location.bot("jorge-seller", "processing", NOON - MINUTE, current_step="generate", processing_time_ms=100.0)
    location.step()
    bots = dashboard(location.state, NOON)["bots"]
    assert bots["jorge-seller"]["since"] == "2026-11-23T17:59:00Z"
    assert bots["jorge-seller"]["success_rate_1h"] is None
    assert bots["lead-bot"]["status"] is None
    assert bots["lead-bot"]["success_rate_1h"] == 1.0


def test_the_connection_is_passed_through(location: LiveLocation) -> None:
    connection = {"state": "connected", "since": "2026-11-23T18:00:00Z", "latency_ms_p50": 4}
    assert dashboard(location.state, NOON, connection)["connection"] == connection
