from jorge_data.metrics.entities import SCALE
from tests.metrics.entities.memory_store import fold_at_once, fold_each
from tests.metrics.live_location import MINUTE, NOON, LiveLocation

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


def test_a_seller_who_turned_hot_waits_for_the_first_word_of_an_agent_after_it(location: LiveLocation) -> None:
    location.converse(author="agent", direction="outbound", at=NOON - MINUTE)
    location.qualify(seller_temperature="hot")
    location.qualify(seller_temperature="hot", at=NOON + MINUTE)
    location.converse(author="bot", direction="outbound", at=NOON + MINUTE)
    assert fold_each(location.events).values("human_touch") == [(0, "open")]
    location.converse("call_started", author="agent", direction="outbound", at=NOON + 7 * MINUTE)
    location.converse(author="agent", direction="outbound", at=NOON + 9 * MINUTE)
    assert fold_each(location.events).values("human_touch") == [(0, "done", 7 * S)]
    location.converse(author="agent", direction="outbound", at=NOON + 4 * MINUTE)
    assert fold_each(location.events).values("human_touch") == [(0, "done", 4 * S)]


def test_each_time_that_a_seller_turns_hot_waits_for_itself(location: LiveLocation) -> None:
    for minutes, temperature in ((0, "hot"), (5, "warm"), (8, "hot")):
        location.qualify(seller_temperature=temperature, at=NOON + minutes * MINUTE)
    location.converse(author="agent", at=NOON + 3 * MINUTE)
    assert fold_each(location.events).values("human_touch") == [(0, "done", 3 * S), (8, "open")]


def test_a_touch_of_the_same_moment_counts_where_it_comes_later_in_the_log(location: LiveLocation) -> None:
    location.converse(author="agent", contact="luis")
    for contact in ("dana", "luis"):
        location.qualify(contact, seller_temperature="hot")
    location.converse(author="agent", contact="dana")
    assert fold_each(location.events).values("human_touch") == [(0, "done", 0), (0, "open")]
