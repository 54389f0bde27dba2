"""Every kind: what it must have, what it may have, and what a refusal says."""

from typing import Any

import pytest

from jorge_data.errors import EventRefused, Fault
from jorge_data.events import KINDS
from jorge_data.events.kinds import ContactUpdate
from tests.events.examples import FULL, REQUIRED, WRONG, admitted, item


def faults_of(attributes: Any) -> list[Fault]:
    with pytest.raises(EventRefused) as refused:
        admitted(attributes)
    return refused.value.faults


def test_examples_cover_every_kind_and_every_field() -> None:
    assert FULL.keys() == REQUIRED.keys() == KINDS.keys()
    for kind, model in KINDS.items():
        assert FULL[kind].keys() == model.__annotations__.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_all_fields_are_kept_as_they_came(kind: str) -> None:
    assert admitted(item(kind)).event.data == FULL[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_required_fields_are_enough(kind: str) -> None:
    data = {name: FULL[kind][name] for name in REQUIRED[kind]}
    assert admitted(item(kind) | {"data": data}).event.data == data


@pytest.mark.parametrize("kind", KINDS)
def test_an_optional_field_may_be_null(kind: str) -> None:
    data = {name: value if name in REQUIRED[kind] else None for name, value in FULL[kind].items()}
    assert admitted(item(kind) | {"data": data}).event.data == data


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in REQUIRED.items() for field in fields])
def test_each_missing_field_is_named(kind: str, field: str) -> None:
    data = {name: value for name, value in FULL[kind].items() if name != field}
    assert faults_of(item(kind) | {"data": data}) == [Fault(f"/data/{field}", "missing", "Field required")]


@pytest.mark.parametrize(
    ("begins", "ends", "is_allowed"),
    [
        ("2026-11-02", "2026-11-01", False),
        ("2026-11-01", "2026-11-01", True),
        ("2026-11-01T12:00:00Z", "2026-11-01T11:59:59Z", False),
        ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00Z", True),
        ("2026-11-01T23:00:00Z", "2026-11-01", True),  # the day is over later, by whichever clock
        ("2026-11-03T23:00:00Z", "2026-11-01", False),
        ("2026-11-03", "2026-11-01T23:00:00Z", False),
        (None, "2026-11-01", True),
        ("2026-11-01", None, True),
    ],
)
def test_what_is_marked_does_not_end_before_it_begins(begins: str | None, ends: str | None, is_allowed: bool) -> None:
    marked = item("annotation", **{"from": begins, "to": ends})
    if is_allowed:
        assert admitted(marked).event.data["to"] == ends
        return
    with pytest.raises(EventRefused) as refused:
        admitted(marked)
    assert refused.value.faults == [Fault("/data/to", repr(ends), f"allowed: not before from, {begins}")]


@pytest.mark.parametrize(("kind", "field", "value", "allowed"), WRONG)
def test_a_wrong_value_is_named_with_what_is_allowed(kind: str, field: str, value: Any, allowed: str) -> None:
    (fault,) = faults_of(item(kind, **{field: value}))
    assert fault.pointer == f"/data/{field}"
    assert fault.value == repr(value) or "..." in fault.value
    assert allowed in fault.detail
    assert "Value error" not in fault.detail


def test_a_fault_inside_a_list_or_an_object_is_pointed_at() -> None:
    pointers = [
        *faults_of(item("intent_analysis_complete", ml_features_triggered=["ok", 7])),
        *faults_of(item("property_alert", property={"price": "much"})),
        *faults_of(item("contact_update", changed={"a/b~c": {"from": 1}})),
    ]
    assert [fault.pointer for fault in pointers] == [
        "/data/ml_features_triggered/1",
        "/data/property/price",
        "/data/changed/a~1b~0c/to",
    ]


def test_all_faults_of_an_event_are_told_at_once() -> None:
    wrong = item("jorge_qualification_progress", current_question=9, seller_temperature=1) | {"source": "", "time": 5}
    pointers = {fault.pointer for fault in faults_of(wrong)}
    assert pointers == {"/data/current_question", "/data/seller_temperature", "/source", "/time"}


def test_unknown_fields_are_kept_in_their_order() -> None:
    more = {"zeta": [1, 2.5, None, {"deep": "ünï"}], "alpha": 18446744073709551615, "": "an empty name"}
    data = FULL["bot_status_update"] | more
    candidate = admitted(item("bot_status_update", **more))
    assert list(candidate.event.data) == list(data)
    assert candidate.event.data == data


@pytest.mark.parametrize("kind", ["", "bot_status", "BOT_STATUS_UPDATE", None, 7, ["bot_status_update"]])
def test_another_kind_is_refused_by_name(kind: Any) -> None:
    (fault,) = faults_of(item("bot_status_update") | {"type": kind})
    assert (fault.pointer, fault.value) == ("/type", repr(kind))
    assert all(name in fault.detail for name in KINDS)


@pytest.mark.parametrize("data", [None, [], "x", 7, True])
def test_data_must_be_an_object(data: Any) -> None:
    assert faults_of(item("bot_status_update") | {"data": data}) == [
        Fault("/data", repr(data), "required: a JSON object")
    ]


def test_a_property_alert_may_name_its_contact_lead_id() -> None:
    data = {("lead_id" if name == "contact_id" else name): value for name, value in FULL["property_alert"].items()}
    event = admitted(item("property_alert") | {"data": data}).event
    assert (event.subject, event.data["contact_id"], event.data["lead_id"]) == ("c1", "c1", "c1")
    assert "contact_id" not in data, "what the publisher sent is not ours to change"


def test_a_wrong_lead_id_is_pointed_at_by_its_own_name() -> None:
    data = {name: value for name, value in FULL["property_alert"].items() if name != "contact_id"} | {"lead_id": 7}
    (fault,) = faults_of(item("property_alert") | {"data": data})
    assert (fault.pointer, fault.value) == ("/data/lead_id", "7")


def test_what_a_field_was_before_is_optional() -> None:
    assert ContactUpdate.__required_keys__ == {"contact_id", "changed"}
    admitted(item("contact_update", changed={"phone": {"to": None}}))


@pytest.mark.parametrize(
    ("published", "value"), [(0.125, 0.12), (0.135, 0.14), (1.015, 1.02), (412_500, 412_500), (1e12, 1e12)]
)
def test_a_deals_value_is_rounded_once_to_the_cent_a_half_to_the_even_one(published: float, value: float) -> None:
    attributes = item("commission_update", deal_value=published)
    assert admitted(attributes).event.data["deal_value"] == value
    assert attributes["data"]["deal_value"] == published, "what the publisher sent is not ours to change"
