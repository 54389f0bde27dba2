from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def test_without_sellers_there_is_no_data_rather_than_zero(followed: FollowedLocation) -> None:
    assert followed.tile("hot")["value"] == "no data"
    assert set(followed.figures(NOON)["qualification"].values()) == {None}


def test_hot_sellers_are_those_whose_latest_qualification_is_hot(followed: FollowedLocation) -> None:
    followed.qualify("dana", seller_temperature="hot")
    followed.qualify("luis", NOON - HOUR, seller_temperature="hot")
    followed.qualify("luis", NOON, seller_temperature="warm")
    assert (followed.tile("hot")["value"], followed.note("hot")) == ("1", "+2 today")
    assert followed.figures(NOON)["qualification"] == {
        "hot": 1, "warm": 1, "cold": 0, "stalled": 0, "in_progress": 2, "turned_hot_today": 2,
    }  # fmt: skip


def test_today_begins_at_the_offices_midnight_and_counts_who_became_hot(followed: FollowedLocation) -> None:
    midnight = NOON - 12 * HOUR
    followed.qualify("dana", midnight - MINUTE, seller_temperature="hot")
    followed.qualify("dana", midnight + MINUTE, seller_temperature="hot")
    followed.qualify("luis", midnight, seller_temperature="hot")
    assert (followed.tile("hot")["value"], followed.note("hot")) == ("2", "+1 today")


def test_a_late_answer_does_not_overwrite_a_newer_one(followed: FollowedLocation) -> None:
    followed.qualify("dana", NOON, questions_answered=3, seller_temperature="hot")
    followed.qualify("dana", NOON - HOUR, questions_answered=2, seller_temperature="cold")
    assert followed.view(NOON)["board"]["rows"][0]["temperature"] == "hot"


def test_who_was_unheard_of_for_thirty_days_is_no_seller_of_now_until_the_next_sign(followed: FollowedLocation) -> None:
    followed.qualify("dana", NOON, seller_temperature="hot")
    assert followed.tile("hot", NOON + 30 * DAY)["value"] == "1"
    assert followed.tile("hot", NOON + 31 * DAY)["value"] == "no data"
    followed.converse(at=NOON + 45 * DAY, direction="inbound", author="contact")
    assert followed.tile("hot", NOON + 45 * DAY)["value"] == "1"
    assert followed.open(NOON + 45 * DAY) == ["hot:dana"]


def test_any_event_of_a_contact_keeps_a_seller(followed: FollowedLocation) -> None:
    followed.qualify("dana", NOON, seller_temperature="hot")
    followed.converse(at=NOON + 20 * DAY)
    assert followed.tile("hot", NOON + 40 * DAY)["value"] == "1"


def test_the_board_marks_what_is_answered_and_what_is_asked(followed: FollowedLocation) -> None:
    followed.qualify("dana", NOON, questions_answered=4, current_question=3, seller_temperature="hot")
    followed.qualify("luis", NOON + MINUTE, questions_answered=1, current_question=1, stall_detected=True)
    board = followed.view(NOON + MINUTE)["board"]
    assert board["count"] == 1
    assert [row["contact"] for row in board["rows"]] == ["luis", "dana"]
    assert board["rows"][0]["marks"] == ["done", "now", "todo", "todo"]
    assert board["rows"][0]["stalled"]
    assert board["rows"][1]["marks"] == ["done"] * 4


def test_the_board_shows_the_twelve_last_touched(followed: FollowedLocation) -> None:
    for number in range(20):
        followed.qualify(f"contact-{number}", NOON + number * MINUTE)
    board = followed.view(NOON + HOUR)["board"]
    assert (board["count"], len(board["rows"])) == (20, 12)
    assert board["rows"][0]["contact"] == "contact-19"
