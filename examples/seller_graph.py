"""A seller bot as a LangGraph graph, without an LLM: it asks four questions, or hands over to a human.

Nothing in here knows of the dashboard.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, cast

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

from jorge_data.bots.conversation import Message
from jorge_data.bots.derived_figures import qualification
from jorge_data.bots.stalls import by_words

QUESTIONS = (
    "What's making you think about selling, and where would you move to?",
    "If our team sold your home within the next 30 to 45 days, would that work for you?",
    "How would you describe your home — move in ready or would it need some work?",
    "What price would make you feel good about selling?",
)
STALL_BREAKERS = {
    "thinking": "Fair enough. What exactly is it that you need to think about?",
    "get_back": "I can do that, but are you selling or not? If not, I'll close your file.",
    "zestimate": "Has Zillow walked through your home? I have buyers who would.",
    "agent": "Good for you. If it doesn't sell with them, will you call me?",
}
PATIENCE = 3
"""Stalls after which a human takes over."""


class Seller(TypedDict, total=False):
    """The graph's state of one seller."""

    contact_id: str
    conversation: list[Message]
    answers: list[str]
    stalls: int
    timeline_acceptable: bool
    estimated_value: float
    question: str
    handed_off: bool

    intent_category: Literal["seller", "curious"]
    urgency_level: Literal["immediate", "active", "passive", "future"]
    confidence_score: float
    ml_features_triggered: list[str]

    current_question: int
    questions_answered: int
    seller_temperature: Literal["hot", "warm", "cold"]
    confrontational_effectiveness: float
    stall_detected: bool
    stall_type: str | None
    next_step: str


def build(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Any:
    """Return the graph: `invoke` runs to the next question, `Command(resume=reply)` answers it."""

    def ask_question(seller: Seller) -> Seller:
        question = seller.get("question") or QUESTIONS[0]
        asked_at = seller["conversation"][-1].at if seller.get("conversation") else now()
        reply = interrupt(question)
        messages = [Message(asked_at, "bot", question), Message(now(), "contact", reply)]
        return {"conversation": seller.get("conversation", []) + messages}

    def score_seller(seller: Seller) -> Seller:
        """Rate the seller, and decide on the next step."""
        answered = len(seller.get("answers", []))
        temperature = _temperature(answered, seller.get("timeline_acceptable", False))
        progress = qualification(
            seller["conversation"],
            now(),
            contact_id=seller["contact_id"],
            answered=answered,
            temperature=temperature,
            next_step=_next_step(seller, answered, temperature),
        )
        return cast(Seller, {name: progress[name] for name in Seller.__annotations__.keys() & progress.keys()})

    graph = StateGraph(Seller)
    nodes: tuple[Any, ...] = (
        ask_question,
        analyze_intent,
        score_seller,
        generate_jorge_response,
        execute_follow_up,
    )
    for node in nodes:
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "ask_question")
    graph.add_edge("ask_question", "analyze_intent")
    graph.add_edge("analyze_intent", "score_seller")
    graph.add_conditional_edges("score_seller", _route, ["generate_jorge_response", "execute_follow_up"])
    graph.add_edge("generate_jorge_response", "ask_question")
    graph.add_edge("execute_follow_up", END)
    # A bot that must outlive its process takes a checkpointer with a file or a database behind it.
    serde = JsonPlusSerializer(allowed_msgpack_modules=[(Message.__module__, Message.__name__)])
    return graph.compile(checkpointer=InMemorySaver(serde=serde))


def analyze_intent(seller: Seller) -> Seller:
    """Read the reply: an answer to the question that was asked, or a stall; the more it names, the surer."""
    reply = seller["conversation"][-1].text
    answers = seller.get("answers", [])
    features = [name for name, pattern in _FEATURES.items() if pattern.search(reply)]
    analysis: Seller = {
        "ml_features_triggered": features,
        "confidence_score": round(min(0.95, 0.6 + 0.1 * len(features) + 0.05 * len(answers)), 2),
        "intent_category": "seller" if features or answers else "curious",
        "urgency_level": "immediate" if "timeline_yes" in features else "active" if features else "passive",
    }
    if by_words(reply):
        return analysis | {"stalls": seller.get("stalls", 0) + 1}
    if len(answers) == 1:
        analysis["timeline_acceptable"] = "timeline_yes" in features
    if len(answers) == 3 and (price := _price(reply)):
        analysis["estimated_value"] = price
    return analysis | {"answers": [*answers, reply]}


def generate_jorge_response(seller: Seller) -> Seller:
    """Choose the reply: the next question, after what breaks the stall."""
    question = QUESTIONS[seller["current_question"]]
    breaker = STALL_BREAKERS.get(seller.get("stall_type") or "")
    return {"question": f"{breaker} {question}" if seller["stall_detected"] and breaker else question}


def execute_follow_up(seller: Seller) -> Seller:
    """Close the conversation; a seller who kept stalling is left to a human."""
    if seller.get("stalls", 0) >= PATIENCE:
        return {"question": "I'll have somebody from our team call you.", "handed_off": True}
    is_hot = seller["seller_temperature"] == "hot"
    return {"question": "Thank you. Jorge will call you today." if is_hot else "Thank you. We'll be in touch."}


_FEATURES = {
    "timeline_yes": re.compile(r"\b(?:yes|yeah|works|sure|perfect)\b", re.IGNORECASE),
    "move": re.compile(r"\b(?:mov(?:e|ing)|relocat(?:e|ing)|job|divorce|retir(?:e|ing))\b", re.IGNORECASE),
    "condition": re.compile(r"\b(?:ready|roof|paint|kitchen|work|remodel(?:ed|ing)?)\b", re.IGNORECASE),
    "price": re.compile(r"\d"),
}


def _temperature(answered: int, timeline_acceptable: bool) -> Literal["hot", "warm", "cold"]:
    """Rate as the live bot does: hot is all four answered with a timeline that works, warm is three."""
    if answered == len(QUESTIONS) and timeline_acceptable:
        return "hot"
    return "warm" if answered >= 3 else "cold"


def _next_step(seller: Seller, answered: int, temperature: str) -> str:
    if seller.get("stalls", 0) >= PATIENCE:
        return "Hand off to a human"
    if answered < len(QUESTIONS):
        return f"Ask Q{answered + 1}"
    return "Call now" if temperature == "hot" else "Schedule follow-up"


def _route(seller: Seller) -> str:
    is_done = seller["questions_answered"] == len(QUESTIONS) or seller.get("stalls", 0) >= PATIENCE
    return "execute_follow_up" if is_done else "generate_jorge_response"


def _price(reply: str) -> float | None:
    """Read "$480,000", "480k" or "1.2 million"."""
    match = re.search(r"(\d[\d,]*(?:\.\d+)?)\s*(k|m)?", reply, re.IGNORECASE)
    if not match:
        return None
    unit = {"k": 1_000, "m": 1_000_000}.get((match[2] or "").lower(), 1)
    return float(match[1].replace(",", "")) * unit
