from jorge_data.dashboard.push.latency import Latency


def test_what_was_not_measured_is_no_figure() -> None:
    assert Latency().p50_p95("bot_screen") is None


def test_the_median_and_the_95th_percentile_are_told() -> None:
    latency = Latency()
    for ms in range(1, 102):
        latency.add("bot_screen", float(ms))
    assert latency.p50_p95("bot_screen") == (51.0, 96.0)


def test_clocks_that_disagree_never_make_an_event_arrive_before_it_happened() -> None:
    latency = Latency()
    latency.add("bot_server", -3.0)
    assert latency.p50_p95("bot_server") == (0.0, 0.0)
