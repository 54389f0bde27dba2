"""The messages of a conversation with a contact, as the rules for stalls and effectiveness read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple


class Message(NamedTuple):
    """One message: its time, its author, and its plain text."""

    at: datetime
    author: Literal["contact", "bot", "agent"]
    text: str


def contact_texts(conversation: Sequence[Message]) -> list[str]:
    """Return the texts of the contact's messages, oldest first."""
    return [message.text for message in conversation if message.author == "contact"]


def count_words(text: str) -> int:
    return len(text.split())
