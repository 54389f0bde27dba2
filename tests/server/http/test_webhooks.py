"""Webhooks: verified over the bytes, on disk before they are answered, translated afterwards, whatever happens."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.served import Served
from tests.server.webhook.ghl import PEM, SECRET, contact, deliver, post, signature, work
from tests.server.webhook.translated import events, settled


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that trusts our key."""
    folder = tmp_path_factory.mktemp("webhooks")
    with Served(folder, JORGE_GHL_PUBLIC_KEY=PEM, JORGE_WORKFLOW_SECRET=SECRET) as server:
        yield server


def count(served: Served, vendor: str, outcome: str) -> float:
    """Return how often something became of a vendor's deliveries."""
    text = served.session.get(f"{served.url}/metrics", timeout=5).text
    sample = re.search(rf'^jorge_deliveries_total{{outcome="{outcome}",vendor="{vendor}"}} (\S+)', text, re.MULTILINE)
    return float(sample[1]) if sample else 0


def test_a_signed_delivery_is_answered_at_once_and_becomes_events(office: Served, location: str) -> None:
    answer = deliver(office, contact(location, tags=["Hot-Seller"]))
    assert (answer.status_code, answer.json()) == (200, {"duplicate": False})
    kinds = [event["type"] for event in events(office, location, 2)]
    assert kinds == ["contact_update", "jorge_qualification_progress"]
    (row,) = settled(office, location)
    assert (row["vendor"], row["state"], row["events"], row["error"]) == ("ghl", "translated", 2, None)
    assert "body" not in row


def test_its_events_have_the_deliverys_name(office: Served, location: str) -> None:
    webhook = contact(location)
    deliver(office, webhook)
    (event,) = events(office, location, 1)
    assert (event["id"], event["source"]) == (f"{webhook['webhookId']}:0", "ghl")


def test_a_repeat_is_answered_with_200_and_nothing_happens_twice(office: Served, location: str) -> None:
    webhook = contact(location)
    assert [deliver(office, webhook).json()["duplicate"] for _ in range(3)] == [False, True, True]
    deliver(office, contact(location, city="Austin"))
    changed = [event["data"]["changed"] for event in events(office, location, 2)]
    assert [list(each) for each in changed] == [["name"], ["city"]]


def test_the_nested_form_of_the_guide_is_read_alike(office: Served, location: str) -> None:
    flat = contact(location)
    outer = {name: flat.pop(name) for name in ("type", "timestamp", "webhookId")}
    assert deliver(office, {**outer, "data": flat}).status_code == 200
    assert events(office, location, 1)[0]["data"]["name"] == "Ann Lee"


def test_a_type_that_means_nothing_to_us_is_kept_and_counted(office: Served, location: str) -> None:
    assert deliver(office, contact(location, type="InvoicePaid")).status_code == 200
    (row,) = settled(office, location)
    assert (row["type"], row["state"], row["events"]) == ("InvoicePaid", "ignored", 0)
    counts = office.get("/api/deliveries", location=location)["counts"]
    assert [(c["vendor"], c["type"], c["state"], c["deliveries"]) for c in counts] == [
        ("ghl", "InvoicePaid", "ignored", 1)
    ]


def test_a_blocked_slot_is_nobodys_appointment_and_is_ignored_with_the_reason(office: Served, location: str) -> None:
    slot = {"id": "slot-1", "title": "Lunch", "contactId": None, "startTime": "2026-12-01T12:00:00-06:00"}
    deliver(office, contact(location, type="AppointmentCreate", appointment=slot))
    (row,) = settled(office, location)
    assert (row["state"], row["events"]) == ("ignored", 0)
    assert row["error"] == "a slot that is blocked, with no contact: nobody has an appointment"


def test_a_signature_is_over_the_bytes(office: Served, location: str) -> None:
    body = json.dumps(contact(location)).encode()
    good = signature(body)
    again = json.dumps(json.loads(body), separators=(",", ":")).encode()
    assert post(office, again, X_GHL_Signature=good).status_code == 401
    assert post(office, body, X_GHL_Signature=good).status_code == 200


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing"),
        ({"X_GHL_Signature": "N/A"}, "missing"),
        ({"X_GHL_Signature": "", "X_WH_Signature": "c29tZQ=="}, "JORGE_GHL_LEGACY_RSA"),
        ({"X_GHL_Signature": base64.b64encode(bytes(64)).decode()}, "not GoHighLevel's"),
        ({"X_GHL_Signature": "a secret, and no signature"}, "not GoHighLevel's"),
        ({"X_GHL_Signature": "ü"}, "not GoHighLevel's"),
    ],
)
def test_what_is_not_signed_is_refused_and_counted(
    office: Served, location: str, headers: dict[str, str], reason: str
) -> None:
    before = count(office, "ghl", "unauthenticated")
    answer = post(office, json.dumps(contact(location)).encode(), **headers)
    assert answer.status_code == 401
    assert reason in answer.json()["error"]["detail"]
    assert count(office, "ghl", "unauthenticated") == before + 1
    assert settled(office, location) == []


