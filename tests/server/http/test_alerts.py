"""The alert rules over HTTP, rehearsed on a real log."""

from datetime import timedelta
from typing import Any

import pytest

from jorge_data.server.auth.tokens import Identity, Tokens
from tests.served import Served
from tests.server.figures.asked import Asked, event, seller, step, talk

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
Json = dict[str, Any]


def rules_of(served: Served, location: str, **asked: str) -> dict[str, Json]:
    answer = served.get("/api/alerts", location=location, **asked)
    return {rule["name"]: rule for rule in answer["rules"]}


def test_an_office_that_never_heard_anything_is_told_so(served: Served, location: str) -> None:
    answer = served.get("/api/alerts", location=location)
    assert answer["heard_from"] is None
    assert answer["unheard"] == []
    assert {rule["rang"] for rule in answer["rules"]} == {0}
    assert all(rule["words"].endswith(".") for rule in answer["rules"])


def test_each_rule_rings_by_what_was_published(served: Served, location: str) -> None:
    """Days lie between what an office in its hours should have done and what it did: they end in no weekend."""
    sent = [step(3 * DAY - number * SECOND, f"lead-{number}", success=False) for number in range(12)]
    Asked(served, location).publish(
        event("contact_update", 25 * DAY, contact_id="dana", changed={}, name="Dana Reed"),
        seller(20 * DAY),
        talk(12 * DAY, author="agent", direction="outbound", body="Hi", agent_id="ann", agent_name="Ann"),
        talk(20 * DAY, "omar", "task", summary="Call me"),
        talk(2 * DAY, "reed", body="STOP", channel="sms"),
        talk(2 * DAY - HOUR, "reed", author="bot", direction="outbound", body="Hello again", channel="sms"),
        event("attention_update", 2 * DAY - 2 * HOUR, item="optout:reed", action="acknowledged", by="jorge"),
        event("system_health_update", DAY, component="redis", status="down", response_time_ms=10),
        event("system_health_update", DAY - HOUR, component="redis", status="healthy", response_time_ms=10),
        event("commission_update", 40 * DAY, deal_id="elm", deal_value=400_000, status="open", stage="offer"),
        *sent,
    )
    rules = rules_of(served, location)
    told = {name: [(each["about"], each["outcome"]) for each in rule["alerts"]] for name, rule in rules.items()}
    assert told == {
        **{key: [] for key in rules},
        "hot": [("Dana Reed", "ignored")],
        "callback": [("omar", "ignored")],
        "optout": [("reed", "acted")],
        "sends": [("lead-bot", "ignored")],
        "component": [("redis", "healed")],
        "deal": [("elm", "ignored")],
    }
    (dana,) = rules["hot"]["alerts"]
    assert (dana["by"], dana["phase"]) == ("Ann", "resolved")
    assert (rules["hot"]["rang"], rules["hot"]["acted"], rules["hot"]["ignored"]) == (1, 0, 1)
    assert rules["optout"]["median_act_s"] == pytest.approx(3600, abs=60)
    assert rules["component"]["alerts"][0]["lasted_s"] == pytest.approx(3600 - 120, abs=60)


def test_a_shorter_rehearsal_has_what_rang_in_it_alone(served: Served, location: str) -> None:
    Asked(served, location).publish(
        *(
            event("system_health_update", age, component=name, status=status, response_time_ms=10)
            for name, since in (("redis", 4 * DAY), ("ghl", 6 * HOUR))
            for age, status in ((since, "down"), (since - HOUR, "healthy"))
        )
    )
    assert [each["about"] for each in rules_of(served, location, days="1")["component"]["alerts"]] == ["ghl"]
    assert [each["about"] for each in rules_of(served, location)["component"]["alerts"]] == ["ghl", "redis"]


@pytest.mark.parametrize("days", ["0", "91", "a week", "1.5"])
def test_days_that_there_are_not_are_refused_with_what_is_allowed(served: Served, days: str) -> None:
    answer = served.session.get(f"{served.url}/api/alerts", params={"days": days}, headers=served.bearer(), timeout=10)
    assert answer.status_code == 422
    assert "1–90" in answer.json()["error"]["detail"]


def test_an_agent_is_told_of_his_own_contacts_and_nobodys(served: Served, location: str) -> None:
    Asked(served, location).publish(
        event("contact_update", 25 * DAY, contact_id="dana", changed={}, assigned_to="ann"),
        event("contact_update", 25 * DAY, contact_id="priya", changed={}, assigned_to="bob"),
        *(seller(20 * DAY, contact) for contact in ("dana", "priya", "omar")),
        *(talk(20 * DAY, contact, "task", summary="Call me") for contact in ("dana", "priya", "omar")),
        *(talk(2 * DAY, contact, "opted_out") for contact in ("dana", "priya", "omar")),
        *(
            talk(DAY, contact, author="bot", direction="outbound", body="Hello", channel="sms")
            for contact in ("dana", "priya", "omar")
        ),
    )
    token = Tokens(served.secret).issue("agent", "ann", 600, location, Identity(agent_id="ann"))
    bearer = {"Authorization": f"Bearer {token}"}
    answer = served.session.get(f"{served.url}/api/alerts", params={"location": location}, headers=bearer, timeout=10)
    rules = {rule["name"]: {each["subject"] for each in rule["alerts"]} for rule in answer.json()["rules"]}
    for name in ("hot", "callback", "optout"):
        assert rules[name] == {"dana", "omar"}, name


def test_a_viewer_is_told_of_no_alerts(served: Served) -> None:
    answer = served.session.get(f"{served.url}/api/alerts", headers=served.bearer("viewer"), timeout=10)
    assert answer.status_code == 403
