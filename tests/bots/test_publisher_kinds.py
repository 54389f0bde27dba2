"""The publisher's methods take the fields of the kinds."""

import inspect
from typing import Any, Unpack, get_args, get_origin

import pytest

from jorge_data.bots import Publisher
from jorge_data.events import KINDS

METHODS = {
    "qualification_progress": "jorge_qualification_progress",
    "sequence_update": "lead_bot_sequence_update",
    "intent_analysis": "intent_analysis_complete",
    "bot_status": "bot_status_update",
    "conversation_event": "conversation_event",
    "system_health": "system_health_update",
    "property_alert": "property_alert",
    "commission_update": "commission_update",
    "contact_update": "contact_update",
    "attention_update": "attention_update",
    "intent_feedback": "intent_feedback",
    "annotation": "annotation",
}


class Recorder(Publisher):
    """Records what is published, without a spool."""

    def __init__(self) -> None: ...

    def publish(self, kind: str, data: Any, **envelope: Any) -> str:
        self.event = (kind, data, envelope)
        return "id"


def test_every_kind_has_its_method() -> None:
    assert sorted(METHODS.values()) == sorted(KINDS)


@pytest.mark.parametrize(("method", "kind"), METHODS.items())
def test_a_methods_keywords_are_the_fields_of_its_kind(method: str, kind: str) -> None:
    data = inspect.signature(getattr(Publisher, method)).parameters["data"]
    assert data.kind is inspect.Parameter.VAR_KEYWORD
    assert get_origin(data.annotation) is Unpack
    assert get_args(data.annotation) == (KINDS[kind],)


@pytest.mark.parametrize(("method", "kind"), METHODS.items())
def test_a_method_publishes_its_kind(method: str, kind: str) -> None:
    recorder = Recorder()
    assert getattr(recorder, method)(contact_id="c-1", id="mine") == "id"
    assert recorder.event == (kind, {"contact_id": "c-1"}, {"time": None, "id": "mine"})
