"""What is personal is in no line of the log, no metric, no health, no audit: whatever comes, good, bad or broken."""

import json
from pathlib import Path
from typing import Any

from tests.served import Served
from tests.server.privacy.person import CONTACT, OFFICE, PERSONAL, SECRET, WORKFLOW, erase, live_through, message

QUERY = "Zebediah Quux +15125550142 zeb@quux.example"


def provoke(served: Served) -> None:
    """Have the server refuse, fail and be asked for things in every way, each with what is personal in it."""
    headers, session, url = served.bearer(), served.session, served.url
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/api/table?location={OFFICE}&kind=contacts&q={QUERY}", {}),
        ("GET", f"/api/table?location={OFFICE}&kind=contacts&where=name:eq:{QUERY}&limit=x", {}),
        ("GET", f"/api/series?location={OFFICE}&kind={QUERY}", {}),
        ("GET", f"/api/contacts/{QUERY}/timeline?location={OFFICE}", {}),
        ("GET", f"/api/contacts/{QUERY}/export?location={OFFICE}", {}),
        ("POST", f"/api/contacts/{QUERY}/erase?location={OFFICE}", {}),
        ("GET", f"/events?location={QUERY}", {}),
        ("GET", f"/{QUERY}", {}),
        ("DELETE", f"/api/tokens/{QUERY}", {}),
        ("POST", "/events", {"data": f'{{"id": "{QUERY}'.encode()}),
        ("POST", "/events", {"json": [message(90, QUERY, kind=QUERY)]}),
        ("POST", "/events", {"json": [{**message(91, QUERY), "type": QUERY}]}),
        ("POST", "/events", {"json": [{**message(92, QUERY), "locationid": QUERY}]}),
        ("POST", "/webhooks/ghl", {"json": {"type": QUERY, "name": QUERY}}),
        ("POST", "/webhooks/retell", {"json": {"event": QUERY, "call": {"from_number": QUERY}}}),
    ]
    for method, path, given in asked:
        answer = session.request(method, url + path, headers=headers, timeout=20, **given)
        assert answer.status_code < 500, (path, answer.text)
    sent = {"X-Jorge-Webhook-Secret": SECRET}
    for body in (f'{{"full_name": "{QUERY}"'.encode(), json.dumps({"full_name": QUERY, "phone": QUERY}).encode()):
        session.post(f"{url}/webhooks/ghl/workflow", data=body, headers=sent, timeout=10)
    bad = session.get(f"{url}/api/audit", headers={"Authorization": f"Bearer {QUERY}"}, timeout=10)
    assert bad.status_code == 401


def test_what_is_personal_is_in_no_log_metric_health_or_audit(tmp_path: Path) -> None:
    with Served(tmp_path, **WORKFLOW, JORGE_LOG_LEVEL="debug", JORGE_ANONYMOUS="off") as served:
        live_through(served)
        provoke(served)
        served.get("/api/table", location=OFFICE, kind="contacts")
        assert erase(served)["done"]
        ways = {
            "metrics": served.session.get(f"{served.url}/metrics", headers=served.bearer(), timeout=10).text,
            "health": served.session.get(f"{served.url}/health", timeout=10).text,
            "ready": served.session.get(f"{served.url}/health/ready", timeout=10).text,
            "system": json.dumps(served.get("/api/system")),
            "audit": json.dumps(served.get("/api/audit", limit=1000)),
            "sources": json.dumps(served.get("/api/sources", location=OFFICE)),
        }
        served.stop()
        ways["log"] = served.log
    told = {way: [text for text in PERSONAL if text in content] for way, content in ways.items()}
    assert told == {key: [] for key in ways}
    assert CONTACT in ways["audit"], "an id is no name"
