"""Run the seller bot against the running system: three sellers who are played, or you as the seller.

    .venv/bin/python -m examples.seller_bot            # watch http://localhost:3000
    .venv/bin/python -m examples.seller_bot --typed    # you are the seller

What makes the bot visible is in `with_progress`: a publisher, a handler attached once, and a mapping of its state.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from langgraph.types import Command

from examples.seller_graph import build
from jorge_data.bots import Publisher
from jorge_data.bots.langgraph import ProgressHandler, Rule

SELLERS = {
    "Dana": ["A new job in Denver, we move in June", "Yes, that works", "Move in ready, new kitchen", "480k"],
    "Miguel": ["Let me think about it", "My realtor says no", "I'll get back to you next week"],
    "Ruth": ["We retire and move to Tucson", "No, not before autumn", "It needs a roof and paint", "$350,000"],
}

MAPPING = (
    Rule("intent_analysis_complete"),
    Rule("jorge_qualification_progress", constants={"derived": True}, when="next_step"),
    Rule(
        "conversation_event",
        {"stall_type": "stall_type"},
        constants={"kind": "stall_detected", "derived": True},
        when="stall_detected",
    ),
    Rule("conversation_event", {}, constants={"kind": "handoff"}, when="handed_off"),
)
"""The graph's state has the names of the contract, so that no field has to be named here."""


def with_progress(publisher: Publisher) -> Any:
    """Return the seller graph, visible in the office."""
    return build().with_config(callbacks=[ProgressHandler(publisher, bot_type="jorge-seller", mapping=MAPPING)])


def talk(graph: Any, publisher: Publisher, name: str, replies: Iterable[str]) -> None:
    """Lead one conversation to its end, or as far as the seller replies."""
    contact = f"{name.lower()}-{uuid4().hex[:6]}"
    config = {"configurable": {"thread_id": contact}, "metadata": {"contact_id": contact}}
    publisher.contact_update(contact_id=contact, changed={"name": {"to": name}}, name=name)
    state = graph.invoke({"contact_id": contact}, config)
    for reply in replies:
        send_message(publisher, contact, "bot", state["__interrupt__"][0].value)
        send_message(publisher, contact, "contact", reply)
        state = graph.invoke(Command(resume=reply), config)
        if "__interrupt__" not in state:
            send_message(publisher, contact, "bot", state["question"])
            return


def send_message(publisher: Publisher, contact: str, author: Any, text: str) -> None:
    """Show one message, here and in the office."""
    print(f"{'Jorge' if author == 'bot' else contact}: {text}")
    publisher.conversation_event(
        conversation_id=contact,
        contact_id=contact,
        kind="message",
        direction="outbound" if author == "bot" else "inbound",
        author=author,
        channel="sms",
        body=text,
    )


def slowly(replies: Iterable[str], pause_s: float) -> Iterable[str]:
    """Yield replies as a person gives them."""
    for reply in replies:
        time.sleep(pause_s)
        yield reply


def typed() -> Iterable[str]:
    """Yield what is typed, until the end of input."""
    while True:
        try:
            yield input("you> ")
        except EOFError:
            return


def local_token() -> str:
    """Return a token from the secret of the system that runs here; elsewhere, set JORGE_TOKEN."""
    command = [sys.executable, "-m", "jorge_data", "token", "--role", "publisher", "--subject", "examples.seller_bot"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://localhost:8001", help="the event server")
    parser.add_argument("--location", default=os.environ.get("JORGE_LOCATION", "default"), help="the office")
    parser.add_argument("--typed", action="store_true", help="play the seller yourself")
    parser.add_argument("--pause", type=float, default=1.5, help="seconds a played seller takes to reply")
    parser.add_argument("--spool", help="where events wait for the server")
    options = parser.parse_args()
    token = os.environ.get("JORGE_TOKEN") or local_token()
    with Publisher(
        options.url, token, source="jorge-seller", location=options.location, spool=options.spool
    ) as publisher:
        graph = with_progress(publisher)
        for name, replies in {"You": typed()}.items() if options.typed else SELLERS.items():
            talk(graph, publisher, name, replies if options.typed else slowly(replies, options.pause))
        if not publisher.flush():
            print(f"{publisher.pending} events wait for {options.url}: {publisher.trouble}", file=sys.stderr)


if __name__ == "__main__":
    main()
