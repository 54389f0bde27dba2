from jorge_data.metrics import dashboard, view
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def test_without_sellers_there_is_no_data_rather_than_zero(location: LiveLocation) -> None:
    assert location.tile("hot")["value"] == "no data"
    assert set(dashboard(location.state, NOON)["qualification"].values()) == {None}


def test_hot_sellers_are_those_whose_latest_qualification_is_hot(location: LiveLocation) -> None:
    location.qualify("dana", seller_temperature="hot")
    location.qualify("luis", NOON - HOUR, seller_temperature="hot")
    location.qualify("luis", NOON, seller_temperature="warm")
    assert (location.tile("hot")["value"], location.note("hot")) == ("1", "+1 today")
    assert dashboard(location.state, NOON)["qualification"] == {
        "hot": 1, "warm": 1, "cold": 0, "stalled": 0, "in_progress": 2,
    }  # fmt: skip


def test_today_begins_at_the_offices_midnight_and_counts_who_became_hot(location: LiveLocation) -> None:
    midnight = NOON - 12 * HOUR
    location.qualify("dana", midnight - MINUTE, seller_temperature="hot")
    location.qualify("dana", midnight + MINUTE, seller_temperature="hot")
    location.qualify("luis", midnight, seller_temperature="hot")
    assert (location.tile("hot")["value"], location.note("hot")) == ("2", "+1 today")


def test_a_late_answer_does_not_overwrite_a_newer_one(location: LiveLocation) -> None:
    location.qualify("dana", NOON, questions_answered=3, seller_temperature="hot")
    location.qualify("dana", NOON - HOUR, questions_answered=2, seller_temperature="cold")
    assert view(location.state, NOON, "default")["board"]["rows"][0]["temperature"] == "hot"


def test_contacts_unheard_for_thirty_days_are_gone_by_the_clock_and_then_from_memory(location: LiveLocation) -> None:
    location.qualify("dana", NOON, seller_temperature="hot")
    assert location.tile("hot", NOON + 31 * DAY)["value"] == "no data"
    location.report("redis", "healthy", NOON + 31 * DAY)
    assert location.state.qualification.sellers == {}
    assert "dana" not in location.state.contacts


def test_any_event_of_a_contact_keeps_a_seller(location: LiveLocation) -> None:
    location.qualify("dana", NOON, seller_temperature="hot")
    location.converse(at=NOON + 20 * DAY)
    assert location.tile("hot", NOON + 40 * DAY)["value"] == "1"


def test_the_board_marks_what_is_answered_and_what_is_asked(location: LiveLocation) -> None:
    location.qualify("dana", NOON, questions_answered=4, current_question=3, seller_temperature="hot")
    location.qualify("luis", NOON + MINUTE, questions_answered=1, current_question=1, stall_detected=True)
    board = view(location.state, NOON + MINUTE, "default")["board"]
    assert board["count"] == 1
    assert [row["contact"] for row in board["rows"]] == ["luis", "dana"]
    assert board["rows"][0]["marks"] == ["done", "now", "todo", "todo"]
    assert board["rows"][0]["stalled"]
    assert board["rows"][1]["marks"] == ["done"] * 4


def test_the_board_shows_the_twelve_last_touched(location: LiveLocation) -> None:
    for number in range(20):
        location.qualify(f"contact-{number}", NOON + number * MINUTE)
    board = view(location.state, NOON + HOUR, "default")["board"]
    assert (board["count"], len(board["rows"])) == (20, 12)
    assert board["rows"][0]["contact"] == "contact-19"
