from jorge_data.metrics import dashboard
from tests.metrics.live_location import DAY, MINUTE, NOON, LiveLocation


def test_before_the_first_conversation_there_is_no_data(location: LiveLocation) -> None:
    assert location.tile("conversations")["value"] == "no data"
    assert dashboard(location.state, NOON)["conversations"] == {"active": None}


def test_a_conversation_is_active_for_24_hours(location: LiveLocation) -> None:
    location.converse(at=NOON)
    assert location.tile("conversations", NOON + DAY - MINUTE)["value"] == "1"
    assert location.tile("conversations", NOON + DAY)["value"] == "0"


def test_it_waits_on_us_while_the_contact_spoke_last(location: LiveLocation) -> None:
    location.converse(contact="dana", direction="inbound", author="contact")
    location.converse(contact="luis", direction="inbound", author="contact")
    location.converse(contact="luis", at=NOON + MINUTE, direction="outbound", author="bot")
    location.converse("stage_changed", contact="dana", at=NOON + MINUTE, stage="Q2")
    assert location.tile("conversations")["value"] == "2"
    assert location.note("conversations") == "1 waiting on us"


def test_a_late_message_does_not_undo_an_answer(location: LiveLocation) -> None:
    location.converse(at=NOON, direction="outbound", author="agent")
    location.converse(at=NOON - MINUTE, direction="inbound", author="contact")
    assert location.note("conversations") == "0 waiting on us"


def test_who_opted_out_is_not_active(location: LiveLocation) -> None:
    location.converse("opted_out", at=NOON)
    location.converse(at=NOON + MINUTE, direction="inbound", author="contact")
    assert location.tile("conversations", NOON + MINUTE)["value"] == "0"
