"""Figures over time: from rollups, from events and counted by hand they are the same."""

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.errors import Invalid
from jorge_data.events import Candidate
from jorge_data.events.encoding import encode
from jorge_data.metrics.entities import CUBES
from tests.server.query import naive
from tests.server.query.conftest import History
from tests.server.query.past import END, candidates

KINDS = {
    "jorge_qualification_progress": ("seller_temperature", "stall_detected", "stall_type", "source", "script_version"),
    "lead_bot_sequence_update": ("sequence_day", "action_type", "success", "script_version"),
    "intent_analysis_complete": ("intent_category", "urgency_level", "script_version"),
    "bot_status_update": ("bot_type", "status", "source", "script_version"),
    "conversation_event": ("kind", "direction", "author", "sentiment", "script_version"),
    "system_health_update": ("component", "status"),
    "property_alert": ("alert_type", "script_version"),
    "commission_update": ("status", "stage"),
}
DERIVED = ("within_target", "above_target")
ZONES = ("America/Chicago", "Asia/Kathmandu", "UTC", "Australia/Lord_Howe")
STEPS = {"all": 40, "1mo": 40, "1w": 40, "1d": 30, "3h": 7, "1h": 5, "15m": 2, "5m": 1, "1m": 0.5}
"""Each step, and the longest span, in days, that is queried in it."""

ALWAYS = ("where", "id:ne:nobody")
"""A condition that every event meets and no cube knows: it makes the same query go to the events."""


