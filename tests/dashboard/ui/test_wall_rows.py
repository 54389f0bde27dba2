"""What a tile of the wall opens is what it counts: asked of a real event server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jorge_data.dashboard.ui.wall_rows import tile_rows
from jorge_data.events.timestamps import micros, moment, office_day
from jorge_data.metrics import Targets
from jorge_data.metrics.definitions.command_center import FIGURES
from jorge_data.permissions import TILES
from tests.served import Served

NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOCATION = "default"
TODAY = moment(office_day(NOW, Targets().zone)[0])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("office")) as server:
        accepted = server.post(
            [
                seller("dana", "hot", NOW - 45 * DAY),
                message("dana", NOW - HOUR),
                seller("luis", "hot", NOW - 40 * DAY),  # of whom nothing was heard since
                seller("ann", "hot", NOW - 2 * HOUR),
                seller("bo", "warm", NOW - 2 * HOUR),
                message("ann", NOW - 2 * DAY),
                message("bo", NOW - 3 * HOUR),
                message("bo", NOW - 2 * HOUR, kind="opted_out"),
                deal("elm", 400_000, "open"),
                deal("oak", 300_000, "open"),
                deal("ash", 200_000, "won"),
                deal("yew", 900_000, "won", closed_at=(NOW - 70 * DAY).isoformat()),
                step("ann", NOW, success=True),
                step("bo", NOW, success=False),
                step("cy", TODAY - HOUR, success=True),
                *(analysis(NOW - ago) for ago in (HOUR, 23 * HOUR, 25 * HOUR)),
                health("redis", NOW - HOUR),
                health("redis", NOW - 31 * DAY),
            ]
        )
        assert accepted.status_code == 200, accepted.text
        yield server


def event(kind: str, /, at: datetime, **data: Any) -> dict[str, Any]:
    return {"source": "tests", "type": kind, "time": at.isoformat(), "data": data}


def seller(contact: str, temperature: str, at: datetime) -> dict[str, Any]:
    return event(
        "jorge_qualification_progress",
        at,
        contact_id=contact,
        current_question=1,
        questions_answered=1,
        seller_temperature=temperature,
        confrontational_effectiveness=60,
        stall_detected=False,
        next_step="ask price",
    )


def message(contact: str, at: datetime, kind: str = "message") -> dict[str, Any]:
    inbound = {"direction": "inbound", "author": "contact"}
    return event("conversation_event", at, contact_id=contact, conversation_id=f"of-{contact}", kind=kind, **inbound)


def deal(name: str, value: float, status: str, **data: Any) -> dict[str, Any]:
    return event("commission_update", NOW, deal_id=name, deal_value=value, status=status, **data)


def step(contact: str, at: datetime, success: bool) -> dict[str, Any]:
    return event(
        "lead_bot_sequence_update", at, contact_id=contact, sequence_day=3, action_type="sms_sent", success=success
    )


def analysis(at: datetime) -> dict[str, Any]:
    return event(
        "intent_analysis_complete",
        at,
        processing_time_ms=40,
        confidence_score=0.9,
        intent_category="seller",
        urgency_level="active",
        ml_features_triggered=["price"],
    )


def health(component: str, at: datetime) -> dict[str, Any]:
    return event("system_health_update", at, component=component, status="healthy", response_time_ms=3)


def opened(server: Served, key: str) -> dict[str, Any]:
    request = tile_rows(key, LOCATION, datetime.now(UTC), Targets())
    assert request is not None
    table: dict[str, Any] = server.get(request.path, **dict(request.parameters()))
    return table


def column(table: dict[str, Any], name: str) -> list[Any]:
    return [row[table["columns"].index(name)] for row in table["rows"]]


def test_every_tile_opens_rows_and_nothing_else_does() -> None:
    made = {key: tile_rows(key, LOCATION, NOW, Targets()) for key in FIGURES}
    assert {key for key, request in made.items() if request} == set(TILES)


def test_a_tile_opens_as_many_rows_as_it_counts(server: Served) -> None:
    figures = server.get("/api/dashboard/metrics")
    assert opened(server, "hot")["total"] == figures["qualification"]["hot"] == 2
    assert opened(server, "conversations")["total"] == figures["conversations"]["active"] == 1
    assert opened(server, "sequences")["total"] == figures["sequences"]["done_today"] == 1
    assert opened(server, "intent")["total"] == 2
    assert opened(server, "system")["total"] == 1


def test_the_deals_that_a_tile_opens_add_up_to_it(server: Served) -> None:
    revenue = server.get("/api/dashboard/metrics")["revenue"]
    assert sum(column(opened(server, "pipeline"), "commission")) == revenue["commission_pipeline"] == 42_000
    assert sum(column(opened(server, "won"), "commission")) == revenue["commission_won_month"] == 12_000


def test_hot_sellers_are_listed_by_name_and_of_the_last_thirty_days(server: Served) -> None:
    table = opened(server, "hot")
    assert sorted(column(table, "contact_id")) == ["ann", "dana"]
    assert all(micros(NOW) - micros(datetime.fromisoformat(at)) < 30 * 86_400e6 for at in column(table, "at"))
