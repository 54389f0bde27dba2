"""The contract as JSON Schema says of every example what `admit` says of it."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from jorge_data.errors import EventRefused
from jorge_data.events import KINDS
from jorge_data.events.schema import json_schema
from tests.events.examples import FULL, REQUIRED, WRONG, admitted, bot, item

CHECK = Draft202012Validator(json_schema())

BAD_ENVELOPES: list[dict[str, Any]] = [
    {"source": ""},
    {"source": None},
    {"source": "x" * 129},
    {"id": ""},
    {"id": 7},
    {"subject": "cut\0here"},
    {"type": "bot_status"},
    {"type": None},
    {"data": []},
    {"time": "2026-11-23"},
    {"time": "2026-11-23T17:00:00"},
    {"locationid": "a b"},
]
GOOD_ENVELOPES: list[dict[str, Any]] = [
    {"id": None},
    {"subject": None},
    {"time": None},
    {"locationid": None},
    {"time": "2026-11-23t17:00:00.5z"},
    {"specversion": "1.0", "datacontenttype": "application/json"},
]


def is_admitted(attributes: Any) -> bool:
    try:
        admitted(attributes)
    except EventRefused:
        return False
    return True


def test_the_schema_is_json_and_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads(json.dumps(json_schema())))


def test_the_schema_defines_every_kind() -> None:
    assert json_schema()["$defs"].keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_both_take_the_examples(kind: str) -> None:
    least = item(kind) | {"data": {name: FULL[kind][name] for name in REQUIRED[kind]}}
    for example in (item(kind), least, item(kind, unknown={"any": [1]})):
        CHECK.validate(example)
        assert is_admitted(example)


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in REQUIRED.items() for field in fields])
def test_both_refuse_what_lacks_a_field(kind: str, field: str) -> None:
    lacking = item(kind)
    lacking["data"] = {name: value for name, value in lacking["data"].items() if name != field}
    assert not CHECK.is_valid(lacking)
    assert not is_admitted(lacking)


@pytest.mark.parametrize(("kind", "field", "value"), [(kind, field, value) for kind, field, value, _ in WRONG])
def test_both_refuse_a_wrong_value(kind: str, field: str, value: Any) -> None:
    wrong = item(kind, **{field: value})
    assert not is_admitted(wrong)
    assert not CHECK.is_valid(wrong) or value == "2026-02-30"  # which days a month has, a pattern cannot say


@pytest.mark.parametrize("changes", BAD_ENVELOPES)
def test_both_refuse_a_wrong_envelope(changes: dict[str, Any]) -> None:
    assert not CHECK.is_valid(bot(**changes))
    assert not is_admitted(bot(**changes))


@pytest.mark.parametrize("changes", GOOD_ENVELOPES)
def test_both_take_an_envelope_as_publishers_write_it(changes: dict[str, Any]) -> None:
    CHECK.validate(bot(**changes))
    assert is_admitted(bot(**changes))


def test_both_take_a_lead_for_a_contact() -> None:
    alert = item("property_alert")
    alert["data"] = {name: value for name, value in alert["data"].items() if name != "contact_id"} | {"lead_id": "c1"}
    CHECK.validate(alert)
    assert is_admitted(alert)
    alert["data"]["lead_id"] = 7
    assert not CHECK.is_valid(alert)
    assert not is_admitted(alert)
