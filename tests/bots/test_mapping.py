from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.types import Command

from jorge_data.bots.langgraph.mapping import STALL, Rule, as_state


def test_without_fields_each_is_read_from_the_key_of_its_name() -> None:
    state = {"actual_category": "seller", "analysis_id": "a-1", "other": 1}
    assert Rule("intent_feedback").event(state, state) == {"actual_category": "seller", "analysis_id": "a-1"}


def test_fields_name_keys_paths_and_functions() -> None:
    rule = Rule(
        "intent_analysis_complete",
        {
            "frs_score": "profile.frs.total",
            "pcs_score": "pcs",
            "confidence_score": lambda state: state["percent"] / 100,
        },
    )
    state = {"profile": SimpleNamespace(frs={"total": 61.5}), "pcs": None, "percent": 91}
    assert rule.event(state, {"profile": 1}) == {"frs_score": 61.5, "confidence_score": 0.91}


def test_there_is_an_event_only_where_a_key_was_written() -> None:
    rule = Rule("jorge_qualification_progress", {"seller_temperature": "temperature"})
    state = {"temperature": "hot", "log": []}
    assert rule.event(state, {"log": []}) is None
    assert rule.event(state, {"temperature": "hot"}) == {"seller_temperature": "hot"}


@pytest.mark.parametrize(
    ("written", "event"),
    [
        ({"stall_detected": True}, {"kind": "stall_detected", "stall_type": "agent"}),
        ({"stall_detected": False}, None),
        ({"detected_stall_type": "agent"}, None),
    ],
)
def test_a_stall_is_told_when_it_is_detected(written: dict[str, Any], event: dict[str, Any] | None) -> None:
    assert STALL.event({"detected_stall_type": "agent", **written}, written) == event


@dataclass
class Model:
    answered: int


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"a": 1}, {"a": 1}),
        (Model(2), {"answered": 2}),
        (Command(update={"a": 1}, goto="next"), {"a": 1}),
        (Command(goto="next"), {}),
        ([("a", 1), ("b", 2)], {"a": 1, "b": 2}),
        ([{"a": 1}, Command(update={"b": 2})], {"a": 1, "b": 2}),
        (None, {}),
        ("text", {}),
    ],
)
def test_whatever_a_node_may_write_is_read(value: Any, state: dict[str, Any]) -> None:
    assert as_state(value) == state


def test_a_wrong_kind_is_named() -> None:
    with pytest.raises(ValueError, match="a Rule's kind is 'stall': allowed are jorge_qualification_progress, "):
        Rule("stall")


def test_a_rule_that_nothing_could_set_off_is_refused() -> None:
    with pytest.raises(ValueError, match="a Rule for bot_status_update reads no key of the state"):
        Rule("bot_status_update", {"status": lambda state: "idle"})
