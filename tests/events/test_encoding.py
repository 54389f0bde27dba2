"""JSON in and out: what it may not hold, how deep and how large it may be, and that nothing is changed."""

import json
from typing import Any

import orjson
import pytest

from jorge_data.errors import EventRefused, Fault, Invalid
from jorge_data.events import Cursor, decode, decode_json, place
from jorge_data.events.validation import MAX_EVENT_BYTES
from tests.events.examples import admitted, bot, item


def faults_of(attributes: Any) -> list[Fault]:
    with pytest.raises(EventRefused) as refused:
        admitted(attributes)
    return refused.value.faults


def nested(depth: int, innermost: Any) -> Any:
    for _ in range(depth):
        innermost = [innermost]
    return innermost


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_no_number_is_named_wherever_it_stands(number: str) -> None:
    raw = json.dumps(bot()).replace('"Q2"', f'"Q2", "extra": {{"a/b": [0, {number}]}}').encode()
    (fault,) = faults_of(decode_json(raw))
    assert (fault.pointer, fault.detail) == ("/data/extra/a~1b/1", "not a finite number")


def test_what_is_no_number_is_named_in_a_field_that_we_know() -> None:
    pointers = {fault.pointer for fault in faults_of(item("intent_analysis_complete", processing_time_ms=float("nan")))}
    assert pointers == {"/data/processing_time_ms"}


def test_a_lone_surrogate_is_named_wherever_it_stands() -> None:
    raw = (
        rb'{"source":"s","type":"bot_status_update","data":{"bot_type":"b","status":"idle","x":["\ud800"],"\udfff":1}}'
    )
    faults = faults_of(decode_json(raw))
    assert sorted(fault.pointer for fault in faults) == ["/data/?", "/data/x/0"]
    assert all("lone surrogate" in fault.detail for fault in faults)
    assert all(fault.pointer.encode() and fault.value.encode() for fault in faults)


def test_a_pair_of_surrogates_is_a_character() -> None:
    raw = rb'{"source":"s","type":"bot_status_update","data":{"bot_type":"\ud83c\udfe0","status":"idle"}}'
    assert admitted(decode_json(raw)).event.data["bot_type"] == "🏠"


@pytest.mark.parametrize("number", [2**64 - 1, -(2**63), 2**53 + 1])
def test_integers_of_64_bits_are_kept(number: int) -> None:
    candidate = admitted(decode_json(json.dumps(bot(data=bot()["data"] | {"n": number})).encode()))
    assert orjson.loads(candidate.body)["data"]["n"] == number


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**400])
def test_larger_integers_are_refused_where_a_lenient_reader_passed_them(number: int) -> None:
    (fault,) = faults_of(item("bot_status_update", n=number))
    assert (fault.pointer, fault.detail) == ("/data/n", "an integer of more than 64 bits")
    assert len(fault.value) <= 80


def test_a_number_that_a_float_cannot_hold_is_refused_in_a_field_of_numbers() -> None:
    assert {fault.pointer for fault in faults_of(item("commission_update", deal_value=10**400))} == {"/data/deal_value"}


@pytest.mark.parametrize("innermost", [1, "x", None, []])
def test_32_levels_are_deep_enough(innermost: Any) -> None:
    levels = 30 - isinstance(innermost, list)  # the event and its data are the first two
    admitted(item("bot_status_update", deep=nested(levels, innermost)))
    (fault,) = faults_of(item("bot_status_update", deep=nested(levels + 1, innermost)))
    assert fault == Fault("/data/deep" + "/0" * 30, "…", "nested deeper than 32")


@pytest.mark.parametrize(
    "place_of", [["data"], ["type"], ["id"], ["source"], ["time"], ["locationid"], ["subject"], []]
)
def test_a_bottomless_value_is_refused_wherever_it_stands(place_of: list[str]) -> None:
    bottomless = nested(900, 1)
    assert faults_of(bot(**dict.fromkeys(place_of, bottomless)) if place_of else bottomless)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_depth_bomb_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid, match=r"nested too deeply|not JSON"):
        decode_json(raw)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "the body is not JSON: Expecting value"),
        (b"{", "the body is not JSON"),
        (b'{"a":1}x', "the body is not JSON: Extra data"),
        (b'"\xff"', "the body is not UTF-8: invalid start byte at byte 1"),
        (b"9" * 5000, "the body is not JSON"),
    ],
)
def test_what_is_not_json_is_refused(raw: bytes, sentence: str) -> None:
    if raw.isdigit():
        raw = b"[NaN," + raw + b"]"
    with pytest.raises(Invalid, match=sentence):
        decode_json(raw)


def test_an_event_has_64_kib() -> None:
    room = MAX_EVENT_BYTES - len(admitted(item("bot_status_update", pad="")).body)
    assert len(admitted(item("bot_status_update", pad="x" * room)).body) == MAX_EVENT_BYTES
    assert faults_of(item("bot_status_update", pad="x" * (room + 1))) == [
        Fault("", f"{MAX_EVENT_BYTES + 1} bytes", f"one event may have {MAX_EVENT_BYTES} bytes")
    ]


def test_a_placed_event_reads_back_as_it_was_with_its_position() -> None:
    candidate = admitted(bot(time="2026-11-23T17:00:00.000001-06:00".replace("17", "10")))
    wire = place(candidate.body, Cursor("7f3a91c2", 48211))
    assert decode(wire) == candidate.event._replace(seq=48211, epoch="7f3a91c2")
    assert decode(wire).cursor == Cursor("7f3a91c2", 48211)


def test_text_is_kept_as_it_is_html_and_all() -> None:
    body = "<script>alert(1)</script> \u2028 \0 \x1b[31m {[{[ null"
    candidate = admitted(item("conversation_event", body=body))
    assert decode(place(candidate.body, Cursor("e", 1))).data["body"] == body
