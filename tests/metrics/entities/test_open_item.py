from typing import Any

from jorge_data.metrics.entities.cube import SCALE
from tests.metrics.entities.memory_store import fold_each
from tests.metrics.live_location import HOUR, MINUTE, NOON, LiveLocation

AT = round(NOON.timestamp()) * 1_000_000
M = 60_000_000


def items(location: LiveLocation) -> list[tuple[Any, ...]]:
    """Return the open items as (minutes after noon, kind, owner, again, shown from), the last two in minutes too."""
    rows = fold_each(location.events).values("open_item")
    return [(*row[:3], *((value - AT) / M if value else 0 for value in row[3:])) for row in rows]


def test_an_open_item_is_a_fact_at_the_moment_from_which_its_clock_runs(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.qualify(seller_temperature="hot", at=NOON + 5 * MINUTE)
    assert items(location) == [(0, "hot", "", 0, 0)]
    location.converse(author="agent", at=NOON + 6 * MINUTE)
    assert items(location) == []


def test_a_stall_is_open_since_it_began_on_the_present_question(location: LiveLocation) -> None:
    for minutes, question in ((0, 0), (1, 1), (2, 1)):
        location.qualify(stall_detected=True, current_question=question, at=NOON + minutes * MINUTE)
    assert items(location) == [(1, "stall", "", 1, 0)]
    location.converse("stall_detected", at=NOON + 3 * MINUTE)
    assert items(location) == [(1, "stall", "", 1, 0)]
    location.qualify(at=NOON + 4 * MINUTE)
    assert items(location) == []


def test_failed_sends_run_since_the_first_and_happen_again_with_the_last(location: LiveLocation) -> None:
    location.step(success=False)
    location.step(success=False, action_type="email_sent", at=NOON + HOUR)
    location.step(success=False, at=NOON - HOUR)
    location.step(at=NOON - 30 * MINUTE)
    assert items(location) == [(0, "send", "", 60, 0)]


def test_an_agents_word_closes_a_failed_call_but_no_failed_send(location: LiveLocation) -> None:
    location.step("dana", success=False, action_type="call_completed")
    location.step("dana", success=False)
    location.converse(author="agent", at=NOON + MINUTE)
    assert [item[1] for item in items(location)] == ["send"]


def test_a_callback_is_open_since_the_contact_first_asked_until_a_person_spoke_or_took_over(
    location: LiveLocation,
) -> None:
    location.converse("task", author="contact", channel="call", at=NOON + MINUTE)
    location.converse("task", author="contact", channel="call", at=NOON)
    assert items(location) == [(0, "callback", "", 1, 0)]
    location.converse("handoff", author="bot", at=NOON + 2 * MINUTE)
    assert items(location) == []
    location.converse("task", author="contact", at=NOON + 3 * MINUTE)
    assert items(location) == [(3, "callback", "", 3, 0)]
    location.converse(author="agent", at=NOON + 4 * MINUTE)
    assert items(location) == []


def test_a_task_that_is_not_the_contacts_own_asks_nobody_to_call_back(location: LiveLocation) -> None:
    location.converse("task", author="agent")
    location.converse("task")
    assert items(location) == []


def test_a_bots_word_closes_no_callback(location: LiveLocation) -> None:
    location.converse("task", author="contact")
    location.converse(author="bot", direction="outbound", at=NOON + MINUTE)
    location.step("dana", action_type="call_completed", at=NOON + MINUTE)
    assert [item[1] for item in items(location)] == ["callback"]


def test_a_call_that_ended_is_shown_when_ten_minutes_passed_without_an_outcome(location: LiveLocation) -> None:
    location.converse("call_ended")
    assert items(location) == [(0, "call", "", 0, 10)]
    location.converse("call_analyzed", at=NOON + HOUR)
    assert items(location) == []
    location.converse("call_ended", at=NOON + 2 * HOUR)
    assert items(location) == [(120, "call", "", 120, 130)]
    location.step("dana", action_type="call_completed", at=NOON + 3 * HOUR)
    assert items(location) == []


def test_of_one_moment_an_agents_word_closes_what_came_before_it_in_the_log_alone(location: LiveLocation) -> None:
    location.qualify("dana", seller_temperature="hot")
    location.converse(contact="dana", author="agent")
    location.converse(contact="luis", author="agent")
    location.qualify("luis", seller_temperature="hot")
    store = fold_each(location.events)
    assert [fact.at for fact in store.facts("open_item")] == [AT]
    assert sorted(row[1] for row in store.values("human_touch")) == ["done", "open"]


def test_an_item_says_who_has_it_and_from_when_it_is_shown(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.act("hot:dana", "assigned", NOON + MINUTE)
    location.act("hot:dana", "snoozed", NOON + 2 * MINUTE)
    assert items(location) == [(0, "hot", "jorge", 0, 62)]
    location.act("hot:dana", "acknowledged", NOON + 3 * MINUTE)
    assert items(location) == []


def test_an_act_before_what_it_is_about_waits_for_it(location: LiveLocation) -> None:
    location.act("hot:dana", "acknowledged", NOON + MINUTE)
    location.qualify(seller_temperature="hot")
    assert items(location) == []


def test_an_act_makes_no_contact_to_be_listed(location: LiveLocation) -> None:
    location.act("hot:dana", "assigned")
    assert fold_each(location.events).values("contact_state") == []


def test_only_of_the_newest_ten_acts_of_a_contact_it_is_told_how_long_what_they_closed_had_waited(
    location: LiveLocation,
) -> None:
    for hour in range(12):
        location.converse(author="contact", direction="inbound", at=NOON + hour * HOUR)
        location.act("reply:dana", "acknowledged", at=NOON + hour * HOUR + 20 * MINUTE)
    waited = [row[-1] for row in sorted(fold_each(location.events).values("dealt_with"))]
    until = 0
    assert waited == [until, until, *[20 * 60 * SCALE] * 10]


def test_each_promise_that_is_late_after_the_ones_dealt_with_is_told(location: LiveLocation) -> None:
    for day, hour in ((3, 1), (7, 2), (30, 3)):
        due = (NOON + hour * HOUR).isoformat()
        location.step("dana", sequence_day=day, success=False, next_action_date=due, at=NOON - HOUR)

    def overdue() -> list[tuple[Any, ...]]:
        return [(row[0], row[2], row[3]) for row in items(location) if row[1] == "overdue"]

    assert overdue() == [(60, "", 180)]
    location.act("overdue:dana", "acknowledged", at=NOON + 90 * MINUTE)
    assert overdue() == [(120, "", 180)]
    location.act("overdue:dana", "assigned", at=NOON + 150 * MINUTE)
    assert overdue() == [(120, "jorge", 180)]


def test_the_clock_of_what_happened_again_after_it_was_dealt_with_runs_on_when_it_is_taken(
    location: LiveLocation,
) -> None:
    location.step(success=False)
    location.act("send:priya", "acknowledged", at=NOON + MINUTE)
    location.step(success=False, at=NOON + HOUR)
    location.act("send:priya", "assigned", at=NOON + HOUR + MINUTE)
    assert [(row[0], row[1], row[2]) for row in items(location)] == [(60, "send", "jorge")]


def test_what_was_dealt_with_comes_back_to_who_opens_it_again_and_not_to_who_puts_it_off_or_takes_it(
    location: LiveLocation,
) -> None:
    location.qualify(seller_temperature="hot")
    location.act("hot:dana", "acknowledged", NOON + MINUTE)
    for after, action in ((2, "snoozed"), (3, "assigned")):
        location.act("hot:dana", action, NOON + after * MINUTE)
        assert items(location) == []
    location.act("hot:dana", "reopened", NOON + 4 * MINUTE)
    assert [item[:3] for item in items(location)] == [(0, "hot", "jorge")]


def test_a_wrong_number_deals_with_an_item_where_there_is_no_other_way_alone(location: LiveLocation) -> None:
    known: dict[str, Any] = {"contact_id": "dana", "changed": {}, "phone": "5125550112", "email": "d@example.com"}
    location.publish("contact_update", NOON, **known)
    location.qualify("dana", NOON, seller_temperature="hot")
    location.act("hot:dana", "called", NOON + MINUTE, outcome="wrong_number")
    assert (len(items(location)), fold_each(location.events).values("dealt_with")) == (1, []), "by mail"
    location.publish("contact_update", NOON + HOUR, contact_id="dana", changed={"email": {"to": None}})
    (dealt_with,) = fold_each(location.events).values("dealt_with")
    assert (items(location), dealt_with[:5]) == ([], (1, "hot", "jorge", "called", "wrong_number"))
