from jorge_data.live.session import SIZE, window
from tests.live.street import HOME, Street, event


def test_a_session_keeps_what_it_has_seen_in_order(street: Street) -> None:
    state: dict[str, object] = {}
    office = street.offices.get(HOME)
    street.publish(1, 2)
    window(state, office, "admin")
    street.publish(3)
    assert [each.seq for each in window(state, office, "admin").events] == [1, 2, 3]


def test_a_session_keeps_the_last_thousand(street: Street) -> None:
    street.publish(*range(1, SIZE + 51))
    events = window({}, street.offices.get(HOME), "admin").events
    assert (events[0].seq, events[-1].seq) == (51, SIZE + 50)


def test_a_viewers_session_holds_bots_and_health_alone(street: Street) -> None:
    bot = event(2, kind="bot_status_update", bot_type="jorge-seller", status="idle")
    street.offices.get(HOME).deliver([event(1), bot], street.now)
    assert [each.seq for each in window({}, street.offices.get(HOME), "viewer").events] == [2]


def test_another_office_begins_another_window(street: Street) -> None:
    state: dict[str, object] = {}
    street.publish(1)
    window(state, street.offices.get(HOME), "admin")
    assert not window(state, street.offices.get("other"), "admin").events
