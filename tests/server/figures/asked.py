"""One location of a real server: events by their age, and what wall and history answer."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from jorge_data.events.timestamps import parse_moment
from jorge_data.metrics.statistics.uptime import Uptime, since_newest, uptime
from tests.served import Served

Json = dict[str, Any]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE = ZoneInfo("America/Chicago")


def now() -> datetime:
    return datetime.now(UTC)


def event(kind: str, age: timedelta, /, identity: str | None = None, source: str = "tests", **data: Any) -> Json:
    named = {"id": identity} if identity else {}
    return {"type": kind, "source": source, "time": (now() - age).isoformat(), "data": data} | named


def seller(age: timedelta, contact: str = "dana", temperature: str = "hot") -> Json:
    return event(
        "jorge_qualification_progress",
        age,
        contact_id=contact,
        current_question=1,
        questions_answered=1,
        seller_temperature=temperature,
        confrontational_effectiveness=60.0,
        stall_detected=False,
        next_step="call",
    )


def step(age: timedelta, contact: str = "priya", **data: Any) -> Json:
    usual: Json = {"sequence_day": 3, "action_type": "sms_sent", "success": True}
    return event("lead_bot_sequence_update", age, contact_id=contact, **usual | data)


def analysis(age: timedelta, identity: str, source: str = "tests", **data: Any) -> Json:
    usual: Json = {
        "processing_time_ms": 30.0,
        "confidence_score": 0.9,
        "intent_category": "seller",
        "urgency_level": "active",
        "ml_features_triggered": ["price"],
    }
    return event("intent_analysis_complete", age, identity, source, **usual | data)


def talk(age: timedelta, contact: str = "dana", kind: str = "message", **data: Any) -> Json:
    usual: Json = {"direction": "inbound", "author": "contact", "conversation_id": f"talk-{contact}"}
    return event("conversation_event", age, contact_id=contact, kind=kind, **usual | data)


def health(age: timedelta, status: str) -> Json:
    return event("system_health_update", age, component="db", status=status, response_time_ms=1.0)


def deal(age: timedelta, name: str, value: float, status: str = "open", **data: Any) -> Json:
    return event("commission_update", age, deal_id=name, deal_value=value, status=status, **data)


class Asked:
    """One location of a server: what is published to it, and what wall and history answer."""

    def __init__(self, served: Served, location: str) -> None:
        self.served, self.location = served, location

    def publish(self, *events: Json) -> "Asked":
        for start in range(0, len(events), 200):
            some = [one | {"locationid": self.location} for one in events[start : start + 200]]
            answer = self.served.post(some)
            assert answer.status_code == 200, answer.text
        return self

    def wall(self) -> Json:
        """Return the figures as of all that was published."""
        for _ in range(10):  # each answer waits two seconds for the fold, and tells what it has by then
            figures: Json = self.served.get("/api/dashboard/metrics", location=self.location)
            if figures["counting"] is None:
                return figures
        raise AssertionError(figures["counting"])

    def series(self, kind: str, where: Iterable[str] = (), **query: str) -> list[list[Any]]:
        asked: Any = [("location", self.location), ("kind", kind), *(("where", each) for each in where), *query.items()]
        answer = self.served.session.get(
            f"{self.served.url}/api/series", params=asked, headers=self.served.bearer(), timeout=10
        )
        answer.raise_for_status()
        rows: list[list[Any]] = answer.json()["rows"]
        return rows

    def value(self, kind: str, where: Iterable[str] = (), **query: str) -> Any:
        """Return the one value of a question, None where nothing was counted."""
        rows = self.series(kind, where, step="all", **query)
        return rows[0][-2] if rows else None

    def table(self, kind: str, where: str, **query: str) -> list[list[Any]]:
        rows: list[list[Any]] = self.served.get(
            "/api/table", location=self.location, kind=kind, where=where, limit=1000, **query
        )["rows"]
        return rows

    def uptimes(self) -> list[Uptime]:
        """Return the uptime of 30 days as the System page makes it of its questions."""
        end = now()
        start = end - 30 * DAY
        asked: Json = {"by": "component,status", "step": "all", "agg": "sum"}
        columns = ["t", "component", "status", "value", "n"]
        past = self.series("component_time", measure="duration_s", **asked | {"from": start.isoformat()})
        newest = pd.DataFrame(self.series("component_newest", measure="reported_s", **asked), columns=columns)
        running = since_newest(newest, start, end, end, True)
        frames = [frame for frame in (pd.DataFrame(past, columns=columns), running) if not frame.empty]
        return uptime(pd.concat(frames, ignore_index=True), (end - start).total_seconds())


def since(age: timedelta) -> str:
    return (now() - age).isoformat()


def ago(text: str) -> Any:
    """Return a moment's age in seconds, to a few of them."""
    return pytest.approx((now() - parse_moment(text)).total_seconds(), abs=10)


def office_date(days: int = 0) -> str:
    return (now().astimezone(OFFICE).date() + timedelta(days=days)).isoformat()
