"""A contact or a deal that was deleted in the CRM is in no figure and no list, whatever trails behind."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.served import Served
from tests.server.figures.asked import HOUR, MINUTE, Asked, Json, deal, event, seller, step, talk

NOBODY: Json = {"hot": 0, "board": [], "needs": 0, "waiting": 0, "due": 0, "contacts": [], "cohort": 0, "touches": 0}


def deleted(age: timedelta, is_deleted: bool = True, contact: str = "dana", **data: Any) -> Json:
    return event("contact_update", age, contact_id=contact, changed={}, deleted=is_deleted, **data)


def dana() -> list[Json]:
    """Dana is hot, waits for us, and has a step that was promised for yesterday."""
    yesterday = {"next_action_date": (event("x", timedelta(days=1)))["time"]}
    return [seller(3 * HOUR), talk(2 * HOUR), step(90 * MINUTE, "dana", **yesterday)]


def known_of_dana(asked: Asked) -> Json:
    wall = asked.wall()
    return {
        "hot": wall["qualification"]["hot"] or 0,
        "board": [row["contact"] for row in wall["board"]["rows"]] if wall["board"] else [],
        "needs": wall["needs"]["count"],
        "waiting": wall["conversations"]["waiting"] or 0,
        "due": wall["sequences"]["overdue"] or 0,
        "contacts": [row[0] for row in asked.table("contacts", "contact_id:eq:dana", columns="contact_id")],
        "cohort": asked.value("seller_cohort") or 0,
        "touches": asked.value("human_touch") or 0,
    }


def test_a_deleted_contact_is_in_no_figure_list_board_or_item(asked: Asked) -> None:
    before = known_of_dana(asked.publish(*dana()))
    assert all(before.values()), before
    assert known_of_dana(asked.publish(deleted(HOUR))) == NOBODY


def test_what_trails_behind_a_deletion_does_not_revive_and_its_end_does(asked: Asked) -> None:
    before = known_of_dana(asked.publish(*dana()))
    asked.publish(
        deleted(HOUR), talk(MINUTE), seller(MINUTE), event("contact_update", MINUTE, contact_id="dana", changed={})
    )
    assert known_of_dana(asked) == NOBODY
    asked.publish(deleted(timedelta(0), is_deleted=False))
    assert known_of_dana(asked) == before | {"due": 0, "needs": 1}, "the message settled what was promised"


def test_a_deletion_as_it_was_told_before_there_was_the_field_counts(asked: Asked) -> None:
    told = event("contact_update", HOUR, contact_id="dana", changed={"deleted": {"from": False, "to": True}})
    assert known_of_dana(asked.publish(*dana(), told)) == NOBODY


@pytest.mark.parametrize("change", [{"from": None, "to": True}, {"from": True, "to": True}, {"to": "yes"}])
def test_a_field_called_deleted_that_changed_deletes_nobody(asked: Asked, change: Json) -> None:
    told = event("contact_update", HOUR, contact_id="dana", changed={"deleted": change})
    assert all(known_of_dana(asked.publish(*dana(), told)).values())


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_any_order_of_arrival_a_deleted_contact_is_gone(served: Served, location: str, order: Any) -> None:
    events = [*dana(), deleted(HOUR)]
    for number in order:
        Asked(served, location).publish(events[number])
    assert known_of_dana(Asked(served, location)) == NOBODY


def test_the_name_of_a_deleted_contact_is_still_known(asked: Asked) -> None:
    named = event("contact_update", 2 * HOUR, contact_id="dana", name="Dana Cole", changed={})
    asked.publish(named, talk(2 * HOUR), deleted(HOUR))
    figures = asked.served.get("/api/dashboard/metrics", location=asked.location, names="true")
    assert figures["names"] == {"dana": "Dana Cole"}


@pytest.mark.parametrize("status", ["open", "won"])
def test_a_deleted_deal_is_in_no_figure_and_no_list(asked: Asked, status: str) -> None:
    asked.publish(deal(3 * HOUR, "elm", 400_000, status), deal(3 * HOUR, "oak", 100_000, status))
    asked.publish(deal(HOUR, "elm", 400_000, "deleted"))
    revenue = asked.wall()["revenue"]
    figures = revenue["commission_pipeline"], revenue["commission_won_month"]
    assert sum(figures) == 6_000
    assert asked.value("deal_state") == 1
    assert [row[0] for row in asked.table("deals", f"status:eq:{status}", columns="deal_id")] == ["oak"]
    assert asked.table("deals", "deal_id:eq:elm") == []


def test_a_deal_that_is_there_again_counts_again(asked: Asked) -> None:
    asked.publish(deal(3 * HOUR, "elm", 400_000), deal(HOUR, "elm", 400_000, "deleted"))
    assert asked.wall()["revenue"]["pipeline_value"] == 0
    assert asked.publish(deal(MINUTE, "elm", 300_000)).wall()["revenue"]["pipeline_value"] == 300_000


def test_a_deletion_is_refused_by_its_field_where_it_is_no_yes_or_no(asked: Asked) -> None:
    wrong = {**deleted(HOUR), "locationid": asked.location}
    wrong["data"] = {**wrong["data"], "deleted": "yesterday"}
    answer = asked.served.post([wrong])
    assert answer.status_code == 422
    assert "/data/deleted" in answer.text
    assert "yesterday" in answer.text
