"""Figures that were once wrong, each by the fewest events that show it: the wall and the history answer alike.

The numbers are those of the list of findings; `at` is an event's age, and events arrive in the order in which they
stand here. Tests of 6 to 8 and of 10c, which are of pages, titles and shares alone, stand with those and bear their
numbers too.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jorge_data.metrics.statistics.counter import active
from tests.served import Served
from tests.server.figures.asked import (
    DAY,
    HOUR,
    MINUTE,
    OFFICE,
    Asked,
    Json,
    ago,
    analysis,
    deal,
    event,
    health,
    now,
    office_date,
    seller,
    since,
    step,
    talk,
)
from tests.server.query.past import MAKERS


def test_1_a_component_that_is_down_now_is_red_while_it_lasts_on_wall_and_page(asked: Asked) -> None:
    asked.publish(health(30 * MINUTE, "healthy"), health(20 * MINUTE, "healthy"), health(9 * MINUTE, "down"))
    system = asked.wall()["system"]
    assert (system["overall"], system["components"]["db"]["status"]) == ("critical", "down")
    assert ago(system["components"]["db"]["since"]) == 540
    assert system["uptime_30d"] == pytest.approx(1260 / 1800, abs=0.01)
    [(component, up, down, _)] = asked.uptimes()
    assert component == "db"
    assert up == pytest.approx(1260, abs=1)
    assert down == pytest.approx(540, abs=10)


def test_1b_what_said_down_once_is_down_until_it_says_otherwise(asked: Asked) -> None:
    asked.publish(health(20 * MINUTE, "down"))
    system = asked.wall()["system"]
    assert (system["overall"], system["not_reporting"], system["uptime_30d"]) == ("critical", 0, 0.0)
    [(_, up, down, _)] = asked.uptimes()
    assert up == 0
    assert down == pytest.approx(1200, abs=10)
    assert len(asked.table("system_health_update", "component:eq:db")) == 1


def test_2_a_seller_who_was_silent_for_long_and_writes_again_counts_and_needs_us(asked: Asked) -> None:
    bot = event("bot_status_update", 2 * HOUR, bot_type="jorge-seller", status="idle")
    asked.publish(seller(45 * DAY), bot, talk(HOUR))
    wall = asked.wall()
    assert (wall["qualification"]["hot"], [need["item"] for need in wall["needs"]["items"]]) == (1, ["hot:dana"])
    assert asked.value("contact_state", ["temperature:eq:hot"], **{"from": since(30 * DAY)}) == 1
    assert len(asked.table("contacts", "temperature:eq:hot")) == 1


def test_2b_a_bots_report_that_names_a_seller_is_no_sign_of_life_on_wall_or_list(asked: Asked) -> None:
    bot = event("bot_status_update", HOUR, bot_type="jorge-seller", status="idle", contact_id="dana")
    asked.publish(seller(45 * DAY), bot)
    wall = asked.wall()
    listed = asked.table("contacts", "temperature:eq:hot", **{"from": since(30 * DAY)})
    assert (wall["qualification"]["hot"] or 0) == len(listed) == 0
    assert [need["item"] for need in wall["needs"]["items"]] == ["hot:dana"]


def test_3a_a_label_that_comes_before_its_analysis_counts(asked: Asked) -> None:
    asked.publish(event("intent_feedback", HOUR, analysis_id="a", actual_category="seller"))
    asked.publish(analysis(2 * HOUR, "a"))
    ml = asked.wall()["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (1, 1.0)
    assert asked.value("intent_label", measure="right", agg="share") == 1.0
    assert asked.value("intent_label") == 1


def test_3b_one_id_of_two_sources_is_two_analyses(asked: Asked) -> None:
    asked.publish(analysis(HOUR, "a", "one"), analysis(HOUR, "a", "two", intent_category="buyer"))
    asked.publish(event("intent_feedback", MINUTE, analysis_id="a", actual_category="seller"))
    ml = asked.wall()["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (2, 0.5)
    assert (asked.value("intent_label"), asked.value("intent_label", measure="right", agg="share")) == (2, 0.5)


def _office(count: int, seed: int) -> list[Json]:
    """Return a past of 50 days, no two events of one moment, with labels and acts of people among them."""
    chance = random.Random(seed)
    ages = chance.sample(range(60, 50 * 86_400), count)
    makers: dict[str, Callable[[random.Random, str], Json]] = {
        **MAKERS,
        "intent_feedback": lambda chance, contact: {
            "analysis_id": f"{seed}-{chance.randrange(count)}",
            "actual_category": chance.choice(["buyer", "seller"]),
        },
        "attention_update": lambda chance, contact: {
            "item": chance.choice([f"hot:{contact}", f"send:{contact}", "bot:lead-bot", "component:redis"]),
            "action": chance.choice(["acknowledged", "snoozed", "assigned", "reopened"]),
            "by": "jorge",
        },
    }
    made = []
    for number, age in enumerate(ages):
        kind = chance.choice(list(makers))
        data = makers[kind](chance, f"c{chance.randrange(20)}")
        if "next_action_date" in data:
            data["next_action_date"] = office_date(chance.randrange(-20, 10))
        made.append(event(kind, timedelta(seconds=age), f"{seed}-{number}", chance.choice(["one", "two"]), **data))
    return made


def test_3c_a_shuffled_and_doubled_log_has_every_figure_and_every_since_of_the_one_in_order(
    served: Served, location: str
) -> None:
    office = sorted(_office(700, 7), key=lambda event: event["time"])
    shuffled = office[:]
    random.Random(11).shuffle(shuffled)
    one, other = Asked(served, f"{location}-1"), Asked(served, f"{location}-2")
    one.publish(*office)
    other.publish(*shuffled[:300], *shuffled[100:], *shuffled[:50])
    walls = [one.wall(), other.wall()]
    while walls[0]["as_of"][:16] != walls[1]["as_of"][:16]:  # windows are of whole minutes
        walls = [one.wall(), other.wall()]
    for wall in walls:
        del wall["as_of"], wall["freshness_s"], wall["position"]
        del wall["sparks"]  # a line that is drawn once in ten seconds, of what is folded by then
    uptimes = [wall["system"].pop("uptime_30d") for wall in walls]
    assert walls[0] == walls[1]
    assert uptimes[0] == pytest.approx(uptimes[1], abs=1e-4)


def test_4_who_opted_out_is_active_nowhere_whatever_comes_after(asked: Asked) -> None:
    asked.publish(talk(30 * HOUR, kind="opted_out"), talk(HOUR))
    assert asked.wall()["conversations"]["active"] == 0
    day = since(DAY)
    edges = [
        asked.value("conversation_edge", ["edge:eq:first"]),
        asked.value("conversation_edge", ["edge:eq:opted_out"]),
        asked.value("conversation_edge", ["edge:eq:last"], to=day),
    ]
    assert active(*edges) == 0


def due(asked: Asked) -> tuple[int, int]:
    """Return how many promises are due today and overdue, as the page asks for them."""
    today = now().astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    spans: tuple[Json, Json] = (
        {"from": today.isoformat(), "to": (today + DAY).isoformat()},
        {"to": today.isoformat()},
    )
    of_today, before = (asked.value("sequence_due", ["state:eq:open"], **span) or 0 for span in spans)
    return of_today, before


def test_5a_a_failed_step_keeps_no_promise(asked: Asked) -> None:
    asked.publish(
        step(6 * DAY, next_action_date=office_date(-2)),
        step(2 * DAY + 5 * HOUR, sequence_day=7, success=False, failure_reason="no answer"),
    )
    assert asked.wall()["sequences"]["overdue"] == 1
    assert due(asked) == (0, 1)
    assert asked.value("sequence_due", ["state:in:done,late"]) is None


def test_5b_every_open_promise_counts_however_long_ago_it_was_made(asked: Asked) -> None:
    asked.publish(
        step(40 * DAY, next_action_date=office_date(-1)), step(40 * DAY, "noor", next_action_date=office_date())
    )
    sequences = asked.wall()["sequences"]
    assert (sequences["due_today"], sequences["overdue"]) == (1, 1)
    assert due(asked) == (1, 1)


def test_5c_a_lead_who_calls_has_answered(asked: Asked) -> None:
    alert: Json = {"alert_id": "a", "property_id": "p", "match_score": 90.0, "alert_type": "new_match"}
    asked.publish(
        step(2 * DAY, "dana", next_action_date=office_date(-1)),
        event("property_alert", 2 * DAY, contact_id="dana", **alert),
        talk(30 * HOUR, kind="call_started", channel="call"),
    )
    assert asked.value("sequence_contact", ["outcome:eq:replied"]) == 1
    assert asked.value("alert_response", ["state:eq:answered"]) == 1
    assert len(asked.table("contacts", "outcome:eq:replied")) == 1
    assert asked.wall()["sequences"]["overdue"] == due(asked)[1] == 0


def test_9a_after_a_restart_with_another_target_wall_and_history_judge_by_the_new_one(tmp_path: Path) -> None:
    def within(target: str, *events: Json) -> tuple[float, float]:
        with Served(tmp_path, JORGE_INTENT_TARGET_MS=target) as served:
            asked = Asked(served, "default").publish(*events) if events else Asked(served, "default")
            share = asked.value("intent_analysis_complete", measure="within_target", agg="share")
            return asked.wall()["ml"]["within_target"], share

    analyses = [analysis(HOUR, str(ms), processing_time_ms=float(ms)) for ms in (10, 30, 40, 50)]
    assert within("42", *analyses) == (0.75, 0.75)
    assert within("20") == (0.25, 0.25)


def test_9b_after_a_restart_in_another_zone_a_close_is_in_the_month_of_its_date(tmp_path: Path) -> None:
    first = now().astimezone(OFFICE).date().replace(day=1)
    for zone in ("Asia/Kathmandu", "America/Chicago"):
        with Served(tmp_path, JORGE_ZONE=zone, JORGE_COMMISSION_RATE="0.06") as served:
            asked = Asked(served, "default")
            if zone == "Asia/Kathmandu":
                asked.publish(deal(HOUR, "elm", 100_000.0, "won", closed_at=first.isoformat()))
            won = asked.series("deal_state", ["status:eq:won"], measure="commission", agg="sum", step="1mo")
            assert [(row[0][:10], row[-2]) for row in won] == [(first.isoformat(), 6_000.0)]
            wall = asked.wall()
    assert wall["revenue"]["commission_won_month"] == 6_000.0


def test_10_an_analysis_that_is_not_a_day_old_is_within_24_hours_everywhere(asked: Asked) -> None:
    asked.publish(analysis(DAY - 40 * timedelta(seconds=1), "a"))
    assert asked.wall()["ml"]["p95_ms"] == pytest.approx(30, rel=0.01)
    assert asked.value("intent_analysis_complete", **{"from": since(DAY)}) == 1


def test_10b_a_value_of_half_a_cent_is_rounded_once_for_all_who_ask(asked: Asked) -> None:
    asked.publish(deal(HOUR, "elm", 0.125))
    sums = [
        asked.value(kind, measure=measure, agg="sum", by=by)
        for kind, measure, by in (
            ("deal_state", "value", "status"),
            ("commission_update", "deal_value", "status"),
            ("commission_update", "deal_value", "deal_id"),
        )
    ]
    assert {asked.wall()["revenue"]["pipeline_value"], *sums} == {0.12}
    answer = asked.served.get("/api/table", location=asked.location, kind="deals")
    assert answer["rows"][0][answer["columns"].index("value")] == 0.12
