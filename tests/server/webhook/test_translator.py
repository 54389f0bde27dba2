"""Translation after the answer: killed at any moment, or failing, it loses nothing and does nothing twice."""

import json
import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from fastapi import FastAPI
from pydantic import SecretStr

from jorge_data.server.webhook import delivery_receiver
from jorge_data.server.webhook.interpretation import Interpretation
from jorge_data.server.webhook.translator import pause_s
from jorge_data.server.webhook.vendors import vendors_of
from jorge_data.settings import Settings
from jorge_data.store import Delivery, SQLiteStore
from jorge_data.store.sql import writing
from jorge_data.vendors.gohighlevel import translation
from jorge_data.vendors.gohighlevel.translation import RULES, TranslationRule
from tests.served import Served
from tests.server.inside import SECRET, Inside
from tests.server.webhook.ghl import PEM, contact, deliver, signature, work
from tests.server.webhook.ghl import SECRET as SECRET_OF_WORKFLOW
from tests.server.webhook.translated import events, settled
from tests.waiting import wait_until


def filed(folder: Path, *webhooks: dict[str, Any]) -> None:
    """Leave deliveries on disk as a server does that was killed between its answer and their translation."""
    with closing(SQLiteStore(folder / "events.db")) as store:
        for webhook in webhooks:
            body = orjson.dumps(webhook)
            delivery = Delivery(
                webhook["locationId"], "ghl", webhook["webhookId"], webhook["type"], datetime.now(UTC), body
            )
            store.inbox.file(delivery).result(10)


def appended(folder: Path) -> None:
    """Append the events of what waits, and stop there: the outcome is not on disk yet."""
    interpretation = Interpretation(vendors_of(Settings(_env_file=None)), 0.06)  # type: ignore[call-arg]
    with closing(SQLiteStore(folder / "events.db")) as store:
        for each in store.inbox.pending(100):
            store.append(each.delivery.location, interpretation.translate(each.delivery, {}).candidates).result(10)


def test_killed_between_receipt_and_translation_the_next_start_translates(tmp_path: Path) -> None:
    filed(tmp_path, contact("a", city="Austin"), contact("a", city="Dallas"))
    with Served(tmp_path) as server:
        cities = [event["data"]["changed"].get("city") for event in events(server, "a", 2)]
    assert cities == [{"from": None, "to": "Austin"}, {"from": "Austin", "to": "Dallas"}]


def test_a_workflow_that_goes_back_to_what_it_said_hours_ago_is_heard(tmp_path: Path) -> None:
    here = {"contact_id": "ann", "city": "Austin", "location_id": "a"}
    there, workflow = here | {"city": "Dallas"}, vendors_of(Settings(_env_file=None))["ghl-workflow"]  # type: ignore[call-arg]
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        for hours, form in ((3, here), (2, there)):
            at, raw = datetime.now(UTC) - timedelta(hours=hours), json.dumps(form).encode()
            envelope = workflow.open(form, raw, at)
            store.inbox.file(
                Delivery("a", workflow.name, envelope.key, envelope.type, at, raw, envelope.known_for)
            ).result(10)
    with Served(tmp_path, JORGE_WORKFLOW_SECRET=SECRET_OF_WORKFLOW) as server:
        assert [work(server, here).json()["duplicate"] for _ in range(2)] == [False, True]
        cities = [event["data"]["changed"]["city"]["to"] for event in events(server, "a", 3)]
    assert cities == ["Austin", "Dallas", "Austin"]


def test_killed_between_the_events_and_the_verdict_nothing_comes_twice(tmp_path: Path) -> None:
    filed(tmp_path, contact("a", tags=["Hot-Seller"]))
    appended(tmp_path)
    with Served(tmp_path) as server:
        assert [event["type"] for event in events(server, "a", 2)] == ["contact_update", "jorge_qualification_progress"]
        assert [row["state"] for row in settled(server, "a")] == ["translated"]


@pytest.mark.parametrize(
    ("receiving", "waiting", "pause"),
    [(0, 1000, 0.0), (1, 0, 0.06), (20, 4000, 0.03), (20, 8000, 0.0), (500, 50_000, 0.0)],
    ids=["nobody comes", "little waits", "much waits", "very much waits", "all slots are taken"],
)
def test_answers_come_before_translations_until_too_many_wait(receiving: int, waiting: int, pause: float) -> None:
    assert pause_s(0.01, receiving, waiting) == pytest.approx(pause)


def test_killed_at_any_moment_every_acknowledged_delivery_becomes_its_event_once(tmp_path: Path) -> None:
    chance, acknowledged = random.Random(7), []
    with Served(tmp_path, JORGE_GHL_PUBLIC_KEY=PEM) as server:
        for life in range(3):
            for number in range(chance.randint(20, 120)):
                webhook = contact("a", id=f"contact-{life}-{number}")
                assert deliver(server, webhook).status_code == 200
                acknowledged.append((webhook["webhookId"], webhook["id"]))
            server.kill()
            server.start()
        translated = events(server, "a", len(acknowledged))
    assert [(event["id"].rpartition(":")[0], event["data"]["contact_id"]) for event in translated] == acknowledged


