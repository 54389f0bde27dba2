from jorge_data.metrics.entities import CUBES, SCALE, Rules
from jorge_data.metrics.office_hours import OfficeHours
from tests.metrics.entities.memory_store import fold_at_once, fold_each
from tests.metrics.live_location import HOUR, MINUTE, NOON, LiveLocation

S = 60 * SCALE


def test_steps_are_entered_when_the_question_before_was_answered(location: LiveLocation) -> None:
    location.qualify(questions_answered=0, current_question=0)
    location.qualify(questions_answered=1, at=NOON + 4 * MINUTE)
    assert fold_at_once(location).values("seller_step") == [
        (0, "Q1", "done", 4 * S),
        (0, "hot", "open"),
        (4, "Q2", "open"),
    ]


def test_a_jump_from_one_to_three_answers_passes_a_step_in_no_time(location: LiveLocation) -> None:
    location.qualify(questions_answered=1)
    location.qualify(questions_answered=3, seller_temperature="hot", at=NOON + 5 * MINUTE)
    assert fold_at_once(location).values("seller_step") == [
        (0, "Q1", "done", 0),
        (0, "Q2", "done", 5 * S),
        (0, "hot", "done", 5 * S),
        (5, "Q3", "done", 0),
        (5, "Q4", "open"),
    ]


def test_answers_that_are_taken_back_do_not_undo_a_step(location: LiveLocation) -> None:
    location.qualify(questions_answered=2)
    location.qualify(questions_answered=1, at=NOON + MINUTE)
    assert fold_at_once(location).values("seller_cohort") == [(0, "2", "warm", "no")]


def test_all_four_answered_leaves_no_question_open(location: LiveLocation) -> None:
    location.qualify(questions_answered=4, current_question=3, seller_temperature="cold")
    values = fold_at_once(location).values("seller_step")
    assert [step[1:3] for step in values] == [
        ("Q1", "done"),
        ("Q2", "done"),
        ("Q3", "done"),
        ("Q4", "done"),
        ("hot", "open"),
    ]


