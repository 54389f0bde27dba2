"""Bodies in whichever spelling: read as they are meant, or said to be what they are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.events.encoding import MAX_DEPTH, find_faults
from jorge_data.vendors.body import read_body, to_text

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b'{"a":"x\ny\tz"}', {"a": "x\ny\tz"}),
        (b'  {"a":1}\r\n', {"a": 1}),
        (b'"{\\"a\\":1}"', {"a": 1}),
        (b"a=1&b=two+words&c=%C3%A9&d=", {"a": "1", "b": "two words", "c": "é", "d": ""}),
        (b"contact[id]=c1&contact[tags][]=a&contact[tags][]=b", {"contact": {"id": "c1", "tags": ["a", "b"]}}),
        (b"tags[0]=a&tags[1]=b", {"tags": ["a", "b"]}),
        (b'payload={"a":1}', {"a": 1}),
        (b"", None),
        (b" \n", None),
        (b"7", 7),
        (b'{"n":1e400,"i":123456789012345678901234567890}', {"n": None, "i": 123456789012345678901234567890.0}),
    ],
)
def test_a_body_is_read_as_it_is_meant(raw: bytes, body: Any) -> None:
    assert read_body(raw) == body


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_its_encoding_is_found(encoding: str) -> None:
    assert read_body('{"name":"José"}'.encode(encoding)) == {"name": "José"}


@pytest.mark.parametrize(
    "raw", [b"test", b"<a/>", b'{"a": ,}', b'{"a":"b"c"}', b"{'a':1}", b"--x\r\nname=a\r\n--x--", b"[" * 10_000]
)
def test_what_is_neither_json_nor_a_form_is_said_to_be_so(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"send a JSON object|nested too deeply"):
        read_body(raw)


@given(JSON_VALUES)
def test_what_is_read_can_be_carried_by_an_event(value: Any) -> None:
    body = read_body(json.dumps(value).encode())
    assert find_faults(body) == []
    assert "\0" not in json.dumps(body)


def test_what_is_nested_too_deeply_costs_itself_alone() -> None:
    nested: Any = "deep"
    for _ in range(MAX_DEPTH + 8):
        nested = {"inner": nested}
    body = read_body(json.dumps({"a": 1, "b": nested}).encode())
    assert (body["a"], find_faults(body)) == (1, [])


@given(st.binary(max_size=200))
def test_any_bytes_are_text_that_can_be_stored(raw: bytes) -> None:
    assert "\0" not in to_text(raw)
    to_text(raw).encode()