def test_another_key_is_another_sender(office: Served, location: str) -> None:
    body = json.dumps(contact(location)).encode()
    assert post(office, body, X_GHL_Signature=signature(body, Ed25519PrivateKey.generate())).status_code == 401


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(minutes=70), 200),  # the last of the platform's own retries
        (timedelta(minutes=76), 401),
        (timedelta(minutes=-4), 200),
        (timedelta(minutes=-6), 401),
    ],
)
def test_an_old_delivery_is_refused_and_a_retry_is_not(
    office: Served, location: str, age: timedelta, status: int
) -> None:
    sent = (datetime.now(UTC) - age).isoformat()
    assert deliver(office, contact(location, timestamp=sent)).status_code == status


HOSTILE: list[tuple[bytes, int, str]] = [
    (b"", 422, "not JSON"),
    (b"[]", 422, "a JSON object"),
    (b'{"type":7}', 422, "type is 7"),
    (b'{"locationId":"x"}', 422, "type is missing"),
    (b'{"type":"ContactUpdate","locationId":7}', 422, "locationId is 7"),
    (b'{"type":"ContactUpdate","locationId":"a b"}', 422, "the location is 'a b'"),
    (b'{"type":"ContactUpdate","timestamp":"yesterday"}', 422, "timestamp is 'yesterday'"),
    (b'{"type":"ContactUpdate","x":NaN}', 422, "not a finite number"),
    (b'{"type":"ContactUpdate","x":"\\ud800"}', 422, "lone surrogate"),
    (b'{"type":"ContactUpdate","x":' + b"[" * 40 + b"]" * 40 + b"}", 422, "nested deeper"),
    (b'{"type":' + b"[" * 100_000, 422, "nested"),
    (b"\xff\xfe", 422, "not UTF-8"),
    (b'"' + b"x" * 10_000_000 + b'"', 413, "allowed are 1048576"),
]


@pytest.mark.parametrize(("body", "status", "reason"), HOSTILE, ids=[repr(each[0][:40]) for each in HOSTILE])
def test_what_cannot_be_kept_is_refused_with_the_reason(office: Served, body: bytes, status: int, reason: str) -> None:
    before = count(office, "ghl", "too_large" if status == 413 else "invalid")
    answer = post(office, body, X_GHL_Signature=signature(body))
    assert answer.status_code == status
    assert reason in answer.json()["error"]["detail"]
    assert count(office, "ghl", "too_large" if status == 413 else "invalid") == before + 1


def test_a_delivery_without_a_location_belongs_to_the_office(office: Served) -> None:
    webhook = contact("")
    del webhook["locationId"]
    assert deliver(office, webhook).status_code == 200
    assert [row["key"] for row in settled(office, "default")] == [webhook["webhookId"]]


def test_wrong_types_within_a_delivery_fail_in_the_open_and_hold_up_nothing(office: Served, location: str) -> None:
    deliver(office, contact(location, id=7))
    deliver(office, contact(location, tags=7, phone=[1], customFields={"a": 1}, dnd="perhaps"))
    deliver(office, contact(location, id="bob"))
    rows = settled(office, location)
    assert [row["state"] for row in rows] == ["translated", "translated", "failed"]
    assert rows[2]["error"] == "id is 7: required is text of 1–128 characters"
    assert json.loads(rows[2]["body"])["id"] == 7
    assert {event["data"]["contact_id"] for event in events(office, location, 2)} == {"ann", "bob"}