def queries(seed: int, count: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [_query(chance) for _ in range(count)]


def _query(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(list(KINDS))
    step = chance.choice(list(STEPS))
    measures = [name for name in CUBES[kind].measures if name not in DERIVED]
    measure = chance.choice(["events", *measures])
    start = END - timedelta(days=20 * chance.random(), microseconds=chance.randrange(10**6))
    length = timedelta(days=STEPS[step] * max(0.05, chance.random()))
    span = (start, start + length) if chance.random() < 0.8 or step not in ("all", "1d") else (None, None)
    dims = chance.sample(KINDS[kind], min(len(KINDS[kind]), chance.randrange(3)))
    return {
        "kind": kind,
        "measure": measure,
        "agg": "count" if measure == "events" else chance.choice(["count", "sum", "mean", "min", "max", "p50", "p95"]),
        "by": tuple(dims),
        "where": {"source": "one"} if chance.random() < 0.3 else {},
        "span": span,
        "step": step,
        "zone": chance.choice(ZONES),
    }


def params_of(query: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the parameters of a query."""
    start, end = query["span"]
    params = [(name, query[name]) for name in ("kind", "measure", "agg", "step", "zone")]
    params += [("by", ",".join(query["by"]))]
    params += [("where", f"{name}:eq:{value}") for name, value in query["where"].items()]
    return params + ([("from", start.isoformat()), ("to", end.isoformat())] if start else [])


def expected(past: History, query: dict[str, Any]) -> dict[tuple[Any, ...], Any]:
    """Return what is right: by step and split, the value."""
    zone = ZoneInfo(query["zone"])
    names = query["by"], query["where"], query["span"], query["step"]
    groups = naive.groups(past.published, query["kind"], *names, zone)
    scale = CUBES[query["kind"]].measures.get(query["measure"], 1)
    figures = {cell: naive.figure(some, query["measure"], query["agg"], scale) for cell, some in groups.items()}
    return {cell: value for cell, value in figures.items() if value is not None}


def cells_of(answer: dict[str, Any]) -> dict[tuple[Any, ...], Any]:
    rows = answer["rows"]
    cells = {tuple(row[:-2]): row[-2] for row in rows}
    assert len(cells) == len(rows), "no cell twice"
    return cells


@pytest.mark.parametrize("query", queries(7, 120), ids=lambda q: f"{q['kind']}-{q['agg']}-{q['step']}")
def test_rollups_events_and_counting_by_hand_agree(past: History, query: dict[str, Any]) -> None:
    right = expected(past, query)
    from_rollups, from_events = past.series(*params_of(query)), past.series(*params_of(query), ALWAYS)
    assert from_events["exact"]
    assert cells_of(from_events) == right
    if from_rollups["exact"]:
        assert cells_of(from_rollups) == right
    else:
        assert cells_of(from_rollups) == pytest.approx(right, rel=0.011)


def test_the_day_on_which_the_clock_is_put_forward_has_23_hours(past: History) -> None:
    span = {"from_": "2025-03-09T00:00:00-06:00", "to": "2025-03-10T00:00:00-05:00"}
    hours = past.series(kind="bot_status_update", step="1h", **span)
    (day,) = past.series(kind="bot_status_update", step="1d", **span)["rows"]
    assert day[0] == "2025-03-09T00:00:00-06:00"
    assert sum(row[1] for row in hours["rows"]) == day[1]
    assert not [row for row in hours["rows"] if "T02:00:00" in row[0]]


def test_a_late_event_counts_in_its_own_minute(empty: History, past: History) -> None:
    early, late = past.published[0] | {"type": "bot_status_update"}, past.published[1]
    data = {"bot_type": "jorge-seller", "status": "idle"}
    now = {**late, "type": "bot_status_update", "time": END.isoformat(), "data": data, "id": "now"}
    before = {**early, "time": (END - timedelta(days=40, minutes=3)).isoformat(), "data": data, "id": "before"}
    empty.publish([now])
    assert len(empty.series(kind="bot_status_update", step="1d")["rows"]) == 1
    empty.publish([before])
    minute = (END - timedelta(days=40, minutes=3)).replace(second=0)
    span = {"from_": (minute - timedelta(minutes=2)).isoformat(), "to": (minute + timedelta(minutes=2)).isoformat()}
    (row,) = empty.series(kind="bot_status_update", step="1m", zone="UTC", **span)["rows"]
    assert (datetime.fromisoformat(row[0]), row[1]) == (minute, 1)


def test_an_answer_covers_what_was_committed_a_moment_ago(empty: History, past: History) -> None:
    for number, event in enumerate(past.published[:40], 1):
        empty.publish([event])
        answers = [empty.series(kind=kind)["rows"] for kind in KINDS]
        assert sum(rows[0][1] for rows in answers if rows) == number
        assert empty.series(kind=event["type"])["position"]["seq"] == number


def test_a_cost_from_before_the_contract_had_costs_counts_alike_in_rollups_and_events(empty: History) -> None:
    told = ["0.000125", 0.25, 3, "007.5", None, "free", "", "1.", ".5", "1.2.3", "1e-3", -1, "-1", True, {"usd": 1}]
    for number, cost in enumerate(told):
        data = {"bot_type": "jorge-seller", "status": "completed"}
        item = {"id": f"c{number}", "source": "one", "type": "bot_status_update", "time": END.isoformat(), "data": data}
        (candidate,) = candidates([item])
        old = candidate.event._replace(data=candidate.event.data | {"cost_usd": cost})
        empty.store.append("default", [Candidate(old, encode(old))]).result(30)
    question = {"kind": "bot_status_update", "measure": "cost_usd", "agg": "sum"}
    assert empty.series(**question)["rows"] == [[None, 10.750125, 4]]
    assert empty.series(ALWAYS, **question)["rows"] == [[None, 10.750125, 4]]
    assert empty.series(("where", "cost_usd:ge:0.2"), **question)["rows"] == [[None, 10.75, 3]]


def test_a_share_is_of_those_of_which_it_is_known(past: History) -> None:
    (row,) = past.series(kind="jorge_qualification_progress", measure="stall_detected", agg="share")["rows"]
    some = [event["data"] for event in past.published if event["type"] == "jorge_qualification_progress"]
    assert row[1:] == [sum(data["stall_detected"] for data in some) / len(some), len(some)]
    rows = past.series(kind="intent_analysis_complete", measure="above_target", agg="share", by="urgency_level")["rows"]
    for urgency, share, n in ((row[1], row[2], row[3]) for row in rows):
        scores = [e["data"]["confidence_score"] for e in past.published if e["data"].get("urgency_level") == urgency]
        assert (share, n) == (sum(score > 0.85 for score in scores) / len(scores), len(scores))


def test_distinct_counts_each_value_once(past: History) -> None:
    (row,) = past.series(kind="conversation_event", measure="contact_id", agg="distinct")["rows"]
    contacts = [e["data"]["contact_id"] for e in past.published if e["type"] == "conversation_event"]
    assert row[1:] == [len(set(contacts)), len(contacts)]


def test_bins_hold_every_value(past: History) -> None:
    (row,) = past.series(kind="intent_analysis_complete", measure="confidence_score", agg="bins")["rows"]
    scores = [e["data"]["confidence_score"] for e in past.published if e["type"] == "intent_analysis_complete"]
    assert sum(count for _, count in row[1]) == row[2] == len(scores)
    assert sum(middle * count for middle, count in row[1]) == pytest.approx(sum(scores), rel=0.011)


@pytest.mark.parametrize("kind", [kind for kind, cube in CUBES.items() if cube.entity and cube.counted])
def test_facts_of_entities_add_up_over_any_cut_of_time(past: History, kind: str) -> None:
    dims = ",".join(CUBES[kind].dims[:2])
    whole = {tuple(row[1:-2]): row[-1] for row in past.series(kind=kind, by=dims)["rows"]}
    cut = END - timedelta(days=4, seconds=77, microseconds=5)
    parts: dict[tuple[Any, ...], int] = {}
    for span in ({"to": cut.isoformat()}, {"from_": cut.isoformat()}):
        for row in past.series(kind=kind, by=dims, **span)["rows"]:
            parts[tuple(row[1:-2])] = parts.get(tuple(row[1:-2]), 0) + row[-1]
    assert parts == whole


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"kind": "sellers"}, "kind is 'sellers': allowed is one of jorge_qualification_progress, "),
        ({"kind": "bot_status_update", "agg": "median"}, "agg is 'median': allowed is one of count, sum, mean"),
        ({"kind": "bot_status_update", "by": "nope"}, "by is 'nope': allowed is one of bot_type, status, source"),
        ({"kind": "seller_step", "by": "contact_id"}, "by is 'contact_id': allowed is one of step, state"),
        ({"kind": "bot_status_update", "measure": "x"}, "measure is 'x': allowed is one of events, processing_time_ms"),
        ({"kind": "bot_status_update", "where": "status"}, "where is 'status': allowed is field:operator:value"),
        ({"kind": "bot_status_update", "where": "x:eq:1"}, "where is 'x': allowed is one of bot_type"),
        ({"kind": "bot_status_update", "where": "status:like:1"}, "where is 'like': allowed is one of eq, ne, in"),
        ({"kind": "bot_status_update", "where": "status:lt:b"}, "where is 'b': allowed is a number after lt"),
        ({"kind": "bot_status_update", "step": "4h"}, "step is '4h': allowed is one of 1m"),
        ({"kind": "bot_status_update", "zone": "Mars"}, "zone is 'Mars': allowed is an IANA time zone"),
        ({"kind": "bot_status_update", "from_": "yesterday"}, "from is 'yesterday': allowed is RFC 3339"),
        ({"kind": "bot_status_update", "from_": "0001-01-01T00:00:00Z"}, "allowed is a moment of the years 1900–2200"),
        ({"kind": "bot_status_update", "to": "2025-01-01T00:00:00Z", "from_": "2025-01-01T00:00:00Z"}, "to is "),
        ({"kind": "seller_step", "agg": "distinct", "measure": "step"}, "measure is 'step'"),
        ({"kind": "seller_step", "agg": "min", "measure": "duration_s"}, "facts of entities come and go"),
        ({"kind": "bot_status_update", "agg": "sum"}, "agg is 'sum': allowed is count, where the measure is events"),
        ({"kind": "property_alert", "by": "property_id", "top": "0"}, "top is '0': allowed is 1–1000"),
        ({"kind": "property_alert", "step": "1d", "top": "3"}, "top is '3': allowed is top only where the step is all"),
    ],
)
def test_what_may_not_be_asked_is_told_by_name(past: History, query: dict[str, str], message: str) -> None:
    with pytest.raises(Invalid) as refused:
        past.series(**query)
    assert message in str(refused.value)


def test_what_is_derived_is_split_by_any_field_as_well(past: History) -> None:
    by_both = past.series(kind="property_alert", by="score_bin,property_id", measure="match_score", agg="max")["rows"]
    alerts = [event["data"] for event in past.published if event["type"] == "property_alert"]
    for score_bin, property_id, most, n in ((row[1], row[2], row[3], row[4]) for row in by_both):
        scores = [
            alert["match_score"]
            for alert in alerts
            if alert["property_id"] == property_id and int(alert["match_score"] // 10 * 10) == int(score_bin)
        ]
        assert (round(max(scores), 6), len(scores)) == (most, n)


@pytest.mark.parametrize("where", [(), (("where", "alert_type:eq:new_match"),)], ids=["by the index", "by the events"])
@pytest.mark.parametrize("by", ["property_id", "contact_id"])
def test_the_greatest_parts_of_a_split_can_be_asked_for_alone(past: History, by: str, where: Any) -> None:
    whole = past.series(*where, kind="property_alert", by=by)["rows"]
    leading = past.series(*where, kind="property_alert", by=by, top="3")["rows"]
    assert leading == sorted(sorted(whole, key=lambda row: (-row[2], row[1]))[:3], key=lambda row: row[1])


def test_the_greatest_means_are_the_greatest_of_all(past: History) -> None:
    query = {"kind": "property_alert", "measure": "match_score", "agg": "mean", "by": "score_bin"}
    assert past.series(**query, top="2")["rows"] == past.series(**query)["rows"][-2:]


def test_too_many_steps_are_refused(past: History) -> None:
    with pytest.raises(Invalid, match="step is '1m': allowed is a step of which from–to has 10000 at most"):
        past.series(kind="bot_status_update", step="1m")
