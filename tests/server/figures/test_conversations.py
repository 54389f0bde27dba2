from tests.metrics.live_location import DAY, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def test_before_the_first_conversation_there_is_no_data(followed: FollowedLocation) -> None:
    assert followed.tile("conversations")["value"] == "no data"
    assert followed.figures(NOON)["conversations"] == {"active": None, "waiting": None}


def test_a_conversation_is_active_for_24_hours(followed: FollowedLocation) -> None:
    followed.converse(at=NOON)
    assert followed.tile("conversations", NOON + DAY + MINUTE / 2)["value"] == "1"
    assert followed.tile("conversations", NOON + DAY + MINUTE)["value"] == "0"


def test_it_waits_on_us_while_the_contact_spoke_last(followed: FollowedLocation) -> None:
    followed.converse(contact="dana", direction="inbound", author="contact")
    followed.converse(contact="luis", direction="inbound", author="contact")
    followed.converse(contact="luis", at=NOON + MINUTE, direction="outbound", author="bot")
    followed.converse("stage_changed", contact="dana", at=NOON + MINUTE, stage="Q2")
    assert followed.tile("conversations")["value"] == "2"
    assert followed.note("conversations") == "1 of them waiting for us"


def test_a_late_message_does_not_undo_an_answer(followed: FollowedLocation) -> None:
    followed.converse(at=NOON, direction="outbound", author="agent")
    followed.converse(at=NOON - MINUTE, direction="inbound", author="contact")
    assert followed.note("conversations") == "0 of them waiting for us"


def test_who_opted_out_is_not_active(followed: FollowedLocation) -> None:
    followed.converse("opted_out", at=NOON)
    followed.converse(at=NOON + MINUTE, direction="inbound", author="contact")
    assert followed.tile("conversations", NOON + MINUTE)["value"] == "0"