@pytest.mark.parametrize(
    ("role", "inside"), [("admin", True), ("manager", True), ("agent", True), ("viewer", False), (None, False)]
)
def test_why_one_failed_and_its_body_are_for_who_may_see_contacts(
    office: Served, location: str, role: Any, inside: bool
) -> None:
    deliver(office, contact(location, id=7))
    settled(office, location)
    headers = office.bearer(role) if role else {}
    url = f"{office.url}/api/deliveries"
    answer = office.session.get(url, params={"location": location}, headers=headers, timeout=5).json()
    (row,) = answer["deliveries"]
    assert (row["state"], answer["counts"][0]["deliveries"]) == ("failed", 1)
    assert ["error" in row, "body" in row] == [inside, inside]


def test_who_reads_may_see_deliveries_and_a_manager_has_them_translated_again(office: Served, location: str) -> None:
    url = f"{office.url}/api/deliveries/retranslate"
    statuses = {
        role: office.session.post(
            url, headers=office.bearer(role), params={"location": location}, timeout=5
        ).status_code
        for role in ("publisher", "viewer", "agent", "manager", "admin")
    }
    assert statuses == {"publisher": 403, "viewer": 403, "agent": 403, "manager": 200, "admin": 200}
    bad = office.session.get(f"{office.url}/api/deliveries?state=lost", headers=office.bearer(), timeout=5)
    assert (bad.status_code, "pending, translated, failed, ignored" in bad.text) == (422, True)


def test_the_log_and_the_answers_hold_no_signature_and_no_secret(office: Served, location: str) -> None:
    body = json.dumps(contact(location)).encode()
    wrong = signature(b"other bytes")
    texts = [
        post(office, body, X_GHL_Signature=wrong).text,
        work(office, {}, secret="not-the-secret-of-anybody").text,
        json.dumps(office.get("/api/deliveries", location=location)),
        office.log,
    ]
    assert "a delivery of ghl was refused" in texts[-1]
    hidden: list[Any] = [wrong, "not-the-secret-of-anybody", SECRET, office.secret]
    assert [secret for secret in hidden for text in texts if secret in text] == []


def test_a_workflow_with_the_secret_is_taken_and_a_repeat_is_known(office: Served, location: str) -> None:
    form = {"contact_id": "ann", "full_name": "Ann Lee", "tags": "Hot-Seller", "location": {"id": location}}
    assert [work(office, form).json() for _ in range(2)] == [{"duplicate": False}, {"duplicate": True}]
    assert [event["type"] for event in events(office, location, 2)] == [
        "contact_update",
        "jorge_qualification_progress",
    ]


def test_a_workflow_may_send_events_of_ours_the_good_beside_the_bad(office: Served, location: str) -> None:
    good = {"type": "bot_status_update", "locationid": location, "data": {"bot_type": "lead-bot", "status": "active"}}
    bad = {**good, "data": {"bot_type": "lead-bot", "status": "dancing"}}
    assert work(office, [bad, good]).status_code == 200
    (row,) = settled(office, location)
    assert (row["state"], row["events"]) == ("failed", 1)
    assert "event 0: /data/status is 'dancing'" in row["error"]
    assert events(office, location, 1)[0]["data"]["status"] == "active"
    refused = work(office, bad)
    assert (refused.status_code, refused.json()["error"]["faults"][0]["pointer"]) == (422, "/data/status")


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET.upper()])
def test_without_the_secret_a_workflow_is_refused(office: Served, secret: str) -> None:
    before = count(office, "ghl-workflow", "unauthenticated")
    assert work(office, {"contact_id": "ann"}, secret).status_code == 401
    assert count(office, "ghl-workflow", "unauthenticated") == before + 1


def test_what_a_bot_told_is_not_lost_to_what_the_crm_echoes(office: Served, location: str) -> None:
    qualification = {
        "contact_id": "ann",
        "current_question": 2,
        "questions_answered": 2,
        "seller_temperature": "warm",
        "confrontational_effectiveness": 71,
        "stall_detected": True,
        "next_step": "Break the stall",
    }
    progress = {
        "source": "jorge-seller",
        "type": "jorge_qualification_progress",
        "data": qualification,
        "locationid": location,
    }
    assert office.post(progress).status_code == 200
    deliver(office, contact(location, tags=["Warm-Seller"]))
    deliver(office, contact(location, tags=["Hot-Seller"]))
    kinds = [event["type"] for event in events(office, location, 4)]
    assert kinds == ["jorge_qualification_progress", "contact_update", "contact_update", "jorge_qualification_progress"]
    newest = events(office, location, 4)[-1]["data"]
    assert newest == {**qualification, "seller_temperature": "hot", "derived": []}
