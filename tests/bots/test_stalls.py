from datetime import UTC, datetime, timedelta

import pytest

from jorge_data.bots.conversation import Message
from jorge_data.bots.stalls import Stall, by_behaviour, by_words

START = datetime(2026, 5, 4, 9, tzinfo=UTC)


def messages(*texts: str) -> list[Message]:
    """Return a conversation in which a contact says something each minute."""
    return [Message(START + timedelta(minutes=minute), "contact", text) for minute, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "stall"),
    [
        ("Let me think about it", "thinking"),
        ("We're still considering our options", "thinking"),
        ("I'll get  back to you", "get_back"),
        ("Next week is better", "get_back"),
        ("ZILLOW has it at 480", "zestimate"),
        ("We already have a realtor", "agent"),
        ("I'm with someone already", "agent"),
        ("Just looking for now", "just_looking"),
        ("Your price is too low", "surface_objection"),
        ("The neighbor sold for 520k", "surface_objection"),
        ("I’ll decide with my realtor", "thinking"),  # the first type wins
    ],
)
def test_a_stall_is_known_by_its_words(text: str, stall: str) -> None:
    assert by_words(text) == stall


@pytest.mark.parametrize(
    "text",
    [
        "It is urgent",  # agent
        "The reagents are gone",
        "A lateral move, collateral is fine",  # later
        "She is in business",  # busy
        "Rethinking nothing: yes, 30 days works",  # thinking
        "An inconsiderate tenant left, it needs paint",
        "We want 480,000",
        "",
    ],
)
def test_a_word_inside_another_is_no_stall(text: str) -> None:
    assert by_words(text) is None


def test_a_day_of_silence_is_a_stall_that_grows_until_two_days() -> None:
    conversation = messages("We want to move to Austin by June")
    assert by_behaviour(conversation, START + timedelta(hours=24)) is None
    assert by_behaviour(conversation, START + timedelta(hours=36)) == Stall("timeout", 0.75)
    assert by_behaviour(conversation, START + timedelta(hours=96)) == Stall("timeout", 1.0)


@pytest.mark.parametrize(
    ("texts", "stall"),
    [
        (["It needs a new roof and paint", "maybe", "idk"], Stall("vague_answers", 2 / 3)),
        (["ok", "I’m not sure about that at all", "Perhaps in June or in July"], Stall("vague_answers", 1.0)),
        (["ok", "sure"], Stall("vague_answers", 2 / 3)),
        (["call me tomorrow"] * 3, Stall("repetition", 0.8)),
        (["a b c d e f", "a b c d e", "a b c", "a b"], Stall("disengagement", 0.6)),
    ],
)
def test_a_stall_is_known_by_behaviour(texts: list[str], stall: Stall) -> None:
    assert by_behaviour(messages(*texts), START + timedelta(hours=1)) == stall


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["ok"],
        ["We could be out by June", "ok", "It needs a new roof and paint"],
        ["a b c d e f", "a b c d e", "a b c d", "a b c"],  # shrinking, but not to nothing
        ["call me tomorrow", "call me tomorrow"],
    ],
)
def test_a_contact_who_answers_does_not_stall(texts: list[str]) -> None:
    assert by_behaviour(messages(*texts), START + timedelta(hours=1)) is None


def test_only_what_the_contact_says_is_judged() -> None:
    conversation = [Message(START, "bot", "ok"), Message(START, "agent", "ok"), *messages("We want to move to Austin")]
    assert by_behaviour(conversation, START) is None
