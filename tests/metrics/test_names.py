import pytest

from jorge_data.events import KINDS as EVENT_KINDS
from jorge_data.metrics.entities import CUBES
from jorge_data.metrics.names import (
    FIELDS,
    KINDS,
    condition_words,
    field_words,
    kind_words,
    label_words,
    rows_words,
    title_words,
    value_words,
)
from jorge_data.server.query.query_schema import LISTS, fields_of

EVERY_KIND = sorted({*CUBES, *LISTS, *EVENT_KINDS})


def _fields(kind: str) -> set[str]:
    cube = CUBES.get(kind)
    counted = {*cube.dims, *cube.measures} if cube else set()
    return counted | set(LISTS[kind][1] if kind in LISTS else ()) | set(fields_of(kind) if kind in EVENT_KINDS else ())


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_and_each_of_its_fields_has_a_name_in_words(kind: str) -> None:
    assert kind in KINDS
    assert _fields(kind) <= FIELDS.keys()
    assert "_" not in kind_words(kind) + kind_words(kind, 1)


def test_no_name_has_an_underscore() -> None:
    assert not [words for words in FIELDS.values() if "_" in words]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("stage", "under_contract", "under contract"),
        ("stage", "Price talk", "Price talk"),
        ("kind", "appointment_booked", "appointment booked"),
        ("status", "active", "working"),
        ("urgency_level", "active", "within weeks"),
        ("stall_type", "", "none"),
        ("contact_id", "a_b", "a_b"),
        ("step", "recalculate_pcs", "rate again how ready the seller is"),
        ("stall_type", "needs_to_think", "needs to think"),
    ],
)
def test_a_value_is_written_in_words(field: str, value: str, words: str) -> None:
    assert value_words(value, field) == words


def test_titles_and_labels_begin_with_a_capital() -> None:
    assert title_words("stall_type") == "Kind of stall"
    assert label_words("under_contract") == "Under contract"
    assert field_words("some_new_field") == "some new field"
    assert kind_words("some_new_kind") == "some new kind"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("reached:in:3,4", "last question answered is 3 or 4"),
        ("status:eq:won", "status is won"),
        ("match_score:ge:80", "match at least 80"),
        ("stalled:ne:yes", "stalled is not yes"),
    ],
)
def test_a_condition_is_written_as_a_sentence_goes_on(condition: str, words: str) -> None:
    assert condition_words(condition) == words


def test_rows_are_named_by_their_kind_and_their_conditions() -> None:
    assert rows_words("deal_state", ("status:eq:won", "lead_source:eq:Sign call"), 1_200) == (
        "1,200 deals that were won and whose source is Sign call"
    )
    assert rows_words("deals", (), 1) == "1 deal"
