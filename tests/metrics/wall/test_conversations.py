from jorge_data.metrics import dashboard
from tests.metrics.wall.live_office import DAY, MINUTE, NOON, Office


def test_before_the_first_conversation_there_is_no_data(office: Office) -> None:
    assert office.tile("conversations")["value"] == "no data"
    assert dashboard(office.state, NOON)["conversations"] == {"active": None}


def test_a_conversation_is_active_for_24_hours(office: Office) -> None:
    office.converse(at=NOON)
    assert office.tile("conversations", NOON + DAY - MINUTE)["value"] == "1"
    assert office.tile("conversations", NOON + DAY)["value"] == "0"


def test_it_waits_on_us_while_the_contact_spoke_last(office: Office) -> None:
    office.converse(contact="dana", direction="inbound", author="contact")
    office.converse(contact="luis", direction="inbound", author="contact")
    office.converse(contact="luis", at=NOON + MINUTE, direction="outbound", author="bot")
    office.converse("stage_changed", contact="dana", at=NOON + MINUTE, stage="Q2")
    assert office.tile("conversations")["value"] == "2"
    assert office.note("conversations") == "1 waiting on us"


def test_a_late_message_does_not_undo_an_answer(office: Office) -> None:
    office.converse(at=NOON, direction="outbound", author="agent")
    office.converse(at=NOON - MINUTE, direction="inbound", author="contact")
    assert office.note("conversations") == "0 waiting on us"


def test_who_opted_out_is_not_active(office: Office) -> None:
    office.converse("opted_out", at=NOON)
    office.converse(at=NOON + MINUTE, direction="inbound", author="contact")
    assert office.tile("conversations", NOON + MINUTE)["value"] == "0"
