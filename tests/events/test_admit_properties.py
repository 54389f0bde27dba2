"""Whatever is published, it is admitted unchanged or refused by name: nothing else happens."""

import contextlib
import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.errors import EventRefused, Invalid
from jorge_data.events import KINDS, Cursor, decode, decode_json, place
from tests.events.examples import FULL, admitted, item

text = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)  # lone surrogates among them
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.integers(-(10**40), 10**40), st.floats(), text)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=12,
)
deep = st.builds(lambda value, depth: eval_nested(value, depth), values, st.integers(28, 700))
kinds = st.sampled_from(sorted(KINDS))


def eval_nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


@st.composite
def almost_events(draw: st.DrawFn) -> dict[str, Any]:
    """Events that are good but for a field or two."""
    kind = draw(kinds)
    field = st.one_of(st.sampled_from(sorted(FULL[kind])), text)
    example = item(kind, **draw(st.dictionaries(field, values | deep, max_size=2)))
    attribute = st.sampled_from(["id", "source", "type", "subject", "time", "locationid", "data", "seq", "priority"])
    return example | draw(st.dictionaries(attribute, values, max_size=1))


def check_refusal(error: EventRefused) -> None:
    assert error.faults
    orjson.dumps([error.id, str(error), [fault.as_json() for fault in error.faults]])


def check(attributes: Any) -> None:
    try:
        candidate = admitted(attributes)
    except EventRefused as error:
        check_refusal(error)
        return
    event = decode(place(candidate.body, Cursor("e", 1)))
    assert event == candidate.event._replace(epoch="e", seq=1)
    assert attributes["data"].items() <= event.data.items() or event.data == attributes["data"]


@given(values | deep)
def test_any_value_is_admitted_or_refused(value: Any) -> None:
    check(value)


@given(almost_events())
def test_an_event_with_anything_in_a_field_is_admitted_unchanged_or_refused(attributes: dict[str, Any]) -> None:
    check(attributes)


@given(almost_events())
def test_what_json_can_spell_comes_through_the_reader_as_well(attributes: dict[str, Any]) -> None:
    check(decode_json(json.dumps(attributes).encode()))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(Invalid):
        decode_json(raw)


@given(
    kinds,
    st.dictionaries(st.text(max_size=10), st.floats(allow_nan=False, allow_infinity=False) | st.text(), max_size=4),
)
def test_unknown_fields_survive_the_way_there_and_back(kind: str, unknown: dict[str, Any]) -> None:
    unknown = {name: value for name, value in unknown.items() if name not in FULL[kind]}
    candidate = admitted(item(kind, **unknown))
    assert decode(place(candidate.body, Cursor("e", 1))).data == FULL[kind] | unknown
