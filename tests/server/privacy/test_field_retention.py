"""Retention by field: old bodies and numbers go from events, archive and lists, and every figure stays."""

import json
from pathlib import Path

import pytest

from jorge_data.errors import SettingsError
from jorge_data.settings import read_settings
from tests.served import Served
from tests.server.privacy.person import CONTACT, OFFICE, WORKFLOW, found, live_through, message
from tests.server.privacy.test_erase import rebuild, series


def retain(served: Served) -> None:
    answer = served.session.post(f"{served.url}/api/retention/run", headers=served.bearer(), timeout=60)
    assert answer.status_code == 200, answer.text


def test_old_fields_go_and_figures_stay_also_when_they_are_folded_anew(tmp_path: Path) -> None:
    fields = {"JORGE_RETENTION_FIELDS": "body=5, phone=5"}
    with Served(tmp_path, **WORKFLOW, **fields, JORGE_RETENTION="archive", JORGE_RETENTION_DAYS="21") as served:
        live_through(served)
        fresh = message(200, "a word of today")
        del fresh["time"]
        served.post([fresh]).raise_for_status()
        before = series(served)
        retain(served)
        assert series(served) == before
        rebuild(served)
        assert series(served) == before
        events = served.get("/events", location=OFFICE, after="oldest")["events"]
        assert "a word of today" in json.dumps(events)
        assert "blue house" not in json.dumps([each["data"].get("body") for each in events])
        assert any(each["data"].get("name") == "Z. Quux" for each in events), "what is not named stays"
        events_db = found(tmp_path, ("beekeeper in a blue", "+15125550142"))
        assert events_db.keys() <= {"events.db", "events.db-wal"}, (
            "copies of the CRM and deliveries have rules of theirs"
        )
        served.post([message(3, "late and old", "c-80", message_id="m")]).raise_for_status()
        retain(served)
        assert "late and old" not in json.dumps(served.get("/api/contacts/c-80/timeline", location=OFFICE))
        acts = [act for act in served.get("/api/audit")["entries"] if act["act"] == "fields.remove"]
        assert {act["what"] for act in acts} == {"body", "phone"}
        assert "taken out of" in served.log
        assert CONTACT not in served.log


@pytest.mark.parametrize("text", ["bodies=90", "body", "body=0", "body=x", "body=90,body=80", "phone=-1"])
def test_a_field_that_is_none_or_days_that_are_none_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(SettingsError, match=r"retention_fields is .*body, name, phone"):
        read_settings(retention_fields=text)
    assert read_settings(retention_fields="body=90,phone=365").retention_fields == "body=90,phone=365"
