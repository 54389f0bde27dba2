"""A person whom an event server knows by everything that it stores, and what must be nowhere once it is erased."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.served import Served
from tests.waiting import wait_until

OFFICE = "office"
CONTACT = "c-77"
PERSONAL = ("Zebediah", "Quux", "5550142", "555-0142", "zeb@quux.example", "blue house", "14 Elm Street", "beekeeper")
"""Parts of the name, number, mail address, words and home of a person, as they stand in events and webhooks."""

SECRET = "a workflow's secret, long enough"
WORKFLOW = {"JORGE_WORKFLOW_SECRET": SECRET}


def event(number: int, kind: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    time = f"2026-11-{1 + number % 20:02}T{number % 24:02}:{number % 60:02}:00Z"
    return {"id": f"e{number}", "source": "bots", "type": kind, "locationid": OFFICE, "time": time, "data": data} | (
        attributes
    )


def message(number: int, body: str, contact: str = CONTACT, **data: Any) -> dict[str, Any]:
    said = {"kind": "message", "direction": "inbound", "author": "contact", "channel": "sms", "body": body}
    return event(
        number, "conversation_event", {"conversation_id": f"k-{contact}", "contact_id": contact, **said, **data}
    )


def life() -> list[dict[str, Any]]:
    """Return events of every kind about one person, and some that name it in passing."""
    about: dict[str, Any] = {"contact_id": CONTACT}
    qualified = {"current_question": 1, "questions_answered": 2, "seller_temperature": "hot"}
    step = {"sequence_day": 3, "action_type": "sms_sent", "success": False}
    alert = {"alert_id": "a1", "property_id": "p1", "match_score": 90, "alert_type": "new_match"}
    analysed = {"processing_time_ms": 40, "confidence_score": 0.9, "intent_category": "seller"}
    phone = {"phone": {"from": None, "to": "(512) 555-0142"}, "Home": {"from": "", "to": "14 Elm Street"}}
    told = {"name": "Zebediah Quux", "phone": "+15125550142", "email": "zeb@quux.example", "address": "14 Elm Street"}
    told |= {"lead_source": "referral of Zebediah Quux", "timezone": "Zebediah Quux/Home"}
    return [
        event(1, "contact_update", {**about, **told, "changed": phone, "tags_added": ["Zebediah, hot"]}),
        message(2, "I am a beekeeper in a blue house", contact_name="Zebediah Quux"),
        message(3, "STOP texting me please"),
        message(4, "You are unsubscribed, Zebediah", direction="outbound", author="bot"),
        message(5, "Still there, Zebediah?", direction="outbound", author="bot"),
        message(6, "And now, Zebediah?", direction="outbound", author="bot"),
        event(
            7,
            "jorge_qualification_progress",
            {
                **about,
                **qualified,
                "confrontational_effectiveness": 70,
                "stall_detected": True,
                "next_step": "ask the beekeeper for a price",
                "stall_type": "Zebediah Quux hesitates",
            },
        ),
        event(
            8,
            "lead_bot_sequence_update",
            {**about, **step, "failure_reason": "no route to 512-555-0142", "failure_detail": "Zebediah is unknown"},
        ),
        event(
            9,
            "property_alert",
            {**about, **alert, "property": {"address": "1 Oak", "price": 1}, "reasons": ["a blue house"]},
        ),
        event(
            10,
            "intent_analysis_complete",
            {**about, **analysed, "urgency_level": "active", "ml_features_triggered": ["price", "Zebediah Quux"]},
        ),
        event(
            11,
            "commission_update",
            {
                **about,
                "deal_id": "d-1",
                "deal_value": 400000,
                "status": "open",
                "stage": "Listed",
                "name": "Home of Quux",
                "lead_source": "friend of Zebediah Quux",
            },
        ),
        event(
            12,
            "commission_update",
            {"deal_id": "d-1", "deal_value": 410000, "status": "open", "name": "Quux, 14 Elm Street"},
        ),
        event(
            13,
            "bot_status_update",
            {**about, "bot_type": "jorge-seller", "status": "processing", "current_step": "asks Zebediah"},
        ),
        event(
            14,
            "bot_status_update",
            {"bot_type": "lead-bot", "status": "error", "error_message": "Zebediah did not answer at +1 512 555 0142"},
        ),
        event(
            15,
            "system_health_update",
            {
                "component": "mail",
                "status": "down",
                "response_time_ms": 1,
                "error_message": "bounced: zeb@quux.example",
            },
        ),
        event(
            16, "attention_update", {"item": f"stall:{CONTACT}", "action": "acknowledged", "by": "ann", "note": "Quux"}
        ),
        event(17, "intent_feedback", {"analysis_id": "e10", "actual_category": "buyer", "labelled_by": "ann"}),
        message(18, "my neighbour Zebediah Quux sent me", "c-78", contact_name="Ann Lee"),
        event(19, "contact_update", {"contact_id": "c-76", "changed": {}, "merged_into": CONTACT, "name": "Z. Quux"}),
        message(20, "it is me, the beekeeper", "c-76"),
        message(21, "call me", kind="task", summary="call the beekeeper back"),
        event(22, "annotation", {"label": "A letter to Zebediah Quux", "from": "2026-11-01"}),
    ]


def live_through(served: Served) -> None:
    """Have a server know the person by events, by webhooks, and by what was refused."""
    answer = served.post(life())
    assert answer.status_code == 200, answer.text
    headers = {"X-Jorge-Webhook-Secret": SECRET}
    told = {"contact_id": CONTACT, "full_name": "Zebediah Quux", "phone": "+15125550142", "email": "zeb@quux.example"}
    for body in (
        {**told, "location": {"id": OFFICE}, "customData": {"likes": "blue house"}},
        {"contact_id": "x" * 200, "full_name": "Zebediah Quux", "location": {"id": OFFICE}},
    ):
        answer = served.session.post(f"{served.url}/webhooks/ghl/workflow", json=body, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
    refused = message(99, "Zebediah Quux", kind="whistled")
    assert served.post([refused]).status_code == 422

    def translated() -> bool:
        listed = served.get("/api/deliveries", location=OFFICE)["deliveries"]
        return len(listed) == 2 and all(each["state"] != "pending" for each in listed)

    wait_until(translated)


def erase(served: Served, contact: str = CONTACT, office: str = OFFICE) -> dict[str, Any]:
    """Erase a contact and return the last line of the progress."""
    url = f"{served.url}/api/contacts/{contact}/erase?location={office}"
    answer = served.session.post(url, headers=served.bearer(), timeout=120)
    assert answer.status_code == 200, answer.text
    line: dict[str, Any] = json.loads(answer.text.splitlines()[-1])
    return line


def found(folder: Path, texts: tuple[str, ...] = PERSONAL) -> dict[str, list[str]]:
    """Return each file of a folder in which one of these texts stands, in any byte of it, and which.

    The write-ahead log of a server that runs is read as well, and what Parquet has compressed.
    """
    left = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            content += repr(pq.read_table(path).to_pydict()).encode()
        if here := [text for text in texts if text.encode() in content]:
            left[path.name] = here
    return left


def in_store(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return rows of a store whose server has ended."""
    with closing(sqlite3.connect(folder / "events.db")) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows
