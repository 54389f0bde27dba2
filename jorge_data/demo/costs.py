"""What the bots tell of their cost: tokens of language models, messages, minutes of calls; some events tell none."""

from random import Random
from typing import NamedTuple

from jorge_data.demo.events import DECODER, LEAD, SELLER
from jorge_data.demo.story import DAY, Json

_DOLLAR = 10**12
"""Prices are whole picodollars, so that what is told is their exact sum."""

_UNTOLD_SHARE = 0.06
"""Now and then a model's answer comes without its usage."""

_MESSAGES, _CALL_SECOND = {"sms_sent": 7_900_000_000, "email_sent": 400_000_000}, 1_166_000_000
"""What the carriers take."""


class Model(NamedTuple):
    """A language model: the price of a token that goes in and of one that comes out."""

    token_in: int
    token_out: int


class Work(NamedTuple):
    """One sort of work: with which model, and how many tokens go in and come out, from–to."""

    model: Model
    tokens_in: tuple[int, int]
    tokens_out: tuple[int, int]


_LARGE, _SMALL = Model(3_000_000, 15_000_000), Model(150_000, 600_000)

_WORK = {
    (SELLER, "conversation_event"): Work(_LARGE, (1500, 3400), (45, 150)),
    (SELLER, "jorge_qualification_progress"): Work(_SMALL, (700, 1900), (40, 90)),
    (LEAD, "conversation_event"): Work(_SMALL, (500, 1300), (40, 110)),
    (LEAD, "property_alert"): Work(_SMALL, (900, 2100), (60, 140)),
    (DECODER, "intent_analysis_complete"): Work(_SMALL, (140, 420), (8, 20)),
}

SCRIPTS = {SELLER: ("4.1", "4.2", 12), LEAD: ("2.3", "2.4", 20), DECODER: ("1.8", "1.8", 0)}
"""Of each bot its script before and since, and how many days before the live day the newer one came."""

_LONGER = 1.35
"""By how much the prompts of the seller bot's older script were longer."""


def tell(event: Json, offset: float) -> None:
    """Add to an event of a bot its script and what it cost, where it cost something: always the same of one story."""
    bot, data = event["source"], event["data"]
    if bot not in SCRIPTS:
        return
    older, newer, days = SCRIPTS[bot]
    data["script_version"] = newer if offset >= -days * DAY else older
    rng = Random(f"{data.get('contact_id')}:{event['id'].rpartition('-')[2]}")
    if event["type"] == "lead_bot_sequence_update":
        cost = _delivery(data)
    elif (work := _WORK.get((bot, event["type"]))) and data.get("kind", "message") == "message":
        is_longer = data["script_version"] == SCRIPTS[SELLER][0]
        data["tokens_in"] = round(rng.randint(*work.tokens_in) * (_LONGER if is_longer else 1))
        data["tokens_out"] = rng.randint(*work.tokens_out)
        cost = data["tokens_in"] * work.model.token_in + data["tokens_out"] * work.model.token_out
    else:
        return
    if rng.random() < _UNTOLD_SHARE:
        for tokens in ("tokens_in", "tokens_out"):
            data.pop(tokens, None)
    else:
        data["cost_usd"] = f"{cost // _DOLLAR}.{cost % _DOLLAR:012}"


def _delivery(data: Json) -> int:
    """Return what a step of the sequence costs: its message, or the seconds of its call."""
    if data["action_type"] in _MESSAGES:
        return _MESSAGES[data["action_type"]]
    return int(data.get("retell_call_duration_seconds", 0) * _CALL_SECOND)
