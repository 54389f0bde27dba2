from jorge_data.metrics import dashboard
from tests.metrics.wall.live_office import MINUTE, NOON, Office


def test_an_empty_log_has_nulls_and_no_zeros(office: Office) -> None:
    figures = dashboard(office.state, NOON)
    assert figures["as_of"] == "2026-11-23T18:00:00Z"
    assert figures["freshness_s"] is figures["position"] is figures["connection"] is None
    assert figures["bots"] == {}


def test_the_position_is_that_of_the_last_event(office: Office) -> None:
    office.qualify(at=NOON - MINUTE)
    office.qualify(at=NOON - 2 * MINUTE)
    figures = dashboard(office.state, NOON)
    assert figures["position"] == {"epoch": "one", "seq": 2}
    assert figures["freshness_s"] == 60


def test_a_bot_is_told_by_its_last_report(office: Office) -> None:
    office.bot("jorge-seller", "processing", NOON - MINUTE, current_step="generate", processing_time_ms=100.0)
    office.step()
    bots = dashboard(office.state, NOON)["bots"]
    assert bots["jorge-seller"]["since"] == "2026-11-23T17:59:00Z"
    assert bots["jorge-seller"]["success_rate_1h"] is None
    assert bots["lead-bot"]["status"] is None
    assert bots["lead-bot"]["success_rate_1h"] == 1.0


def test_the_connection_is_passed_through(office: Office) -> None:
    connection = {"state": "connected", "since": "2026-11-23T18:00:00Z", "latency_ms_p50": 4}
    assert dashboard(office.state, NOON, connection)["connection"] == connection
