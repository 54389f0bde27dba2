"""Every score here was computed by hand from the rule."""

from datetime import UTC, datetime, timedelta

from jorge_data.bots.conversation import Message
from jorge_data.bots.derived_figures import Effectiveness, effectiveness, qualification
from jorge_data.events import Reception, admit

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
LONG = "We would like to move to Austin"  # seven words


def talk(*texts: str, every_s: float) -> list[Message]:
    """Return a conversation of a question at the start, then the contact's messages."""
    answers = [
        Message(START + timedelta(seconds=every_s * (number + 1)), "contact", text) for number, text in enumerate(texts)
    ]
    return [Message(START, "bot", "What's making you think about selling?"), *answers]


def test_a_conversation_half_way() -> None:
    # 0.60 × 3/5 + 0.25 × 2/4 + 0.15 × (1 − 300/600) = 0.36 + 0.125 + 0.075 = 0.56
    assert effectiveness(talk(LONG, "June", LONG, "480k", every_s=300), 3) == Effectiveness(56, 0.6, 0.5, 300.0, 0.0)


def test_a_perfect_conversation_has_a_hundred_less_its_latency() -> None:
    # 0.60 + 0.25 + 0.15 × (1 − 60/600) = 0.985
    assert effectiveness(talk(*[LONG] * 4, every_s=60), 5).score == 98


def test_a_stall_costs_up_to_thirty_points() -> None:
    # 0.60 × 2/5 + 0.25 × 1/2 + 0.15 × 0 − 0.30 × 0.8 = 0.24 + 0.125 − 0.24 = 0.125
    assert effectiveness(talk(LONG, "ok", every_s=900), 2, stall_score=0.8).score == 12


def test_a_score_is_never_below_nothing() -> None:
    assert effectiveness(talk("ok", every_s=7200), 0, stall_score=1.0).score == 0


def test_a_contact_who_said_nothing_was_not_reached() -> None:
    assert effectiveness(talk(every_s=1), 1).score == 0


def test_what_is_derived_is_a_valid_event_that_says_so() -> None:
    conversation = talk(LONG, "My realtor says maybe", every_s=60)
    data = qualification(
        conversation,
        conversation[-1].at,
        contact_id="c-1",
        answered=1,
        temperature="cold",
        next_step="Q2",
    )
    # 0.60 × 2/5 + 0.25 × 1/2 + 0.15 × (1 − 60/600) = 0.24 + 0.125 + 0.135 = 0.5
    assert data == {
        "contact_id": "c-1",
        "current_question": 1,
        "questions_answered": 1,
        "seller_temperature": "cold",
        "confrontational_effectiveness": 50,
        "stall_detected": True,
        "stall_type": "agent",
        "next_step": "Q2",
        "derived": True,
    }
    event = {"source": "bot", "type": "jorge_qualification_progress", "data": data}
    assert admit(event, Reception(START)).event.data["derived"] is True


def test_all_four_answered_is_the_last_question() -> None:
    data = qualification(talk(LONG, every_s=60), START, contact_id="c", answered=4, temperature="hot", next_step="call")
    assert (data["current_question"], data["questions_answered"], data["stall_type"]) == (3, 4, None)
