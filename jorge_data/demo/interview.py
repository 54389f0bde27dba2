"""The four questions and what the answers add up to, by the bots' own rules (integrations, 5.6–5.9)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from jorge_data.bots.conversation import Message, contact_texts, count_words
from jorge_data.bots.derived_figures import effectiveness
from jorge_data.demo.script import TOPICS

Mood = Literal["eager", "plain", "weak"]

_QUALITY = {"eager": 0.9, "plain": 0.65, "weak": 0.2}
_WEIGHTS = (0.35, 0.30, 0.20, 0.15)
_PILLARS: tuple[dict[str, int], ...] = (
    {"eager": 85, "plain": 50, "weak": 20},
    {"eager": 90, "plain": 50, "weak": 20},
    {"eager": 85, "plain": 50, "weak": 20},
    {"eager": 85, "plain": 85, "weak": 50},
)
_DEFAULT_PILLAR = 50
_STALL_SCORE = 0.8

_FIRST_MESSAGE = datetime(2026, 1, 1, tzinfo=UTC)
"""Any moment: the scores depend on what lies between messages alone."""


@dataclass
class Interview:
    """One seller's qualification so far."""

    moods: list[Mood] = field(default_factory=list)  # of the answers so far, Q1 first
    conversation: list[Message] = field(default_factory=list)  # all that the seller wrote
    stall: str | None = None
    closed: bool = False  # without all four answers

    def add_message(self, text: str, waited_s: float) -> None:
        """Add what the seller wrote, so many seconds after the message before."""
        at = self.conversation[-1].at + timedelta(seconds=waited_s) if self.conversation else _FIRST_MESSAGE
        self.conversation.append(Message(at, "contact", text))

    @property
    def answered(self) -> int:
        return len(self.moods)

    @property
    def is_complete(self) -> bool:
        return self.answered == len(TOPICS)

    @property
    def stage(self) -> str:
        """The question that is open, `Q1` to `Q4`, or `Complete`."""
        return "Complete" if self.is_complete else f"Q{self.answered + 1}"

    @property
    def temperature(self) -> str:
        """Hot: four answers and a timeline that is accepted; warm: three good ones or more; else cold."""
        if self.is_complete and self.moods[1] != "weak":
            return "hot"
        quality = sum(_QUALITY[mood] for mood in self.moods) / max(1, self.answered)
        return "warm" if self.answered >= 3 and quality >= 0.5 else "cold"

    @property
    def frs(self) -> float:
        """Financial readiness: the pillars, weighted; a question without an answer counts as the default."""
        pillars = [_PILLARS[number][mood] for number, mood in enumerate(self.moods)]
        pillars += [_DEFAULT_PILLAR] * (len(TOPICS) - len(pillars))
        return round(sum(weight * pillar for weight, pillar in zip(_WEIGHTS, pillars, strict=True)), 1)

    @property
    def pcs(self) -> float:
        """Psychological commitment, from how the seller writes."""
        texts = contact_texts(self.conversation)
        if not texts:
            return 0.0
        length = min(100.0, 4 * sum(count_words(text) for text in texts) / len(texts))
        depth = min(100.0, 25.0 * sum("?" in text for text in texts))
        call = 100.0 if any("call" in text.lower() for text in texts) else 0.0
        return round(0.20 * 80 + 0.15 * length + 0.20 * depth + 0.25 * 60 + 0.20 * call, 1)

    @property
    def next_step(self) -> str:
        if self.stall:
            return f"Stall-breaker: {self.stall.replace('_', ' ')}"
        if self.closed:
            return "Nurture"
        if not self.is_complete:
            return f"Ask {TOPICS[self.answered]}"
        return {"hot": "Call now", "warm": "Send soft check-in", "cold": "Nurture"}[self.temperature]

    def progress(self) -> dict[str, Any]:
        """Return the fields of `jorge_qualification_progress` beside the contact's."""
        stall_score = _STALL_SCORE if self.stall else 0.0
        return {
            "current_question": min(self.answered, len(TOPICS) - 1),
            "questions_answered": self.answered,
            "seller_temperature": self.temperature,
            "confrontational_effectiveness": effectiveness(self.conversation, self.answered + 1, stall_score).score,
            "stall_detected": self.stall is not None,
            "stall_type": self.stall,
            "frs_score": self.frs,
            "pcs_score": self.pcs,
            "next_step": self.next_step,
        }
