"""Qualification as the CRM has it: the temperature tags, and the custom fields that the seller bot fills."""

from datetime import datetime
from typing import Any, NamedTuple

from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.names import Names, slug

PROGRESS = "jorge_qualification_progress"
QUESTIONS = 4
TAGS = {"hot-seller": "hot", "warm-seller": "warm", "cold-seller": "cold"}
ANSWERS = ("seller_motivation", "timeline_urgency", "property_condition", "price_expectation")
"""One field for each question: motivation, timeline, condition, price."""

_NEXT = {"hot": "Call the lead now", "warm": "Send a soft check-in", "cold": "Nurture"}


class QualificationState(NamedTuple):
    """What the CRM has of a seller's qualification; None where it has nothing."""

    temperature: str | None
    answered: int | None
    frs: float | None
    pcs: float | None

    @classmethod
    def of(cls, contact: Json | None, names: Names) -> "QualificationState":
        """Return the state in a contact's copy: a tag counts before the field, the hottest tag before the others."""
        if contact is None:
            return NOTHING
        fields = {slug(names.field(key)).removeprefix("contact_"): value for key, value in contact["custom"].items()}
        tags = {TAGS[tag.lower()] for tag in contact["tags"] if tag.lower() in TAGS}
        temperature = next((each for each in ("hot", "warm", "cold") if each in tags), None)
        return cls(
            temperature or _temperature(fields.get("seller_temperature")),
            _answered(fields),
            _score(fields.get("frs", fields.get("frs_score"))),
            _score(fields.get("pcs", fields.get("pcs_score"))),
        )


NOTHING = QualificationState(None, None, None, None)


def qualification_events(
    contact: str, was: QualificationState, now: QualificationState, live: Json | None, at: datetime
) -> list[Json]:
    """Return the progress event of a change in the CRM; none where the log has it already.

    `live` is the newest qualification of this seller in the log. What the CRM lacks is taken from there; what is in
    neither is derived, and listed in `derived`. What a bot published before it wrote it to the CRM makes no event.
    """
    if now in (was, NOTHING):
        return []
    live = live or {}
    same_scores = (was.frs, was.pcs) == (now.frs, now.pcs)
    nothing_new = now.temperature in (None, live.get("seller_temperature")) and now.answered in (
        None,
        live.get("questions_answered"),
    )
    if live and same_scores and nothing_new:
        return []
    data = _progress(now, live)
    scores = {"frs_score": now.frs, "pcs_score": now.pcs}
    data = {"contact_id": contact, **data, **{name: score for name, score in scores.items() if score is not None}}
    return [{"type": PROGRESS, "time": at.isoformat(), "data": data}]


def qualification_state(event: Json) -> Json:
    """Return the newest qualification of a seller after a progress event."""
    return {name: value for name, value in event["data"].items() if name not in ("contact_id", "derived")}


def _progress(now: QualificationState, live: Json) -> Json:
    answered = now.answered if now.answered is not None else live.get("questions_answered")
    derived: Json = {}
    if answered is None:
        answered = derived["questions_answered"] = 0
    temperature = now.temperature or live.get("seller_temperature")
    if temperature is None:
        temperature = derived["seller_temperature"] = "warm" if answered >= QUESTIONS - 1 else "cold"
    guesses = {
        # The terms of the rule that the CRM has: 0.35 completion and 0.25 progression, of five questions.
        "confrontational_effectiveness": int(100 * 0.60 * answered / 5),
        "stall_detected": False,
        "next_step": f"Ask question {answered + 1}" if answered < QUESTIONS else _NEXT[temperature],
    }
    derived |= {name: guess for name, guess in guesses.items() if name not in live}
    return {
        **guesses,
        **live,
        **derived,
        "seller_temperature": temperature,
        "questions_answered": answered,
        "current_question": min(answered, QUESTIONS - 1),
        "derived": sorted(derived),
    }


def _answered(fields: Json) -> int | None:
    """Return how many questions are answered: the field of that name, else the count of fields with an answer."""
    count = _number(fields.get("questions_answered"))
    if count is not None:
        return int(count) if 0 <= count <= QUESTIONS and count == int(count) else None
    if not any(name in fields for name in ANSWERS):
        return None
    return sum(1 for name in ANSWERS if fields.get(name) not in (None, "", []))


def _temperature(value: Any) -> str | None:
    word = value.strip().lower().removesuffix("-seller") if isinstance(value, str) else None
    return word if word in ("hot", "warm", "cold") else None


def _score(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 100 else None


def _number(value: Any) -> float | None:
    """Return a number, also from text, which the CRM's fields often are."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None
