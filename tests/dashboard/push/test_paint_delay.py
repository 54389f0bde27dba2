from jorge_data.dashboard.push.paint_delay import ABSENT_S, PaintDelay


def test_a_tab_is_behind_by_what_a_paint_takes_beyond_its_shortest() -> None:
    delay = PaintDelay()
    for version, took in ((1, 0.2), (2, 0.2), (3, 0.5)):  # a distant tab: 0.2 s is its network's
        delay.sent(version, 10.0 * version)
        delay.painted(version, 10.0 * version + took)
    assert 0.29 < (delay.behind(31.0) or 0) <= 0.3


def test_a_tab_that_has_not_painted_yet_is_behind_by_how_long_it_has_had() -> None:
    delay = PaintDelay()
    delay.sent(1, 0.0)
    delay.painted(1, 0.02)
    delay.sent(2, 1.0)
    delay.sent(3, 1.1)
    assert 0.47 < (delay.behind(1.5) or 0) < 0.49, "the older one counts"
    delay.painted(1, 1.5)
    assert 0.47 < (delay.behind(1.5) or 0) < 0.49, "what it painted before says nothing of it"


def test_a_newer_version_shows_what_was_in_the_older_ones() -> None:
    delay = PaintDelay()
    delay.sent(1, 0.0)
    delay.sent(2, 0.1)
    delay.painted(2, 0.2)
    assert delay.behind(0.9) == 0


def test_nobody_waits_for_a_tab_that_does_not_paint() -> None:
    delay = PaintDelay()
    delay.sent(1, 0.0)
    assert delay.behind(ABSENT_S + 0.1) is None


def test_a_tab_that_moved_to_a_slower_network_is_no_longer_taken_for_one_that_is_behind() -> None:
    delay = PaintDelay()
    for version in range(2000):
        delay.sent(version, float(version))
        delay.painted(version, version + (0.01 if version < 5 else 0.2))
    assert (delay.behind(2000.0) or 0) < 0.001
