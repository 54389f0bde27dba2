"""Webhooks: verified over the bytes, on disk before they are answered, translated afterwards, whatever happens."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jorge_data.vendors.body import to_text
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
    assert (event["id"].rpartition(":")[0], event["source"]) == (webhook["webhookId"], "ghl")


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
    ("age", "state"),
    [
        (timedelta(minutes=70), "translated"),  # the last of the platform's own retries
        (timedelta(minutes=76), "ignored"),
        (timedelta(minutes=-4), "translated"),
        (timedelta(minutes=-6), "ignored"),
    ],
)
def test_an_old_delivery_is_kept_and_not_believed_and_a_retry_is(
    office: Served, location: str, age: timedelta, state: str
) -> None:
    sent = (datetime.now(UTC) - age).isoformat()
    assert deliver(office, contact(location, timestamp=sent)).status_code == 200
    (row,) = settled(office, location)
    assert row["state"] == state
    assert ("allowed is at most 75 minutes before, and 5 after" in (row["error"] or "")) is (state == "ignored")


UNREADABLE: list[tuple[bytes, str]] = [
    (b"", "the body is None"),
    (b"[]", "the body is []: allowed is a JSON object"),
    (b"{}", "the body is {}: allowed is a JSON object"),
    (b"test", "the body is 'test', which is not JSON"),
    (b'{"type":7}', "type is 7"),
    (b'{"locationId":"x"}', "type is missing"),
    (b'{"type":"ContactUpdate","locationId":7}', "locationId is 7"),
    (b'{"type":"ContactUpdate","locationId":"a b"}', "the location is 'a b'"),
    (b'{"type":' + b"[" * 100_000, "nested too deeply"),
    (b'{"type":"InboundMessage","body":"said "maybe""}', "which is not JSON"),
    (b'{"type":"ContactUpdate","score": ,"id":"ann"}', "which is not JSON"),
    (b"\xff\xfe", "the body is"),
    (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--", "send a JSON object"),
    (b"<ContactUpdate id='ann'/>", "send a JSON object"),
]


@pytest.mark.parametrize(("body", "reason"), UNREADABLE, ids=[repr(body[:40]) for body, _ in UNREADABLE])
def test_what_cannot_be_read_is_kept_with_its_body_and_its_reason(office: Served, body: bytes, reason: str) -> None:
    answer = post(office, body, X_GHL_Signature=signature(body))
    assert (answer.status_code, reason in answer.json()["detail"]) == (200, True)
    row = next(row for row in settled(office, "default") if row["key"] == f"sha256-{sha256(body).hexdigest()}")
    assert (row["type"], row["state"], reason in row["error"]) == ("unreadable", "failed", True)
    assert row["body"] == to_text(body)[:16_384]


def test_only_what_is_too_large_is_not_kept(office: Served) -> None:
    body = b'"' + b"x" * 10_000_000 + b'"'
    before = count(office, "ghl", "too_large")
    answer = post(office, body, X_GHL_Signature=signature(body))
    assert (answer.status_code, "allowed are 1048576" in answer.json()["error"]["detail"]) == (413, True)
    assert count(office, "ghl", "too_large") == before + 1


ODD: list[tuple[bytes, str]] = [
    (b'{"city":"a\r\nb\tc",%b', "a\r\nb\tc"),
    (b'{"city":"a\\ud800b",%b', "a\ufffdb"),
    (b'{"city":"a\\u0000b",%b', "a\ufffdb"),
    (b'{"x":NaN,"y":[Infinity],"city":"Austin",%b', "Austin"),
    (b'{"x":' + b"[" * 40 + b"]" * 40 + b',"city":"Austin",%b', "Austin"),
    (b'\xef\xbb\xbf{"city":"Austin",%b', "Austin"),
    ('{"city":"Jos\u00e9",'.encode("latin-1") + b"%b", "Jos\u00e9"),
    (b'{"timestamp":"yesterday","city":"Austin",%b', "Austin"),
]


@pytest.mark.parametrize(("raw", "city"), ODD, ids=[repr(raw[:30]) for raw, _ in ODD])
def test_a_body_is_read_in_whichever_spelling(office: Served, location: str, raw: bytes, city: str) -> None:
    rest = b'"type":"ContactUpdate","id":"ann","locationId":"%b"}' % location.encode()
    body = raw % rest
    assert post(office, body, X_GHL_Signature=signature(body)).json() == {"duplicate": False}
    assert events(office, location, 1)[0]["data"]["changed"]["city"]["to"] == city


def test_one_webhook_in_a_list_is_that_webhook_and_utf_16_is_text(office: Served, location: str) -> None:
    for number, encoding in enumerate(("utf-8", "utf-16", "utf-16-be", "utf-32")):
        body = json.dumps([contact(location, id=f"contact-{number}")]).encode(encoding)
        assert post(office, body, X_GHL_Signature=signature(body)).json() == {"duplicate": False}
    assert len(events(office, location, 4)) == 4


def test_a_delivery_without_a_location_belongs_to_the_office(office: Served) -> None:
    webhook = contact("")
    del webhook["locationId"]
    assert deliver(office, webhook).status_code == 200
    assert webhook["webhookId"] in [row["key"] for row in settled(office, "default")]


@pytest.mark.parametrize("path", ["/webhooks/ghl", "/webhooks/ghl/workflow", "/webhooks/retell"])
def test_who_only_looks_is_told_what_the_address_is_and_wants(office: Served, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        headers = {"WebHook-Request-Origin": "eventgrid.azure.net"}
        answer = office.session.request(method, office.url + path, headers=headers, timeout=5)
        assert (answer.status_code, answer.headers["Allow"]) == (200, "GET, HEAD, OPTIONS, POST")
        assert answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
        if method != "HEAD":
            assert answer.json()["wants"].startswith("a POST of JSON")


def test_a_slash_at_the_end_is_no_other_address(office: Served, location: str) -> None:
    form = {"contact_id": "ann", "full_name": "Ann Lee", "location": {"id": location}}
    headers = {"X_Jorge_Webhook_Secret": SECRET}
    assert post(office, json.dumps(form).encode(), "/webhooks/ghl/workflow/", **headers).status_code == 200
    assert events(office, location, 1)[0]["data"]["name"] == "Ann Lee"


def test_the_secret_may_come_as_a_bearer_or_a_password_and_never_in_the_address(office: Served, location: str) -> None:
    form = json.dumps({"contact_id": "ann", "full_name": "Ann", "location": {"id": location}}).encode()
    basic = base64.b64encode(f"anybody:{SECRET}".encode()).decode()
    good = [
        post(office, form, "/webhooks/ghl/workflow", Authorization=f"{by}")
        for by in (f"Bearer {SECRET}", f"Basic {basic}")
    ]
    assert [answer.status_code for answer in good] == [200, 200]
    for given in ({"Authorization": "Bearer wrong"}, {"Authorization": "Basic !"}, {}):
        answer = post(office, form, f"/webhooks/ghl/workflow?secret={SECRET}", **given)
        assert answer.status_code == 401
    assert "never in the address" in answer.json()["error"]["detail"]


def test_what_was_ignored_is_translated_again_on_demand_as_well(office: Served, location: str) -> None:
    deliver(office, contact(location, type="InvoicePaid"))
    (row,) = settled(office, location)
    assert (row["state"], row["error"]) == ("ignored", "a webhook of this type says nothing that is told here")
    url = f"{office.url}/api/deliveries/retranslate"
    answer = office.session.post(url, headers=office.bearer(), params={"location": location}, timeout=5)
    assert answer.json() == {"reopened": 1}
    assert [each["state"] for each in settled(office, location)] == ["ignored"]


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
    assert work(office, bad).status_code == 200
    assert [row["state"] for row in settled(office, location)] == ["failed", "failed"]


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
