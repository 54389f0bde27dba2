"""What was said with a contact, as the rules that judge a conversation read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple


class Message(NamedTuple):
    """One message: when it was said, by whom, and its plain text."""

    at: datetime
    author: Literal["contact", "bot", "agent"]
    text: str


def said_by_contact(conversation: Sequence[Message]) -> list[str]:
    """Return the contact's messages, oldest first."""
    return [message.text for message in conversation if message.author == "contact"]


def count_words(text: str) -> int:
    return len(text.split())
