"""The four questions and what the answers add up to, by the bots' own rules (integrations, 5.6–5.9)."""

from dataclasses import dataclass, field
from typing import Any, Literal

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


@dataclass
class Interview:
    """One seller's qualification as it stands."""

    moods: list[Mood] = field(default_factory=list)  # of the answers so far, Q1 first
    messages: list[str] = field(default_factory=list)  # all that the seller wrote
    waited_s: float = 0.0  # for the seller's messages, in all
    stall: str | None = None
    closed: bool = False  # without all four answers

    @property
    def answered(self) -> int:
        return len(self.moods)

    @property
    def temperature(self) -> str:
        """Hot: four answers and a timeline that is accepted; warm: three good ones or more; else cold."""
        if self.answered == len(TOPICS) and self.moods[1] != "weak":
            return "hot"
        return "warm" if self.answered >= 3 and self.quality >= 0.5 else "cold"

    @property
    def quality(self) -> float:
        return sum(_QUALITY[mood] for mood in self.moods) / max(1, self.answered)

    @property
    def frs(self) -> float:
        """Financial readiness: the pillars, weighted; a question without an answer counts as the default."""
        known = [_PILLARS[number][mood] for number, mood in enumerate(self.moods)]
        pillars = known + [_DEFAULT_PILLAR] * (len(TOPICS) - len(known))
        return round(sum(weight * pillar for weight, pillar in zip(_WEIGHTS, pillars, strict=True)), 1)

    @property
    def pcs(self) -> float:
        """Psychological commitment, from how the seller writes."""
        if not self.messages:
            return 0.0
        length = min(100.0, 4 * sum(len(text.split()) for text in self.messages) / len(self.messages))
        depth = min(100.0, 25.0 * sum("?" in text for text in self.messages))
        call = 100.0 if any("call" in text.lower() for text in self.messages) else 0.0
        return round(0.20 * 80 + 0.15 * length + 0.20 * depth + 0.25 * 60 + 0.20 * call, 1)

    @property
    def effectiveness(self) -> int:
        """How well the confrontational style works, 0–100."""
        sent = max(1, len(self.messages))
        completion = min(1.0, (self.answered + 1) / 5)
        engagement = sum(len(text.split()) > 5 for text in self.messages) / sent
        latency = 1 - min(1.0, self.waited_s / sent / 600)
        penalty = 0.30 * 0.8 if self.stall else 0.0
        return max(0, min(100, int(100 * (0.60 * completion + 0.25 * engagement + 0.15 * latency - penalty))))

    @property
    def next_step(self) -> str:
        if self.stall:
            return f"Stall-breaker: {self.stall.replace('_', ' ')}"
        if self.closed:
            return "Nurture"
        if self.answered < len(TOPICS):
            return f"Ask {TOPICS[self.answered]}"
        return {"hot": "Call now", "warm": "Send soft check-in", "cold": "Nurture"}[self.temperature]

    def progress(self) -> dict[str, Any]:
        """Return the fields of `jorge_qualification_progress` beside the contact's."""
        return {
            "current_question": min(self.answered, len(TOPICS) - 1),
            "questions_answered": self.answered,
            "seller_temperature": self.temperature,
            "confrontational_effectiveness": self.effectiveness,
            "stall_detected": self.stall is not None,
            "stall_type": self.stall,
            "frs_score": self.frs,
            "pcs_score": self.pcs,
            "next_step": self.next_step,
        }
