from jorge_data.metrics import dashboard, view
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office


def test_without_sellers_there_is_no_data_rather_than_zero(office: Office) -> None:
    assert office.tile("hot")["value"] == "no data"
    assert set(dashboard(office.state, NOON)["qualification"].values()) == {None}


def test_hot_sellers_are_those_whose_latest_qualification_is_hot(office: Office) -> None:
    office.qualify("dana", seller_temperature="hot")
    office.qualify("luis", NOON - HOUR, seller_temperature="hot")
    office.qualify("luis", NOON, seller_temperature="warm")
    assert (office.tile("hot")["value"], office.note("hot")) == ("1", "+1 today")
    assert dashboard(office.state, NOON)["qualification"] == {
        "hot": 1, "warm": 1, "cold": 0, "stalled": 0, "in_progress": 2,
    }  # fmt: skip


def test_today_begins_at_the_offices_midnight_and_counts_who_became_hot(office: Office) -> None:
    midnight = NOON - 12 * HOUR
    office.qualify("dana", midnight - MINUTE, seller_temperature="hot")
    office.qualify("dana", midnight + MINUTE, seller_temperature="hot")
    office.qualify("luis", midnight, seller_temperature="hot")
    assert (office.tile("hot")["value"], office.note("hot")) == ("2", "+1 today")


def test_a_late_answer_does_not_overwrite_a_newer_one(office: Office) -> None:
    office.qualify("dana", NOON, questions_answered=3, seller_temperature="hot")
    office.qualify("dana", NOON - HOUR, questions_answered=2, seller_temperature="cold")
    assert view(office.state, NOON, "default")["board"]["rows"][0]["temperature"] == "hot"


def test_contacts_unheard_for_thirty_days_are_gone_by_the_clock_and_then_from_memory(office: Office) -> None:
    office.qualify("dana", NOON, seller_temperature="hot")
    assert office.tile("hot", NOON + 31 * DAY)["value"] == "no data"
    office.report("redis", "healthy", NOON + 31 * DAY)
    assert office.state.qualification.sellers == {}
    assert "dana" not in office.state.contacts


def test_any_event_of_a_contact_keeps_a_seller(office: Office) -> None:
    office.qualify("dana", NOON, seller_temperature="hot")
    office.converse(at=NOON + 20 * DAY)
    assert office.tile("hot", NOON + 40 * DAY)["value"] == "1"


def test_the_board_marks_what_is_answered_and_what_is_asked(office: Office) -> None:
    office.qualify("dana", NOON, questions_answered=4, current_question=3, seller_temperature="hot")
    office.qualify("luis", NOON + MINUTE, questions_answered=1, current_question=1, stall_detected=True)
    board = view(office.state, NOON + MINUTE, "default")["board"]
    assert board["count"] == 1
    assert [row["contact"] for row in board["rows"]] == ["luis", "dana"]
    assert board["rows"][0]["marks"] == ["done", "now", "todo", "todo"]
    assert board["rows"][0]["stalled"]
    assert board["rows"][1]["marks"] == ["done"] * 4


def test_the_board_shows_the_twelve_last_touched(office: Office) -> None:
    for number in range(20):
        office.qualify(f"contact-{number}", NOON + number * MINUTE)
    board = view(office.state, NOON + HOUR, "default")["board"]
    assert (board["count"], len(board["rows"])) == (20, 12)
    assert board["rows"][0]["contact"] == "contact-19"