def test_a_cohort_knows_the_newest_temperature_and_whether_it_ever_was_hot(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.qualify(seller_temperature="cold", at=NOON + MINUTE)
    store = fold_at_once(location)
    assert store.values("seller_cohort") == [(0, "1", "cold", "yes")]
    assert store.values("seller_move") == [(0, "", "hot"), (1, "hot", "cold")]


def test_a_late_event_moves_what_it_changes_and_nothing_else_is_left(location: LiveLocation) -> None:
    location.qualify(questions_answered=1)
    location.qualify(questions_answered=2, seller_temperature="hot", at=NOON + 10 * MINUTE)
    location.qualify(questions_answered=2, seller_temperature="warm", at=NOON + 3 * MINUTE)
    late = fold_each(location.events)
    assert ("Q2", "done", 3 * S) in [step[1:] for step in late.values("seller_step")]
    assert late.values("seller_move") == [(0, "", "warm"), (10, "warm", "hot")]
    assert late.count("seller_step") == len(late.facts("seller_step")) == 4


def test_a_question_is_stalled_at_once_and_for_ever_by_its_first_stall(location: LiveLocation) -> None:
    location.qualify(current_question=0)
    location.qualify(current_question=2, at=NOON + MINUTE)
    location.qualify(current_question=2, stall_detected=True, stall_type="price", at=NOON + 2 * MINUTE)
    location.qualify(current_question=2, stall_detected=True, stall_type="spouse", at=NOON + 3 * MINUTE)
    assert fold_at_once(location).values("seller_stall") == [(0, "Q1", "no", ""), (1, "Q3", "yes", "price")]


def test_the_contacts_row_shows_its_newest_answer(location: LiveLocation) -> None:
    location.qualify(contact_name="Dana Reed", seller_temperature="cold", next_step="old", at=NOON - MINUTE)
    location.qualify(questions_answered=3, seller_temperature="hot", stall_detected=True, frs_score=71.5)
    location.qualify(questions_answered=1, at=NOON - 2 * MINUTE)
    row = fold_each(location.events).rows["contact", "dana"]
    assert (row["name"], row["temperature"], row["answered"], row["stalled"]) == ("Dana Reed", "hot", 3, True)
    assert (row["next_step"], row["effectiveness"], row["frs_score"], row["pcs_score"]) == (
        "ask condition",
        61.0,
        71.5,
        None,
    )
    assert (row["sequence_day"], row["sequence_due"], row["outcome"], row["waiting"]) == (None, None, None, False)


def waits(location: LiveLocation, *dims: str, rules: Rules | None = None) -> list[tuple[object, ...]]:
    """Return of each time that somebody turned hot these dimensions, and the measures in minutes."""
    cube = CUBES["human_touch"]
    return [
        (
            *(dict(zip(cube.dims, fact.dims, strict=True))[dim] for dim in dims),
            {name: value / S for name, value in fact.measures},
        )
        for fact in fold_each(location.events, rules=rules).facts("human_touch")
    ]


def test_a_seller_who_turned_hot_waits_for_the_first_word_of_an_agent_after_it(location: LiveLocation) -> None:
    location.converse(author="agent", direction="outbound", at=NOON - MINUTE)
    location.qualify(seller_temperature="hot")
    location.qualify(seller_temperature="hot", at=NOON + MINUTE)
    location.converse(author="bot", direction="outbound", at=NOON + MINUTE)
    assert waits(location, "state", "heard") == [("open", "waiting", {})]
    location.converse("call_started", author="agent", direction="outbound", at=NOON + 7 * MINUTE)
    assert waits(location, "state", "heard") == [("done", "waiting", {"duration_s": 7})], "nobody was heard by ringing"
    location.converse(author="agent", direction="outbound", at=NOON + 9 * MINUTE)
    assert waits(location, "state", "heard") == [("done", "heard", {"duration_s": 7, "heard_s": 9})]
    location.converse(author="agent", direction="outbound", at=NOON + 4 * MINUTE)
    assert waits(location, "state", "heard") == [("done", "heard", {"duration_s": 4, "heard_s": 4})]


def test_a_call_is_heard_from_its_beginning_where_it_was_answered(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    call = {"author": "agent", "direction": "outbound", "channel": "call"}
    location.converse("call_ended", at=NOON + 2 * MINUTE, **call)
    location.converse("call_ended", at=NOON + 3 * MINUTE, duration_seconds=40, **call | {"channel": "voicemail"})
    assert waits(location, "heard") == [("waiting", {"duration_s": 2})]
    location.converse("call_ended", at=NOON + 20 * MINUTE, duration_seconds=600, **call)
    assert waits(location, "heard", "within") == [("heard", "15m", {"duration_s": 2, "heard_s": 10})]


def test_who_turns_hot_in_a_call_hears_a_person_at_once(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.converse("call_ended", at=NOON + 5 * MINUTE, author="agent", channel="call", duration_seconds=900)
    assert waits(location, "within") == [("5m", {"duration_s": 0, "heard_s": 0})]


def test_a_call_that_a_person_tells_of_counts_by_its_outcome(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.act("hot:dana", "called", outcome="no_answer", at=NOON + MINUTE)
    location.act("hot:dana", "called", outcome="wrong_number", at=NOON + 2 * MINUTE)
    assert waits(location, "state", "heard", "agent") == [("done", "waiting", "", {"duration_s": 1})]
    location.act("call:dana", "called", outcome="reached", at=NOON + 8 * MINUTE, agent_id="u7", agent_name="Amara Obi")
    assert waits(location, "heard", "agent", "agent_name") == [
        ("heard", "u7", "Amara Obi", {"duration_s": 1, "heard_s": 8})
    ]
    location.act("call:dana", "undone", at=NOON + 9 * MINUTE)
    assert waits(location, "heard", "agent") == [("waiting", "", {"duration_s": 1})]


def test_a_message_told_again_is_heard_once_by_who_sent_it(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    sent = {"author": "agent", "direction": "outbound", "channel": "sms", "message_id": "m1"}
    location.converse(at=NOON + 3 * MINUTE, delivery="sent", **sent)
    assert waits(location, "heard") == [("waiting", {})], "nobody knows yet that it came"
    location.converse(at=NOON + 4 * MINUTE, delivery="delivered", agent_id="u7", agent_name="Amara Obi", **sent)
    assert waits(location, "heard", "agent") == [("heard", "u7", {"duration_s": 3, "heard_s": 3})]


def test_a_seller_counts_for_who_owned_her_when_a_person_was_heard(location: LiveLocation) -> None:
    location.publish("contact_update", NOON - HOUR, contact_id="dana", changed={}, assigned_to="u1")
    location.qualify(seller_temperature="hot")
    assert waits(location, "agent") == [("u1", {})]
    location.converse(author="agent", at=NOON + 9 * MINUTE, agent_id="u7", agent_name="Amara Obi")
    assert waits(location, "agent", "agent_name") == [("u1", "", {"duration_s": 9, "heard_s": 9})]
    location.act("hot:dana", "assigned", at=NOON + 5 * MINUTE, to="tom")
    assert waits(location, "agent")[0][0] == "tom", "who takes her owns her"
    location.publish("contact_update", NOON + HOUR, contact_id="dana", changed={}, assigned_to="u9")
    assert waits(location, "agent")[0][0] == "tom", "whose she is later changes nothing"


def test_who_is_nobodys_counts_for_who_was_heard(location: LiveLocation) -> None:
    location.publish("contact_update", NOON - HOUR, contact_id="dana", changed={}, assigned_to="u1")
    location.publish("contact_update", NOON - MINUTE, contact_id="dana", changed={"assigned_to": {"to": None}})
    location.qualify(seller_temperature="hot")
    assert waits(location, "agent") == [("", {})]
    location.converse(author="agent", at=NOON + MINUTE, agent_name="Amara Obi")
    assert waits(location, "agent", "agent_name") == [("Amara Obi", "Amara Obi", {"duration_s": 1, "heard_s": 1})]


def test_who_opts_out_of_calls_or_texts_is_waited_for_no_more_as_nobody_may_call(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.converse("opted_out", channel="email", at=NOON + 2 * MINUTE)
    assert waits(location, "heard") == [("waiting", {})], "a call is still allowed"
    location.converse(channel="sms", author="contact", direction="inbound", body="STOP", at=NOON + 3 * MINUTE)
    assert waits(location, "heard", "within") == [("out", "", {"heard_s": 3})]
    location.converse("opted_out", channel="call", at=NOON + 8 * MINUTE)
    assert waits(location, "heard") == [("out", {"heard_s": 3})]
    location.converse(author="agent", at=NOON + 2 * MINUTE)
    assert waits(location, "heard") == [("heard", {"duration_s": 2, "heard_s": 2})]


def test_a_wait_ends_by_what_came_first_and_by_what_came_then_alone(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.converse("opted_out", at=NOON + 10 * MINUTE)
    location.converse(author="agent", at=NOON + 1000 * MINUTE)
    assert waits(location, "heard") == [("out", {"duration_s": 1000, "heard_s": 10})]
    location.converse("opted_in", at=NOON + 20 * MINUTE)
    assert waits(location, "heard")[0][0] == "out", "who is in again later had opted out before a person was heard"
    location.qualify(seller_temperature="warm", at=NOON + 30 * MINUTE)
    location.qualify(seller_temperature="hot", at=NOON + 990 * MINUTE)
    assert [wait[0] for wait in waits(location, "heard")] == ["out", "heard"], "and turns hot for another time"


def test_who_had_opted_out_when_she_turned_hot_was_never_waited_for(location: LiveLocation) -> None:
    location.converse("opted_out", at=NOON - HOUR)
    location.qualify(seller_temperature="hot")
    assert waits(location, "heard") == [("out", {"heard_s": 0})]
    location.converse("opted_in", at=NOON - MINUTE)
    assert waits(location, "heard") == [("waiting", {})]


def test_a_seller_who_is_not_interested_was_heard(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.act("hot:dana", "called", outcome="not_interested", at=NOON + 4 * MINUTE)
    assert waits(location, "heard") == [("heard", {"duration_s": 4, "heard_s": 4})]


def test_each_time_that_a_seller_turns_hot_waits_for_itself(location: LiveLocation) -> None:
    for minutes, temperature in ((0, "hot"), (5, "warm"), (8, "hot")):
        location.qualify(seller_temperature=temperature, at=NOON + minutes * MINUTE)
    location.converse(author="agent", at=NOON + 3 * MINUTE)
    assert waits(location, "heard") == [("heard", {"duration_s": 3, "heard_s": 3}), ("waiting", {})]


def test_who_turns_hot_again_before_a_person_was_heard_waits_still(location: LiveLocation) -> None:
    for minutes, temperature in ((0, "hot"), (5, "warm"), (8, "hot"), (30, "cold"), (40, "hot")):
        location.qualify(seller_temperature=temperature, at=NOON + minutes * MINUTE)
    assert waits(location, "heard") == [("waiting", {})]
    location.converse(author="agent", at=NOON + 35 * MINUTE)
    assert [wait[0] for wait in waits(location, "heard")] == ["heard", "waiting"]


def test_a_touch_of_the_same_moment_counts_where_it_comes_later_in_the_log(location: LiveLocation) -> None:
    location.converse(author="agent", contact="luis")
    for contact in ("dana", "luis"):
        location.qualify(contact, seller_temperature="hot")
    location.converse(author="agent", contact="dana")
    assert waits(location, "state") == [("done", {"duration_s": 0, "heard_s": 0}), ("open", {})]


def test_when_she_turned_hot_is_said_by_the_offices_clock_and_hours(location: LiveLocation) -> None:
    rules = Rules(hours=OfficeHours.parse("Mon-Fri 9:00-18:00", "2026-11-26"))
    for contact, later in (
        ("dana", 0 * HOUR),
        ("luis", 20 * HOUR),
        ("noor", 72 * HOUR),
        ("ada", 5 * HOUR + 59 * MINUTE),
    ):
        location.qualify(contact, seller_temperature="hot", at=NOON + later)
    assert waits(location, "hour", "office_hours", rules=rules) == [
        ("Mon 12", "yes", {}),
        ("Mon 17", "yes", {}),
        ("Tue 08", "no", {}),
        ("Thu 12", "no", {}),
    ]


def test_where_a_seller_came_from_is_said_as_the_crm_told_it(location: LiveLocation) -> None:
    location.qualify(seller_temperature="hot")
    location.publish("contact_update", contact_id="dana", changed={"lead_source": {"to": "Zillow"}})
    assert waits(location, "lead_source") == [("Zillow", {})]
