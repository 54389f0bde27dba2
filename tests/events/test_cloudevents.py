"""What CloudEvents adds to an event as JSON: its version, and data in base64."""

import json
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest

from jorge_data.errors import EventRefused, Fault
from jorge_data.events import KINDS
from jorge_data.events.cloudevents import is_json_type
from jorge_data.events.validation import MAX_EVENT_BYTES
from tests.events.examples import admitted, bot, item


def in_base64(event: dict[str, Any], raw: bytes | None = None, **attributes: Any) -> dict[str, Any]:
    """Return the event with its data, or other bytes in its place, in base64."""
    encoded = b64encode(json.dumps(event["data"]).encode() if raw is None else raw).decode()
    return {name: value for name, value in event.items() if name != "data"} | {"data_base64": encoded} | attributes


def faults_of(attributes: Any) -> list[Fault]:
    with pytest.raises(EventRefused) as refused:
        admitted(attributes)
    return refused.value.faults


@pytest.mark.parametrize("kind", KINDS)
def test_data_in_base64_is_the_same_event(kind: str) -> None:
    event = item(kind, unknown={"any": ["é", None]}) | {"id": "1"}
    assert admitted(in_base64(event)) == admitted(event)


@pytest.mark.parametrize("media_type", [None, "application/json", "text/json;charset=utf-8", "Application/X.Y+JSON"])
def test_data_in_base64_is_read_where_its_type_is_json_or_not_said(media_type: str | None) -> None:
    event = in_base64(bot(), datacontenttype=media_type, data=None)
    assert admitted(event).event.data == bot()["data"]
    assert is_json_type(media_type)


@pytest.mark.parametrize("media_type", ["application/protobuf", "text/plain", "application/jsonp", "text", "", 7, []])
def test_data_of_another_type_is_refused_by_its_type(media_type: Any) -> None:
    assert not is_json_type(media_type)
    for event in (in_base64(bot(), b"\x08\x96\x01"), bot(data="<xml/>")):
        (fault,) = faults_of(event | {"datacontenttype": media_type})
        assert fault.pointer == "/datacontenttype"
        assert "application/json" in fault.detail


def test_an_object_is_taken_whatever_its_type_says() -> None:
    assert admitted(bot(datacontenttype="text/xml", data_base64=None)).event.data == bot()["data"]


@pytest.mark.parametrize(
    ("encoded", "detail"),
    [
        ("%%%", "not base64"),
        ("e30", "not base64"),
        ("é", "not base64"),
        ("\ud800", "not base64"),
        ("e30=\n", "not base64"),
        (urlsafe_b64encode(b'{"a":"\xf0\x9f\x98\x80?~\xff"}').decode(), "not"),
        (b64encode(b"\xff\xfe{").decode(), "what it encodes is not UTF-8"),
        (b64encode(b"{").decode(), "what it encodes is not JSON"),
        (b64encode('{"a":1}'.encode("utf-16-le")).decode(), "what it encodes is UTF-16"),
        ("", "what it encodes is not JSON"),
        (b64encode(b"[" * 40_000).decode(), "nested too deeply"),
        (b64encode(b"[1]").decode(), "required: a JSON object"),
        (7, "allowed: text in base64"),
        ({"a": 1}, "allowed: text in base64"),
    ],
)
def test_what_is_no_object_in_base64_is_refused_by_name(encoded: Any, detail: str) -> None:
    event = in_base64(bot()) | {"data_base64": encoded}
    (fault,) = faults_of(event)
    assert fault.pointer == "/data_base64"
    assert detail in fault.detail
    assert fault.value.encode()


def test_every_other_fault_is_named_beside_that_of_the_data() -> None:
    pointers = [fault.pointer for fault in faults_of(in_base64(bot(), b"{", type="rumour", source="", specversion="2"))]
    assert pointers == ["/specversion", "/type", "/data_base64", "/source"]


def test_a_wrong_field_in_base64_is_named_as_in_any_other_event() -> None:
    wrong = in_base64(item("bot_status_update", status="asleep", deep=json.loads("[" * 40 + "]" * 40)))
    assert [fault.pointer for fault in faults_of(wrong)] == ["/data/status"]
    deep = in_base64(item("bot_status_update", deep=json.loads("[" * 40 + "]" * 40), nothing=None))
    assert "nested deeper" in faults_of(deep)[0].detail
    nan = in_base64(bot(), b'{"bot_type":"b","status":"idle","x":NaN}')
    assert faults_of(nan) == [Fault("/data/x", "nan", "not a finite number")]


def test_an_event_has_data_or_data_in_base64() -> None:
    (fault,) = faults_of(bot(data_base64="e30="))
    assert (fault.pointer, fault.detail) == ("/data_base64", "an event has data or data_base64, not both")


def test_an_event_may_be_as_large_in_base64_as_without() -> None:
    event = item("bot_status_update", pad="")
    room = MAX_EVENT_BYTES - len(admitted(event).body)
    event["data"]["pad"] = "x" * room
    assert len(admitted(in_base64(event)).body) == MAX_EVENT_BYTES
    event["data"]["pad"] = "x" * (room + 1)
    (fault,) = faults_of(in_base64(event))
    assert fault.detail == f"one event may have {MAX_EVENT_BYTES} bytes"
    many = in_base64(
        bot(), json.dumps({"ml_features_triggered": [1] * 300_000}).encode(), type="intent_analysis_complete"
    )
    assert [fault.pointer for fault in faults_of(many)] == [""]


@pytest.mark.parametrize("version", ["1.0", None])
def test_version_1_0_is_taken_and_may_be_left_out(version: str | None) -> None:
    assert admitted(bot(specversion=version)).event.source == bot()["source"]


@pytest.mark.parametrize("version", ["0.3", "1.1", "2.0", "", 1.0, True, {}])
def test_another_version_is_refused_by_name(version: Any) -> None:
    (fault,) = faults_of(bot(specversion=version))
    assert (fault.pointer, fault.detail) == ("/specversion", 'allowed: "1.0" of CloudEvents')


def test_what_the_store_sets_is_not_taken_from_a_publisher() -> None:
    event = admitted(bot(seq=99, epoch="forged", receivedat="2001-01-01T00:00:00Z", priority="critical")).event
    assert (event.seq, event.epoch) == (0, "")
    assert event.receivedat.year == 2026
    assert event.priority != "critical"