def send(server: Inside, webhook: dict[str, Any]) -> requests.Response:
    body = orjson.dumps(webhook)
    return requests.post(
        f"{server.url}/webhooks/ghl", data=body, headers={"X-GHL-Signature": signature(body)}, timeout=10
    )


def rows(server: Inside, state: str) -> list[dict[str, Any]]:
    """Return the deliveries of location `a` once the newest has come to a state."""
    rows: list[dict[str, Any]] = []

    def arrived() -> bool:
        rows[:] = as_admin(server, "GET", "deliveries?location=a").json()["deliveries"]
        return bool(rows) and rows[0]["state"] == state

    wait_until(arrived)
    return rows


def test_more_events_than_the_store_takes_at_once_hold_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = {"type": "bot_status_update", "data": {"bot_type": "lead-bot", "status": "active"}}
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        for number in range(4):
            body = orjson.dumps([status] * 500)
            delivery = Delivery("a", "ghl-workflow", f"k{number}", "bot_status_update", datetime.now(UTC), body)
            store.inbox.file(delivery).result(10)
    monkeypatch.setattr(writing, "QUEUE", 1500)
    with Inside(tmp_path) as server:
        assert [row["events"] for row in rows(server, "translated")] == [500] * 4
        (log,) = requests.get(f"{server.url}/api/locations", timeout=10).json()["locations"]
        assert log["top"] == 2000


def test_what_a_fault_of_ours_failed_is_translated_by_a_command_once_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(fields: Any, seen: Any, received: Any) -> Any:
        return fields["tags"][0] / 0

    with Inside(tmp_path, {"ghl_public_key": PEM}) as server:
        with monkeypatch.context() as broken:
            broken.setitem(RULES, "ContactUpdate", TranslationRule(translation.about_contact, faulty))
            assert send(server, contact("a", tags=[1], city="Austin")).status_code == 200
            (row,) = rows(server, "failed")
        assert row["error"] == "ZeroDivisionError: division by zero"
        assert orjson.loads(row["body"])["city"] == "Austin"
        assert _command(server).stdout == "1 deliveries are translated again\n"
        assert rows(server, "translated")[0]["events"] == 1
        assert _command(server).stdout == "0 deliveries are translated again\n"


def _command(server: Inside, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
    environment = {"JORGE_SOCKET_URL": server.url.replace("http", "ws"), "JORGE_TOKEN_SECRET": secret}
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", "retranslate"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_says_in_one_line_why_it_could_not(tmp_path: Path) -> None:
    with Inside(tmp_path) as server:
        refused = _command(server, "another secret of thirty-two bytes or more")
    unanswered = _command(server)
    assert (refused.returncode, unanswered.returncode) == (2, 2)
    assert "answered 401" in refused.stderr
    (said,) = unanswered.stderr.splitlines()
    assert said.startswith(f"the event server: {server.url} does not answer: ")
    assert said.endswith("; is it started?")


def test_what_is_being_translated_when_its_location_is_removed_brings_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Inside(tmp_path, {"ghl_public_key": PEM}) as server, ThreadPoolExecutor(1) as elsewhere:
        assert isinstance(server.config.app, FastAPI)
        taking, read, removing = server.config.app.state.context.deliveries, threading.Event(), threading.Event()
        copies = taking.inbox.copies

        def wait(*arguments: Any) -> Any:
            read.set()
            assert removing.wait(20)
            return copies(*arguments)

        monkeypatch.setattr(taking.inbox, "copies", wait)
        assert send(server, contact("a")).status_code == 200
        assert read.wait(20)
        removal = elsewhere.submit(as_admin, server, "DELETE", "locations/a")
        wait_until(lambda: "location.remove" in as_admin(server, "GET", "audit").text)  # recorded before it is done
        removing.set()
        assert removal.result(20).status_code == 204
        wait_until(lambda: taking.waiting == 0)
        assert as_admin(server, "GET", "locations").json() == {"locations": []}
        assert as_admin(server, "GET", "deliveries?location=a").json()["deliveries"] == []


def as_admin(server: Inside, method: str, path: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.tokens.issue('admin', 'test', 60)}"}
    return requests.request(method, f"{server.url}/api/{path}", headers=headers, timeout=20)


def test_where_too_much_waits_a_vendor_is_asked_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_receiver, "MOST_WAITING", 0)
    with Inside(tmp_path, {"ghl_public_key": PEM}) as server:
        answer = send(server, contact("a"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
        monkeypatch.setattr(delivery_receiver, "MOST_WAITING", 1)
        assert send(server, contact("a")).status_code == 200


def test_a_store_that_cannot_write_asks_for_a_retry_for_that_is_all_the_platform_retries(tmp_path: Path) -> None:
    with Inside(tmp_path, {"ghl_public_key": PEM}) as server:
        assert isinstance(server.config.app, FastAPI)
        server.config.app.state.context.store.writer.close()
        answer = send(server, contact("a"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
        assert "nothing was kept" in answer.text


def test_a_workflow_is_off_until_its_secret_is_set(tmp_path: Path) -> None:
    with Inside(tmp_path, {"workflow_secret": SecretStr("")}) as server:
        answer = requests.post(f"{server.url}/webhooks/ghl/workflow", data=b"{}", timeout=10)
    assert answer.status_code == 403
    assert "set JORGE_WORKFLOW_SECRET" in answer.json()["error"]["detail"]
